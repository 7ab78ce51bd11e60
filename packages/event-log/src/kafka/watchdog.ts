import type { Logger } from '@songma/runtime';

/**
 * Looks whether a reader has stopped without a word, as consumers of every Node client for Kafka have: records
 * wait, and nothing has happened for `stallMs`.
 */
export class Watchdog {
  readonly #timer: NodeJS.Timeout;
  #lastProgress = performance.now();

  constructor(options: {
    readonly stallMs: number;
    /** Records that wait for the reader; rejects when that cannot be known. */
    readonly waiting: () => Promise<number>;
    readonly onStall: (error: Error) => void;
    readonly reader: string;
    readonly logger: Logger;
  }) {
    const { stallMs, waiting, onStall, reader, logger } = options;
    const look = async () => {
      if (performance.now() - this.#lastProgress < stallMs) return;
      const records = await waiting();
      const quietMs = Math.round(performance.now() - this.#lastProgress);
      if (records === 0 || quietMs < stallMs) return;
      onStall(new Error(`${reader} has stood still for ${quietMs} ms while ${records} records wait`));
    };
    this.#timer = setInterval(() => {
      // A broker that does not answer is not a reader that stands still; readiness tells of it.
      look().catch((error: unknown) => logger.debug({ err: error, reader }, 'the lag is not known'));
    }, stallMs / 8);
  }

  /** A batch came, was handled, or was refused by its handler. */
  progress(): void {
    this.#lastProgress = performance.now();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
