import { flag, outcome, sameReading } from '@songma/domain';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyJudgement, judge, standing, type History } from '../src/judge.ts';
import { shardedBlock } from './blocks.ts';
import { ReferenceStore } from './reference-store.ts';

const { stored, duplicate, superseding, refused } = outcome;

/** Judges `[knownUs, value, flags]` one after the other. */
function judgeAll(writes: readonly (readonly [number, number, number?])[]) {
  let history: History | undefined;
  const outcomes = writes.map(([knownUs, value, flags = 0]) => {
    const judgement = judge(history, { knownUs, value, flags });
    history = applyJudgement(history, judgement);
    return judgement.outcome;
  });
  return { outcomes, history: history! };
}

test('what is known later with the same value is a duplicate, with another value or flags it supersedes', () => {
  expect(
    judgeAll([
      [1, 5],
      [2, 5],
      [3, 6],
      [4, 6, 2],
    ]).outcomes,
  ).toEqual([stored, duplicate, superseding, superseding]);
});

test('a missing value equals a missing value', () => {
  expect(
    judgeAll([
      [1, NaN, 2],
      [2, NaN, 2],
      [3, NaN, 0],
    ]).outcomes,
  ).toEqual([stored, duplicate, superseding]);
  expect(sameReading({ value: NaN, flags: 0 }, { value: 0, flags: 0 })).toBe(false);
});

test('what an earlier build flagged out of range is the same when it is sent again', () => {
  expect(
    judgeAll([
      [1, 501, flag.outOfRange],
      [2, 501, 0],
      [3, 501, flag.belowDetection],
    ]).outcomes,
  ).toEqual([stored, duplicate, superseding]);
});

test('another value at the same microsecond is refused, because nothing says which one is later', () => {
  expect(
    judgeAll([
      [1, 5],
      [1, 6],
      [2, 5],
      [2, 7],
    ]).outcomes,
  ).toEqual([stored, refused, duplicate, refused]);
});

test('what was known earlier takes its place in the history and does not stand now', () => {
  const { outcomes, history } = judgeAll([
    [10, 5],
    [5, 7],
    [5, 7],
    [10, 5],
  ]);
  expect(outcomes).toEqual([stored, superseding, superseding, stored]);
  expect(standing(history)?.value).toBe(5);
  expect(standing(history, 9)?.value).toBe(7);
  expect(standing(history, 4)).toBeUndefined();
});

test('a value that was confirmed stands again after one that became known in between', () => {
  const { outcomes, history } = judgeAll([
    [1, 5],
    [3, 5],
    [2, 7],
    [3, 5],
  ]);
  expect(outcomes).toEqual([stored, duplicate, superseding, duplicate]);
  expect([1, 2, 3].map((asOfUs) => standing(history, asOfUs)?.value)).toEqual([5, 7, 5]);
  expect(new Set(history.versions.map((version) => version.revision)).size).toBe(3);
});

const writes = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 8 }), fc.constantFrom(5, 6, NaN), fc.constantFrom(0, 2)),
  {
    minLength: 1,
    maxLength: 20,
  },
);

test('in any order and with any repeats the answers and what stands as of any time are those of the reference', () => {
  fc.assert(
    fc.property(writes, (all) => {
      const reference = new ReferenceStore();
      const { outcomes, history } = judgeAll(all);
      const expected = all.map(
        ([knownUs, value, flags]) =>
          reference.write(shardedBlock('s', knownUs, [{ meter: 'm', time: 0, value, flags }]))[0],
      );
      expect(outcomes).toEqual(expected);
      for (let asOfUs = 0; asOfUs <= 9; asOfUs++) {
        const version = standing(history, asOfUs);
        const facts = version === undefined ? [] : [['m', 0, version.value, version.flags]];
        expect(facts).toEqual(reference.facts('s', asOfUs));
      }
    }),
    { numRuns: 2000 },
  );
});

test('writing everything again in another order changes nothing and gives each write its first answer', () => {
  fc.assert(
    fc.property(
      writes.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([all, again]) => {
        const { outcomes, history } = judgeAll(all);
        for (const [knownUs, value, flags] of again) {
          const judgement = judge(history, { knownUs, value, flags });
          const first = all.findIndex(
            (write) =>
              write[0] === knownUs && sameReading({ value: write[1], flags: write[2] }, { value, flags }),
          );
          expect(judgement.outcome).toBe(outcomes[first]);
          expect(applyJudgement(history, judgement)).toBe(history);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
