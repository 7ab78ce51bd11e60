import { topics, type TopicName } from '@songma/domain';
import { UnavailableError, pause, type Logger } from '@songma/runtime';
import { CompressionTypes, type Message, type Producer, type TopicMessages } from 'kafkajs';
import { pendingBytesMax, recordBytes, recordBytesMax } from '../limits.ts';
import type { NewRecord } from '../port.ts';
import { toUnavailable } from './kafka-client.ts';
import { PartitionLane, PendingAppend, type AppendPart } from './partition-lane.ts';

/** A caller knows after this long at the latest. */
const appendDeadlineMs = 9_500;
const sweepMs = 250;
/** Sends under way at a time; what arrives meanwhile goes together. */
const sendsMax = 4;
/** How long appends wait for others while each turn of the event loop brings more: in a process that is busy. */
const gatherMsMax = 20;
/** What a partition takes in one send. Below the broker's own default for the size of a record batch. */
const partitionBytesMax = 900 * 1024;
/** The broker's limit for a record batch, set on our topics: the largest record with room around it. */
export const batchBytesMax = recordBytesMax + 64 * 1024;
const ackTimeoutMs = 3_500;
const retryFirstMs = 50;
const retryMaxMs = 1_000;
/** Sends with so much for each of their partitions are compressed: below, that costs more than it saves. */
const compressedBytesMin = 8 * 1024;

/**
 * Group commit towards Kafka: collects appends per partition while sends are under way.
 *
 * Order per key holds across sends and retries because a partition is in at most one send at a time. The producer is
 * not idempotent: that of kafkajs loses acknowledged records. So a lost answer stores a record twice, and readers
 * have to be idempotent.
 */
