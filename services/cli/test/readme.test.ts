import { readFileSync } from 'node:fs';
import { stampTokens } from '@songma/domain';
import { expect, it } from 'vitest';
import { mappingSchema } from '../src/cli.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

it('the README tells of every field of a mapping, and no other', () => {
  const section = readme.split(/^### /m).find((text) => text.startsWith('The mapping')) ?? '';
  const told = [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, field]) => field);
  const { time, columns: _columns, ...rest } = mappingSchema.shape;
  const fields = [
    ...Object.keys(rest),
    ...Object.keys(time.shape).map((field) => `time.${field}`),
    'columns.NAME',
  ];
  expect(new Set(told)).toEqual(new Set(fields));
});

it('the README tells of every letter of a format', () => {
  expect(readme).toContain(stampTokens.join(' '));
});
