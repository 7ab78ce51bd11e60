import type { TopicName } from '@songma/domain';
import { UnavailableError } from '@songma/runtime';
import { pendingBytesMax, recordBytes, recordBytesMax } from '../limits.ts';
import type { NewRecord } from '../port.ts';
import { packValues } from './packed-values.ts';
import type { AppendGroup, Appended, Position } from './requests.ts';

/** What one transaction takes at most; it always takes at least one append. */
const groupBytesMax = 4 * 1024 * 1024;
const groupRecordsMax = 10_000;

/** A position that no append carries along is written after this long; killed before, its group repeats a little. */
const positionDelayMs = 50;
/** The same after a refusal. */
const positionRetryMs = 1_000;

const positionKey = (group: string, topic: string) => `${topic} ${group}`;

interface PendingAppend {
  readonly topic: TopicName;
  readonly records: readonly NewRecord[];
  readonly bytes: number;
  resolve(): void;
  reject(error: UnavailableError): void;
}

/**
 * Group commit: one transaction is under way at a time, and all that arrives meanwhile is in the next one, so that
 * one fsync serves many appends. Readers' positions travel with them.
 */
export class AppendQueue {
  readonly #commit: (group: AppendGroup) => Promise<Appended>;
  readonly #onAppended: (topic: TopicName, firstOffset: number, records: readonly NewRecord[]) => void;
  readonly #toUnavailable: (error: unknown) => UnavailableError;
  readonly #now: () => number;
  #pending: PendingAppend[] = [];
  #pendingBytes = 0;
  #positions = new Map<string, Position>();
  #positionTimer: NodeJS.Timeout | undefined;
  #positionsAreDue = false;
  #draining: Promise<void> | undefined;

  constructor(options: {
    /** Makes a group durable. */
    readonly commit: (group: AppendGroup) => Promise<Appended>;
    /** Called in the order of the log, before the append resolves. */
    readonly onAppended: (topic: TopicName, firstOffset: number, records: readonly NewRecord[]) => void;
    readonly toUnavailable: (error: unknown) => UnavailableError;
    readonly now: () => number;
  }) {
    this.#commit = options.commit;
    this.#onAppended = options.onAppended;
    this.#toUnavailable = options.toUnavailable;
    this.#now = options.now;
  }

  append(topic: TopicName, records: readonly NewRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve();
    let bytes = 0;
    for (const record of records) {
      if (record.value.byteLength > recordBytesMax) {
        return Promise.reject(new RangeError(`a record has ${record.value.byteLength} bytes`));
      }
      bytes += recordBytes(record);
    }
    if (this.#pendingBytes > 0 && this.#pendingBytes + bytes > pendingBytesMax) {
      const message = `more than ${pendingBytesMax} bytes wait for the event log`;
      return Promise.reject(new UnavailableError('log_overloaded', message, { retryAfterMs: 1_000 }));
    }
    return new Promise((resolve, reject) => {
      this.#pending.push({ topic, records, bytes, resolve, reject });
      this.#pendingBytes += bytes;
      this.#start();
    });
  }

  /** Notes where a group goes on. It becomes durable soon, and at the latest in `flush`. */
  setPosition(group: string, topic: string, next: number): void {
    this.#positions.set(positionKey(group, topic), [group, topic, next]);
    this.#schedulePositions(positionDelayMs);
  }

  /** Resolves when everything noted or appended so far is durable or refused. */
  async flush(): Promise<void> {
    this.#positionsAreDue = this.#positions.size > 0;
    this.#start();
    await this.#draining;
    clearTimeout(this.#positionTimer);
  }

  #schedulePositions(delayMs: number): void {
    this.#positionTimer ??= setTimeout(() => {
      this.#positionTimer = undefined;
      this.#positionsAreDue = this.#positions.size > 0;
      this.#start();
    }, delayMs);
  }

  get #hasWork(): boolean {
    return this.#pending.length > 0 || this.#positionsAreDue;
  }

  #start(): void {
    if (this.#hasWork) this.#draining ??= this.#drain();
  }

  async #drain(): Promise<void> {
    try {
      while (this.#hasWork) await this.#commitNext();
    } finally {
      // In the same step as the last look for work: an append that arrives later starts anew.
      this.#draining = undefined;
    }
  }

  async #commitNext(): Promise<void> {
    const appends = this.#take();
    const group = this.#pack(appends);
    try {
      const { firstOffsets } = await this.#commit(group);
      for (const [i, append] of appends.entries()) {
        this.#onAppended(append.topic, firstOffsets[i]!, append.records);
        append.resolve();
      }
    } catch (error) {
      const unavailable = this.#toUnavailable(error);
      for (const append of appends) append.reject(unavailable);
      this.#putBack(group.positions);
    }
    for (const append of appends) this.#pendingBytes -= append.bytes;
  }

  #putBack(positions: readonly Position[]): void {
    for (const position of positions) {
      const key = positionKey(position[0], position[1]);
      if (!this.#positions.has(key)) this.#positions.set(key, position);
    }
    if (positions.length > 0) this.#schedulePositions(positionRetryMs);
  }

  #take(): PendingAppend[] {
    let bytes = 0;
    let records = 0;
    let count = 0;
    for (const append of this.#pending) {
      bytes += append.bytes;
      records += append.records.length;
      if (count > 0 && (bytes > groupBytesMax || records > groupRecordsMax)) break;
      count++;
    }
    return this.#pending.splice(0, count);
  }

  #pack(appends: readonly PendingAppend[]): AppendGroup {
    const runs: [string, number][] = [];
    const keys: string[] = [];
    const headers: string[] = [];
    const parts: Uint8Array[] = [];
    for (const append of appends) {
      runs.push([append.topic, append.records.length]);
      for (const record of append.records) {
        keys.push(record.key);
        headers.push(record.headers === undefined ? '{}' : JSON.stringify(record.headers));
        parts.push(record.value);
      }
    }
    const positions = [...this.#positions.values()];
    this.#positions.clear();
    this.#positionsAreDue = false;
    clearTimeout(this.#positionTimer);
    this.#positionTimer = undefined;
    return { at: this.#now(), runs, keys, headers, ...packValues(parts), positions };
  }
}
