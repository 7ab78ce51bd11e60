import type { DuckDBConnection } from '@duckdb/node-api';
import { ConfigError, UnavailableError, type Logger } from '@songma/runtime';
import type { Alert, Indicator, IndicatorEvent, Rollup } from '@songma/domain';
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
import { readAlertHistory, readAlerts } from './alert-tables.ts';
import { readMarkedTo } from './change-table.ts';
import { Database, storeError, type DuckdbConfig } from './database.ts';
import { Exclusive } from './exclusive.ts';
import { readHistory, readIndicators, readRestatements } from './publication-tables.ts';
import { Reader } from './reader.ts';
import { ChunkCutter, readingsSql, wantedSeries } from './reading-query.ts';
import { readRollups } from './result-tables.ts';
import { readLatestTimes } from './series-index.ts';
import { Writer } from './writer.ts';

/**
 * Opens (and creates, when absent) the store in a directory; only one process at a time can.
 * @throws ConfigError when the store is in use, damaged or not accessible
 */
export async function openDuckdbSeriesStore(
  config: DuckdbConfig,
  deps: { readonly logger: Logger },
): Promise<SeriesStore> {
  const database = await Database.open(config, deps.logger);
  try {
    return new DuckdbSeriesStore(config, deps.logger, database, await Writer.open(database, 0));
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Readings and results in one DuckDB file. Writing, `due` and `settle` take turns, so that a mark never covers a write
 * that is not committed yet; reads run beside them, each on a connection and a snapshot of its own.
 */
class DuckdbSeriesStore implements SeriesStore {
  private readonly config: DuckdbConfig;
  private readonly logger: Logger;
  private readonly turns = new Exclusive();
  private readonly readers = new Set<Reader>();
  private database: Database | undefined;
  /** Absent after a failure, until the next call has opened it again. */
  private writer: Writer | undefined;
  private seqMin = 0;
  private closed = false;

  constructor(config: DuckdbConfig, logger: Logger, database: Database, writer: Writer) {
    this.config = config;
    this.logger = logger;
    this.database = database;
    this.writer = writer;
    void this.learnLatestTimes(writer);
  }

  write(blocks: readonly ShardedBlock[]): Promise<readonly WriteResult[]> {
    return this.inTurn((writer) => writer.write(blocks));
  }

  async *read(query: ReadQuery): AsyncGenerator<SeriesChunk> {
    const { index } = await this.ready();
    const wanted = wantedSeries(index, query.ranges);
    if (wanted.length === 0) return;
    const reader = this.startReader();
    try {
      await reader.start(readingsSql(wanted, query));
      const cutter = new ChunkCutter(wanted);
      for (let vector = await reader.next(); vector !== undefined; vector = await reader.next()) {
        yield* cutter.take(vector);
      }
      yield* cutter.end();
    } finally {
      await this.endReader(reader);
    }
  }

  due(shard: string, changesMax: number, after?: string): Promise<Due> {
    return this.inTurn(async (writer) => writer.due(shard, changesMax, after));
  }

  mark(changes: readonly ShardedChange[], position: number, marker: Marker = 'facts'): Promise<void> {
    return this.inTurn((writer) => writer.mark(changes, position, marker));
  }

  async markedTo(marker: Marker = 'facts'): Promise<number | undefined> {
    await this.ready();
    return this.withReader((reader) => reader.run((connection) => readMarkedTo(connection, marker)));
  }

  settle(shard: string, mark: string, results: Results): Promise<void> {
    return this.inTurn((writer) => writer.settle(shard, mark, results));
  }

  keep(results: Results): Promise<void> {
    return this.inTurn((writer) => writer.keep(results));
  }

  rollups(query: RollupQuery): Promise<Rollup[]> {
    return this.reading((connection, { index }) => readRollups(connection, index, query));
  }

  indicators(query: IndicatorQuery): Promise<Indicator[]> {
    return this.reading((connection) => readIndicators(connection, query));
  }

  history(query: HistoryQuery): Promise<IndicatorEvent[]> {
    return this.reading((connection) => readHistory(connection, query));
  }

  restatements(query: RestatementQuery): Promise<IndicatorEvent[]> {
    return this.reading((connection) => readRestatements(connection, query));
  }

  alerts(query: AlertQuery): Promise<KeptAlert[]> {
    return this.reading((connection) => readAlerts(connection, query));
  }

  alertHistory(query: AlertHistoryQuery): Promise<Alert[]> {
    return this.reading((connection) => readAlertHistory(connection, query));
  }

  async check(): Promise<void> {
    await this.reading((connection) => connection.run('SELECT 1'));
  }

  close(): Promise<void> {
    return this.turns.run(async () => {
      if (this.closed) return;
      this.closed = true;
      await this.endReaders();
      try {
        await this.writer?.checkpoint();
      } catch (error) {
        // What is not folded into the file stays in DuckDB's own log, which the next opening reads.
        this.logger.warn({ err: error }, 'the series store could not be checkpointed at its end');
      }
      this.writer?.close();
      this.database?.close();
    });
  }

  private inTurn<T>(task: (writer: Writer) => Promise<T>): Promise<T> {
    return this.turns.run(async () => {
      const writer = await this.openWriter();
      try {
        return await task(writer);
      } catch (error) {
        this.seqMin = writer.lastSeq;
        this.writer = undefined;
        writer.close();
        throw storeError(error);
      }
    });
  }

  /** The writer whose memory reads may look into. */
  private async ready(): Promise<Writer> {
    return this.writer ?? this.turns.run(() => this.openWriter());
  }

  private async openWriter(): Promise<Writer> {
    if (this.closed) throw closedError();
    if (this.writer !== undefined) return this.writer;
    try {
      this.writer = await this.reopen();
      void this.learnLatestTimes(this.writer);
      return this.writer;
    } catch (error) {
      // The file was all right when the process started: what it is now is an outage, not a setting.
      if (!(error instanceof ConfigError)) throw storeError(error);
      throw new UnavailableError('series_store_unavailable', error.message, { cause: error });
    }
  }

  private async reopen(): Promise<Writer> {
    if (this.database !== undefined) {
      try {
        return await Writer.open(this.database, this.seqMin);
      } catch (error) {
        // After a fatal error DuckDB refuses everything until its file is opened anew.
        this.logger.warn({ err: error }, 'the series store is opened again');
        await this.endReaders();
        this.database.close();
        this.database = undefined;
      }
    }
    this.database = await Database.open(this.config, this.logger);
    return Writer.open(this.database, this.seqMin);
  }

  /** Until it has ended, each reading is looked up: that is slower, and as right. It never rejects. */
  private async learnLatestTimes({ index }: Writer): Promise<void> {
    if (index.size === 0) return;
    try {
      index.learn(await this.withReader((reader) => reader.run(readLatestTimes)));
    } catch (error) {
      if (!this.closed) this.logger.warn({ err: error }, 'the latest times of the series could not be read');
    }
  }

  /** Asks a question whose whole answer is read at once. */
  private async reading<T>(ask: (connection: DuckDBConnection, writer: Writer) => Promise<T>): Promise<T> {
    const writer = await this.ready();
    return this.withReader((reader) => reader.run((connection) => ask(connection, writer)));
  }

  private async withReader<T>(task: (reader: Reader) => Promise<T>): Promise<T> {
    const reader = this.startReader();
    try {
      return await task(reader);
    } finally {
      await this.endReader(reader);
    }
  }

  private startReader(): Reader {
    if (this.closed) throw closedError();
    if (this.database === undefined) {
      throw new UnavailableError('series_store_unavailable', 'the series store is being opened again');
    }
    const reader = new Reader(this.database);
    this.readers.add(reader);
    return reader;
  }

  private async endReader(reader: Reader): Promise<void> {
    await reader.end();
    this.readers.delete(reader);
  }

  private async endReaders(): Promise<void> {
    await Promise.all([...this.readers].map((reader) => this.endReader(reader)));
  }
}

function closedError(): UnavailableError {
  return new UnavailableError('series_store_closed', 'the series store is closed');
}
