import type { TopicName } from '@songma/domain';
import { batchRecordsMax, recordBytes } from '../limits.ts';
import type { LogRecord, NewRecord } from '../port.ts';
import { unpackValues } from './packed-values.ts';
import type { PackedRecords, ReadRequest, TopicBounds } from './requests.ts';

/** Records kept in memory for readers that are at the end; a reader further behind reads the file. */
const tailBytesMax = 16 * 1024 * 1024;

/** What one read of the file takes at most: appends wait while it runs. */
const readBytesMax = 512 * 1024;
const readRecordsMax = 1_000;

const partition = 0;
const decoded = JSON.parse as (text: string) => Record<string, string>;

/** One topic as its readers see it: from memory at the end, from the file before that, waiting where it ends. */
export class TopicFeed {
  readonly topic: TopicName;
  readonly #read: (request: ReadRequest) => Promise<PackedRecords>;
  readonly #readers = new Set<FeedReader>();
  #waiting: (() => void)[] = [];
  /** Consecutive records that end at `next`. */
  #tail: LogRecord[] = [];
  #tailBytes = 0;
  #first: number;
  #next: number;

  constructor(topic: TopicName, bounds: TopicBounds, read: (request: ReadRequest) => Promise<PackedRecords>) {
    this.topic = topic;
    this.#read = read;
    this.#first = bounds.first;
    this.#next = bounds.next;
  }

  /** Offset that the next record will get. */
  get next(): number {
    return this.#next;
  }

  /** Records from `position` on. */
  countFrom(position: number): number {
    return Math.max(0, this.#next - Math.max(position, this.#first));
  }

  /** Takes note of records that have become durable. */
  append(firstOffset: number, records: readonly NewRecord[]): void {
    this.#next = firstOffset + records.length;
    if (this.#readers.size === 0) return;
    for (const [i, { key, value, headers = {} }] of records.entries()) {
      const record = { topic: this.topic, partition, offset: firstOffset + i, key, value, headers };
      this.#tail.push(record);
      this.#tailBytes += recordBytes(record);
    }
    if (this.#tailBytes > tailBytesMax) this.#forget(this.#tailStart + this.#countToForget());
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Takes note of records that were removed. */
  removedBefore(first: number): void {
    this.#first = first;
  }

  /** @param position the offset to begin with */
  openReader(position: number): FeedReader {
    const reader = new FeedReader(this, position);
    this.#readers.add(reader);
    return reader;
  }

  closeReader(reader: FeedReader): void {
    this.#readers.delete(reader);
    this.trim();
  }

  /** Forgets the records that every reader has passed. */
  trim(): void {
    let least = this.#next;
    for (const reader of this.#readers) least = Math.min(least, reader.position);
    this.#forget(least);
  }

  /** At least one record from `position` on, waiting for it; rejects with the signal's reason when it aborts. */
  async recordsFrom(position: number, bytesMax: number, signal: AbortSignal): Promise<LogRecord[]> {
    for (;;) {
      signal.throwIfAborted();
      if (position >= this.#next) await this.#appended(signal);
      else if (position >= this.#tailStart) return this.#fromTail(position, bytesMax);
      else {
        const request = {
          topic: this.topic,
          from: position,
          bytesMax: Math.min(bytesMax, readBytesMax),
          recordsMax: readRecordsMax,
        };
        const records = unpack(this.topic, await this.#read(request));
        if (records.length > 0) return records;
      }
    }
  }

  get #tailStart(): number {
    return this.#next - this.#tail.length;
  }

  #fromTail(position: number, bytesMax: number): LogRecord[] {
    const records: LogRecord[] = [];
    let bytes = 0;
    for (let i = position - this.#tailStart; i < this.#tail.length; i++) {
      const record = this.#tail[i]!;
      bytes += record.value.byteLength;
      if (records.length > 0 && (bytes > bytesMax || records.length >= batchRecordsMax)) break;
      records.push(record);
    }
    return records;
  }

  #appended(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake);
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
      this.#waiting.push(wake);
    });
  }

  #countToForget(): number {
    let bytes = this.#tailBytes;
    let count = 0;
    while (bytes > tailBytesMax / 2) bytes -= recordBytes(this.#tail[count++]!);
    return count;
  }

  #forget(before: number): void {
    const count = before - this.#tailStart;
    if (count <= 0) return;
    for (const record of this.#tail.splice(0, count)) this.#tailBytes -= recordBytes(record);
  }
}

/** One reader's place in a feed. */
export class FeedReader {
  /** Offset of the next record that it has not handled. */
  position: number;
  readonly #feed: TopicFeed;

  constructor(feed: TopicFeed, position: number) {
    this.#feed = feed;
    this.position = position;
  }

  next(bytesMax: number, signal: AbortSignal): Promise<LogRecord[]> {
    return this.#feed.recordsFrom(this.position, bytesMax, signal);
  }

  advance(position: number): void {
    this.position = position;
    this.#feed.trim();
  }

  close(): void {
    this.#feed.closeReader(this);
  }
}

function unpack(topic: TopicName, packed: PackedRecords): LogRecord[] {
  const { offsets, keys, headers } = packed;
  return unpackValues(packed).map((value, i) => ({
    topic,
    partition,
    offset: offsets[i]!,
    key: keys[i]!,
    value,
    headers: decoded(headers[i]!),
  }));
}
