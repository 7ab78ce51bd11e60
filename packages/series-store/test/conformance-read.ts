import { expect } from 'vitest';
import { chunkReadingsMax, type SeriesChunk } from '../src/index.ts';
import { facts, readRows, readSite, shardedBlock, writeRows } from './blocks.ts';
import { withStore, type Case } from './subject.ts';

const t0 = Date.UTC(2026, 0, 5);
const minuteMs = 60_000;

export const readCases: Readonly<Record<string, Case>> = {
  '`read` gives each meter in ascending time, as known now or as known then; the superseded values stay readable by `asOfUs`':
    async (subject) => {
      await withStore(subject, async (store) => {
        const row = (meter: string, minute: number, value: number) => ({
          meter,
          time: t0 + minute * minuteMs,
          value,
        });
        await writeRows(store, 's', 1000, [row('b', 5, 1), row('a', 9, 2), row('b', 1, 3), row('a', 2, 4)]);
        await writeRows(store, 's', 2000, [row('a', 4, 5), row('a', 9, 6)]);
        await writeRows(store, 's', 3000, [row('a', 9, 7), row('c', 0, 8)]);
        await writeRows(store, 'other', 3001, [row('a', 9, 99)]);

        expect(facts(await readSite(store, 's'))).toEqual(
          [
            row('a', 2, 4),
            row('a', 4, 5),
            row('a', 9, 7),
            row('b', 1, 3),
            row('b', 5, 1),
            row('c', 0, 8),
          ].map(({ meter, time, value }) => [meter, time, value, 0]),
        );
        const asOf = async (asOfUs: number) =>
          (await readSite(store, 's', asOfUs)).map(({ meter, value, knownUs, revision }) => [
            meter,
            value,
            knownUs,
            revision,
          ]);
        expect(await asOf(999)).toEqual([]);
        expect(await asOf(1999)).toEqual([
          ['a', 4, 1000, 0],
          ['a', 2, 1000, 0],
          ['b', 3, 1000, 0],
          ['b', 1, 1000, 0],
        ]);
        expect(await asOf(2000)).toContainEqual(['a', 6, 2000, 1]);
        expect(await asOf(3000)).toContainEqual(['a', 7, 3000, 2]);

        // Ranges in the order asked, their meters in the order asked, ends exclusive, unknown meters nothing.
        const ranges = [
          { site: 's', meters: ['b', 'nobody', 'a'], from: t0 + minuteMs, to: t0 + 5 * minuteMs },
          { site: 'other', from: t0, to: t0 + 60 * minuteMs },
          { site: 's', meters: ['a'], from: t0 + 9 * minuteMs, to: t0 + 9 * minuteMs + 1 },
          { site: 'nowhere', from: t0, to: t0 + 60 * minuteMs },
        ];
        expect(
          (await readRows(store, { ranges })).map(({ site, meter, value }) => [site, meter, value]),
        ).toEqual([
          ['s', 'b', 3],
          ['s', 'a', 4],
          ['s', 'a', 5],
          ['other', 'a', 99],
          ['s', 'a', 7],
        ]);
        expect(await readRows(store, { ranges: [] })).toEqual([]);
      });
    },

  'what is likely to be empty is read as everything else is': async (subject) => {
    await withStore(subject, async (store) => {
      const at = (minute: number) => t0 + minute * minuteMs;
      const row = (minute: number, value: number) => ({ meter: 'a', time: at(minute), value });
      await writeRows(store, 's', 1000, [row(5, 1), row(9, 2)]);
      await writeRows(store, 's', 2000, [row(5, 3)]);
      const ranges = [
        { site: 's', from: at(0), to: at(5) },
        { site: 's', from: at(5), to: at(6) },
        { site: 'nowhere', from: at(0), to: at(60) },
        { site: 's', meters: ['nobody', 'a'], from: at(4), to: at(60) },
        { site: 's', from: at(10), to: at(60) },
      ];
      for (const query of [
        { ranges },
        { ranges, asOfUs: 1000 },
        { ranges, neighboursWithinMs: 60 * minuteMs },
      ]) {
        const read = await readRows(store, { ...query, isLikelyEmpty: true });
        expect(read.length).toBeGreaterThan(2);
        expect(read).toEqual(await readRows(store, query));
      }
      expect(await readRows(store, { ranges: [ranges[0]!, ranges[2]!], isLikelyEmpty: true })).toEqual([]);
    });
  },

  'neighbours are the nearest readings outside of the range': async (subject) => {
    await withStore(subject, async (store) => {
      const row = (meter: string, minute: number, value: number) => ({
        meter,
        time: t0 + minute * minuteMs,
        value,
      });
      const minutes = [0, 10, 20, 30, 40, 50];
      await writeRows(
        store,
        's',
        1000,
        minutes.map((minute) => row('a', minute, minute)),
      );
      await writeRows(store, 's', 2000, [
        row('a', 10, 11),
        row('b', 5, 5),
        row('b', 55, 55),
        row('c', 40, 40),
      ]);
      await writeRows(store, 's', 3000, [row('a', 19, 19)]);

      const values = async (from: number, to: number, withinMinutes: number, asOfUs?: number) => {
        const ranges = [{ site: 's', from: t0 + from * minuteMs, to: t0 + to * minuteMs }];
        const query = { ranges, neighboursWithinMs: withinMinutes * minuteMs };
        const rows = await readRows(store, asOfUs === undefined ? query : { ...query, asOfUs });
        return rows.map(({ meter, value }) => `${meter}${value}`);
      };
      expect(await values(20, 40, 60)).toEqual(['a19', 'a20', 'a30', 'a40', 'b5', 'b55', 'c40']);
      expect(await values(20, 40, 15)).toEqual(['a19', 'a20', 'a30', 'a40', 'b5', 'b55', 'c40']);
      expect(await values(20, 40, 14)).toEqual(['a19', 'a20', 'a30', 'a40', 'c40']);
      expect(await values(11, 12, 1)).toEqual(['a11']);
      expect(await values(15, 45, 60, 2500)).toEqual(['a11', 'a20', 'a30', 'a40', 'a50', 'b5', 'b55', 'c40']);
      expect(await values(15, 18, 60, 1500)).toEqual(['a10', 'a20']);
      // Each range has its own neighbours.
      const ranges = [0, 20, 40].map((from) => ({
        site: 's',
        meters: ['a'],
        from: t0 + from * minuteMs,
        to: t0 + (from + 5) * minuteMs,
      }));
      const rows = await readRows(store, { ranges, neighboursWithinMs: 30 * minuteMs });
      expect(rows.map(({ value }) => value)).toEqual([0, 11, 19, 20, 30, 30, 40, 50]);
    });
  },

  'a long range streams in chunks of bounded size': async (subject) => {
    await withStore(subject, async (store) => {
      const readings = 2 * chunkReadingsMax + 1000;
      const rows = Array.from({ length: readings }, (_, i) => ({
        meter: 'long',
        time: t0 + i * minuteMs,
        value: i,
      }));
      for (let from = 0; from < readings; from += 5000) {
        await store.write([shardedBlock('s', 1000 + from, rows.slice(from, from + 5000))]);
      }
      await writeRows(store, 's', 1e6, [{ meter: 'short', time: t0, value: -1 }]);
      const chunks: SeriesChunk[] = [];
      for await (const chunk of store.read({
        ranges: [{ site: 's', from: t0, to: t0 + readings * minuteMs }],
      })) {
        expect(chunk.times.length).toBeGreaterThan(0);
        expect(chunk.times.length).toBeLessThanOrEqual(chunkReadingsMax);
        for (const column of [chunk.values, chunk.flags, chunk.knownUs, chunk.revisions]) {
          expect(column).toHaveLength(chunk.times.length);
        }
        chunks.push(chunk);
      }
      expect(chunks.map((chunk) => chunk.meter)).toEqual([
        ...Array.from({ length: chunks.length - 1 }, () => 'long'),
        'short',
      ]);
      expect(chunks.length).toBeGreaterThanOrEqual(4);
      const values = chunks.slice(0, -1).flatMap((chunk) => [...chunk.values]);
      expect(values).toEqual(rows.map((row) => row.value));

      // A reader that stops early leaves the store usable.
      for await (const chunk of store.read({
        ranges: [{ site: 's', from: t0, to: t0 + readings * minuteMs }],
      })) {
        expect(chunk.values[0]).toBe(0);
        break;
      }
      expect(facts(await readSite(store, 's'))).toHaveLength(readings + 1);
    });
  },
};
