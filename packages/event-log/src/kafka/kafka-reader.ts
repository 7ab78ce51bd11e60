import type { TopicName } from '@songma/domain';
import { retry, type Logger } from '@songma/runtime';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { deliver } from '../delivery.ts';
import { Pace } from '../pace.ts';
import type { LogRecord, Reading } from '../port.ts';
import { slices, toRecord } from './batches.ts';
import { Commits } from './commits.ts';
import { Gatherer } from './gatherer.ts';
import { removeGhosts } from './ghost-members.ts';
import { Heartbeats } from './heartbeats.ts';
import { isOutage, toUnavailable } from './kafka-client.ts';
import { nextReaderIdentity } from './reader-identity.ts';
import { Watchdog } from './watchdog.ts';

/** A member that was killed is missed after this long, and its partitions go to others: the broker's least. */
const sessionTimeoutMs = 6_000;
const heartbeatIntervalMs = 1_500;
/** How long a rebalance waits for a member that is still handling a batch. */
const rebalanceTimeoutMs = 60_000;
/** How long the broker holds a fetch for which there is nothing; closing waits for it. */
const fetchWaitMs = 500;
const joinWithinMs = 20_000;
/** More than a topic has: every partition of a fetch is handed over at once. */
const partitionsMax = 64;
const readerClosed = new Error('the reader is closed');

export interface KafkaReaderOptions {
  readonly createClient: (clientId: string) => Kafka;
  readonly topic: TopicName;
  /** The broker's name of the topic. */
  readonly topicName: string;
  readonly groupId: string;
  readonly bytesMax: number;
  readonly paceMs: number | undefined;
  readonly stallMs: number;
  readonly logger: Logger;
  /** Whether the group's positions are kept by the broker; if not, `positions` are the reader's own. */
  readonly commits: boolean;
  /** Next offset per partition; advances as batches are handled. */
  readonly positions: Map<number, number>;
  readonly handle: (records: readonly LogRecord[], signal: AbortSignal) => Promise<void>;
  readonly onHandled: () => void;
  /** Records that wait in these partitions, or in all when undefined. */
  readonly waiting: (partitions: readonly number[] | undefined) => Promise<number>;
}

/**
 * One member of a consumer group. What a fetch brought is handled, then resolved, then committed, and only then is
 * there another fetch; while the handler refuses it, it stays here and heartbeats keep the membership. Errors of the
 * handler do not reach kafkajs, which would try again five times and restart: they end the reader.
 */
export class KafkaReader implements Reading {
  readonly closed: Promise<void>;
  readonly #options: KafkaReaderOptions;
  readonly #identity = nextReaderIdentity();
  readonly #client: Kafka;
  readonly #consumer: Consumer;
  readonly #commits: Commits;
  readonly #watchdog: Watchdog;
  readonly #stop = new AbortController();
  readonly #end = Promise.withResolvers<void>();
  #assigned: readonly number[] | undefined;
  #isJoined = false;
  #isOut = false;
  readonly #gatherer: Gatherer;
  readonly #pace: Pace;
  readonly #underWay = new Set<Promise<void>>();
  #comingBack: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  /**
   * Resolves when the reader is a member of its group.
   * @throws UnavailableError when it cannot become one within twenty seconds
   */
  static async start(options: KafkaReaderOptions): Promise<KafkaReader> {
    const reader = new KafkaReader(options);
    try {
      await reader.#run();
    } catch (error) {
      await reader.close();
      throw toUnavailable(error, `nothing can be read for ${options.groupId}`);
    }
    return reader;
  }

