/** Work of large pushes after which everybody else has a turn: about what a small push takes with all that belongs to it. */
const turnMsMax = 5;
/** Larger bodies wait for their turn before they are looked at: parsing one can take a turn by itself. */
const unannouncedBytesMax = 64 * 1024;

/** The work of one push, or of one portion of the log, as it goes on in turns. */
export interface Work {
  /** The turn is over: wait for the `next` one before going on. */
  isTurnOver(): boolean;
  /** Resolves when the event loop has gone round, and it is this work's turn again. */
  next(): Promise<void>;
}

/**
 * Lets large work go on in turns with everything else. However many large pushes there are, the event loop goes round
 * after one turn of one of them; they follow one another in the order in which they began to wait. Work that is shorter
 * than a turn never waits.
 */
export class WorkTurns {
  readonly #waiting: (() => void)[] = [];
  #isGoing = false;

  /** Work that begins now. */
  begin(): Work {
    let began = performance.now();
    return {
      isTurnOver: () => performance.now() - began >= turnMsMax,
      next: async () => {
        await this.#turn();
        began = performance.now();
      },
    };
  }

  /** The work on a body of so many bytes: that on a large one waits for its turn. */
  async beginOn(bytes: number): Promise<Work> {
    if (bytes > unannouncedBytesMax) await this.#turn();
    return this.begin();
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#isGoing) return;
      this.#isGoing = true;
      setImmediate(this.#give);
    });
  }

  readonly #give = (): void => {
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) setImmediate(this.#give);
    else this.#isGoing = false;
  };
}
