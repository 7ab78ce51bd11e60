const KEY = /^[a-zA-Z0-9_-]+$/;
const QUEUE = /^[a-z][a-z0-9-]*$/;

/** Timers count in 31 bits: a longer delay would fire at once. */
export const delayMsMax = 2 ** 31 - 1;

/** Callers name queues and keys in code: a bad one is a bug. @throws RangeError */
export function assertRequest(queue: string, keys: readonly string[], delayMs: number): void {
  if (!QUEUE.test(queue)) throw new RangeError(`"${queue}" is no name of a queue: use a-z, 0-9 and "-"`);
  const bad = keys.find((key) => !KEY.test(key));
  if (bad !== undefined) throw new RangeError(`"${bad}" is no key: use a-z, A-Z, 0-9, "_" and "-"`);
  if (!Number.isFinite(delayMs) || delayMs < 0 || delayMs > delayMsMax) {
    throw new RangeError(`a delay of ${delayMs} ms is not from 0 to ${delayMsMax}`);
  }
}
