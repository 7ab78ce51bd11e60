import { type ClientTls, type Logger, pause } from '@songma/runtime';
import { type Job, Worker } from 'bullmq';
import { z } from 'zod';
import type { Handling } from '../port.ts';
import { logRejection } from '../log-rejection.ts';
import { type RetryPause, retryPauseMs } from '../retry-pause.ts';
import { connectForWorker, openConnection } from './redis-connection.ts';

export interface BullmqHandlingOptions {
  readonly url: string;
  readonly tls?: ClientTls;
  readonly prefix: string;
  readonly logger: Logger;
  readonly retryPause: RetryPause;
  readonly queue: string;
  readonly concurrency: number;
  readonly handle: (key: string, signal: AbortSignal) => Promise<void>;
}

/**
 * How long a job stays with a worker that is not heard of any more, and how often the others look for such jobs. Every
 * other look may be skipped (BullMQ remembers the last one for as long as the time between two), so a killed worker's
 * keys run again within the lock and two looks: 15 s. One whose event loop stands still for so long has company.
 */
const LOCK_MS = 10_000;
const STALLED_CHECK_MS = 2_500;
/** A stalled job is never given up. */
const STALLED_COUNT_MAX = 1_000_000;
/** Pause after an error in fetching a job, such as from a Redis that is still loading. */
const FETCH_RETRY_MS = 1_000;
const OPEN_MS_MAX = 2_000;
/** Longest wait, after the handlers have ended, for Redis to hear of it; else their jobs count as stalled. */
const FAREWELL_MS_MAX = 3_000;

const payloadSchema = z.strictObject({ key: z.string() });

/** Stands in for the handler's error: what Redis is told must hold nothing but ids. */
class HandlerRejected extends Error {
  override readonly name = 'HandlerRejected';

  constructor(cause: unknown) {
    super('the handler rejected', { cause });
  }
}

/** Starts one BullMQ worker with its own connection. @throws UnavailableError */
export async function openBullmqHandling(options: BullmqHandlingOptions): Promise<Handling> {
  const { queue, logger, handle, concurrency, prefix, retryPause } = options;
  const stopping = new AbortController();
  const running = new Map<string, Promise<void>>();
  const redis = connectForWorker(options);

  /** A flushed Redis forgets that a key runs and may bring it again: then it waits for its predecessor here. */
  async function run(key: string): Promise<void> {
    while (running.has(key)) await running.get(key);
    const ended = handle(key, stopping.signal).catch((error: unknown) => {
      throw new HandlerRejected(error);
    });
    const settled = ended.catch(() => {});
    running.set(key, settled);
    await settled;
    running.delete(key);
    await ended;
  }

  try {
    await openConnection(redis, OPEN_MS_MAX);
  } catch (error) {
    redis.disconnect();
    throw error;
  }
  const worker = new Worker(queue, (job: Job<unknown>) => run(payloadSchema.parse(job.data).key), {
    connection: redis,
    prefix,
    concurrency,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    maxStalledCount: STALLED_COUNT_MAX,
    runRetryDelay: FETCH_RETRY_MS,
    settings: {
      backoffStrategy(rejections, _type, error, job) {
        const pauseMs = retryPauseMs(rejections, retryPause);
        const key = payloadSchema.parse(job?.data).key;
        logRejection(logger, { queue, key, rejections, pauseMs }, error?.cause ?? error);
        return pauseMs;
      },
    },
  });
  worker.on('error', (error) => logger.warn({ queue, err: error }, 'the worker of a queue met an error'));
  await worker.waitUntilReady();

  return {
    async close() {
      stopping.abort(new Error(`the handling of queue ${queue} ends`));
      const farewell = worker.close();
      await Promise.all(running.values());
      const ended = new AbortController();
      const late = pause(FAREWELL_MS_MAX, ended.signal).catch(() => {});
      await Promise.race([farewell, late]);
      ended.abort();
      redis.disconnect();
    },
  };
}
