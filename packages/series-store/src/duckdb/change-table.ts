import type { DuckDBConnection } from '@duckdb/node-api';
import type { Change, Due, Marker, ShardedChange } from '../port.ts';
import { numberRelation, TableAppender } from './columns.ts';
import { PendingChanges, type ChangeRow } from './pending-changes.ts';

/** Column of `meta` with the position of each. */
const positionColumn = {
  facts: 'marked_to',
  rules: 'rules_to',
  clock: 'clock_to',
} as const satisfies Record<Marker, string>;

/** Rows that one statement deletes, at most: it names each of them. */
const deletedMax = 50_000;

/** The table `changes` with its mirror in memory, and the position up to which facts were looked at. */
export class ChangeTable {
  private readonly connection: DuckDBConnection;
  private readonly appender: TableAppender;
  private readonly pending: PendingChanges;
  /** Taken in and not appended yet. */
  private added: ChangeRow[] = [];

  private constructor(connection: DuckDBConnection, appender: TableAppender, pending: PendingChanges) {
    this.connection = connection;
    this.appender = appender;
    this.pending = pending;
  }

  /** @param seqMin greatest seq that an earlier writer of this process gave */
  static async open(connection: DuckDBConnection, seqMin: number): Promise<ChangeTable> {
    const pending = PendingChanges.of(await readChanges(connection), seqMin);
    const types = ['double', 'text', 'text', 'double', 'text'] as const;
    return new ChangeTable(connection, await TableAppender.open(connection, 'changes', types), pending);
  }

  /** Greatest seq given. */
  get lastSeq(): number {
    return this.pending.lastSeq;
  }

  add(shard: string, change: Change): void {
    const row = this.pending.touch(shard, change);
    if (row !== undefined) this.added.push(row);
  }

  /** Appends what was added, within the connection's open transaction. */
  append(): void {
    const rows = this.added;
    if (rows.length === 0) return;
    this.added = [];
    this.appender.append(
      [
        Float64Array.from(rows, (row) => row.seq),
        rows.map((row) => row.shard),
        rows.map((row) => row.site),
        Float64Array.from(rows, (row) => row.hour),
        rows.map((row) => row.meter ?? ''),
      ],
      rows.length,
    );
  }

  /** Within the connection's open transaction. */
  async mark(changes: readonly ShardedChange[], position: number, marker: Marker): Promise<void> {
    for (const { shard, ...change } of changes) this.add(shard, change);
    this.append();
    const column = positionColumn[marker];
    await this.connection.run(`UPDATE meta SET ${column} = greatest(coalesce(${column}, 0), ${position})`);
  }

  due(shard: string, changesMax: number, after?: string): Due {
    return this.pending.due(shard, changesMax, after);
  }

  /** Deletes what a mark covers, within the connection's open transaction. */
  async delete(shard: string, mark: string): Promise<void> {
    const seqs = this.pending.covered(shard, mark);
    if (seqs.length === 0) return;
    for (let at = 0; at < seqs.length; at += deletedMax) {
      const values = seqs.slice(at, at + deletedMax);
      const covered = numberRelation({ seq: { type: 'BIGINT', values } }, values.length);
      await this.connection.run(`DELETE FROM changes c USING ${covered} k WHERE c.seq = k.seq`);
    }
  }

  /** To be called when the deletion is committed. */
  settle(shard: string, mark: string): void {
    this.pending.settle(shard, mark);
  }

  close(): void {
    this.appender.close();
  }
}

export async function readMarkedTo(
  connection: DuckDBConnection,
  marker: Marker,
): Promise<number | undefined> {
  const result = await connection.runAndReadAll(`SELECT ${positionColumn[marker]}::DOUBLE FROM meta`);
  const position = result.getRows()[0]?.[0];
  return typeof position === 'number' ? position : undefined;
}

async function readChanges(connection: DuckDBConnection): Promise<ChangeRow[]> {
  const result = await connection.runAndReadAll(
    'SELECT seq::DOUBLE, shard, site, hour::DOUBLE, meter FROM changes ORDER BY seq',
  );
  return result.getRows().map(([seq, shard, site, hour, meter]) => ({
    seq: seq as number,
    shard: shard as string,
    site: site as string,
    hour: hour as number,
    ...(meter === '' ? {} : { meter: meter as string }),
  }));
}
