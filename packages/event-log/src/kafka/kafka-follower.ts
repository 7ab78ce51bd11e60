import { UnavailableError } from '@songma/runtime';
import type { Positions, Reading } from '../port.ts';
import type { PartitionBounds } from './topic-offsets.ts';

/** How often to look whether records that are waited for have been removed by their retention. */
const lookAgainMs = 1_000;

/** Tells when a follower has handled all that was in its topic when it began. */
export class KafkaFollower {
  readonly caughtUp: Promise<void>;
  /** Next offset per partition; the reader advances them. */
  readonly positions: Map<number, number>;
  readonly #ends = new Map<number, number>();
  readonly #done = Promise.withResolvers<void>();

  constructor(bounds: ReadonlyMap<number, PartitionBounds>, from: Positions) {
    this.caughtUp = this.#done.promise;
    // Told by `closed` too, and nobody has to wait for both.
    this.caughtUp.catch(() => {});
    this.positions = new Map();
    for (const [partition, { low, high }] of bounds) {
      const wanted = from[partition] ?? low;
      // A position beyond the end is one in a log that is gone: this one is read from its beginning.
      this.positions.set(partition, wanted > high ? low : Math.max(wanted, low));
      this.#ends.set(partition, high);
    }
    this.look();
  }

  /** Compares the positions with the ends. */
  look(): void {
    for (const [partition, end] of this.#ends) {
      if ((this.positions.get(partition) ?? 0) >= end) this.#ends.delete(partition);
    }
    if (this.#ends.size === 0) this.#done.resolve();
  }

  /** Watches the reader, and a topic whose records vanish before they are read. */
  start(options: {
    readonly reader: Reading;
    readonly readBounds: () => Promise<ReadonlyMap<number, PartitionBounds>>;
  }): void {
    const timer = setInterval(() => {
      // The next look may have an answer.
      options.readBounds().then(
        (bounds) => this.#skipRemoved(bounds),
        () => {},
      );
    }, lookAgainMs);
    void this.caughtUp.catch(() => {}).finally(() => clearInterval(timer));
    const early = new UnavailableError('log_closed', 'the reader was closed before it had caught up');
    options.reader.closed.then(
      () => this.#done.reject(early),
      (error: unknown) => this.#done.reject(error),
    );
  }

  #skipRemoved(bounds: ReadonlyMap<number, PartitionBounds>): void {
    for (const [partition, end] of this.#ends) {
      if ((bounds.get(partition)?.low ?? 0) >= end) this.#ends.delete(partition);
    }
    this.look();
  }
}
