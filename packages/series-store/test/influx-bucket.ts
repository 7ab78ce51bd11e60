import { createLogger } from '@songma/runtime';
import { afterEach, beforeEach } from 'vitest';
import type { AdapterAvailability } from '../../../test/support/adapters.ts';
import type { InfluxSettings } from '../src/influx/connection.ts';
import { openInfluxSeriesStore, type InfluxSeriesStore } from '../src/influx/influx-series-store.ts';
import { createBucket, deleteBucket } from './influx-subject.ts';

/** What a test may set when it opens a store. */
export interface OpenOptions {
  readonly url?: string;
  readonly token?: string;
  readonly now?: () => number;
  readonly heldValuesMax?: number;
}

/** A bucket of each test's own. */
export interface TestBucket {
  readonly settings: () => InfluxSettings;
  readonly open: (options?: OpenOptions) => Promise<InfluxSeriesStore>;
}

const logger = createLogger({ service: 'test', level: 'silent' });

/** Makes and removes a bucket around each test of the suite that calls it. */
export function useOwnBucket(influx: AdapterAvailability<'influx'>): TestBucket {
  let settings: InfluxSettings;
  beforeEach(async () => {
    if (!influx.available) throw new Error(influx.reason);
    settings = { ...influx.settings, bucket: `songma-test-${process.pid}-${performance.now()}` };
    await createBucket(settings, settings.bucket);
  });
  afterEach(() => deleteBucket(settings, settings.bucket));
  return {
    settings: () => settings,
    open: ({ url = settings.url, token = settings.token, ...deps } = {}) =>
      openInfluxSeriesStore({ ...settings, url, token, timeoutMs: 5000 }, { logger, ...deps }),
  };
}
