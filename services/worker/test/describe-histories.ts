import { isDeepStrictEqual } from 'node:util';
import { isRestatement, type Indicator, type IndicatorEvent } from '@songma/domain';
import type { SeriesStoreConfig } from '@songma/series-store';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lives } from './history-events.ts';
import { numbersOf } from './history-world.ts';
import { liveAll } from './live-histories.ts';

/** How many random histories are tried on DuckDB, and a tenth of as many on InfluxDB. */
export const histories = Number(process.env['HISTORIES'] ?? 1_000);
/** Plants of so many histories live side by side in one store, which is opened once for all of them. */
const together = 50;
const minuteMs = 60_000;

/** A store on which histories are tried, and how many. */
export interface Tried {
  readonly title: string;
  readonly isThere: boolean;
  readonly count: number;
  /** Undefined: the embedded one. */
  readonly open: () => Promise<SeriesStoreConfig | undefined>;
}

const saysNothingNew = ({ before, after }: IndicatorEvent) =>
  before !== null && isDeepStrictEqual(numbersOf(before), numbersOf(after));
const revisionOf = ({ id, after }: IndicatorEvent) => `${id}@${after.revision}`;

/** The property of healing on one store. In several files, so that they run side by side. */
export function describeHistories({ title, isThere, count, open }: Tried): void {
  describe.skipIf(!isThere)(title, () => {
    it(
      'readings and facts in whatever order come out as if all had been known when the first was computed',
      async () => {
        let restatements = 0;
        const plants = Math.min(together, count);
        await fc.assert(
          fc.asyncProperty(lives(plants), async (some) => {
            const outcome = await liveAll(some, open);
            for (const { told, lived, clean } of outcome.plants) expect(lived, told).toEqual(clean);

            // Each publication takes up from the one before and says otherwise, and the last one stands.
            const last = new Map<string, Indicator>();
            const { events, standing, restated } = outcome.published;
            for (const { id, before, after } of events) {
              expect(before).toEqual(last.get(id) ?? null);
              expect(after.revision).toBe((before?.revision ?? 0) + 1);
              last.set(id, after);
            }
            expect(new Map(standing.map((one) => [one.id, one]))).toEqual(last);
            expect(events.filter(saysNothingNew)).toEqual([]);
            const wanted = events.filter(isRestatement).map(revisionOf).toSorted();
            expect(restated.map(revisionOf).toSorted()).toEqual(wanted);
            restatements += wanted.length;
          }),
          // A failure tells the plant and its history; looking for a smaller one would take hours.
          { numRuns: Math.ceil(count / plants), endOnFailure: true },
        );
        // Few runs may happen to compute only once, when all is there.
        expect(restatements).toBeGreaterThanOrEqual(count < 500 ? 0 : count / 2);
      },
      histories * minuteMs,
    );
  });
}
