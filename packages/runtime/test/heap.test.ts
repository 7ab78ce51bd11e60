import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeFlags } from '../src/heap.ts';

const root = join(import.meta.dirname, '..', '..', '..');

describe('the flags of Node for a service', () => {
  it.each(['package.json', 'infra/images/services.Dockerfile'])('stand in %s', async (path) => {
    expect(await readFile(join(root, path), 'utf8')).toContain(nodeFlags.join(' '));
  });
});
