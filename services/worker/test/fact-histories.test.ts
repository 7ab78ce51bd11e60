import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { isRestatement, type Indicator, type IndicatorEvent } from '@songma/domain';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createBucket, deleteBucket } from '../../../packages/series-store/test/influx-subject.ts';
import { adapterAvailability, titleOf } from '../../../test/support/adapters.ts';
import { lives } from './history-events.ts';
import { numbersOf } from './history-world.ts';
import { liveAll } from './live-histories.ts';

/** How many random histories are tried on DuckDB, and a tenth of as many on InfluxDB. */
const histories = Number(process.env['HISTORIES'] ?? 1_000);
/** Plants of so many histories live side by side in one store, which is opened once for all of them. */
const together = 50;
const minuteMs = 60_000;

const influx = await adapterAvailability('influx');
const buckets: string[] = [];

const stores = [
  { title: 'DuckDB', isThere: true, count: histories, open: async () => undefined },
  {
    title: titleOf('InfluxDB', influx),
    isThere: influx.available,
    count: Math.ceil(histories / 10),
    open: async () => {
      if (!influx.available) throw new Error(influx.reason);
      const { url, token, org } = influx.settings;
      const bucket = `songma-test-${randomBytes(6).toString('hex')}`;
      await createBucket(influx.settings, bucket);
      buckets.push(bucket);
      return {
        adapter: 'influx',
        dataDirectory: '',
        duckdb: { memoryMiBMax: 256, threads: 1 },
        influx: { url, token, org, bucket },
      } as const;
    },
  },
];

afterAll(async () => {
  for (const bucket of buckets) if (influx.available) await deleteBucket(influx.settings, bucket);
});

const saysNothingNew = ({ before, after }: IndicatorEvent) =>
  before !== null && isDeepStrictEqual(numbersOf(before), numbersOf(after));
const revisionOf = ({ id, after }: IndicatorEvent) => `${id}@${after.revision}`;

for (const { title, isThere, count, open } of stores) {
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
        expect(restatements).toBeGreaterThan(count);
      },
      histories * minuteMs,
    );
  });
}
