import type { DuckDBConnection } from '@duckdb/node-api';
import type { Due, Results, ShardedBlock, WriteResult } from '../port.ts';
import { BlockWriter } from './block-writer.ts';
import { numberRelation } from './columns.ts';
import type { Database } from './database.ts';
import { PendingChanges, type ChangeRow } from './pending-changes.ts';
import { ResultWriter } from './result-tables.ts';
import { SeriesIndex } from './series-index.ts';

/**
 * The one connection that writes, with what it knows of the store in memory. Its methods are called one at a time.
 * When one of them rejects, memory and file may differ: the writer is then of no more use.
 */
export class Writer {
  readonly index: SeriesIndex;
  readonly pending: PendingChanges;
  private readonly database: Database;
  private readonly connection: DuckDBConnection;
  private readonly blocks: BlockWriter;
  private readonly results: ResultWriter;

  private constructor(
    database: Database,
    connection: DuckDBConnection,
    state: { readonly index: SeriesIndex; readonly pending: PendingChanges },
    blocks: BlockWriter,
    results: ResultWriter,
  ) {
    this.database = database;
    this.connection = connection;
    this.index = state.index;
    this.pending = state.pending;
    this.blocks = blocks;
    this.results = results;
  }

  /** @param seqMin greatest seq that an earlier writer of this process gave */
  static async open(database: Database, seqMin: number): Promise<Writer> {
    const connection = await database.connect();
    try {
      const index = await SeriesIndex.load(connection);
      const pending = PendingChanges.of(await readChanges(connection), seqMin);
      const blocks = await BlockWriter.open(connection, { index, pending });
      const results = await ResultWriter.open(connection, index);
      return new Writer(database, connection, { index, pending }, blocks, results);
    } catch (error) {
      database.disconnect(connection);
      throw error;
    }
  }

  /** Durable when it resolves: DuckDB writes its log and calls fsync in COMMIT. */
  write(blocks: readonly ShardedBlock[]): Promise<WriteResult[]> {
    return this.transaction(() => this.blocks.write(blocks));
  }

  due(shard: string, changesMax: number): Due {
    return this.pending.due(shard, changesMax);
  }

  async settle(shard: string, mark: string, results: Results): Promise<void> {
    await this.transaction(async () => {
      await this.results.replace(results);
      const seqs = this.pending.covered(shard, mark);
      if (seqs.length === 0) return;
      const covered = numberRelation({ seq: { type: 'BIGINT', values: seqs } }, seqs.length);
      await this.connection.run(`DELETE FROM changes c USING ${covered} k WHERE c.seq = k.seq`);
    });
    this.pending.settle(shard, mark);
  }

  keep(results: Results): Promise<void> {
    return this.transaction(() => this.results.replace(results));
  }

  async checkpoint(): Promise<void> {
    await this.connection.run('CHECKPOINT');
  }

  close(): void {
    // Appenders that are left to the garbage collector would keep the file open.
    this.blocks.close();
    this.results.close();
    this.database.disconnect(this.connection);
  }

  private async transaction<T>(task: () => Promise<T>): Promise<T> {
    await this.connection.run('BEGIN');
    const result = await task();
    await this.connection.run('COMMIT');
    return result;
  }
}

async function readChanges(connection: DuckDBConnection): Promise<ChangeRow[]> {
  const result = await connection.runAndReadAll(
    'SELECT seq::DOUBLE, shard, site, hour::DOUBLE FROM changes ORDER BY seq',
  );
  return result.getRows().map(([seq, shard, site, hour]) => ({
    seq: seq as number,
    shard: shard as string,
    site: site as string,
    hour: hour as number,
  }));
}
