import { type Logger, UnavailableError } from '@songma/runtime';
import type { Handling } from '../port.ts';
import { logRejection } from '../log-rejection.ts';
import { type RetryPause, retryPauseMs } from '../retry-pause.ts';

type Handle = (key: string, signal: AbortSignal) => Promise<void>;

/**
 * Where a key stands: it waits for its timer, is due and waits for a free handler, or runs; and while it runs,
 * whether it was woken again (performance.now() from when on it may run).
 */
interface KeyState {
  stage: 'timed' | 'due' | 'running';
  timer?: NodeJS.Timeout;
  againFrom?: number;
  /** In a row. */
  rejections: number;
}

interface Handler {
  readonly handle: Handle;
  readonly concurrency: number;
  readonly stopping: AbortController;
  readonly running: Set<Promise<void>>;
}

/** One queue of {@link ProcessWakeUps}. Keys that nobody handles yet wait. */
export class WakeUpQueue {
  readonly #name: string;
  readonly #logger: Logger;
  readonly #retryPause: RetryPause;
  readonly #keysMax: number;
  readonly #keys = new Map<string, KeyState>();
  /** Keys in stage `due`, first in first out. */
  readonly #due = new Set<string>();
  readonly #handlers = new Set<Handler>();

  constructor(
    name: string,
    options: { readonly logger: Logger; readonly retryPause: RetryPause; readonly keysMax: number },
  ) {
    this.#name = name;
    this.#logger = options.logger;
    this.#retryPause = options.retryPause;
    this.#keysMax = options.keysMax;
  }

  /** @throws UnavailableError when the queue holds as many keys as it may */
  wake(key: string, delayMs: number): void {
    const state = this.#keys.get(key);
    if (state === undefined) {
      if (this.#keys.size >= this.#keysMax) {
        throw new UnavailableError(
          'wake_ups_full',
          `queue ${this.#name} holds ${this.#keysMax} keys already`,
        );
      }
      this.#schedule(key, { stage: 'timed', rejections: 0 }, delayMs);
    } else if (state.stage === 'running') {
      state.againFrom ??= performance.now() + delayMs;
    }
  }

  handle(handle: Handle, concurrency: number): Handling {
    const handler: Handler = { handle, concurrency, stopping: new AbortController(), running: new Set() };
    this.#handlers.add(handler);
    this.#dispatch();
    return { close: () => this.#stop(handler) };
  }

  /** Drops what waits, stops the handlers. */
  async close(): Promise<void> {
    const stopped = [...this.#handlers].map((handler) => this.#stop(handler));
    await Promise.all(stopped);
    for (const { timer } of this.#keys.values()) clearTimeout(timer);
    this.#keys.clear();
    this.#due.clear();
  }

  async #stop(handler: Handler): Promise<void> {
    this.#handlers.delete(handler);
    handler.stopping.abort(new Error(`the handling of queue ${this.#name} ends`));
    await Promise.all(handler.running);
  }

  #schedule(key: string, state: KeyState, delayMs: number): void {
    state.stage = 'timed';
    this.#keys.set(key, state);
    if (delayMs > 0) state.timer = setTimeout(() => this.#becomeDue(key, state), delayMs);
    else this.#becomeDue(key, state);
  }

  #becomeDue(key: string, state: KeyState): void {
    state.stage = 'due';
    this.#due.add(key);
    this.#dispatch();
  }

  #dispatch(): void {
    for (const handler of this.#handlers) {
      for (const key of this.#due) {
        if (handler.running.size >= handler.concurrency) break;
        this.#due.delete(key);
        this.#run(key, handler);
      }
    }
  }

  #run(key: string, handler: Handler): void {
    const state = this.#keys.get(key);
    if (state === undefined) throw new Error(`key ${key} of queue ${this.#name} is due and not held`);
    state.stage = 'running';
    const run = this.#call(key, state, handler).finally(() => {
      handler.running.delete(run);
      this.#dispatch();
    });
    handler.running.add(run);
  }

  async #call(key: string, state: KeyState, handler: Handler): Promise<void> {
    // Not in the caller's stack: who wakes does not wait for who handles.
    await Promise.resolve();
    try {
      await handler.handle(key, handler.stopping.signal);
      state.rejections = 0;
    } catch (error) {
      state.rejections++;
      const pauseMs = retryPauseMs(state.rejections, this.#retryPause);
      logRejection(this.#logger, { queue: this.#name, key, rejections: state.rejections, pauseMs }, error);
      delete state.againFrom;
      this.#schedule(key, state, pauseMs);
      return;
    }
    const { againFrom } = state;
    delete state.againFrom;
    if (againFrom === undefined) this.#keys.delete(key);
    else this.#schedule(key, state, againFrom - performance.now());
  }
}
