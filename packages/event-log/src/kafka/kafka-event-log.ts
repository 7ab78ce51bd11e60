import { randomUUID } from 'node:crypto';
import type { TopicName } from '@songma/domain';
import { UnavailableError, retry, type Logger } from '@songma/runtime';
import type { Admin, Producer } from 'kafkajs';
import { batchBytesDefault } from '../limits.ts';
import type { EventLog, Following, LogRecord, NewRecord, Positions, Reading, ReadingPace } from '../port.ts';
import type { KafkaSecurity } from '../kafka-security.ts';
import { connectionRefusal, createClient, toUnavailable } from './kafka-client.ts';
import { KafkaFollower } from './kafka-follower.ts';
import { KafkaReader, type KafkaReaderOptions } from './kafka-reader.ts';
import { createPartitioner, KafkaSender } from './kafka-sender.ts';
import { ensureTopics } from './kafka-topics.ts';
import { countWaiting, readBounds, readCommitted } from './topic-offsets.ts';

/** An answer to a send that takes longer counts as lost, and the send is repeated. */
const sendTimeoutMs = 4_000;
const requestTimeoutMs = 10_000;
const askWithinMs = 2_000;
const checkTimeoutMs = 2_500;
/** A broker that has just been started needs some seconds before it knows its groups. */
const openWithinMs = 20_000;
const stallMsDefault = 120_000;

export interface KafkaEventLogOptions {
  readonly brokers: readonly string[];
  readonly topicPrefix: string;
  readonly security?: KafkaSecurity;
  readonly logger: Logger;
  /** A reader that stands still for this long while records wait has died: two minutes unless told. */
  readonly stallMs?: number;
}

/**
 * The event log on Kafka, by kafkajs: a topic per topic, a consumer group per group, both with the prefix.
 *
 * `append` resolves when the broker has acknowledged (`acks=all`). With one broker that is its page cache: it
 * survives `kill -9` of everybody, and not a power cut.
 *
 * `closed` rejects when one of its readers cannot go on.
 */
export class KafkaEventLog implements EventLog {
  readonly closed: Promise<void>;
  readonly #connection: Parameters<typeof createClient>[0];
  readonly #admin: Admin;
  readonly #producer: Producer;
  readonly #sender: KafkaSender;
  readonly #logger: Logger;
  readonly #prefix: string;
  readonly #stallMs: number;
  readonly #readers = new Set<Reading>();
  readonly #end = Promise.withResolvers<void>();
  #isClosed = false;

  /**
   * Connects and makes the topics that are missing.
   * @throws UnavailableError when no broker answers within twenty seconds
   */
  static async open(options: KafkaEventLogOptions): Promise<KafkaEventLog> {
    const { brokers, logger } = options;
    const { security = {} } = options;
    const connection = { brokers, logger, requestTimeoutMs, security };
    const sendingClient = createClient({ ...connection, requestTimeoutMs: sendTimeoutMs });
    const admin = createClient(connection).admin();
    const producer = sendingClient.producer({
      // kafkajs's idempotent producer rolls its sequence back on errors, and then loses acknowledged records.
      idempotent: false,
      allowAutoTopicCreation: false,
      createPartitioner,
      retry: { retries: 0 },
    });
    const partitions = await retry(
      async () => {
        try {
          await admin.connect();
          await producer.connect();
          return await ensureTopics(admin, (topic) => options.topicPrefix + topic);
        } catch (error) {
          throw (
            connectionRefusal(error) ?? toUnavailable(error, `Kafka at ${brokers.join(', ')} cannot be used`)
          );
        }
      },
      { deadlineMs: openWithinMs, firstDelayMs: 200, delayMaxMs: 2_000 },
    ).catch(async (error: unknown) => {
      await Promise.allSettled([admin.disconnect(), producer.disconnect()]);
      throw error;
    });
    return new KafkaEventLog({ ...options, connection, admin, producer, partitions });
  }