  private constructor(options: KafkaReaderOptions) {
    this.#options = options;
    this.closed = this.#end.promise;
    this.closed.catch(() => {});
    this.#client = options.createClient(this.#identity);
    this.#consumer = this.#client.consumer({
      groupId: options.groupId,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: heartbeatIntervalMs,
      rebalanceTimeout: rebalanceTimeoutMs,
      // These count what is on the wire, which is a quarter of what it becomes.
      maxBytesPerPartition: Math.ceil(options.bytesMax / 4),
      maxBytes: options.bytesMax,
      maxWaitTimeInMs: fetchWaitMs,
      allowAutoTopicCreation: false,
      // Nothing here is transactional, and a reader that waits for a stable offset could wait for ever.
      readUncommitted: true,
      retry: {
        initialRetryTime: 200,
        maxRetryTime: 2_000,
        retries: 5,
        // kafkajs takes a coordinator that no broker tells for the end, and it is an outage: coming back is ours.
        restartOnFailure: async () => false,
      },
    });
    const { logger, groupId, bytesMax, paceMs } = options;
    this.#pace = new Pace(paceMs);
    this.#gatherer = new Gatherer({
      bytesMax,
      handle: (records, signal) =>
        deliver({ records, handle: this.#handle, signal, logger, reader: groupId }),
    });
    this.#commits = new Commits(this.#consumer, options.topicName, options.logger);
    this.#watchdog = new Watchdog({
      stallMs: options.stallMs,
      waiting: () => options.waiting(this.#assigned),
      onStall: (error) => this.#fail(error),
      reader: options.groupId,
      logger: options.logger,
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #run(): Promise<void> {
    const { topicName, groupId, logger } = this.#options;
    // kafkajs is silent from here on.
    this.#consumer.on('consumer.crash', ({ payload: { error } }) => {
      this.#isJoined = false;
      if (!isOutage(error)) return this.#fail(error);
      this.#comingBack = this.#comeBack().catch((failure: unknown) => this.#fail(failure as Error));
    });
    this.#consumer.on('consumer.group_join', ({ payload }) => {
      this.#assigned = payload.memberAssignment[topicName] ?? [];
      if (this.#isOut) logger.info({ group: groupId }, 'the reader is back');
      this.#isOut = false;
      this.#isJoined = true;
      this.#watchdog.progress();
      this.#commits.forget();
      // Positions that the broker does not keep are lost to kafkajs each time that it joins.
      if (!this.#options.commits) this.#seek();
    });
    await this.#consumer.connect();
    // A broker that has just come up knows its coordinators some seconds later.
    await retry(() => this.#removeGhosts(), {
      deadlineMs: joinWithinMs,
      firstDelayMs: 100,
      delayMaxMs: 1_000,
      signal: this.#stop.signal,
    });
    await this.#join();
    await this.#comingBack;
  }

  /** Resolves when the reader has joined its group, or has crashed in trying to. */
  async #join(): Promise<void> {
    await this.#consumer.subscribe({ topic: this.#options.topicName, fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: partitionsMax,
      eachBatch: (payload) => {
        const handling = this.#handleBatch(payload).finally(() => this.#underWay.delete(handling));
        this.#underWay.add(handling);
        return handling;
      },
    });
  }

  /** Waits for as long as it takes until there is a coordinator, and joins. A crash in doing so comes here again. */
  async #comeBack(): Promise<void> {
    const { groupId, logger } = this.#options;
    const { signal } = this.#stop;
    if (!this.#isOut)
      logger.warn({ group: groupId }, 'the reader has lost the broker and tries to come back');
    this.#isOut = true;
    const rejoin = async (): Promise<void> => {
      await this.#removeGhosts();
      try {
        await this.#consumer.connect();
        await this.#join();
      } catch (error) {
        throw isOutage(error) ? toUnavailable(error, `nothing can be read for ${groupId}`) : error;
      }
    };
    try {
      await retry(rejoin, {
        deadlineMs: Number.POSITIVE_INFINITY,
        firstDelayMs: 200,
        delayMaxMs: 1_000,
        signal,
      });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #removeGhosts(): Promise<void> {
    const { groupId, logger } = this.#options;
    const ghosts = await removeGhosts(this.#client, groupId, this.#identity);
    if (ghosts > 0) logger.info({ group: groupId, ghosts }, 'members that are gone have left their group');
  }

  #seek(): void {
    for (const partition of this.#assigned ?? []) {
      const offset = this.#options.positions.get(partition);
      if (offset === undefined) continue;
      this.#consumer.seek({ topic: this.#options.topicName, partition, offset: String(offset) });
    }
  }

  /** Throws only what makes kafkajs join its group anew. */
  async #handleBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const { positions, topic, bytesMax, commits } = this.#options;
    this.#watchdog.progress();
    const heartbeats = new Heartbeats(() => payload.heartbeat());
    const signal = AbortSignal.any([this.#stop.signal, heartbeats.expelled]);
    try {
      for (const messages of slices(batch.messages, bytesMax)) {
        if (signal.aborted || !payload.isRunning() || payload.isStale()) break;
        const { partition } = batch;
        const handled = commits ? 0 : (positions.get(partition) ?? 0);
        const records = messages
          .map((message) => toRecord(topic, partition, message))
          .filter((record) => record.offset >= handled);
        if (records.length > 0) await this.#gatherer.add(records, signal);
        const last = messages.at(-1)!.offset;
        payload.resolveOffset(last);
        positions.set(partition, Number(last) + 1);
        if (commits) this.#commits.note(partition, Number(last) + 1);
        this.#options.onHandled();
        await payload.heartbeat();
      }
      // The next fetch waits for this.
      await this.#pace.untilNext(signal);
    } catch (error) {
      if (isKafkaError(error)) await this.#leaveBatch(error);
      else if (error !== signal.reason) this.#fail(error as Error);
    } finally {
      heartbeats.stop();
    }
    if (heartbeats.expelled.aborted) await this.#leaveBatch(heartbeats.expelled.reason);
  }

  /** Throws what makes kafkajs join anew, after the last chance to say what has been handled. */
  async #leaveBatch(error: unknown): Promise<never> {
    await this.#commits.flush();
    throw error;
  }

  readonly #handle = async (records: readonly LogRecord[], signal: AbortSignal): Promise<void> => {
    this.#watchdog.progress();
    this.#pace.begin(records);
    try {
      await this.#options.handle(records, signal);
    } finally {
      this.#watchdog.progress();
    }
  };

  #fail(error: Error): void {
    this.#end.reject(error);
    // Not awaited: whoever waits for `closed` ends the process.
    this.close().catch((failure: unknown) => {
      this.#options.logger.debug({ err: failure, group: this.#options.groupId }, 'the reader did not close');
    });
  }

  async #close(): Promise<void> {
    this.#watchdog.stop();
    this.#stop.abort(readerClosed);
    // Otherwise the batch that has been left would be fetched again at once, and again.
    if (this.#isJoined) this.#consumer.pause([{ topic: this.#options.topicName }]);
    await Promise.allSettled(this.#underWay);
    await this.#comingBack;
    await this.#commits.flush();
    await this.#consumer.disconnect();
    this.#end.resolve();
  }
}

function isKafkaError(error: unknown): error is Error {
  return error instanceof Error && error.name.startsWith('KafkaJS');
}
