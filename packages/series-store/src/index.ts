import { join } from 'node:path';
import {
  clientTlsSettings,
  ConfigError,
  readClientTls,
  setting,
  type Logger,
  type SettingProblem,
  type SettingsOf,
} from '@songma/runtime';
import { z } from 'zod';
import type { SetAside } from './duckdb/set-aside.ts';
import type { SeriesStore } from './port.ts';

export type { SetAside } from './duckdb/set-aside.ts';

export {
  chunkReadingsMax,
  everyMeter,
  type Change,
  type Due,
  type HistoryQuery,
  type IndicatorKey,
  type IndicatorQuery,
  type Marker,
  type ReadQuery,
  type RestatementQuery,
  type Results,
  type RollupQuery,
  type SeriesChunk,
  type SeriesRange,
  type SeriesStore,
  type ShardedBlock,
  type ShardedChange,
  type WriteResult,
} from './port.ts';

export { type AlertHistoryQuery, type AlertQuery, type KeptAlert } from './alert-query.ts';
export { joinedChunks } from './joined-chunks.ts';
export { firstDays } from './first-days.ts';
export { readThrough } from './read-through.ts';
export { seeingMeters, type MeterOf } from './seeing-meters.ts';
export { seeingVoids, type VoidsOf } from './seeing-voids.ts';

const textSetting = (env: string, description: string, example: string, secret = false) =>
  setting(env, z.string().min(1).optional(), { description, example, secret });

/** What {@link openSeriesStore} needs to know. */
export const seriesStoreSettings = {
  adapter: setting('SERIES_STORE', z.enum(['duckdb', 'influx']).default('duckdb'), {
    description:
      'Where readings and results are kept: duckdb (a file in the data directory) or influx (InfluxDB 2).',
  }),
  dataDirectory: setting('SONGMA_DATA', z.string().min(1).default('./data'), {
    description: 'Directory of everything that the embedded stores keep.',
  }),
  duckdb: {
    memoryMiBMax: setting('DUCKDB_MEMORY_MIB_MAX', z.coerce.number().int().min(128).default(256), {
      description: 'Memory that DuckDB may use for its buffers, in MiB; at least 128.',
    }),
    threads: setting('DUCKDB_THREADS', z.coerce.number().int().min(1).max(64).default(2), {
      description: 'Threads that DuckDB may use.',
    }),
  },
  influx: {
    url: textSetting(
      'INFLUX_URL',
      'Address of InfluxDB 2, with SERIES_STORE=influx; https: asks over TLS.',
      'http://127.0.0.1:18086',
    ),
    token: textSetting('INFLUX_TOKEN', 'Token that may read and write the bucket.', '', true),
    org: textSetting('INFLUX_ORG', 'Organisation that owns the bucket.', 'songma'),
    tls: clientTlsSettings('INFLUX', 'InfluxDB'),
    bucket: textSetting('INFLUX_BUCKET', 'Bucket of the readings, without a retention limit.', 'songma'),
  },
} as const;
type Declared = SettingsOf<typeof seriesStoreSettings>;
/** How a server is trusted may be left out: as the system does. */
export type SeriesStoreConfig = Omit<Declared, 'influx'> & {
  readonly influx: Omit<Declared['influx'], 'tls'> & Partial<Pick<Declared['influx'], 'tls'>>;
};

export interface SeriesStoreDeps {
  readonly logger: Logger;
}

/**
 * Opens the series store that the settings name, and only loads that adapter's client library.
 * @throws ConfigError when a setting that it needs is missing, or when its files are in use or damaged
 * @throws UnavailableError when its server cannot be reached
 */
export async function openSeriesStore(
  config: SeriesStoreConfig,
  deps: SeriesStoreDeps,
): Promise<SeriesStore> {
  switch (config.adapter) {
    case 'duckdb': {
      const { openDuckdbSeriesStore } = await import('./duckdb/duckdb-series-store.ts');
      return openDuckdbSeriesStore(duckdbConfig(config), deps);
    }
    case 'influx': {
      const { url, token, org, bucket, tls: files = {} } = config.influx;
      const missing: SettingProblem[] = Object.entries({
        INFLUX_URL: url,
        INFLUX_TOKEN: token,
        INFLUX_ORG: org,
        INFLUX_BUCKET: bucket,
      })
        .filter(([, value]) => value === undefined)
        .map(([name]) => ({ setting: name, problem: 'is not set, and SERIES_STORE=influx needs it' }));
      const tls = readClientTls(files, 'INFLUX', missing);
      const hasFiles = Object.values(files).some((file) => file !== undefined);
      if (hasFiles && url?.startsWith('https:') === false) {
        const remedy = 'Begin it with https:, or leave the files out.';
        missing.push({
          setting: 'INFLUX_URL',
          problem: 'is not https:, while files for TLS are named',
          remedy,
        });
      }
      if (missing.length > 0) throw new ConfigError(missing);
      const { openInfluxSeriesStore } = await import('./influx/influx-series-store.ts');
      return openInfluxSeriesStore({ url: url!, token: token!, org: org!, bucket: bucket!, tls }, deps);
    }
  }
}

/**
 * Makes a damaged embedded store usable again without deleting anything: renames the least that lets it be opened, or,
 * with `everything`, all of it. Whoever calls it lets the writer read the log from its beginning afterwards; what the
 * store still has is then answered as it was before, so that doing it needlessly does no harm.
 *
 * @param options.now epoch milliseconds, for the new names
 * @throws ConfigError when the store is open in a process, or kept by a server (whose own tools repair it)
 */
export async function setAsideSeriesStore(
  config: SeriesStoreConfig,
  options: { readonly now: number; readonly everything?: boolean; readonly logger: Logger },
): Promise<SetAside> {
  if (config.adapter !== 'duckdb') {
    throw new ConfigError([
      {
        setting: 'SERIES_STORE',
        problem: `is ${config.adapter}, whose files are not ours to rename`,
        remedy:
          'Repair or empty the bucket with the tools of InfluxDB, then start the writer with --rebuild.',
      },
    ]);
  }
  const { setAsideDuckdb } = await import('./duckdb/set-aside.ts');
  return setAsideDuckdb(duckdbConfig(config), options);
}

function duckdbConfig({ dataDirectory, duckdb }: SeriesStoreConfig) {
  return { directory: join(dataDirectory, 'series-store'), ...duckdb };
}
