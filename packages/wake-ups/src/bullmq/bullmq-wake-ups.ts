import { type ClientTls, type Logger } from '@songma/runtime';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Handling, WakeUps } from '../port.ts';
import { assertRequest } from '../request.ts';
import { retryPauseDefault, type RetryPause } from '../retry-pause.ts';
import { openBullmqHandling } from './bullmq-handling.ts';
import { ask, connectForRequests, openConnection } from './redis-connection.ts';

export interface BullmqWakeUpsOptions {
  readonly url: string;
  readonly tls?: ClientTls;
  /** What the names of all keys in Redis begin with. */
  readonly prefix: string;
  readonly logger: Logger;
  readonly retryPause?: RetryPause;
  /** Longest wait for Redis to come up; 30 s unless told. */
  readonly openMsMax?: number;
}

/** Jobs are retried until they succeed: what they would find due stays due. */
const ATTEMPTS_MAX = 1_000_000;
/** BullMQ writes an event a job, which nobody here reads. */
const EVENTS_KEPT_MAX = 100;

/** Opens wake-ups between processes, on a Redis of version 6.2 or later. @throws as {@link openConnection} */
export async function openBullmqWakeUps(options: BullmqWakeUpsOptions): Promise<WakeUps> {
  const redis = connectForRequests(options);
  try {
    await openConnection(redis, options.openMsMax);
  } catch (error) {
    redis.disconnect();
    throw error;
  }
  return new BullmqWakeUps(redis, options);
}

/**
 * A job per key that waits or runs, deduplicated by the key. While it runs, further wake-ups of the key are kept as
 * one that BullMQ adds when it ends (`keepLastIfActive`). A job's data is its key and nothing else.
 */
class BullmqWakeUps implements WakeUps {
  readonly #redis: Redis;
  readonly #options: BullmqWakeUpsOptions & { readonly retryPause: RetryPause };
  readonly #queues = new Map<string, Promise<Queue>>();
  readonly #handlings = new Set<Handling>();

  constructor(redis: Redis, options: BullmqWakeUpsOptions) {
    this.#redis = redis;
    this.#options = { retryPause: retryPauseDefault, ...options };
  }

  async wake(
    queueName: string,
    keys: readonly string[],
    { delayMs = 0 }: { readonly delayMs?: number } = {},
  ): Promise<void> {
    assertRequest(queueName, keys, delayMs);
    if (keys.length === 0) return;
    await ask(this.#redis, async () => {
      const queue = await this.#queue(queueName);
      await queue.addBulk(
        keys.map((key) => ({
          name: 'wake-up',
          data: { key },
          opts: { delay: Math.ceil(delayMs), deduplication: { id: key, keepLastIfActive: true } },
        })),
      );
    });
  }

  async handle(
    queue: string,
    handle: (key: string, signal: AbortSignal) => Promise<void>,
    { concurrency = 1 }: { readonly concurrency?: number } = {},
  ): Promise<Handling> {
    assertRequest(queue, [], 0);
    const handling = await openBullmqHandling({ ...this.#options, queue, handle, concurrency });
    this.#handlings.add(handling);
    return {
      close: async () => {
        this.#handlings.delete(handling);
        await handling.close();
      },
    };
  }

  async check(): Promise<void> {
    await ask(this.#redis, () => this.#redis.ping());
  }

  async close(): Promise<void> {
    await Promise.all([...this.#handlings].map((handling) => handling.close()));
    this.#handlings.clear();
    // The queues own nothing but this connection; asking Redis for leave could hang.
    this.#redis.disconnect();
  }

  /** A queue that could not be set up is forgotten: BullMQ would keep rejecting with the first error. */
  #queue(name: string): Promise<Queue> {
    const held = this.#queues.get(name);
    if (held !== undefined) return held;
    const opened = this.#openQueue(name);
    this.#queues.set(name, opened);
    opened.catch(() => this.#queues.delete(name));
    return opened;
  }

  async #openQueue(name: string): Promise<Queue> {
    const queue = new Queue(name, {
      connection: this.#redis,
      prefix: this.#options.prefix,
      skipWaitingForReady: true,
      streams: { events: { maxLen: EVENTS_KEPT_MAX } },
      defaultJobOptions: {
        attempts: ATTEMPTS_MAX,
        backoff: { type: 'custom' },
        removeOnComplete: true,
        removeOnFail: true,
        stackTraceLimit: 0,
      },
    });
    // The connection reports its own outages, and requests reject with theirs.
    queue.on('error', () => {});
    await queue.waitUntilReady();
    return queue;
  }
}
