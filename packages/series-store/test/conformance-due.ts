import { expect } from 'vitest';
import type { Change, SeriesStore } from '../src/index.ts';
import { writeRows } from './blocks.ts';
import { killCall, killCallSites, writeUntilKilled } from './kill.ts';
import { indicatorOf, publicationOf, rollupOf } from './results.ts';
import { withStore, type Case } from './subject.ts';

const t0 = Date.UTC(2026, 0, 5);
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const nothing = { rollups: [], indicators: [] };

const sorted = (changes: readonly Change[]) =>
  changes.map(({ site, hour }) => `${site} ${(hour - t0) / hourMs}`).toSorted();

const start = (hour: number) => t0 + hour * hourMs;
const span = (name: string, from: number, to: number) => ({ site: name, from: start(from), to: start(to) });
const row = (minute: number, value: number) => ({ meter: 'a', time: t0 + minute * minuteMs, value });

/** Everything due in a shard, by site and number of the hour, settled on the way. */
async function drain(store: SeriesStore, shard: string, changesMax = 1000): Promise<string[]> {
  const found: Change[] = [];
  for (;;) {
    const { changes, mark } = await store.due(shard, changesMax);
    if (mark === null) {
      expect(changes).toEqual([]);
      return sorted(found);
    }
    expect(changes.length).toBeGreaterThan(0);
    expect(changes.length).toBeLessThanOrEqual(changesMax);
    found.push(...changes);
    await store.settle(shard, mark, nothing);
  }
}

