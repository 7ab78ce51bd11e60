import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { fileProblemOf } from './file-problem.ts';
import { openFile } from './open-file.ts';
import { packValues, unpackValues } from './packed-values.ts';
import { decodeValue, encodeValue } from './stored-value.ts';
import type {
  AppendGroup,
  Appended,
  LogState,
  OpenOptions,
  PackedRecords,
  Position,
  Pruned,
  ReadRequest,
  TopicBounds,
} from './requests.ts';

/** A commit after this many bytes is followed by a checkpoint: 2 MiB take 3 ms, and appends wait no longer. */
const checkpointBytes = 2 * 1024 * 1024;

/** What a row takes beside its value and headers, about. */
const rowBytes = 64;

/** As much as a large push. */
const probeBytes = 256 * 1024;

interface Topic {
  readonly insert: StatementSync;
  readonly select: StatementSync;
  readonly oldest: StatementSync;
  readonly remove: StatementSync;
  next: number;
}

/** The log file, used by one thread. Its methods throw errors of SQLite, see `fileProblemOf`. */
export class LogFile {
  readonly #database: DatabaseSync;
  readonly #topics: ReadonlyMap<string, Topic>;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #setPosition: StatementSync;
  readonly #topicNames: readonly string[];
  #bytesSinceCheckpoint = 0;

  constructor(options: OpenOptions) {
    const database = openFile(options);
    this.#database = database;
    this.#topicNames = options.topics;
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
    this.#setPosition = database.prepare(
      'INSERT INTO positions VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET next = excluded.next',
    );
    this.#topics = new Map(options.topics.map((name) => [name, prepareTopic(database, name)]));
  }

  state(): LogState {
    const bounds = this.#topicNames.map((name): [string, TopicBounds] => {
      const { next } = this.#topic(name);
      return [name, { first: this.#first(name), next }];
    });
    const rows = this.#database.prepare('SELECT reader, topic, next FROM positions').all();
    return {
      topics: Object.fromEntries(bounds),
      positions: rows.map((row): Position => [String(row.reader), String(row.topic), Number(row.next)]),
    };
  }

  /** All or nothing, and durable when it returns. */
  append(group: AppendGroup): Appended {
    const firstOffsets: number[] = [];
    const nexts = new Map<Topic, number>();
    const values = unpackValues(group);
    let storedBytes = 0;
    this.#transact(() => {
      let record = 0;
      for (const [name, count] of group.runs) {
        const topic = this.#topic(name);
        const first = nexts.get(topic) ?? topic.next;
        for (let i = 0; i < count; i++, record++) {
          const { encoding, bytes } = encodeValue(values[record]!);
          topic.insert.run(first + i, group.at, group.keys[record]!, group.headers[record]!, encoding, bytes);
          storedBytes += bytes.byteLength + group.headers[record]!.length + rowBytes;
        }
        firstOffsets.push(first);
        nexts.set(topic, first + count);
      }
      for (const position of group.positions) this.#setPosition.run(...position);
    });
    for (const [topic, next] of nexts) topic.next = next;
    this.#bytesSinceCheckpoint += storedBytes;
    if (this.#bytesSinceCheckpoint >= checkpointBytes) this.#checkpoint();
    return { firstOffsets };
  }

  read({ topic, from, bytesMax, recordsMax }: ReadRequest): PackedRecords {
    const offsets: number[] = [];
    const keys: string[] = [];
    const headers: string[] = [];
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for (const row of this.#topic(topic).select.iterate(from, recordsMax)) {
      const value = decodeValue(row.encoding as number, row.value as Uint8Array);
      if (parts.length > 0 && bytes + value.byteLength > bytesMax) break;
      bytes += value.byteLength;
      offsets.push(row.offset as number);
      keys.push(row.key as string);
      headers.push(row.headers as string);
      parts.push(value);
    }
    return { offsets: Float64Array.from(offsets), keys, headers, ...packValues(parts) };
  }

  /**
   * Removes up to `recordsMax` of the oldest records that were appended before `before`. The newest record of a
   * topic always stays: offsets go on from it when the log is opened again.
   */
  prune(name: string, before: number, recordsMax: number): Pruned {
    const topic = this.#topic(name);
    const first = this.#first(name);
    const rows = topic.oldest.all(first, topic.next - 1, recordsMax);
    const kept = rows.findIndex((row) => (row.at as number) >= before);
    const removed = kept === -1 ? rows.length : kept;
    if (removed > 0) this.#transact(() => topic.remove.run(first, rows[removed - 1]!.offset as number));
    return { removed, first: this.#first(name) };
  }

  /** @throws when there is no space for a record */
  probe(): void {
    this.#database.exec(`INSERT INTO probe VALUES (zeroblob(${probeBytes}))`);
    this.#database.exec('DELETE FROM probe');
  }

  close(): void {
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    this.#database.close();
  }

  #transact(work: () => void): void {
    this.#begin.run();
    try {
      work();
      this.#commit.run();
    } catch (error) {
      // SQLite has rolled back by itself after some errors, and must be told after others.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /**
   * Unlike SQLite's own, which hides its errors, this one reports a disk that does not sync. Without space it is
   * left for later: what was committed is durable in the write-ahead log.
   */
  #checkpoint(): void {
    try {
      this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)');
      this.#bytesSinceCheckpoint = 0;
    } catch (error) {
      if (fileProblemOf(error).kind !== 'full') throw error;
    }
  }

  #first(name: string): number {
    const topic = this.#topic(name);
    const row = topic.oldest.get(0, topic.next, 1);
    return row === undefined ? topic.next : (row.offset as number);
  }

  #topic(name: string): Topic {
    const topic = this.#topics.get(name);
    if (topic === undefined) throw new Error(`there is no topic ${name}`);
    return topic;
  }
}

function prepareTopic(database: DatabaseSync, name: string): Topic {
  const last = database.prepare(`SELECT max(offset) AS last FROM "${name}"`).get()?.last;
  return {
    insert: database.prepare(`INSERT INTO "${name}" VALUES (?, ?, ?, ?, ?, ?)`),
    select: database.prepare(
      `SELECT offset, key, headers, encoding, value FROM "${name}" WHERE offset >= ? ORDER BY offset LIMIT ?`,
    ),
    oldest: database.prepare(
      `SELECT offset, at FROM "${name}" WHERE offset >= ? AND offset < ? ORDER BY offset LIMIT ?`,
    ),
    remove: database.prepare(`DELETE FROM "${name}" WHERE offset BETWEEN ? AND ?`),
    next: typeof last === 'number' ? last + 1 : 0,
  };
}
