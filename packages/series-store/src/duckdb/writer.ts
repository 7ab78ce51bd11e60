import type { DuckDBConnection } from '@duckdb/node-api';
import type { Due, Marker, Results, ShardedBlock, ShardedChange, WriteResult } from '../port.ts';
import { BlockWriter } from './block-writer.ts';
import { ChangeTable } from './change-table.ts';
import type { Database } from './database.ts';
import { ResultWriter } from './result-tables.ts';
import { SeriesIndex } from './series-index.ts';

/**
 * The one connection that writes, with what it knows of the store in memory. Its methods are called one at a time.
 * When one of them rejects, memory and file may differ: the writer is then of no more use.
 */
export class Writer {
  readonly index: SeriesIndex;
  private readonly database: Database;
  private readonly connection: DuckDBConnection;
  private readonly changes: ChangeTable;
  private readonly blocks: BlockWriter;
  private readonly results: ResultWriter;

  private constructor(
    database: Database,
    connection: DuckDBConnection,
    state: { readonly index: SeriesIndex; readonly changes: ChangeTable },
    blocks: BlockWriter,
    results: ResultWriter,
  ) {
    this.database = database;
    this.connection = connection;
    this.index = state.index;
    this.changes = state.changes;
    this.blocks = blocks;
    this.results = results;
  }

  /** @param seqMin greatest seq that an earlier writer of this process gave */
  static async open(database: Database, seqMin: number): Promise<Writer> {
    const connection = await database.connect();
    try {
      const index = await SeriesIndex.load(connection);
      const changes = await ChangeTable.open(connection, seqMin);
      const blocks = await BlockWriter.open(connection, { index, changes });
      const results = await ResultWriter.open(connection, index);
      return new Writer(database, connection, { index, changes }, blocks, results);
    } catch (error) {
      database.disconnect(connection);
      throw error;
    }
  }

  /** Greatest seq given to a change. */
  get lastSeq(): number {
    return this.changes.lastSeq;
  }

  /** Durable when it resolves: DuckDB writes its log and calls fsync in COMMIT. */
  write(blocks: readonly ShardedBlock[]): Promise<WriteResult[]> {
    return this.transaction(() => this.blocks.write(blocks));
  }

  due(shard: string, changesMax: number, after?: string): Due {
    return this.changes.due(shard, changesMax, after);
  }

  mark(changes: readonly ShardedChange[], position: number, marker: Marker): Promise<void> {
    return this.transaction(() => this.changes.mark(changes, position, marker));
  }

  async settle(shard: string, mark: string, results: Results): Promise<void> {
    await this.transaction(async () => {
      await this.results.replace(results);
      await this.changes.delete(shard, mark);
    });
    this.changes.settle(shard, mark);
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
    this.changes.close();
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
