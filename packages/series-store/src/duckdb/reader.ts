import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import { UnavailableError } from '@songma/runtime';
import { nextVector, type ResultVector } from './columns.ts';
import { storeError, type Database } from './database.ts';

/**
 * A connection for one read, whose methods are called one at a time. A result that is not read to its end would keep
 * the file open: `end` sees to that.
 */
export class Reader {
  private readonly database: Database;
  private connection: DuckDBConnection | undefined;
  private result: DuckDBResult | undefined;
  /** What DuckDB is working on for this reader. */
  private running: Promise<unknown> | undefined;
  private ended: Promise<void> | undefined;

  constructor(database: Database) {
    this.database = database;
  }

  /** Runs `query`, which reads its whole answer. */
  run<T>(query: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.attempt(async () => {
      this.connection ??= await this.database.connect();
      this.refuseWhenEnded();
      return query(this.connection);
    });
  }

  /** Starts a query; its vectors come from `next`. */
  async start(sql: string): Promise<void> {
    await this.run(async (connection) => {
      this.result = await connection.stream(sql);
    });
  }

  /** The next vector, or undefined at the end. */
  async next(): Promise<ResultVector | undefined> {
    const { result } = this;
    if (result === undefined) return undefined;
    const vector = await this.attempt(() => nextVector(result));
    if (vector === undefined) this.result = undefined;
    return vector;
  }

  /** Stops what is running and gives the connection back, whoever calls it first: the reading side or the closing. */
  end(): Promise<void> {
    return (this.ended ??= this.release());
  }

  private async release(): Promise<void> {
    if (this.running !== undefined) this.connection?.interrupt();
    await this.running?.catch(() => {});
    if (this.connection === undefined) return;
    if (this.result !== undefined) {
      this.connection.interrupt();
      await drain(this.result);
    }
    this.database.disconnect(this.connection);
  }

  private refuseWhenEnded(): void {
    if (this.ended !== undefined) {
      throw new UnavailableError('series_store_closed', 'the series store was closed meanwhile');
    }
  }

  private async attempt<T>(task: () => Promise<T>): Promise<T> {
    if (this.ended !== undefined)
      throw new UnavailableError('series_store_closed', 'the series store was closed');
    const running = task();
    this.running = running;
    try {
      return await running;
    } catch (error) {
      throw storeError(error);
    } finally {
      this.running = undefined;
    }
  }
}

/** After an interruption the next fetch fails, and with it DuckDB lets go of the file. */
async function drain(result: DuckDBResult): Promise<void> {
  try {
    while ((await nextVector(result)) !== undefined);
  } catch {
    // Interrupted: that was the purpose.
  }
}
