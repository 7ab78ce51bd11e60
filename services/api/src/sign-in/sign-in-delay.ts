/** Failures that cost nothing: people mistype. */
const freeFailures = 3;
const firstDelayMs = 1_000;
const delayMsMax = 60_000;
/** A failure is forgotten after so long without another. */
const forgottenMs = 15 * 60_000;
/** Accounts and addresses that are remembered; the one that failed longest ago goes first. */
const rememberedMax = 20_000;

interface Failures {
  readonly count: number;
  readonly lastMs: number;
}

/**
 * Whoever fails to sign in waits, twice as long each time, up to a minute: by account and by address. Nobody is locked
 * out: after the wait the right password lets in.
 */
export class SignInDelay {
  readonly #failures = new Map<string, Failures>();
  readonly #now: () => number;

  /** @param now milliseconds of any clock */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** How long the next try of any of these is not looked at, in milliseconds. */
  waitMs(...names: readonly string[]): number {
    return Math.max(0, ...names.map((name) => this.#waitOf(name)));
  }

  fail(...names: readonly string[]): void {
    for (const name of names) {
      const former = this.#standing(name);
      // Put at the end: the map is in the order of the last failures.
      this.#failures.delete(name);
      this.#failures.set(name, { count: (former?.count ?? 0) + 1, lastMs: this.#now() });
      if (this.#failures.size > rememberedMax) this.#failures.delete(this.#failures.keys().next().value!);
    }
  }

  succeed(name: string): void {
    this.#failures.delete(name);
  }

  #waitOf(name: string): number {
    const failures = this.#standing(name);
    if (failures === undefined || failures.count < freeFailures) return 0;
    const delayMs = Math.min(delayMsMax, firstDelayMs * 2 ** (failures.count - freeFailures));
    return Math.max(0, failures.lastMs + delayMs - this.#now());
  }

  #standing(name: string): Failures | undefined {
    const failures = this.#failures.get(name);
    return failures === undefined || this.#now() - failures.lastMs > forgottenMs ? undefined : failures;
  }
}
