import { outcome } from '@songma/domain';
import { UnavailableError } from '@songma/runtime';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { adapterAvailability, titleOf } from '../../../test/support/adapters.ts';
import { facts, readSite, shardedBlock, writeRows } from './blocks.ts';
import { useOwnBucket } from './influx-bucket.ts';
import { startLossyProxy } from './influx-lossy-proxy.ts';
import { ReferenceStore } from './reference-store.ts';

const { stored, duplicate, superseding, refused } = outcome;
const t0 = Date.UTC(2026, 0, 5);
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const nothing = { rollups: [], indicators: [] };
const influx = await adapterAvailability('influx');

const row = (meter: string, minute: number, value: number) => ({
  meter,
  time: t0 + minute * minuteMs,
  value,
});

/** Whether a write rejected with an outage; anything else is rethrown. */
function isOutage(error: unknown): boolean {
  if (error instanceof UnavailableError) return true;
  throw error;
}

const title = titleOf('InfluxSeriesStore under faults', influx);

// oxlint-disable-next-line vitest/valid-title -- a text; the reason of a skip is known at run time only
describe.skipIf(!influx.available)(title, () => {
  const { settings, open } = useOwnBucket(influx);

  test.each(['answer', 'request'] as const)(
    'a write of which any %s is lost is exact when it is repeated',
    async (what) => {
      for (let lost = 0; lost < 6; lost++) {
        const proxy = await startLossyProxy(settings().url);
        const site = `site-${lost}`;
        const store = await open({ url: proxy.url });
        await writeRows(store, site, 1000, [row('a', 0, 1), row('b', 0, 1)]);
        const { mark } = await store.due('S00', 10);
        await store.settle('S00', mark!, nothing);
        const blocks = [
          shardedBlock(site, 2000, [row('a', 0, 2), row('b', 0, 1), row('c', 60, 3)]),
          shardedBlock(site, 3000, [row('c', 60, 4), row('c', 60, 3)]),
        ];
        // Requests of this call: the look-up of claims, histories, readings, changes.
        proxy.lose(what, lost);
        const isLost = await store.write(blocks).then(() => false, isOutage);
        expect(isLost).toBe(lost < 4);
        proxy.lose(what, -1);
        const results = await store.write(blocks);
        expect(results.map(({ outcomes }) => [...outcomes])).toEqual([
          [superseding, duplicate, stored],
          [superseding, refused],
        ]);
        expect(facts(await readSite(store, site))).toEqual([
          ['a', t0, 2, 0],
          ['b', t0, 1, 0],
          ['c', t0 + hourMs, 4, 0],
        ]);
        expect(facts(await readSite(store, site, 2999))).toContainEqual(['c', t0 + hourMs, 3, 0]);
        expect((await store.due('S00', 10)).changes.map(({ hour }) => hour - t0)).toEqual([0, hourMs]);
        await store.close();
        await proxy.close();
      }
    },
  );

  test('whatever is lost, wherever a site is written next and however little is held, answers and facts are those of a store without faults', async () => {
    const proxy = await startLossyProxy(settings().url);
    const stores = await Promise.all([open({ url: proxy.url }), open({ url: proxy.url, heldValuesMax: 1 })]);
    const reading = fc.record({
      meter: fc.constantFrom('a', 'b'),
      time: fc.constantFrom(t0, t0 + minuteMs, t0 + 90 * minuteMs, t0 + 400 * hourMs),
      value: fc.constantFrom(1, 2, NaN),
      flags: fc.constantFrom(0, 2),
    });
    const block = fc.tuple(
      fc.integer({ min: 1, max: 12 }),
      fc.uniqueArray(reading, { minLength: 1, maxLength: 5, selector: (one) => `${one.meter} ${one.time}` }),
    );
    const call = fc.record({
      blocks: fc.array(block, { minLength: 1, maxLength: 3 }),
      attempts: fc.array(
        fc.record({
          what: fc.constantFrom('answer' as const, 'request' as const),
          lost: fc.nat(6),
          by: fc.nat(1),
        }),
        { maxLength: 3 },
      ),
      by: fc.nat(1),
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 6 }), async (calls) => {
        const site = `site-${run++}`;
        const reference = new ReferenceStore();
        const due = new Set<number>();
        for (const { blocks, attempts, by } of calls) {
          const written = blocks.map(([knownUs, rows]) => shardedBlock(site, knownUs, rows));
          for (const { what, lost, by: first } of attempts) {
            proxy.lose(what, lost);
            await stores[first]!.write(written).catch(isOutage);
          }
          proxy.lose('answer', -1);
          const results = await stores[by]!.write(written);
          const expected = written.map((sharded) => reference.write(sharded));
          expect(results.map(({ outcomes }) => [...outcomes])).toEqual(expected);
          for (const [index, codes] of expected.entries()) {
            for (const [at, code] of codes.entries()) {
              const time = written[index]!.block.times[at]!;
              if (code === stored || code === superseding) due.add(Math.floor(time / hourMs) * hourMs);
            }
          }
        }
        for (const asOfUs of [undefined, 3, 6, 9]) {
          expect(facts(await readSite(stores[0], site, asOfUs))).toEqual(reference.facts(site, asOfUs));
        }
        const { changes, mark } = await stores[1].due('S00', 1000);
        expect(new Set(changes.map(({ hour }) => hour))).toEqual(due);
        await stores[1].settle('S00', mark!, nothing);
      }),
      { numRuns: 40, endOnFailure: true },
    );
    for (const store of stores) await store.close();
    await proxy.close();
  });

  test('a site may be written by another process and come back', async () => {
    const first = await open();
    const second = await open();
    await writeRows(first, 's', 1000, [row('a', 0, 1), row('a', 15, 1)]);
    await writeRows(second, 's', 2000, [row('a', 15, 2), row('b', 15, 7), row('a', 30, 2)]);
    expect(await writeRows(first, 's', 3000, [row('a', 15, 2), row('a', 30, 3), row('b', 15, 8)])).toEqual([
      duplicate,
      superseding,
      superseding,
    ]);
    expect(await writeRows(second, 's', 2000, [row('a', 15, 2), row('b', 15, 7), row('a', 30, 2)])).toEqual([
      superseding,
      stored,
      stored,
    ]);
    expect(facts(await readSite(second, 's'))).toEqual([
      ['a', t0, 1, 0],
      ['a', t0 + 15 * minuteMs, 2, 0],
      ['a', t0 + 30 * minuteMs, 3, 0],
      ['b', t0 + 15 * minuteMs, 8, 0],
    ]);
    await first.close();
    await second.close();
  });

  test('a claim whose answer is lost does not bring back what was held before', async () => {
    const proxy = await startLossyProxy(settings().url);
    const first = await open({ url: proxy.url });
    const second = await open();
    await writeRows(first, 's', 1000, [row('a', 0, 1)]);
    await writeRows(second, 's', 2000, [row('a', 0, 2)]);
    proxy.lose('answer', 1);
    await expect(writeRows(first, 's', 3000, [row('a', 0, 2)])).rejects.toBeInstanceOf(UnavailableError);
    expect(await writeRows(first, 's', 3000, [row('a', 0, 2)])).toEqual([duplicate]);
    await first.close();
    await second.close();
    await proxy.close();
  });

  test('whoever writes many sites after another has, and after whatever was lost, judges by what that one wrote', async () => {
    const proxy = await startLossyProxy(settings().url);
    const stores = await Promise.all([open({ url: proxy.url }), open({ url: proxy.url })]);
    const step = fc.record({
      by: fc.nat(1),
      // A few sites and many are looked up in different ways.
      count: fc.constantFrom(1, 120),
      value: fc.integer({ min: 1, max: 2 }),
      lost: fc.option(fc.tuple(fc.constantFrom('answer' as const, 'request' as const), fc.nat(4))),
    });
    let [knownUs, run] = [1000, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 20 }), async (steps) => {
        run++;
        const standing = new Map<string, number>();
        for (const { by, count, value, lost } of steps) {
          const sites = Array.from({ length: count }, (_, i) => `many-${i}`);
          knownUs++;
          // A minute of its own for each run: what an earlier one wrote is not to be seen.
          const blocks = sites.map((site) => shardedBlock(site, knownUs, [row('a', run, value)]));
          if (lost !== null) {
            proxy.lose(...lost);
            await stores[by]!.write(blocks).catch(isOutage);
            proxy.lose('answer', -1);
          }
          const expected = sites.map((site) => {
            const before = standing.get(site);
            standing.set(site, value);
            return before === undefined ? stored : before === value ? duplicate : superseding;
          });
          const results = await stores[by]!.write(blocks);
          expect(results.map(({ outcomes }) => outcomes[0])).toEqual(expected);
        }
      }),
      { numRuns: 20, endOnFailure: true },
    );
    for (const store of stores) await store.close();
    await proxy.close();
  });
});
