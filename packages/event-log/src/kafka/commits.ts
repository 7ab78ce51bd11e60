import type { Consumer } from 'kafkajs';
import type { Logger } from '@songma/runtime';

/** Positions are committed together this often: a process that is killed in between repeats a little. */
const commitEveryMs = 100;

/** Commits a reader's positions in the background. */
export class Commits {
  readonly #consumer: Consumer;
  readonly #topic: string;
  readonly #logger: Logger;
  readonly #next = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  #committing: Promise<void> = Promise.resolve();

  constructor(consumer: Consumer, topic: string, logger: Logger) {
    this.#consumer = consumer;
    this.#topic = topic;
    this.#logger = logger;
  }

  /** @param next the offset after the last handled one */
  note(partition: number, next: number): void {
    this.#next.set(partition, next);
    this.#timer ??= setTimeout(() => void this.flush(), commitEveryMs);
  }

  /** Forgets what was noted: the partitions may be another member's now, which goes on from what is committed. */
  forget(): void {
    this.#next.clear();
  }

  /** Resolves when everything noted is committed, or has failed: then those records come again. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#committing = this.#committing.then(() => this.#commit());
    await this.#committing;
  }

  async #commit(): Promise<void> {
    const offsets = [...this.#next].map(([partition, next]) => ({
      topic: this.#topic,
      partition,
      offset: String(next),
    }));
    this.#next.clear();
    if (offsets.length === 0) return;
    try {
      await this.#consumer.commitOffsets(offsets);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#logger.info(
        { reason, topic: this.#topic },
        'positions were not committed; their records come again',
      );
    }
  }
}
