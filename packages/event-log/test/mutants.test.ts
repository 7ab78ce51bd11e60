import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { promises, assertCase } from './conformance.ts';
import type { mutants } from './mutants.ts';
import { patience } from './records.ts';
import { openSqliteBench } from './sqlite-bench.ts';

/** For each way of breaking the log, the beginning of the promise that must catch it. */
const caughtBy: Readonly<Record<keyof typeof mutants, string>> = {
  'resolves before it commits': '`append` resolves when the records are durable',
  'hides that it could not commit': '`append` rejects with `UnavailableError`',
  'turns the records of an append around': 'records of one key arrive in the order',
  'lets a later append overtake': 'records of one key arrive in the order',
  'moves on when a handler rejects': 'a batch whose handler rejects',
  'delivers later records before a refused batch': 'a batch whose handler rejects',
  'begins a new group at the end': 'every appended record reaches every group',
  'gives a record to one group only': 'every appended record reaches every group',
  'forgets where a group was': 'a group goes on where',
  'advances a position before its handler resolves': 'a group goes on where',
  'ignores the positions of a follower': '`follow` delivers from the given positions',
  'says too early that it has caught up': '`follow` delivers from the given positions',
  'keeps no pace': 'a reader with a pace',
  'counts no lag': '`lag` counts',
};

describe('the conformance suite', () => {
  const usual = { ...patience };
  beforeAll(() => {
    Object.assign(patience, { untilMs: 2_000, takeoverMs: 2_000 });
  });
  afterAll(() => {
    Object.assign(patience, usual);
  });

  it.for(Object.entries(caughtBy))('catches a log that %s', async ([mutant, title]) => {
    const promise = promises.find((candidate) => candidate.title.startsWith(title));
    await expect(assertCase(() => openSqliteBench(mutant), promise!.run)).rejects.toBeInstanceOf(Error);
  });
});
