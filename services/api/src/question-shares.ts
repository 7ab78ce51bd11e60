import { problem } from './problems.ts';

export interface QuestionLimits {
  /** Questions that are answered at once, over all keys, and of one key. */
  readonly openMax: number;
  readonly openPerKeyMax: number;
  /** Questions of one key that wait for their turn. */
  readonly waitingPerKeyMax: number;
  readonly waitMsMax: number;
}

export const questionLimits: QuestionLimits = {
  openMax: 32,
  openPerKeyMax: 8,
  waitingPerKeyMax: 64,
  waitMsMax: 15_000,
};

interface Waiting {
  start(): void;
}

interface KeyShare {
  open: number;
  readonly waiting: Waiting[];
}

const retryAfterMs = 2_000;

/**
 * How many questions are answered at once: a bound for all, and a share for each key, so that nobody's slow readers or
 * large exports keep the others out. What is beyond a share waits in order; keys take turns.
 */
export class QuestionShares {
  readonly #limits: QuestionLimits;
  /** Keys with questions, in the order of their turns. */
  readonly #keys = new Map<string, KeyShare>();
  #open = 0;

  constructor(limits: QuestionLimits) {
    this.#limits = limits;
  }

  /** Questions that are being answered. */
  get open(): number {
    return this.#open;
  }

  /**
   * Resolves when the question may be answered.
   * @returns what ends it; may be called again
   * @throws HttpProblem `too_many_questions` when too many of this key wait, or this one has waited for too long
   */
  async enter(key: string): Promise<() => void> {
    const { waitingPerKeyMax, openPerKeyMax, waitMsMax } = this.#limits;
    const share = this.#shareOf(key);
    if (!this.#hasRoom(share)) {
      const limit = openPerKeyMax + waitingPerKeyMax;
      if (share.waiting.length >= waitingPerKeyMax)
        throw problem('too_many_questions', { limit }, { retryAfterMs });
      await this.#turnOf(share, waitMsMax, () => problem('too_many_questions', { limit }, { retryAfterMs }));
    } else {
      share.open++;
      this.#open++;
    }
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      share.open--;
      this.#open--;
      this.#startNext();
      if (share.open === 0 && share.waiting.length === 0) this.#keys.delete(key);
    };
  }

  #shareOf(key: string): KeyShare {
    let share = this.#keys.get(key);
    if (share === undefined) {
      share = { open: 0, waiting: [] };
      this.#keys.set(key, share);
    }
    return share;
  }

  #hasRoom(share: KeyShare): boolean {
    return this.#open < this.#limits.openMax && share.open < this.#limits.openPerKeyMax;
  }

  #turnOf(share: KeyShare, waitMsMax: number, late: () => Error): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        share.waiting.splice(share.waiting.indexOf(waiting), 1);
        reject(late());
      }, waitMsMax);
      const waiting: Waiting = {
        start: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      share.waiting.push(waiting);
    });
  }

  /** Starts what may be started; the key whose question was started goes to the end of the turns. */
  #startNext(): void {
    for (const [key, share] of [...this.#keys]) {
      if (this.#open >= this.#limits.openMax) return;
      if (share.waiting.length === 0 || !this.#hasRoom(share)) continue;
      share.open++;
      this.#open++;
      this.#keys.delete(key);
      this.#keys.set(key, share);
      share.waiting.shift()!.start();
    }
  }
}