export class KafkaSender {
  readonly #producer: Producer;
  readonly #logger: Logger;
  readonly #topicOf: (topic: TopicName) => string;
  readonly #lanes: ReadonlyMap<TopicName, readonly PartitionLane[]>;
  readonly #waiting = new Set<PartitionLane>();
  /** In the order of their deadlines. */
  readonly #open = new Set<PendingAppend>();
  #sweeper: NodeJS.Timeout | undefined;
  #pendingBytes = 0;
  #sends = 0;
  #appends = 0;
  #isGathering = false;
  #isOut = false;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(options: {
    readonly producer: Producer;
    readonly logger: Logger;
    /** The broker's name of a topic. */
    readonly topicOf: (topic: TopicName) => string;
    readonly partitions: ReadonlyMap<TopicName, number>;
  }) {
    this.#producer = options.producer;
    this.#logger = options.logger;
    this.#topicOf = options.topicOf;
    const names = Object.keys(topics) as TopicName[];
    this.#lanes = new Map(
      names.map((topic) => [
        topic,
        Array.from({ length: options.partitions.get(topic) ?? 0 }, (_, i) => new PartitionLane(topic, i)),
      ]),
    );
  }

  append(topic: TopicName, records: readonly NewRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve();
    const lanes = this.#lanes.get(topic);
    if (lanes === undefined) return Promise.reject(new Error(`there is no topic ${topic}`));
    let bytes = 0;
    const messagesByLane = new Map<PartitionLane, { messages: Message[]; bytes: number }>();
    for (const { key, value, headers = {} } of records) {
      if (value.byteLength > recordBytesMax) {
        return Promise.reject(new RangeError(`a record has ${value.byteLength} bytes`));
      }
      const lane = lanes[partitionOf(key, lanes.length)]!;
      const part = messagesByLane.get(lane) ?? { messages: [], bytes: 0 };
      messagesByLane.set(lane, part);
      const size = recordBytes({ key, value });
      part.messages.push({
        key,
        value: Buffer.from(value.buffer, value.byteOffset, value.byteLength),
        headers,
        partition: lane.partition,
      });
      part.bytes += size;
      bytes += size;
    }
    if (this.#pendingBytes > 0 && this.#pendingBytes + bytes > pendingBytesMax) {
      const message = `more than ${pendingBytesMax} bytes wait for the event log`;
      return Promise.reject(new UnavailableError('log_overloaded', message, { retryAfterMs: 1_000 }));
    }
    return new Promise((resolve, reject) => {
      const append = new PendingAppend({
        deadline: performance.now() + appendDeadlineMs,
        bytes,
        parts: messagesByLane.size,
        settle: (error) => {
          this.#pendingBytes -= bytes;
          this.#open.delete(append);
          if (error === undefined) resolve();
          else reject(error);
        },
      });
      this.#pendingBytes += bytes;
      this.#appends++;
      this.#open.add(append);
      this.#sweeper ??= setInterval(() => this.#sweep(), sweepMs);
      for (const [lane, part] of messagesByLane) {
        lane.push({ append, ...part });
        this.#waiting.add(lane);
      }
      this.#start();
    });
  }

  /** Resolves when every append so far has been answered. */
  async drain(): Promise<void> {
    if (this.#sends > 0 || this.#open.size > 0) {
      this.#idle ??= Promise.withResolvers();
      await this.#idle.promise;
    }
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  #start(): void {
    if (this.#sends === 0 && this.#open.size === 0) {
      this.#idle?.resolve();
      this.#idle = undefined;
    }
    if (!this.#isGathering && this.#waiting.size > 0) this.#gather(performance.now() + gatherMsMax);
  }

  /** Sends what waits as soon as a turn of the event loop brings no more. */
  #gather(deadline: number): void {
    const before = this.#appends;
    this.#isGathering = true;
    setImmediate(() => {
      if (this.#appends > before && performance.now() < deadline) return this.#gather(deadline);
      this.#isGathering = false;
      this.#sendWaiting();
    });
  }

  #sendWaiting(): void {
    if (this.#sends === sendsMax) return;
    const load = new Map<PartitionLane, AppendPart[]>();
    for (const lane of this.#waiting) {
      if (lane.isBusy) continue;
      const parts = lane.take(partitionBytesMax);
      if (parts.length === 0) this.#waiting.delete(lane);
      else load.set(lane, parts);
    }
    if (load.size > 0) void this.#send(load);
  }

  async #send(load: ReadonlyMap<PartitionLane, readonly AppendPart[]>): Promise<void> {
    this.#sends++;
    for (const lane of load.keys()) lane.isBusy = true;
    const parts = [...load.values()].flat();
    try {
      await this.#sendUntilAnswered(load, parts);
      for (const part of parts) part.append.partDone();
    } catch (error) {
      if (error instanceof UnavailableError || parts.length === 1) {
        for (const part of parts) part.append.fail(error as Error);
      } else await this.#sendOneByOne(load);
    }
    for (const lane of load.keys()) lane.isBusy = false;
    this.#sends--;
    this.#start();
  }

  /** After an answer that no repeat can change: it is of one append, and the others in the send are not to blame. */
  async #sendOneByOne(load: ReadonlyMap<PartitionLane, readonly AppendPart[]>): Promise<void> {
    for (const [lane, parts] of load) {
      for (const part of parts) {
        try {
          await this.#sendUntilAnswered(new Map([[lane, [part]]]), [part]);
          part.append.partDone();
        } catch (error) {
          part.append.fail(error as Error);
        }
      }
    }
  }

  /** @throws UnavailableError when the last of the callers has been told that it is late; what else is a bug */
  async #sendUntilAnswered(
    load: ReadonlyMap<PartitionLane, readonly AppendPart[]>,
    parts: readonly AppendPart[],
  ): Promise<void> {
    const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
    const request = {
      acks: -1,
      timeout: ackTimeoutMs,
      compression: bytes < compressedBytesMin * load.size ? CompressionTypes.None : CompressionTypes.ZSTD,
      topicMessages: topicMessages(load, this.#topicOf),
    };
    for (let delayMs = retryFirstMs; ; delayMs = Math.min(delayMs * 2, retryMaxMs)) {
      try {
        await this.#producer.sendBatch(request);
        this.#setOut(undefined);
        return;
      } catch (error) {
        const unavailable = toUnavailable(error, 'the event log did not answer');
        if (!(unavailable instanceof UnavailableError)) throw unavailable;
        this.#setOut(unavailable);
        if (parts.every((part) => part.append.isSettled)) throw unavailable;
      }
      await pause(delayMs);
    }
  }

  /** One line when the log goes, one when it is back. */
  #setOut(reason: UnavailableError | undefined): void {
    const isOut = reason !== undefined;
    if (isOut === this.#isOut) return;
    this.#isOut = isOut;
    if (isOut)
      this.#logger.warn({ reason: reason.message }, 'a send to the event log has failed and is repeated');
    else this.#logger.info('sends to the event log succeed again');
  }

  #sweep(): void {
    const now = performance.now();
    for (const append of this.#open) {
      if (append.deadline > now) break;
      const message = `the event log has not answered for ${appendDeadlineMs} ms`;
      append.fail(new UnavailableError('log_unavailable', message, { retryAfterMs: 2_000 }));
    }
    if (this.#open.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
    this.#start();
  }
}

/** Every message names its partition: the lanes have been chosen by it. */
export const createPartitioner = () => (choice: { readonly message: Message }) => choice.message.partition!;

/** Where a key's records go, the same in every process and version: FNV-1a of its UTF-16 units. */
function partitionOf(key: string, partitions: number): number {
  let hash = 0x81_1c_9d_c5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01_00_01_93);
  // The lowest bits of FNV mix worst.
  return ((hash ^ (hash >>> 16)) >>> 0) % partitions;
}

function topicMessages(
  load: ReadonlyMap<PartitionLane, readonly AppendPart[]>,
  topicOf: (topic: TopicName) => string,
): TopicMessages[] {
  const byTopic = new Map<TopicName, Message[]>();
  for (const [lane, parts] of load) {
    const messages = byTopic.get(lane.topic) ?? [];
    for (const part of parts) messages.push(...part.messages);
    byTopic.set(lane.topic, messages);
  }
  return [...byTopic].map(([topic, messages]) => ({ topic: topicOf(topic), messages }));
}
