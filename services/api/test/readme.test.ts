import { readFileSync } from 'node:fs';
import { counterVerdicts } from '@songma/domain';
import { programmeReasons } from '@songma/indicators';
import { describeSettings } from '@songma/runtime';
import { describe, expect, it } from 'vitest';
import { apiSettings } from '../src/config.ts';
import { apiProblems } from '../src/problems.ts';

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

function places(text: string): string[] {
  return [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).toSorted();
}

describe('the README', () => {
  it('lists every problem with its status, and no other', () => {
    expect(tableUnder('Problems').map(([code, status]) => [code, Number(status)])).toEqual(
      Object.entries(apiProblems).map(([code, { status }]) => [code, status]),
    );
  });

  it('lists every verdict on a counter in both languages, and no other', () => {
    const rows = tableUnder('Series');
    expect(rows.map(([verdict]) => verdict)).toEqual([...counterVerdicts]);
    for (const [, en, vi] of rows) expect([en, vi]).not.toContain('');
  });

  it('lists every reason of the programme, and no other', () => {
    expect(tableUnder('The programme').map(([code]) => code)).toEqual(Object.keys(programmeReasons));
  });

  it('lists every setting, and no other', () => {
    expect(tableUnder('Settings').map(([env]) => env)).toEqual(
      describeSettings(apiSettings).map(({ env }) => env),
    );
  });
});

describe('every problem', () => {
  it.each(Object.entries(apiProblems))(
    '%s is told in both languages, with the same places',
    (_code, { en, vi }) => {
      expect(places(vi)).toEqual(places(en));
      expect(vi).not.toBe(en);
    },
  );
});