  private constructor(
    options: KafkaEventLogOptions & {
      readonly connection: Parameters<typeof createClient>[0];
      readonly admin: Admin;
      readonly producer: Producer;
      readonly partitions: ReadonlyMap<TopicName, number>;
    },
  ) {
    this.#connection = options.connection;
    this.#admin = options.admin;
    this.#producer = options.producer;
    this.#logger = options.logger;
    this.#prefix = options.topicPrefix;
    this.#stallMs = options.stallMs ?? stallMsDefault;
    this.#sender = new KafkaSender({
      producer: options.producer,
      logger: options.logger,
      topicOf: (topic) => this.#named(topic),
      partitions: options.partitions,
    });
    this.closed = this.#end.promise;
    // Whoever opened the log listens; a test of something else need not.
    this.closed.catch(() => {});
  }

  append(topic: TopicName, records: readonly NewRecord[]): Promise<void> {
    if (this.#isClosed) return Promise.reject(closedError());
    return this.#sender.append(topic, records);
  }

  async consume(
    options: { readonly topic: TopicName; readonly group: string; readonly bytesMax?: number } & ReadingPace,
    handle: (records: readonly LogRecord[], signal: AbortSignal) => Promise<void>,
  ): Promise<Reading> {
    const { topic, group, bytesMax = batchBytesDefault, paceMs } = options;
    const topicName = this.#named(topic);
    const groupId = this.#groupId(topic, group);
    return this.#start({
      topic,
      groupId,
      bytesMax,
      paceMs,
      commits: true,
      positions: new Map(),
      handle,
      onHandled: () => {},
      waiting: async (partitions) => {
        const committed = await readCommitted(this.#admin, topicName, groupId);
        return countWaiting(await readBounds(this.#admin, topicName), committed, partitions);
      },
    });
  }

  async follow(
    options: { readonly topic: TopicName; readonly from?: Positions } & ReadingPace,
    handle: (records: readonly LogRecord[]) => Promise<void>,
  ): Promise<Following> {
    const { topic, from = {}, paceMs } = options;
    const topicName = this.#named(topic);
    // A group of its own, forgotten when it is closed: so the topic's every partition is this reader's.
    const groupId = this.#groupId(topic, `follow-${randomUUID()}`);
    const follower = new KafkaFollower(await this.#ask(() => readBounds(this.#admin, topicName)), from);
    const reader = await this.#start({
      topic,
      groupId,
      bytesMax: batchBytesDefault,
      paceMs,
      commits: false,
      positions: follower.positions,
      handle,
      onHandled: () => follower.look(),
      waiting: async (partitions) =>
        countWaiting(await readBounds(this.#admin, topicName), follower.positions, partitions),
    });
    follower.start({ reader, readBounds: () => readBounds(this.#admin, topicName) });
    const close = async () => {
      await reader.close();
      // Kafka forgets an empty group by itself, later.
      await this.#admin.deleteGroups([groupId]).catch(() => {});
    };
    return { close, closed: reader.closed, caughtUp: follower.caughtUp };
  }

  lag(topic: TopicName, group: string): Promise<number> {
    const topicName = this.#named(topic);
    return this.#ask(async () => {
      const committed = await readCommitted(this.#admin, topicName, this.#groupId(topic, group));
      return countWaiting(await readBounds(this.#admin, topicName), committed);
    });
  }

  async check(): Promise<void> {
    if (this.#isClosed) throw closedError();
    const late = Promise.withResolvers<never>();
    const message = `Kafka gives no answer within ${checkTimeoutMs} ms`;
    const timer = setTimeout(
      () => late.reject(new UnavailableError('log_unavailable', message)),
      checkTimeoutMs,
    );
    try {
      const asked = this.#ask(() => this.#admin.fetchTopicMetadata({ topics: [this.#named('readings')] }));
      await Promise.race([asked, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.all([...this.#readers].map((reader) => reader.close()));
    await this.#sender.drain();
    await Promise.allSettled([this.#producer.disconnect(), this.#admin.disconnect()]);
    this.#end.resolve();
  }

  async #start(
    options: Omit<KafkaReaderOptions, 'createClient' | 'topicName' | 'stallMs' | 'logger'>,
  ): Promise<Reading> {
    if (this.#isClosed) throw closedError();
    const reader = await KafkaReader.start({
      ...options,
      createClient: (clientId) => createClient({ ...this.#connection, clientId }),
      topicName: this.#named(options.topic),
      stallMs: this.#stallMs,
      logger: this.#logger,
    });
    this.#readers.add(reader);
    void reader.closed
      .catch((error: unknown) => this.#end.reject(error))
      .finally(() => this.#readers.delete(reader));
    return reader;
  }

  /** Asks again for a while: leaders and coordinators move, and kafkajs learns of it by failing. */
  #ask<T>(question: () => Promise<T>): Promise<T> {
    const attempt = async () => {
      try {
        return await question();
      } catch (error) {
        throw toUnavailable(error, 'Kafka does not answer');
      }
    };
    return retry(attempt, { deadlineMs: askWithinMs, firstDelayMs: 50, delayMaxMs: 500 });
  }

  #named(topic: TopicName): string {
    return this.#prefix + topic;
  }

  /** A group's members must all read the same topic, so each topic has its own group of that name. */
  #groupId(topic: TopicName, group: string): string {
    return `${this.#prefix}${group}.${topic}`;
  }
}

const closedError = () => new UnavailableError('log_closed', 'the event log is closed');
