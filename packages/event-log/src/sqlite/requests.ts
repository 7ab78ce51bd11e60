import type { PackedValues } from './packed-values.ts';

/** What the main thread asks of the thread that owns the log file, and what it is answered. */
export interface Requests {
  append: { ask: AppendGroup; answer: Appended };
  read: { ask: ReadRequest; answer: PackedRecords };
  prune: { ask: { topic: string; before: number; recordsMax: number }; answer: Pruned };
  /** Writes a little and durably, to learn whether that is possible. */
  probe: { ask: object; answer: object };
  close: { ask: object; answer: object };
}

/** Appends and positions that become durable together, in one transaction. */
export interface AppendGroup extends PackedValues {
  /** Epoch milliseconds, for the retention. */
  readonly at: number;
  /** One run per append: its topic and how many of the records below are its. */
  readonly runs: readonly (readonly [topic: string, records: number])[];
  readonly keys: readonly string[];
  /** JSON objects. */
  readonly headers: readonly string[];
  readonly positions: readonly Position[];
}

/** Next offset that a group will read. */
export type Position = readonly [group: string, topic: string, next: number];

export interface Appended {
  /** Offset of each run's first record; the others follow by one. */
  readonly firstOffsets: readonly number[];
}

export interface ReadRequest {
  readonly topic: string;
  readonly from: number;
  readonly bytesMax: number;
  readonly recordsMax: number;
}

/** Records in ascending offset, in columns. */
export interface PackedRecords extends PackedValues {
  readonly offsets: Float64Array;
  readonly keys: readonly string[];
  readonly headers: readonly string[];
}

export interface Pruned {
  readonly removed: number;
  /** Offset of the oldest record that is left. */
  readonly first: number;
}

/** What the log file holds when it is opened. */
export interface LogState {
  readonly topics: Readonly<Record<string, TopicBounds>>;
  readonly positions: readonly Position[];
}

/** Offset of the oldest record, and the one that the next record will get; equal when there is none. */
export interface TopicBounds {
  readonly first: number;
  readonly next: number;
}

/** Given to the thread when it starts; its first message is an {@link Opened}. */
export interface OpenOptions {
  readonly file: string;
  readonly topics: readonly string[];
  /** Largest size of the file; the disk's unless told. */
  readonly fileBytesMax?: number;
}

export type Opened = { readonly state: LogState } | { readonly problem: FileProblem };

/**
 * - `full`: there is no space; what was asked has not happened, and may work later;
 * - `locked`: another process has the file open;
 * - `damaged`, `foreign`, `unusable`: the file is broken, not a log of ours, or out of reach;
 * - `failed`: the disk did not do what it was told. What is durable is unknown: nothing may go on;
 * - `bug`: anything else.
 */
export type FileProblemKind = 'full' | 'locked' | 'damaged' | 'foreign' | 'unusable' | 'failed' | 'bug';

export interface FileProblem {
  readonly kind: FileProblemKind;
  readonly message: string;
}

export interface RequestMessage<K extends keyof Requests = keyof Requests> {
  readonly id: number;
  readonly kind: K;
  readonly ask: Requests[K]['ask'];
}

export type AnswerMessage =
  | { readonly id: number; readonly answer: Requests[keyof Requests]['answer'] }
  | { readonly id: number; readonly problem: FileProblem };
