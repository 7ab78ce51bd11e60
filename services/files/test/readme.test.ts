import { readFileSync } from 'node:fs';
import { describeSettings } from '@songma/runtime';
import { expect, it } from 'vitest';
import { filesSettings, ingestUrlSetting } from '../src/config.ts';
import { fileFaults, stationFaults } from '../src/faults.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const rows = readme.split('\n').flatMap((line) => /^\| `([^`]+)`/.exec(line)?.[1] ?? []);

it('The README names every setting and every code, and no other', () => {
  const settings = describeSettings({ ...filesSettings, ingestUrl: ingestUrlSetting })
    .map(({ env }) => env)
    .filter((env) => env !== 'SONGMA_DATA');
  expect(rows.toSorted()).toEqual(
    [...settings, ...Object.keys(fileFaults), ...Object.keys(stationFaults)].toSorted(),
  );
});
