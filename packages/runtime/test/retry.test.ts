import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UnavailableError, pause, retry } from '../src/index.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const options = { deadlineMs: 10_000, firstDelayMs: 100, delayMaxMs: 1_000, random: () => 1 };

function failing(times: number, error: Error) {
  let calls = 0;
  return async () => {
    if (calls++ < times) throw error;
    return calls;
  };
}

describe('retry', () => {
  it('tries an outage again, with pauses that double up to the longest', async () => {
    const delays: number[] = [];
    const result = retry(failing(6, new UnavailableError('down', 'down')), {
      ...options,
      onRetry: (_error, _attempt, delayMs) => delays.push(delayMs),
    });
    await vi.runAllTimersAsync();
    expect(await result).toBe(7);
    expect(delays).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  it('does not try a bug again', async () => {
    const attempt = vi.fn<() => Promise<number>>(failing(1, new TypeError('bug')));
    await expect(retry(attempt, options)).rejects.toThrow(TypeError);
    expect(attempt).toHaveBeenCalledTimes(1);
  });

  it('gives up with the last error when the next attempt would begin after the deadline', async () => {
    const result = retry(failing(Infinity, new UnavailableError('down', 'still down')), options);
    const caught = result.catch((error: unknown) => error);
    await vi.runAllTimersAsync();
    expect(await caught).toMatchObject({ message: 'still down' });
  });

  it('waits at least as long as the other side has asked for', async () => {
    const delays: number[] = [];
    const result = retry(failing(1, new UnavailableError('busy', 'busy', { retryAfterMs: 5_000 })), {
      ...options,
      onRetry: (_error, _attempt, delayMs) => delays.push(delayMs),
    });
    await vi.runAllTimersAsync();
    await result;
    expect(delays).toEqual([5_000]);
  });

  it('ends with the reason of its signal', async () => {
    const stop = new AbortController();
    const result = retry(failing(Infinity, new UnavailableError('down', 'down')), {
      ...options,
      signal: stop.signal,
    });
    const caught = result.catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(50);
    stop.abort(new Error('stopping'));
    expect(await caught).toMatchObject({ message: 'stopping' });
  });
});

describe('pause', () => {
  it('rejects at once when its signal has aborted before', async () => {
    await expect(pause(1_000, AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
  });

  it('leaves no listener behind', async () => {
    const { signal } = new AbortController();
    const removed = vi.spyOn(signal, 'removeEventListener');
    const paused = pause(10, signal);
    await vi.runAllTimersAsync();
    await paused;
    expect(removed).toHaveBeenCalledOnce();
  });
});
