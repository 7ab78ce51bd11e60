import { mkdir, mkdtemp, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@songma/runtime';
import { openSeriesStore, type SeriesStoreConfig } from '../src/index.ts';
import type { Subject } from './subject.ts';

/** The part of DuckdbSeriesStore that a test reaches into, to have DuckDB fold its log at a known moment. */
interface Turns {
  inTurn(task: (writer: { checkpoint(): Promise<void> }) => Promise<void>): Promise<void>;
}

export const silent = createLogger({ service: 'test', level: 'silent' });

/** A DuckDB store in a temporary directory, opened by `door.openSeriesStore`. */
export async function startDuckdbSubject(
  door: { readonly openSeriesStore: typeof openSeriesStore } = { openSeriesStore },
  entry?: string,
): Promise<Subject> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'songma-series-'));
  const config: SeriesStoreConfig = {
    adapter: 'duckdb',
    dataDirectory,
    duckdb: { memoryMiBMax: 256, threads: 2 },
    influx: { url: undefined, token: undefined, org: undefined, bucket: undefined },
  };
  return {
    config,
    ...(entry === undefined ? {} : { entry }),
    open: () => door.openSeriesStore(config, { logger: silent }),
    // After a checkpoint DuckDB has no log file. A directory in its place makes the next commit fail as a disk would.
    async breakOff(store) {
      const log = join(dataDirectory, 'series-store', 'series.duckdb.wal');
      await (store as unknown as Turns).inTurn((writer) => writer.checkpoint());
      await mkdir(log);
      return () => rmdir(log);
    },
    end: () => rm(dataDirectory, { recursive: true, force: true }),
  };
}
