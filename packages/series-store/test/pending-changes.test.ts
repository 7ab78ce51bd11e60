import { deepEqual, equal } from 'node:assert/strict';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PendingChanges, type ChangeRow } from '../src/duckdb/pending-changes.ts';

/** Everything due in the shard, sorted. */
function allDue(pending: PendingChanges, shard: string): string[] {
  return pending
    .due(shard, Infinity)
    .changes.map(({ site, hour }) => `${site} ${hour}`)
    .toSorted();
}

test('an hour that changes again before anybody looked needs no row of its own', () => {
  const pending = PendingChanges.of([], 0);
  expect(pending.touch('S00', { site: 's', hour: 1 })).toEqual({ seq: 1, shard: 'S00', site: 's', hour: 1 });
  expect(pending.touch('S00', { site: 's', hour: 1 })).toBeUndefined();
  expect(pending.touch('S01', { site: 's', hour: 1 })?.seq).toBe(2);
  pending.due('S00', 10);
  expect(pending.touch('S00', { site: 's', hour: 1 })?.seq).toBe(3);
  expect(pending.touch('S00', { site: 's', hour: 1 })).toBeUndefined();
});

test('the oldest hours come first', () => {
  const pending = PendingChanges.of([], 0);
  for (const hour of [5, 3, 9]) pending.touch('S00', { site: 's', hour });
  expect(pending.due('S00', 2).changes.map(({ hour }) => hour)).toEqual([5, 3]);
});

test('a mark handed out before a reopening covers nothing that came after it', () => {
  const pending = PendingChanges.of([], 0);
  pending.touch('S00', { site: 's', hour: 1 });
  const { mark } = pending.due('S00', 10);
  pending.settle('S00', mark!);
  const reopened = PendingChanges.of([], pending.lastSeq);
  reopened.touch('S00', { site: 's', hour: 1 });
  reopened.settle('S00', mark!);
  expect(allDue(reopened, 'S00')).toEqual(['s 1']);
});

test('a text that is no mark is a bug of the caller', () => {
  expect(() => PendingChanges.of([], 0).settle('S00', 'x')).toThrow('"x" is not a mark');
});

const step = fc.oneof(
  fc.record({ do: fc.constant('touch' as const), site: fc.constantFrom('a', 'b'), hour: fc.nat(3) }),
  fc.record({ do: fc.constant('due' as const), max: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constant('due after' as const), which: fc.nat(5), max: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ do: fc.constant('settle' as const), which: fc.nat(5) }),
  fc.record({ do: fc.constant('reopen' as const) }),
);

test('in any order of changes, looks and settlings, exactly what changed since it was looked at for a settled mark is due', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let pending = PendingChanges.of([], 0);
      let rows: ChangeRow[] = [];
      // The model: when each hour changed last, and what each mark has seen.
      let clock = 0;
      const changedAt = new Map<string, number>();
      // By hour: what changed before that time is covered.
      const marks: { mark: string; seen: Map<string, number> }[] = [];
      for (const one of steps) {
        clock++;
        if (one.do === 'touch') {
          const row = pending.touch('S00', { site: one.site, hour: one.hour });
          if (row !== undefined) rows.push(row);
          changedAt.set(`${one.site} ${one.hour}`, clock);
        } else if (one.do === 'due') {
          const { changes, mark } = pending.due('S00', one.max);
          equal(changes.length, Math.min(one.max, changedAt.size));
          equal(mark === null, changedAt.size === 0);
          const keys = changes.map(({ site, hour }) => `${site} ${hour}`);
          if (mark !== null) marks.push({ mark, seen: new Map(keys.map((key) => [key, clock])) });
        } else if (one.do === 'due after') {
          const taken = marks[one.which];
          if (taken === undefined) continue;
          const { changes, mark } = pending.due('S00', one.max, taken.mark);
          const rest = [...changedAt].filter(([key, at]) => !(at < (taken.seen.get(key) ?? 0)));
          const keys = changes.map(({ site, hour }) => `${site} ${hour}`);
          equal(mark === null, rest.length === 0);
          equal(keys.length, Math.min(one.max, rest.length));
          equal(
            keys.every((key) => rest.some(([other]) => other === key)),
            true,
          );
          const seen = new Map([...taken.seen, ...keys.map((key) => [key, clock] as const)]);
          if (mark !== null) marks.push({ mark, seen });
        } else if (one.do === 'settle') {
          const taken = marks[one.which];
          if (taken === undefined) continue;
          const covered = new Set(pending.covered('S00', taken.mark));
          rows = rows.filter((row) => !covered.has(row.seq));
          pending.settle('S00', taken.mark);
          for (const [key, at] of taken.seen) {
            if ((changedAt.get(key) ?? Infinity) < at) changedAt.delete(key);
          }
        } else {
          pending = PendingChanges.of(rows, pending.lastSeq);
        }
        deepEqual(new Set(rows.map(({ site, hour }) => `${site} ${hour}`)), new Set(changedAt.keys()));
      }
      expect(allDue(pending, 'S00')).toEqual([...changedAt.keys()].toSorted());
    }),
    { numRuns: 500 },
  );
});
