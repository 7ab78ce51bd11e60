import { randomBytes } from 'node:crypto';
import type { Alert, Indicator, IndicatorEvent, Rollup } from '@songma/domain';
import type { Logger } from '@songma/runtime';
import type { AlertHistoryQuery, AlertQuery, KeptAlert } from '../alert-query.ts';
import type {
  Due,
  HistoryQuery,
  IndicatorQuery,
  Marker,
  ReadQuery,
  RestatementQuery,
  Results,
  RollupQuery,
  SeriesChunk,
  SeriesStore,
  ShardedBlock,
  ShardedChange,
  WriteResult,
} from '../port.ts';
import { readAlertHistory, readAlerts } from './alerts.ts';
import { BlockWriter } from './block-writer.ts';
import { ChangeJournal } from './change-journal.ts';
import { InfluxConnection, type InfluxSettings } from './connection.ts';
import { Held } from './held.ts';
import { checkBucket, openBucket } from './open-bucket.ts';
import { readHistory, readIndicators } from './publications.ts';
import { readRanges } from './range-reader.ts';
import { keepResults, readRollups } from './result-tables.ts';
import { readRestatements } from './restatements.ts';
import { SiteLoader } from './site-loader.ts';

/** Values that are held in memory to judge by; about 8 bytes each, 50 hours of 20,000 meters at 15 minutes. */
const heldValuesMaxDefault = 4_000_000;

export type { InfluxSettings };

export interface InfluxSeriesStoreDeps {
  readonly logger: Logger;
  /** Epoch milliseconds; the system's clock unless told. */
  readonly now?: () => number;
  readonly heldValuesMax?: number;
}

/**
 * Opens the series store in a bucket of InfluxDB 2.
 * @throws ConfigError when the server is too old or there is no such bucket
 * @throws UnavailableError when the server does not answer or refuses the token
 */
export async function openInfluxSeriesStore(
  settings: InfluxSettings,
  deps: InfluxSeriesStoreDeps,
): Promise<InfluxSeriesStore> {
  const connection = new InfluxConnection(settings);
  try {
    connection.target = await openBucket(connection, deps.logger);
  } catch (error) {
    connection.close();
    throw error;
  }
  return new InfluxSeriesStore(connection, deps);
}

/**
 * The series store in InfluxDB 2: how it lies there, and what survives what, is told in this folder's README.
 *
 * Calls of `write` for different sites may run at the same time. A site's writer may change from one process to
 * another at any time, as long as only one writes it at once.
 */
export class InfluxSeriesStore implements SeriesStore {
  private readonly connection: InfluxConnection;
  private readonly journal: ChangeJournal;
  private readonly writer: BlockWriter;
  private readonly underWay = new Set<Promise<unknown>>();

  /** Use {@link openInfluxSeriesStore}. */
  constructor(connection: InfluxConnection, deps: InfluxSeriesStoreDeps) {
    const { logger, now = Date.now, heldValuesMax = heldValuesMaxDefault } = deps;
    // Names this store's claims and its stream of changes; a new one each time, since nothing is held at the start.
    const name = randomBytes(6).toString('hex');
    const held = new Held(heldValuesMax);
    this.connection = connection;
    this.journal = new ChangeJournal(connection, name, logger, now);
    this.writer = new BlockWriter(connection, held, new SiteLoader(connection, held, name), this.journal);
  }

  write(blocks: readonly ShardedBlock[]): Promise<WriteResult[]> {
    return this.finishing(this.writer.write(blocks));
  }

  read(query: ReadQuery): AsyncIterable<SeriesChunk> {
    return readRanges(this.connection, query);
  }

  due(shard: string, changesMax: number, after?: string): Promise<Due> {
    return this.journal.due(shard, changesMax, after);
  }

  mark(changes: readonly ShardedChange[], position: number, marker: Marker = 'facts'): Promise<void> {
    return this.finishing(this.journal.mark(changes, position, marker));
  }

  markedTo(marker: Marker = 'facts'): Promise<number | undefined> {
    return this.journal.markedTo(marker);
  }

  settle(shard: string, mark: string, results: Results): Promise<void> {
    const settle = async () => {
      await keepResults(this.connection, results);
      await this.journal.settle(shard, mark);
    };
    return this.finishing(settle());
  }

  keep(results: Results): Promise<void> {
    return this.finishing(keepResults(this.connection, results));
  }

  rollups(query: RollupQuery): Promise<Rollup[]> {
    return readRollups(this.connection, query);
  }

  indicators(query: IndicatorQuery): Promise<Indicator[]> {
    return readIndicators(this.connection, query);
  }

  history(query: HistoryQuery): Promise<IndicatorEvent[]> {
    return readHistory(this.connection, query);
  }

  restatements(query: RestatementQuery): Promise<IndicatorEvent[]> {
    return readRestatements(this.connection, query);
  }

  alerts(query: AlertQuery): Promise<KeptAlert[]> {
    return readAlerts(this.connection, query);
  }

  alertHistory(query: AlertHistoryQuery): Promise<Alert[]> {
    return readAlertHistory(this.connection, query);
  }

  check(): Promise<void> {
    return checkBucket(this.connection);
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await Promise.allSettled(this.underWay);
    this.connection.close();
  }

  private async finishing<T>(work: Promise<T>): Promise<T> {
    this.underWay.add(work);
    try {
      return await work;
    } finally {
      this.underWay.delete(work);
    }
  }
}
