import { UnavailableError } from './errors.ts';

/** Resolves after `ms`; rejects with the signal's reason as soon as it aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

export interface RetryOptions {
  /** No attempt begins later than this after the first; then the last error is thrown. Infinity is allowed. */
  readonly deadlineMs: number;
  readonly firstDelayMs: number;
  readonly delayMaxMs: number;
  /** Ends the waiting: `retry` then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly onRetry?: (error: UnavailableError, attempt: number, delayMs: number) => void;
  /** 0 to 1; replaced in tests. */
  readonly random?: () => number;
}

/**
 * Calls `attempt` until it resolves. Only `UnavailableError` is tried again, after a pause that doubles each time
 * and is drawn from its upper half, and that is at least the `retryAfterMs` of the error.
 */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { deadlineMs, firstDelayMs, delayMaxMs, signal, onRetry, random = Math.random } = options;
  const deadline = performance.now() + deadlineMs;
  for (let attempts = 1; ; attempts++) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      const bound = Math.min(delayMaxMs, firstDelayMs * 2 ** (attempts - 1));
      const delayMs = Math.max(bound * (0.5 + random() / 2), error.retryAfterMs ?? 0);
      if (performance.now() + delayMs > deadline) throw error;
      onRetry?.(error, attempts, delayMs);
      await pause(delayMs, signal);
    }
  }
}
