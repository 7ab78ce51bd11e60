import type { TopicName } from '@songma/domain';

/** What is appended. Headers are short texts (CloudEvents attributes); the value is opaque here. */
export interface NewRecord {
  readonly key: string;
  readonly value: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface LogRecord extends NewRecord {
  readonly headers: Readonly<Record<string, string>>;
  readonly topic: TopicName;
  readonly partition: number;
  /** Rises within its partition; not necessarily by one. */
  readonly offset: number;
}

/** Next offset to read per partition; a partition that is absent is read from its beginning. */
export type Positions = Readonly<Record<number, number>>;

/** What a reader may ask of its deliveries. */
export interface ReadingPace {
  /**
   * Small deliveries begin at least so many milliseconds apart: what comes in many small appends is handled in fewer,
   * larger batches. What comes after a silence is delivered at once. 0 unless told.
   */
  readonly paceMs?: number;
}

/** A running reader. `closed` rejects when reading cannot go on (a stalled or crashed client): end the process then. */
export interface Reading {
  /** Stops delivery, waits for the handler under way, leaves the group. */
  close(): Promise<void>;
  readonly closed: Promise<void>;
}

export interface Following extends Reading {
  /** Resolves when everything that was in the topic when `follow` was called has been handled. */
  readonly caughtUp: Promise<void>;
}

/**
 * An append-only log of records in topics, read by named groups.
 *
 * Promises of every adapter, each held by a case of the same name in `test/conformance.ts`:
 * - `append` resolves when the records are durable: they survive `kill -9` and reopening;
 * - records of one key arrive in the order in which they were appended;
 * - every appended record reaches every group at least once, also a group that is new;
 * - a batch whose handler rejects with `UnavailableError` is delivered again, before any later record of its keys;
 * - a group goes on where its handlers last resolved, after closing and after `kill -9`;
 * - `follow` delivers from the given positions and tells when it has caught up;
 * - `append` rejects with `UnavailableError` when it cannot make the records durable, or cannot know whether it did;
 * - `lag` counts what a group has not handled;
 * - a reader with a pace has steady small appends delivered in few batches, and what comes after a silence at once.
 *
 * Not promised: order between keys, exactly-once delivery, a size of batches, which partition a key goes to.
 */
export interface EventLog {
  append(topic: TopicName, records: readonly NewRecord[]): Promise<void>;

  /**
   * Delivers the topic's records to `handle` on behalf of `group`, shared among all members of the group.
   * The group's position advances when `handle` resolves. While it rejects with `UnavailableError` the same records
   * are delivered again after a growing pause; any other rejection is a bug and ends the reader (`closed` rejects).
   * `bytesMax` bounds a batch (at least one record is always delivered); `signal` aborts when the reader must stop.
   */
  consume(
    options: { readonly topic: TopicName; readonly group: string; readonly bytesMax?: number } & ReadingPace,
    handle: (records: readonly LogRecord[], signal: AbortSignal) => Promise<void>,
  ): Promise<Reading>;

  /** Delivers every record of the topic from `from` on, to this reader alone; the caller keeps its positions. */
  follow(
    options: { readonly topic: TopicName; readonly from?: Positions } & ReadingPace,
    handle: (records: readonly LogRecord[]) => Promise<void>,
  ): Promise<Following>;

  /** Records of the topic that `group` has not handled yet. */
  lag(topic: TopicName, group: string): Promise<number>;

  /** Resolves when the log answers. @throws UnavailableError otherwise */
  check(): Promise<void>;

  close(): Promise<void>;
}
