import { expect } from 'vitest';
import { everyMeter, type Change, type SeriesStore } from '../src/index.ts';
import { writeRows } from './blocks.ts';
import { withStore, type Case } from './subject.ts';

const t0 = Date.UTC(2026, 0, 5);
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const nothing = { rollups: [], indicators: [] };

const sorted = (changes: readonly Change[]) =>
  changes.map(({ site, hour }) => `${site} ${(hour - t0) / hourMs}`).toSorted();

const start = (hour: number) => t0 + hour * hourMs;
const row = (minute: number, value: number) => ({ meter: 'a', time: t0 + minute * minuteMs, value });

export const markCases: Readonly<Record<string, Case>> = {
  '`due` after a mark names what would be due if that mark were settled, and its mark stands for both':
    async (subject) => {
      const write = (store: SeriesStore, knownUs: number, ...hours: readonly number[]) =>
        writeRows(
          store,
          's',
          knownUs,
          hours.map((hour) => row(hour * 60, knownUs)),
        );
      const hours = (...numbers: readonly number[]) => numbers.map((hour) => `s ${hour}`);
      await withStore(subject, async (store) => {
        expect(await store.due('S00', 10)).toEqual({ changes: [], mark: null });
        await write(store, 1000, 0, 1, 2, 3);
        const first = await store.due('S00', 2);
        const others = await store.due('S00', 10, first.mark!);
        expect([first, others].flatMap(({ changes }) => sorted(changes)).toSorted()).toEqual(
          hours(0, 1, 2, 3),
        );
        expect(await store.due('S00', 10, others.mark!)).toEqual({ changes: [], mark: null });
        // Of those that the mark stands for, of those that it does not, and of others.
        await write(store, 2000, 1, 3, 7);
        const again = await store.due('S00', 10, others.mark!);
        expect(sorted(again.changes)).toEqual(hours(1, 3, 7));
        // In portions, each after the one before.
        const portions: Change[] = [];
        let mark = others.mark!;
        for (;;) {
          const portion = await store.due('S00', 1, mark);
          if (portion.mark === null) break;
          expect(portion.changes).toHaveLength(1);
          portions.push(...portion.changes);
          mark = portion.mark;
        }
        expect(sorted(portions)).toEqual(hours(1, 3, 7));
        // Nothing was settled by all this looking.
        expect(sorted((await store.due('S00', 10)).changes)).toEqual(hours(0, 1, 2, 3, 7));
        await write(store, 3000, 2);
        await store.settle('S00', mark, nothing);
      });
      await withStore(subject, async (store) => {
        const { changes, mark } = await store.due('S00', 10);
        expect(sorted(changes)).toEqual(hours(2));
        await store.settle('S00', mark!, nothing);
        expect(await store.due('S00', 10, mark!)).toEqual({ changes: [], mark: null });
      });
    },

  '`mark` makes changes due as `write` does, and the position that it keeps is never ahead of them': async (
    subject,
  ) => {
    const meters = (changes: readonly Change[]) =>
      changes.map(({ site, hour, meter = '*' }) => `${site} ${meter} ${(hour - t0) / hourMs}`).toSorted();
    await withStore(subject, async (store) => {
      expect(await store.markedTo()).toBeUndefined();
      await store.mark([], 0);
      expect(await store.markedTo()).toBe(0);
      await writeRows(store, 's', 1000, [row(0, 1)]);
      await store.mark(
        [
          { shard: 'S00', site: 's', hour: start(0), meter: 'a' },
          { shard: 'S00', site: 's', hour: start(0), meter: 'b' },
          { shard: 'S00', site: 's', hour: start(7), meter: 'a' },
          { shard: 'S03', site: 'far', hour: start(-9), meter: 'a' },
        ],
        12,
      );
      const before = await store.due('S00', 10);
      expect(meters(before.changes)).toEqual(['s * 0', 's a 0', 's a 7', 's b 0']);
      // The same again after it was looked at: it stays due beyond that look.
      await store.mark([{ shard: 'S00', site: 's', hour: start(7), meter: 'a' }], 13);
      await store.settle('S00', before.mark!, nothing);
      await store.mark([], 4);
      expect(await store.markedTo()).toBe(13);
    });
    await withStore(subject, async (store) => {
      expect(await store.markedTo()).toBe(13);
      const { changes, mark } = await store.due('S00', 10);
      expect(meters(changes)).toEqual(['s a 7']);
      await store.settle('S00', mark!, nothing);
      expect(meters((await store.due('S03', 10)).changes)).toEqual(['far a -9']);
    });
    await withStore(subject, async (store) => {
      expect(await store.due('S00', 10)).toEqual({ changes: [], mark: null });
    });
  },

  'positions of facts, of rules and of the clock are kept apart': async (subject) => {
    await withStore(subject, async (store) => {
      await store.mark([{ shard: 'S00', site: 's', hour: start(0), meter: everyMeter }], 7, 'rules');
      expect([await store.markedTo(), await store.markedTo('facts')]).toEqual([undefined, undefined]);
      await store.mark([], 12);
      await store.mark([], 3, 'rules');
      await store.mark([], 9, 'clock');
    });
    await withStore(subject, async (store) => {
      expect([await store.markedTo('facts'), await store.markedTo('rules')]).toEqual([12, 7]);
      expect(await store.markedTo('clock')).toBe(9);
      expect((await store.due('S00', 10)).changes).toEqual([
        { site: 's', hour: start(0), meter: everyMeter },
      ]);
    });
  },
};
