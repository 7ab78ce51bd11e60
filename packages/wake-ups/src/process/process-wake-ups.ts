import { type Logger, UnavailableError } from '@songma/runtime';
import type { Handling, WakeUps } from '../port.ts';
import { assertRequest } from '../request.ts';
import { retryPauseDefault, type RetryPause } from '../retry-pause.ts';
import { WakeUpQueue } from './wake-up-queue.ts';

export interface ProcessWakeUpsOptions {
  readonly logger: Logger;
  readonly retryPause?: RetryPause;
  /** Keys that one queue holds, waiting or running; one more is refused. */
  readonly keysMax?: number;
}

/** A key takes some hundred bytes. */
const KEYS_MAX = 100_000;

/** Wake-ups between the rooms of one process, by its own timers. They end with the process. */
export class ProcessWakeUps implements WakeUps {
  readonly #options: Required<ProcessWakeUpsOptions>;
  readonly #queues = new Map<string, WakeUpQueue>();
  #isClosed = false;

  constructor(options: ProcessWakeUpsOptions) {
    this.#options = { retryPause: retryPauseDefault, keysMax: KEYS_MAX, ...options };
  }

  async wake(
    queue: string,
    keys: readonly string[],
    { delayMs = 0 }: { readonly delayMs?: number } = {},
  ): Promise<void> {
    this.#assertOpen();
    assertRequest(queue, keys, delayMs);
    for (const key of keys) this.#queue(queue).wake(key, delayMs);
  }

  async handle(
    queue: string,
    handle: (key: string, signal: AbortSignal) => Promise<void>,
    { concurrency = 1 }: { readonly concurrency?: number } = {},
  ): Promise<Handling> {
    this.#assertOpen();
    assertRequest(queue, [], 0);
    return this.#queue(queue).handle(handle, concurrency);
  }

  async check(): Promise<void> {
    this.#assertOpen();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }

  #queue(name: string): WakeUpQueue {
    const queue = this.#queues.get(name) ?? new WakeUpQueue(name, this.#options);
    this.#queues.set(name, queue);
    return queue;
  }

  #assertOpen(): void {
    if (this.#isClosed)
      throw new UnavailableError('wake_ups_closed', 'the wake-ups of this process are closed');
  }
}
