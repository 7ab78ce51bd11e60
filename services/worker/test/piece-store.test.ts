import type { Rollup } from '@songma/domain';
import type { RollupQuery } from '@songma/series-store';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pieceStore, type PieceStore } from '../src/piece-store.ts';

const sites = ['one', 'two'];
const meters = ['a', 'b', 'c'];
/** Of every meter at every site, one that starts at each number up to 20 that the meter's place divides. */
const stored = sites.flatMap((site) =>
  meters.flatMap((meter, place) =>
    Array.from({ length: 20 }, (_, start) => start)
      .filter((start) => start % (place + 1) === 0)
      .map((start) => ({ site, meter, window: 'P1D', start }) as Rollup),
  ),
);

/** A store with these rollups, and what it was asked. */
function counted() {
  const asked: RollupQuery[] = [];
  const store: PieceStore = {
    async *read() {},
    indicators: async () => [],
    alerts: async () => [],
    async rollups(query) {
      asked.push(query);
      return query.ranges.flatMap(({ site, meters: of, from, to }) =>
        of!.flatMap((meter) =>
          stored.filter(
            (one) => one.site === site && one.meter === meter && one.start >= from && one.start < to,
          ),
        ),
      );
    },
  };
  return { store, asked };
}

describe('the store for the time of one piece', () => {
  it('answers as the store itself, whatever has been read before', async () => {
    const range = fc
      .record({
        site: fc.constantFrom(...sites),
        meters: fc.uniqueArray(fc.constantFrom(...meters), { minLength: 1 }),
        from: fc.nat(20),
        length: fc.nat(20),
      })
      .map(({ length, ...rest }) => ({ ...rest, to: rest.from + length }));
    const queries = fc.array(fc.array(range, { maxLength: 3 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(queries, async (all) => {
        const piece = pieceStore(counted().store);
        for (const ranges of all) {
          const query: RollupQuery = { ranges, window: 'P1D' };
          expect(await piece.rollups(query)).toEqual(await counted().store.rollups(query));
        }
      }),
    );
  });

  it('asks for what was read by an earlier step no more, and for nothing else less', async () => {
    const { store, asked } = counted();
    const piece = pieceStore(store);
    const range = { site: 'one', meters: ['a', 'b'], from: 5, to: 15 };
    await piece.rollups({ ranges: [range], window: 'P1D' });
    await piece.rollups({ ranges: [{ ...range, meters: ['b'], from: 6 }], window: 'P1D' });
    expect(asked).toHaveLength(1);
    const others = [
      { ...range, to: 16 },
      { ...range, meters: ['a', 'c'] },
      { ...range, site: 'two' },
    ];
    await piece.rollups({ ranges: [range, ...others], window: 'P1D' });
    await piece.rollups({ ranges: [range], window: 'P1M' });
    expect(asked.slice(1).map(({ ranges }) => ranges)).toEqual([others, [range]]);
  });
});
