import { pause } from '@songma/runtime';
import type { LogRecord } from './port.ts';

/** What is worth a delivery at once, bytes. */
const largeBytes = 256 * 1024;

/** Keeps the small deliveries of one reader apart; see `ReadingPace` of the port. */
export class Pace {
  readonly #paceMs: number;
  /** When the next delivery may be fetched, in `performance.now()` milliseconds. */
  #nextAt = Number.NEGATIVE_INFINITY;

  constructor(paceMs = 0) {
    this.#paceMs = paceMs;
  }

  /** Notes that these are being delivered. */
  begin(records: readonly LogRecord[]): void {
    const bytes = records.reduce((sum, { value }) => sum + value.byteLength, 0);
    this.#nextAt = bytes < largeBytes ? performance.now() + this.#paceMs : Number.NEGATIVE_INFINITY;
  }

  /** Resolves when the next ones may be fetched. @throws the signal's reason when it aborts before */
  async untilNext(signal: AbortSignal): Promise<void> {
    const left = this.#nextAt - performance.now();
    if (left >= 1) await pause(left, signal);
  }
}
