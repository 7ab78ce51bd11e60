import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepPrivate, makePrivateDirectory } from '../src/index.ts';

let dir: string;
const warnings: unknown[] = [];
const logger = { warn: (...line: unknown[]) => void warnings.push(line) };
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'songma-private-'));
  warnings.length = 0;
});
afterEach(() => rmSync(dir, { recursive: true }));

describe.skipIf(process.platform === 'win32')('what is for the owner only', () => {
  it('is made so', () => {
    makePrivateDirectory(join(dir, 'a', 'b'), logger);
    expect([modeOf(join(dir, 'a')), modeOf(join(dir, 'a', 'b')), warnings]).toEqual(['700', '700', []]);
  });

  it.each([
    ['755', '700'],
    ['770', '700'],
    ['701', '700'],
    ['555', '500'],
  ])('becomes so with a word where a directory was %s', (before, after) => {
    const path = join(dir, 'data');
    mkdirSync(path);
    chmodSync(path, before);
    makePrivateDirectory(path, logger);
    expect(modeOf(path)).toBe(after);
    expect(JSON.stringify(warnings)).toContain('for its owner only now');
    expect(JSON.stringify(warnings)).toContain(path);
  });

  it('does not become so where a directory is everybody’s by intent', () => {
    const path = join(dir, 'shared');
    mkdirSync(path);
    chmodSync(path, 0o1777);
    makePrivateDirectory(path, logger);
    expect([modeOf(path), warnings.length]).toEqual(['777', 1]);
  });

  it('becomes so with a word where a file could be read by others', () => {
    const path = join(dir, 'keys.env');
    writeFileSync(path, '');
    chmodSync(path, '644');
    keepPrivate(path, logger);
    expect([modeOf(path), warnings.length]).toEqual(['600', 1]);
    keepPrivate(path, logger);
    keepPrivate(join(dir, 'absent'), logger);
    expect(warnings).toHaveLength(1);
  });
});
