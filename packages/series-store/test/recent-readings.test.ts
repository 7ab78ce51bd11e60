import { deepEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { History } from '../src/judge.ts';
import { RecentReadings } from '../src/recent-readings.ts';

const once = (knownUs: number, value: number): History => ({
  versions: [{ knownUs, value, flags: 0, revision: 0 }],
  confirmedUs: [],
});

test('of a series that had readings before, nothing is known but what comes after them', () => {
  const recent = new RecentReadings();
  expect(recent.find(0, 10)).toBeUndefined();
  recent.add(0, 5, 1, 1.5, 0, false);
  expect(recent.find(0, 5)).toBeUndefined();
  recent.add(0, 10, 2, 2.5, 0, true);
  expect(recent.find(0, 10)).toEqual(once(2, 2.5));
  expect(recent.find(0, 11)).toBeNull();
  expect(recent.find(0, 9)).toBeUndefined();
});

test('of a new series everything is known', () => {
  const recent = new RecentReadings();
  recent.begin(3);
  expect(recent.find(3, -5)).toBeNull();
  recent.add(3, 10, 2, 2.5, 0, true);
  expect(recent.find(3, 10)).toEqual(once(2, 2.5));
  expect(recent.find(3, 9)).toBeNull();
});

test('what carries flags or was written again must be looked up', () => {
  const recent = new RecentReadings();
  recent.begin(0);
  recent.add(0, 1, 1, NaN, 2, true);
  recent.add(0, 2, 1, 7, 0, true);
  recent.mark(0, 2);
  expect([recent.find(0, 1), recent.find(0, 2), recent.find(0, 3)]).toEqual([undefined, undefined, null]);
});

test('a series keeps its newest readings, and no more than there is room for in all', () => {
  const recent = new RecentReadings({ perSeriesMax: 16, totalMax: 20 });
  for (const id of [0, 1]) {
    recent.begin(id);
    for (let time = 1; time <= 100; time++) recent.add(id, time, 1, time, 0, true);
  }
  expect(recent.find(0, 100)).toEqual(once(1, 100));
  expect(recent.find(0, 93)).toEqual(once(1, 93));
  expect(recent.find(0, 84)).toBeUndefined();
  // The first has taken 16 places, and 4 are fewer than a series begins with.
  expect(recent.find(1, 100)).toBeUndefined();
});

const write = fc.record({ id: fc.nat(1), time: fc.nat(30), flags: fc.constantFrom(0, 0, 0, 2) });

test('in any order of writes it never says other than what is held', () => {
  fc.assert(
    fc.property(
      fc.array(write, { maxLength: 80 }),
      fc.record({ perSeriesMax: fc.integer({ min: 8, max: 16 }), totalMax: fc.integer({ min: 0, max: 32 }) }),
      fc.boolean(),
      (writes, limits, isNew) => {
        const recent = new RecentReadings(limits);
        const held = [new Map<number, History | undefined>(), new Map<number, History | undefined>()];
        // Series 0 is new; series 1 may have a reading that the cache was not told of.
        recent.begin(0);
        if (isNew) recent.begin(1);
        else held[1]!.set(15, undefined);
        for (const [knownUs, { id, time, flags }] of writes.entries()) {
          const times = held[id]!;
          if (times.has(time)) {
            recent.mark(id, time);
            times.set(time, undefined);
          } else {
            recent.add(id, time, knownUs, time / 2, flags, time > Math.max(-1, ...times.keys()));
            times.set(time, flags === 0 ? once(knownUs, time / 2) : undefined);
          }
          for (const [series, all] of held.entries()) {
            for (let at = 0; at <= 30; at++) {
              const found = recent.find(series, at);
              if (found === null) deepEqual(all.has(at), false);
              else if (found !== undefined) deepEqual(found, all.get(at));
            }
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});
