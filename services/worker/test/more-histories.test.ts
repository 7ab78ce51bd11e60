import { randomBytes } from 'node:crypto';
import { afterAll } from 'vitest';
import { createBucket, deleteBucket } from '../../../packages/series-store/test/influx-subject.ts';
import { adapterAvailability, titleOf } from '../../../test/support/adapters.ts';
import { describeHistories, histories } from './describe-histories.ts';

const influx = await adapterAvailability('influx');
const buckets: string[] = [];

afterAll(async () => {
  for (const bucket of buckets) if (influx.available) await deleteBucket(influx.settings, bucket);
});

describeHistories({
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
});

describeHistories({
  title: 'DuckDB, the other half',
  isThere: true,
  count: Math.floor(histories / 2),
  open: async () => undefined,
});
