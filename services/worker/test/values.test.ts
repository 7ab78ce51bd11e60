import { randomBytes } from 'node:crypto';
import { flag, type Rollup } from '@songma/domain';
import { judge } from '@songma/limits';
import type { SeriesStoreConfig } from '@songma/series-store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBucket, deleteBucket } from '../../../packages/series-store/test/influx-subject.ts';
import { adapterAvailability, titleOf } from '../../../test/support/adapters.ts';
import { hourMs, minuteMs, monday, openWorld, type Row, type WorkerWorld } from './worker-world.ts';

const influx = await adapterAvailability('influx');
const bucket = `songma-test-${randomBytes(6).toString('hex')}`;

async function influxStore(): Promise<SeriesStoreConfig> {
  if (!influx.available) throw new Error(influx.reason);
  const { url, token, org } = influx.settings;
  await createBucket(influx.settings, bucket);
  return {
    adapter: 'influx',
    dataDirectory: '',
    duckdb: { memoryMiBMax: 256, threads: 1 },
    influx: { url, token, org, bucket },
  };
}
afterAll(async () => {
  if (influx.available) await deleteBucket(influx.settings, bucket);
});

const site = 'kiln-site';
const gasLimit = {
  ...{ id: 'limit', meter: 'gas', parameter: 'NOx', averaging: 'PT1H', value: 100, validFrom: 0 },
  source: { document: 'QCVN 19:2009/BTNMT', verified: false },
};

/** The nth hour of a meter at five minutes: `value` but for what stands at some of its places. */
function hourOf(
  meter: string,
  hour: number,
  value: number,
  others: Readonly<Record<number, number>> = {},
): Row[] {
  return Array.from({ length: 12 }, (_, i) => ({
    meter,
    time: monday + hour * hourMs + i * 5 * minuteMs,
    value: others[i] ?? value,
  }));
}

describe.each([
  { title: 'DuckDB', isThere: true, store: async () => undefined },
  { title: titleOf('InfluxDB', influx), isThere: influx.available, store: influxStore },
])('values that are no measurements, on $title', ({ isThere, store }) => {
  let world: WorkerWorld;

  beforeAll(async () => {
    if (!isThere) return;
    const seriesStore = await store();
    world = await openWorld(seriesStore === undefined ? {} : { seriesStore });
    const put = (kind: 'enterprise' | 'site' | 'meter' | 'limit', body: object) =>
      world.register(kind, body as { id: string });
    const level = {
      site,
      kind: 'level',
      unit: 'mg/Nm3',
      quantity: 'concentration',
      intervalMs: 5 * minuteMs,
    };
    await put('enterprise', { id: 'kiln', name: 'Kiln', sector: '2394' });
    await put('site', { id: site, enterprise: 'kiln', name: 'Kiln' });
    await put('meter', { ...level, id: 'gas', name: 'NOx', validRange: { min: 0, max: 2_000 } });
    const o2 = { quantity: 'oxygen', unit: '%', validRange: { min: 0, max: 25 } };
    await put('meter', { ...level, ...o2, id: 'o2', name: 'O2' });
    const [formula, inputs] = ['atReferenceOxygen(gas, o2, 7)', { gas: 'gas', o2: 'o2' }];
    await put('meter', { ...level, id: 'gas-ref', name: 'NOx at 7 % O2', formula, inputs });
    const belowDetection = { counts: 'half', limit: 0.4 };
    await put('meter', { ...level, id: 'dust', name: 'Dust', belowDetection });
    await put('limit', gasLimit);
  });
  afterAll(() => world?.close());

  async function stored(meter: string, hour: number): Promise<Rollup> {
    await world.work('kiln');
    const start = monday + hour * hourMs;
    const hours = await world.rollups(site, 'PT1H', start, start + hourMs);
    return hours.find((one) => one.meter === meter)!;
  }
  const verdict = (hour: Rollup) => judge(world.deps.registry.get('limit', 'limit')!.body, hour);

  // The cases are those of the field: what loggers write for what failed, and what ran over.
  it.skipIf(!isThere)('-999 twice an hour does not hide a mean of 250', async () => {
    await world.push(site, hourOf('gas', 0, 250, { 3: -999, 8: -999 }));
    const hour = await stored('gas', 0);
    expect(hour).toMatchObject({ mean: 250, outOfRange: 2, outOfRangeMs: 10 * minuteMs, count: 12 });
    expect(verdict(hour)).toMatchObject({ state: 'broken', bound: 'max', mean: 250 });
  });

  it.skipIf(!isThere)('9999 once in an hour of 90 breaks no limit of 100', async () => {
    await world.push(site, hourOf('gas', 2, 90, { 5: 9_999 }));
    const hour = await stored('gas', 2);
    expect(hour).toMatchObject({ mean: 90, max: 90, outOfRange: 1 });
    expect(verdict(hour)).toMatchObject({ state: 'kept' });
  });

  it.skipIf(!isThere)('300 at an oxygen of -999 is not 4.4 at reference oxygen, but unknown', async () => {
    await world.push(site, [...hourOf('gas', 4, 300), ...hourOf('o2', 4, 7, { 2: -999, 3: -999, 4: -999 })]);
    expect(await stored('gas-ref', 4)).toMatchObject({
      ...{ mean: 300, min: 300, outOfRangeMs: 15 * minuteMs, validMs: 45 * minuteMs },
    });
  });

  it.skipIf(!isThere)('an hour of sentinels is not judged, and says why nothing is known', async () => {
    await world.push(
      site,
      hourOf('gas', 6, 250).map((row) => ({ ...row, value: -999 })),
    );
    const hour = await stored('gas', 6);
    expect(hour).toMatchObject({ mean: null, coverage: 0, outOfRange: 12, outOfRangeMs: hourMs });
    expect(verdict(hour)).toMatchObject({ state: 'unjudged', reason: 'invalid' });
  });

  it.skipIf(!isThere)('5 of 12 readings are no valid hour by 75 %, and 9 are', async () => {
    const rows = hourOf('gas', 8, 150);
    const few = rows.filter((_, i) => i % 2 === 0 && i < 10);
    await world.push(site, few);
    const hour = await stored('gas', 8);
    expect(hour).toMatchObject({ coveredMs: 50 * minuteMs, validMs: 25 * minuteMs });
    expect(verdict(hour)).toMatchObject({ state: 'unjudged', reason: 'invalid' });
    await world.push(site, rows.slice(0, 9));
    expect(verdict(await stored('gas', 8))).toMatchObject({ state: 'broken' });
  });

  it.skipIf(!isThere)(
    'below detection counts as the meter says, with or without a limit of its own',
    async () => {
      const rows = hourOf('dust', 10, 1).map((row, i) => {
        if (i === 0) return { ...row, value: 0.6, flags: flag.belowDetection };
        return i === 1 ? { ...row, value: NaN, flags: flag.belowDetection } : row;
      });
      await world.push(site, rows);
      expect(await stored('dust', 10)).toMatchObject({
        ...{ min: 0.2, mean: (0.3 + 0.2 + 10) / 12, belowDetection: 2, coverage: 1 },
      });
      // What is sent again is the same, and what has a value now is another.
      const again = rows.slice(0, 1).map((row) => ({ ...row, flags: 0 }));
      await world.push(site, again);
      expect(await stored('dust', 10)).toMatchObject({ mean: (0.6 + 0.2 + 10) / 12, belowDetection: 1 });
    },
  );
});
