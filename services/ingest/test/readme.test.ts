import { readFileSync } from 'node:fs';
import { refusalReasons } from '@songma/domain';
import { describeSettings } from '@songma/runtime';
import { describe, expect, it } from 'vitest';
import { ingestLimitSettings, ingestSettings } from '../src/config.ts';
import { ingestProblems } from '../src/problems.ts';
import { malformedProblems } from '../src/refusals.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** The rows of the table under a heading, as trimmed cells without code marks. */
function tableUnder(heading: string): string[][] {
  const section = readme.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replace(/^`(.*)`$/, '$1')),
    );
  return rows.slice(2);
}

describe('the README', () => {
  it('lists every problem of a whole push with its status, and no other', () => {
    expect(tableUnder('Problems of a whole push').map(([code, status]) => [code, Number(status)])).toEqual(
      Object.entries(ingestProblems).map(([code, { status }]) => [code, status]),
    );
  });

  it('lists every refusal of a row, and no other', () => {
    expect(tableUnder('Refusals of single rows').map(([code]) => code)).toEqual(Object.keys(refusalReasons));
  });

  it('lists every setting with its default, and no other', () => {
    const described = describeSettings({ ...ingestLimitSettings, ...ingestSettings });
    const own = described.filter(({ env }) => env.startsWith('INGEST_'));
    const defaults = own.map(({ env, default: value }) => [env, value]);
    expect(tableUnder('Limits and settings').map(([env, value]) => [env, value])).toEqual(defaults);
  });
});

function places(text: string): string[] {
  return [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).toSorted();
}

describe('every text', () => {
  it.each([
    ...Object.entries(ingestProblems),
    ...Object.entries(refusalReasons),
    ...Object.entries(malformedProblems),
  ])('of %s is in both languages, with the same places', (_code, { en, vi }) => {
    expect(places(vi)).toEqual(places(en));
    expect(vi).not.toBe(en);
  });
});
