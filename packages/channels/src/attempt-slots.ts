/**
 * So many attempts at a time, each with a deadline that also counts the time in which it waits for its turn. Those that
 * wait go in their order.
 */
export class AttemptSlots {
  readonly #closing = new AbortController();
  readonly #waiting: (() => void)[] = [];
  readonly #running = new Set<Promise<unknown>>();
  #free: number;

  constructor(attemptsMax: number) {
    this.#free = attemptsMax;
  }

  /**
   * Runs the attempt once there is room. Its signal aborts at the deadline and at the close; what it comes to
   * afterwards is not waited for.
   */
  async attempt<T>(
    deadlineMs: number,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | 'late' | 'closed'> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), deadlineMs);
    const signal = AbortSignal.any([deadline.signal, this.#closing.signal]);
    try {
      if (!(await this.#turn(signal))) return this.#ended();
      const running = run(signal).finally(() => this.#leave());
      this.#running.add(running);
      const done = running.finally(() => this.#running.delete(running));
      // What comes after the deadline is nobody's any more, not even its failure.
      done.catch(() => {});
      const result = await Promise.race([done, aborted(signal)]);
      return signal.aborted ? this.#ended() : (result as T);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Aborts what runs and what waits, and resolves when none of it runs any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#running);
  }

  #ended(): 'late' | 'closed' {
    return this.#closing.signal.aborted ? 'closed' : 'late';
  }

  /** Resolves to whether it has a turn: false when the signal aborted first. */
  async #turn(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.#free > 0) {
      this.#free--;
      return true;
    }
    const turn = Promise.withResolvers<boolean>();
    const take = (): void => turn.resolve(true);
    this.#waiting.push(take);
    const giveUp = (): void => {
      const at = this.#waiting.indexOf(take);
      if (at >= 0) this.#waiting.splice(at, 1);
      // Where it is not among those that wait, its turn has come: it passes it on.
      else this.#leave();
      turn.resolve(false);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    const has = await turn.promise;
    signal.removeEventListener('abort', giveUp);
    return has;
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
