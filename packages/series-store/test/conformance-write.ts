import { outcome } from '@songma/domain';
import { UnavailableError } from '@songma/runtime';
import fc from 'fast-check';
import { expect } from 'vitest';
import { facts, readRows, readSite, shardedBlock, writeRows } from './blocks.ts';
import { killCall, killCallSites, writeUntilKilled } from './kill.ts';
import { ReferenceStore } from './reference-store.ts';
import { withStore, type Case } from './subject.ts';

type Fact = ReturnType<typeof facts>[number];

const { stored, duplicate, superseding } = outcome;
const t0 = Date.UTC(2026, 0, 5);
const minuteMs = 60_000;

export const writeCases: Readonly<Record<string, Case>> = {
  '`write` answers for each reading: stored, duplicate (same value and flags are held), superseding, or refused':
    async (subject) => {
      await withStore(subject, async (store) => {
        const rows = [
          { meter: 'a', time: t0, value: 1.5 },
          { meter: 'a', time: t0 + minuteMs, value: NaN, flags: 2 },
          { meter: 'b', time: t0, value: 0.25, flags: 16 },
        ];
        expect(await writeRows(store, 's1', 1000, rows)).toEqual([stored, stored, stored]);
        expect(await writeRows(store, 's1', 2000, rows)).toEqual([duplicate, duplicate, duplicate]);
        const mended = [
          { meter: 'b', time: t0, value: 0.25, flags: 0 },
          { meter: 'a', time: t0 + minuteMs, value: 3 },
          { meter: 'a', time: t0 + 2 * minuteMs, value: 3 },
          { meter: 'a', time: t0, value: 1.5 },
        ];
        expect(await writeRows(store, 's1', 3000, mended)).toEqual([
          superseding,
          superseding,
          stored,
          duplicate,
        ]);
        const results = await store.write([
          shardedBlock('s2', 4000, [{ meter: 'c', time: t0, value: 1 }]),
          shardedBlock('s3', 4001, []),
          shardedBlock('s1', 4002, [{ meter: 'a', time: t0, value: 2 }], 'S07'),
        ]);
        expect(results.map((result) => [...result.outcomes])).toEqual([[stored], [], [superseding]]);
        expect(results.map((result) => result.refused)).toEqual([[], [], []]);
        expect(await store.write([])).toEqual([]);
      });
    },

  '`write` rejects with `UnavailableError` when the store cannot be reached, and a repeat later is exact':
    async (subject) => {
      await withStore(subject, async (store) => {
        await writeRows(store, 's', 1000, [{ meter: 'a', time: t0, value: 1 }]);
        const restore = await subject.breakOff(store);
        const blocks = [
          shardedBlock('s', 2000, [
            { meter: 'a', time: t0, value: 2 },
            { meter: 'new', time: t0 + minuteMs, value: 3 },
          ]),
          shardedBlock('other', 2001, [{ meter: 'o', time: t0, value: 4 }]),
        ];
        try {
          await expect(store.write(blocks)).rejects.toBeInstanceOf(UnavailableError);
        } finally {
          await restore();
        }
        const results = await store.write(blocks);
        expect(results.map((result) => [...result.outcomes])).toEqual([[superseding, stored], [stored]]);
        expect(facts(await readSite(store, 's'))).toEqual([
          ['a', t0, 2, 0],
          ['new', t0 + minuteMs, 3, 0],
        ]);
        expect(facts(await readSite(store, 's', 1999))).toEqual([['a', t0, 1, 0]]);
        await store.check();
      });
      await withStore(subject, async (store) => {
        expect(facts(await readSite(store, 's'))).toHaveLength(2);
        expect(facts(await readSite(store, 'other'))).toEqual([['o', t0, 4, 0]]);
        expect((await store.due('S00', 10)).changes).toHaveLength(2);
      });
    },

  'what `write` resolved for survives `kill -9` and reopening': async (subject) => {
    const journal = await writeUntilKilled(subject, { from: 0, killAfter: 12 });
    expect(journal.length).toBeGreaterThanOrEqual(12);
    const reference = new ReferenceStore();
    for (const { n } of journal) for (const sharded of killCall(n)) reference.write(sharded);
    const answered = killCallSites.map((site) => reference.facts(site));
    for (const sharded of killCall(journal.length)) reference.write(sharded);
    await withStore(subject, async (store) => {
      for (const [index, site] of killCallSites.entries()) {
        const held = facts(await readSite(store, site));
        // The call under way may be there in part, and may have superseded what was answered.
        const withCallUnderWay = reference.facts(site);
        expect(withCallUnderWay).toEqual(
          expect.arrayContaining(held.filter((fact) => !has(answered[index]!, fact))),
        );
        const keys = held.map(keyOf);
        expect(keys).toEqual(expect.arrayContaining(answered[index]!.map(keyOf)));
      }
    });
  },

  'writing a block again changes nothing and gives the same answers, also after `kill -9` in the middle of a write':
    async (subject) => {
      const reference = new ReferenceStore();
      const answers: number[][][] = [];
      const answersOf = (n: number) =>
        (answers[n] ??= killCall(n).map((sharded) => reference.write(sharded)));
      let written = 0;
      for (const killAfter of [3, 9, 1]) {
        const journal = await writeUntilKilled(subject, { from: written, killAfter });
        for (const { n, outcomes } of journal) expect(outcomes).toEqual(answersOf(n));
        // The call that was cut is repeated, and one before it, as a redelivery would.
        written += journal.length;
        await withStore(subject, async (store) => {
          for (let n = Math.max(0, written - 1); n <= written; n++) {
            const results = await store.write(killCall(n));
            expect(results.map((result) => [...result.outcomes])).toEqual(answersOf(n));
          }
        });
        written++;
      }
      await withStore(subject, async (store) => {
        const before = await Promise.all(killCallSites.map((site) => readSite(store, site)));
        expect(before.map(facts)).toEqual(killCallSites.map((site) => reference.facts(site)));
        for (let n = 0; n < written; n++) {
          const results = await store.write(killCall(n));
          expect(results.map((result) => [...result.outcomes])).toEqual(answersOf(n));
        }
        expect(await Promise.all(killCallSites.map((site) => readSite(store, site)))).toEqual(before);
      });
    },

  'of two readings of one meter and time the one with the later `knownUs` stands, in whatever order they are written':
    async (subject) => {
      const keys = fc.record({
        meter: fc.constantFrom('a', 'b'),
        time: fc.constantFrom(t0, t0 + minuteMs, t0 + 90 * minuteMs),
        value: fc.constantFrom(1, 2, NaN),
        flags: fc.constantFrom(0, 2),
      });
      const block = fc.tuple(
        fc.integer({ min: 1, max: 12 }),
        fc.uniqueArray(keys, { minLength: 1, maxLength: 4, selector: (row) => `${row.meter} ${row.time}` }),
      );
      const calls = fc.array(fc.array(block, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 8 });
      const examples: [ReturnType<typeof exampleCall>[]][] = [
        [[exampleCall(9, 1), exampleCall(3, 2), exampleCall(6, 2), exampleCall(3, 2)]],
        // What was confirmed at 6 stands again after what became known at 3.
        [[exampleCall(1, 1), exampleCall(6, 1), exampleCall(3, 2), exampleCall(6, 1)]],
      ];
      let run = 0;
      await withStore(subject, async (store) => {
        await fc.assert(
          fc.asyncProperty(calls, async (all) => {
            const site = `site-${run++}`;
            const reference = new ReferenceStore();
            for (const call of all) {
              const blocks = call.map(([knownUs, rows]) => shardedBlock(site, knownUs, rows));
              const results = await store.write(blocks);
              expect(results.map((result) => [...result.outcomes])).toEqual(
                blocks.map((sharded) => reference.write(sharded)),
              );
            }
            for (const asOfUs of [undefined, 3, 6, 9]) {
              expect(facts(await readSite(store, site, asOfUs))).toEqual(reference.facts(site, asOfUs));
            }
          }),
          { numRuns: 25, endOnFailure: true, examples },
        );
      });
    },

  'several readings of one meter and time inside one call are judged as if written one after the other':
    async (subject) => {
      await withStore(subject, async (store) => {
        const at = (value: number) => [{ meter: 'a', time: t0, value }];
        const blocks = [
          shardedBlock('s', 1000, at(1)),
          shardedBlock('s', 2000, at(1)),
          shardedBlock('s', 3000, at(2)),
          shardedBlock('s', 3000, at(2)),
          shardedBlock('s', 4000, at(1)),
          shardedBlock('s', 1000, at(1)),
        ];
        const expected = [[stored], [duplicate], [superseding], [superseding], [superseding], [stored]];
        for (let round = 0; round < 2; round++) {
          const results = await store.write(blocks);
          expect(results.map((result) => [...result.outcomes])).toEqual(expected);
          const standing = await readSite(store, 's');
          expect(standing).toEqual([
            { site: 's', meter: 'a', time: t0, value: 1, flags: 0, knownUs: 4000, revision: 2 },
          ]);
          expect(facts(await readSite(store, 's', 3500))).toEqual([['a', t0, 2, 0]]);
        }
        const ranges = [{ site: 's', meters: ['a'], from: t0, to: t0 + 1 }];
        expect(await readRows(store, { ranges })).toHaveLength(1);
      });
    },
};

function keyOf([meter, time]: Fact): string {
  return `${meter} ${time}`;
}

function has(list: readonly Fact[], [meter, time, value, flags]: Fact): boolean {
  return list.some((fact) => fact[0] === meter && fact[1] === time && fact[2] === value && fact[3] === flags);
}

/** A call of one block with one reading of meter `a`. */
function exampleCall(knownUs: number, value: number) {
  const rows = [{ meter: 'a' as const, time: t0, value, flags: 0 as const }];
  return [[knownUs, rows] as [number, typeof rows]];
}
