/**
 * Wake-up calls: "look at this key soon". Carries no data; what is due is derived elsewhere.
 *
 * Promises of every adapter, each held by a case of the same name in `test/conformance.ts`:
 * - a wake-up reaches a handler of its queue, in some process, after at least `delayMs`;
 * - at most one is waiting and one running per key;
 * - a wake-up that arrives while its key runs runs it once more afterwards, none that arrives while one waits adds
 *   another;
 * - a handler that rejects is called again after a growing pause;
 * - losing every wake-up loses nothing but time: after a flush of the medium, new wake-ups work as before;
 * - `wake` on an unreachable medium rejects with `UnavailableError` quickly, it does not hang;
 * - `close` waits for the handlers under way.
 *
 * Not promised: order between keys, survival of a restart, exactly-once execution (a stalled handler may run twice).
 */
export interface WakeUps {
  /** Keys must match `[a-zA-Z0-9_-]+`. */
  wake(queue: string, keys: readonly string[], options?: { readonly delayMs?: number }): Promise<void>;

  /** Calls `handle` for each due key, at most `concurrency` at a time in this process. */
  handle(
    queue: string,
    handle: (key: string, signal: AbortSignal) => Promise<void>,
    options?: { readonly concurrency?: number },
  ): Promise<Handling>;

  /** Resolves when the medium answers. @throws UnavailableError otherwise */
  check(): Promise<void>;

  close(): Promise<void>;
}

export interface Handling {
  close(): Promise<void>;
}
