import { rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { topics, type TopicName } from '@songma/domain';
import { UnavailableError, keepPrivate, pause, type Logger } from '@songma/runtime';
import { batchBytesDefault } from '../limits.ts';
import type { EventLog, Following, LogRecord, NewRecord, Positions, Reading, ReadingPace } from '../port.ts';
import { AppendQueue } from './append-queue.ts';
import { FileProblemError } from './file-problem.ts';
import { failedError, openingError, ownerFile } from './log-errors.ts';
import { LogWorker } from './log-worker.ts';
import { keepRemoving } from './retention.ts';
import { SqliteReader } from './sqlite-reader.ts';
import { TopicFeed } from './topic-feed.ts';

const pruneEveryMs = 60_000;
const pruneRecordsMax = 200;
const prunePauseMs = 20;
const checkTimeoutMs = 2_000;
const topicNames = Object.keys(topics) as TopicName[];
const partition = 0;

export interface SqliteEventLogOptions {
  /** The data directory; the log is in `event-log/log.sqlite` in it. */
  readonly dataDir: string;
  readonly logger: Logger;
  readonly now?: () => number;
  /** Largest size of the file; the disk's unless told. */
  readonly fileBytesMax?: number;
}

/**
 * The event log in one SQLite file that one process has open: one table per topic, one partition.
 *
 * An append is durable after an fsync, in a thread of its own. Readers are in this process too: they are told of
 * new records when these are durable, and read them from memory as long as they keep up.
 *
 * `closed` rejects when the disk has failed, or a reader has. After a failed fsync it is unknown, and stays so,
 * whether the last appends are durable: the process has to end, because a repeated fsync may succeed with the data
 * lost.
 */
export class SqliteEventLog implements EventLog {
  readonly closed: Promise<void>;
  readonly #file: string;
  readonly #worker: LogWorker;
  readonly #queue: AppendQueue;
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #feeds: ReadonlyMap<TopicName, TopicFeed>;
  /** Next offset by topic and group. */
  readonly #positions = new Map<string, number>();
  /** End of the last reader of a topic and group, so that they take turns. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #readers = new Set<SqliteReader>();
  readonly #stop = new AbortController();
  #isFull = false;
  readonly #end = Promise.withResolvers<void>();

  /** @throws ConfigError when the file is open elsewhere, damaged, not a log, or cannot be made */
  static async open(options: SqliteEventLogOptions): Promise<SqliteEventLog> {
    const file = join(resolve(options.dataDir), 'event-log', 'log.sqlite');
    const { fileBytesMax, logger } = options;
    keepPrivate(resolve(options.dataDir), logger);
    keepPrivate(dirname(file), logger);
    try {
      const worker = await LogWorker.open({
        file,
        topics: topicNames,
        ...(fileBytesMax === undefined ? {} : { fileBytesMax }),
      });
      await writeFile(ownerFile(file), `${process.pid}\n`);
      return new SqliteEventLog(worker, file, options);
    } catch (error) {
      throw error instanceof FileProblemError ? await openingError(error, file, options.dataDir) : error;
    }
  }

  private constructor(worker: LogWorker, file: string, options: SqliteEventLogOptions) {
    this.#worker = worker;
    this.#file = file;
    this.#logger = options.logger;
    this.#now = options.now ?? Date.now;
    this.#feeds = new Map(
      topicNames.map((topic) => [
        topic,
        new TopicFeed(topic, worker.state.topics[topic]!, (request) =>
          worker.request('read', request).catch((error: unknown) => {
            throw failedError(error, file);
          }),
        ),
      ]),
    );
    for (const [group, topic, next] of worker.state.positions) this.#positions.set(turn(topic, group), next);
    this.#queue = new AppendQueue({
      commit: (group) => worker.request('append', group, [group.values]),
      onAppended: (topic, firstOffset, records) => {
        this.#isFull = false;
        this.#feed(topic).append(firstOffset, records);
      },
      toUnavailable: (error) => this.#unavailable(error),
      now: this.#now,
    });
    this.closed = this.#end.promise;
    // Whoever opened the log listens; a test of something else need not.
    this.closed.catch(() => {});
    worker.failed.catch((error: unknown) => this.#fail(failedError(error, file)));
    void keepRemoving({
      removeOld: () => this.#removeOld(),
      everyMs: pruneEveryMs,
      signal: this.#stop.signal,
      logger: this.#logger,
    });
  }

  append(topic: TopicName, records: readonly NewRecord[]): Promise<void> {
    if (this.#stop.signal.aborted) return Promise.reject(closedError());
    return this.#queue.append(topic, records);
  }

  async consume(
    options: { readonly topic: TopicName; readonly group: string; readonly bytesMax?: number } & ReadingPace,
    handle: (records: readonly LogRecord[], signal: AbortSignal) => Promise<void>,
  ): Promise<Reading> {
    const { topic, group, bytesMax = batchBytesDefault, paceMs } = options;
    const key = turn(topic, group);
    const before = this.#turns.get(key);
    const reader = this.#open({
      name: `${group} of ${topic}`,
      bytesMax,
      paceMs,
      handle,
      start: async (signal) => {
        await untilAborted(before, signal);
        return this.#feed(topic).openReader(this.#positions.get(key) ?? 0);
      },
      onHandled: (next) => {
        this.#positions.set(key, next);
        this.#queue.setPosition(group, topic, next);
      },
    });
    this.#turns.set(key, Promise.allSettled([before, reader.closed]));
    return reader;
  }

  async follow(
    options: { readonly topic: TopicName; readonly from?: Positions } & ReadingPace,
    handle: (records: readonly LogRecord[]) => Promise<void>,
  ): Promise<Following> {
    const { topic, from = {}, paceMs } = options;
    const feed = this.#feed(topic);
    const end = feed.next;
    const wanted = from[partition] ?? 0;
    // A position beyond the end is one in a log that is gone: this one is read from its beginning.
    const position = wanted > end ? 0 : wanted;
    const caughtUp = Promise.withResolvers<void>();
    // Told by `closed` too, and nobody has to wait for both.
    caughtUp.promise.catch(() => {});
    if (feed.countFrom(position) === 0) caughtUp.resolve();
    const reader = this.#open({
      name: `follower of ${topic}`,
      bytesMax: batchBytesDefault,
      paceMs,
      handle,
      start: async () => feed.openReader(position),
      onHandled: (next) => {
        if (next >= end) caughtUp.resolve();
      },
    });
    const notCaughtUp = new UnavailableError('log_closed', 'the reader was closed before it had caught up');
    reader.closed.then(() => caughtUp.reject(notCaughtUp), caughtUp.reject);
    return { close: () => reader.close(), closed: reader.closed, caughtUp: caughtUp.promise };
  }

  async lag(topic: TopicName, group: string): Promise<number> {
    return this.#feed(topic).countFrom(this.#positions.get(turn(topic, group)) ?? 0);
  }

  async check(): Promise<void> {
    if (this.#stop.signal.aborted) throw closedError();
    const late = AbortSignal.timeout(checkTimeoutMs);
    try {
      // A read tells that the thread lives; only after a full disk is a write needed to tell more.
      const asked: Promise<unknown> = this.#isFull
        ? this.#worker.request('probe', {})
        : this.#worker.request('read', { topic: 'readings', from: Infinity, bytesMax: 0, recordsMax: 1 });
      await untilAborted(asked, late);
      this.#isFull = false;
    } catch (error) {
      throw this.#unavailable(error);
    }
  }

  async close(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort(new Error('the event log is closed'));
    await Promise.all([...this.#readers].map((reader) => reader.close()));
    await this.#queue.flush();
    await rm(ownerFile(this.#file), { force: true });
    await this.#worker.close();
    this.#end.resolve();
  }

  #open(options: Omit<ConstructorParameters<typeof SqliteReader>[0], 'logger'>): SqliteReader {
    if (this.#stop.signal.aborted) throw closedError();
    const reader = new SqliteReader({ ...options, logger: this.#logger });
    this.#readers.add(reader);
    reader.closed
      .catch((error: Error) => this.#end.reject(error))
      .finally(() => this.#readers.delete(reader));
    return reader;
  }

  #fail(error: Error): void {
    this.#end.reject(error);
    for (const reader of this.#readers) reader.fail(error);
  }

  #feed(topic: TopicName): TopicFeed {
    const feed = this.#feeds.get(topic);
    if (feed === undefined) throw new Error(`there is no topic ${topic}`);
    return feed;
  }

  #unavailable(error: unknown): UnavailableError {
    if (error instanceof FileProblemError && error.kind === 'full') {
      this.#isFull = true;
      const message = `there is no space left for the event log ${this.#file}`;
      return new UnavailableError('log_full', message, { cause: error, retryAfterMs: 10_000 });
    }
    const reason = error instanceof Error ? error.message : String(error);
    return new UnavailableError('log_unavailable', `the event log does not answer: ${reason}`, {
      cause: error,
    });
  }

  /** Removes what is older than its topic's retention, in steps between which appends go on. */
  async #removeOld(): Promise<void> {
    for (const name of topicNames) await this.#prune(name);
  }

  async #prune(topic: TopicName): Promise<void> {
    const { retentionMs } = topics[topic];
    if (retentionMs === null) return;
    const before = this.#now() - retentionMs;
    for (;;) {
      const ask = { topic, before, recordsMax: pruneRecordsMax };
      const { removed, first } = await this.#worker.request('prune', ask);
      this.#feed(topic).removedBefore(first);
      if (removed < pruneRecordsMax) return;
      await pause(prunePauseMs, this.#stop.signal);
    }
  }
}

const turn = (topic: string, group: string) => `${topic} ${group}`;
const closedError = () => new UnavailableError('log_closed', 'the event log is closed');

/** Settles as `promise` does, or rejects with the signal's reason when that aborts first. */
function untilAborted<T>(promise: Promise<T> | undefined, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((settle, reject) => {
    const stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    void Promise.resolve(promise)
      .then(settle, reject)
      .finally(() => signal.removeEventListener('abort', stop));
  });
}