export const dueCases: Readonly<Record<string, Case>> = {
  '`due` names each UTC hour whose readings were stored or superseded since it was settled, also after reopening and after `kill -9`; duplicates make nothing due':
    async (subject) => {
      await withStore(subject, async (store) => {
        expect(await store.due('S00', 10)).toEqual({ changes: [], mark: null });
        await writeRows(store, 's', 1000, [row(0, 1), row(59, 1), row(60, 1), row(130, 1), row(-1, 1)]);
        await writeRows(store, 'r', 1001, [row(10, 1)]);
        await writeRows(store, 'far', 1002, [row(10, 1)], 'S09');
        const { changes, mark } = await store.due('S00', 10);
        expect(sorted(changes)).toEqual(['r 0', 's -1', 's 0', 's 1', 's 2']);
        // Looking settles nothing.
        expect(sorted((await store.due('S00', 10)).changes)).toEqual(sorted(changes));
        expect((await store.due('S00', 2)).changes).toHaveLength(2);
        await store.settle('S00', mark!, nothing);
        expect(await store.due('S00', 10)).toEqual({ changes: [], mark: null });

        await writeRows(store, 's', 2000, [row(0, 1), row(60, 1)]);
        expect(await store.due('S00', 10)).toEqual({ changes: [], mark: null });
        await writeRows(store, 's', 3000, [row(0, 1), row(60, 2), row(121, 1)]);
      });
      await withStore(subject, async (store) => {
        expect(await drain(store, 'S09')).toEqual(['far 0']);
        expect(await drain(store, 'S00', 1)).toEqual(['s 1', 's 2']);
      });
      await withStore(subject, async (store) => {
        expect(await drain(store, 'S00')).toEqual([]);
        expect(await drain(store, 'S09')).toEqual([]);
      });
      const journal = await writeUntilKilled(subject, { from: 0, killAfter: 4 });
      await withStore(subject, async (store) => {
        for (const [index, site] of killCallSites.entries()) {
          const due = await drain(store, `S0${index}`);
          const hours = journal
            .flatMap(({ n }) => killCall(n))
            .filter(({ block }) => block.site === site)
            .flatMap(({ block }) =>
              [...block.times].map((time) => `${site} ${Math.floor((time - t0) / hourMs)}`),
            );
          expect(due).toEqual(expect.arrayContaining([...new Set(hours)]));
        }
      });
    },

  'where `due` names all that is due, its mark is another one once something has changed in the shard, and only then':
    async (subject) => {
      await withStore(subject, async (store) => {
        const marks: (string | null)[] = [];
        const look = async () => marks.push((await store.due('S00', 10)).mark);
        await writeRows(store, 's', 1000, [row(0, 1)]);
        await look();
        await writeRows(store, 'far', 1001, [row(0, 1)], 'S09');
        await look();
        expect(marks[1]).toBe(marks[0]);
        // Of an hour that is due already.
        await writeRows(store, 's', 2000, [row(1, 1)]);
        await look();
        expect(marks[2]).not.toBe(marks[1]);
        await writeRows(store, 's', 3000, [row(1, 1)]);
        await look();
        expect(marks[3]).toBe(marks[2]);
      });
    },

  '`due` names all that is due up to `changesMax`, in however many writes it came': async (subject) => {
    await withStore(subject, async (store) => {
      const minutes = Array.from({ length: 450 }, (_, minute) => minute);
      for (const minute of minutes) await writeRows(store, 's', 1000 + minute, [row(minute, 1)]);
      const { changes, mark } = await store.due('S00', 10);
      expect(sorted(changes)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((hour) => `s ${hour}`));
      await store.settle('S00', mark!, nothing);
      expect(await store.due('S00', 10)).toEqual({ changes: [], mark: null });
    });
  },

  'a change that comes between `due` and `settle` stays due': async (subject) => {
    await withStore(subject, async (store) => {
      const write = (knownUs: number, site: string, minute: number, value: number) =>
        writeRows(store, site, knownUs, [{ meter: 'a', time: t0 + minute * minuteMs, value }]);
      await write(1000, 's', 0, 1);
      await write(1001, 's', 60, 1);
      const first = await store.due('S00', 10);
      await write(2000, 's', 0, 2);
      await write(2001, 's', 120, 1);
      await store.settle('S00', first.mark!, nothing);
      const second = await store.due('S00', 10);
      expect(sorted(second.changes)).toEqual(['s 0', 's 2']);
      // The first mark again, as a job that ran twice would: what came after it stays due.
      await store.settle('S00', first.mark!, nothing);
      expect(sorted((await store.due('S00', 10)).changes)).toEqual(['s 0', 's 2']);

      const part = await store.due('S00', 1);
      await write(3000, 's', 0, 3);
      await write(3001, 'q', 0, 1);
      await store.settle('S00', part.mark!, nothing);
      expect(await drain(store, 'S00')).toEqual(expect.arrayContaining(['q 0', 's 0']));
    });
  },

  '`settle` replaces rollups of the same meter, window and start, and indicators of the same id': async (
    subject,
  ) => {
    const day = t0;
    const first = [
      rollupOf('s', 'b', start(0)),
      rollupOf('s', 'a', start(1), {
        sum: null,
        mean: 4.5,
        min: -1,
        max: 0.1 + 0.2,
        coverage: 0.5,
        coveredMs: 1800e3,
        quarters: 0b0101,
        validSpanMs: 1_860_000,
        calibratingMs: 600_000,
        faultMs: 1,
        outOfRangeMs: 2,
        belowDetection: 3,
        validMs: 1_500_000,
      }),
      rollupOf('s', 'a', start(0), {
        calibrating: 3,
        fault: 2,
        outOfRange: 1,
        spreadMs: 900_000,
        irregular: 4,
      }),
      rollupOf('s', 'a', day, {
        window: 'P1D',
        end: day + 24 * hourMs,
        count: 1440,
        expected: 1440,
        quarters: null,
        validSpanMs: null,
      }),
      rollupOf('t', 'a', start(0), { sum: 959636.71 }),
    ];
    const indicators = [
      indicatorOf('steel', 'electricity-intensity', day),
      indicatorOf('paper', 'electricity-intensity', day, {
        value: null,
        withheld: 'zero-production',
        denominator: 0,
      }),
      indicatorOf('paper', 'electricity-intensity', day + 24 * hourMs),
    ];
    // Of a site, and over twelve months: the same enterprise, name and start are other indicators.
    const ofMill = { id: `steel/mill/electricity-intensity/P1D/${day}`, site: 'mill', value: 77 };
    const ofSite = indicatorOf('steel', 'electricity-intensity', day, ofMill);
    const ofTwelve = { id: `steel/electricity-intensity/R12M/${day}`, window: 'R12M', value: 88 } as const;
    const ofMonths = indicatorOf('steel', 'electricity-intensity', day, ofTwelve);
    const third = rollupOf('s', 'b', start(5), { sum: 2, revision: 2 });
    const restated = indicatorOf('steel', 'electricity-intensity', day, { value: 88, revision: 2 });
    const second = rollupOf('s', 'a', start(0), { sum: 7, revision: 2 });
    const check = async (store: SeriesStore) => {
      expect(await store.rollups({ window: 'PT1H', ranges: [span('s', 0, 6)] })).toEqual([
        second,
        first[1],
        first[0],
        third,
      ]);
      const ranges = [span('t', 0, 1), { ...span('s', 0, 1), meters: ['b', 'a', 'nobody'] }];
      expect(await store.rollups({ window: 'PT1H', ranges })).toEqual([first[4], first[0], second]);
      expect(await store.rollups({ window: 'PT1H', ranges: [span('s', 2, 5)] })).toEqual([]);
      expect(await store.rollups({ window: 'P1D', ranges: [span('s', 0, 1)] })).toEqual([first[3]]);
      const days = { window: 'P1D', from: day, to: day + 48 * hourMs } as const;
      expect(await store.indicators(days)).toEqual([indicators[1], indicators[2], restated]);
      expect(await store.indicators({ ...days, to: day + 1, enterprises: ['steel'] })).toEqual([restated]);
      expect(await store.indicators({ ...days, names: ['water-intensity'] })).toEqual([]);
      expect(await store.indicators({ ...days, window: 'P1M' })).toEqual([]);
      expect(await store.indicators({ ...days, window: 'R12M' })).toEqual([ofMonths]);
      expect(await store.indicators({ ...days, sites: ['mill', 'yard'] })).toEqual([ofSite]);
      expect(await store.indicators({ ...days, sites: ['mill'], enterprises: ['paper'] })).toEqual([]);
      expect(await store.indicators({ ...days, sites: [] })).toEqual([]);
    };
    await withStore(subject, async (store) => {
      const settle = async (hour: number, knownUs: number, results: Parameters<SeriesStore['settle']>[2]) => {
        await writeRows(store, 's', knownUs, [{ meter: 'a', time: start(hour), value: knownUs }]);
        const { mark } = await store.due('S00', 10);
        await store.settle('S00', mark!, results);
      };
      const published = [...indicators, ofSite, ofMonths].map((one) => publicationOf(one));
      await settle(0, 1000, { rollups: first, indicators: published });
      await settle(0, 2000, { rollups: [second], indicators: [publicationOf(restated, indicators[0])] });
      // Within one call the last of the same meter, window and start counts.
      await settle(5, 3000, { rollups: [rollupOf('s', 'b', start(5)), third], indicators: [] });

      await check(store);
    });
    await withStore(subject, check);
  },
};
