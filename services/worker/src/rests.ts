import type { WorkerConfig } from './config.ts';

/** How often a shard is looked at while it rests. */
const lookEveryMs = 5_000;

/**
 * How long shards are left alone whose windows are still being filled, so that computing them over and over takes
 * no more than a share of this process's time, however many shards are being filled at once. A rest is over early when
 * nothing more comes: then what is computed is the last.
 */
export class Rests {
  private readonly config: Pick<WorkerConfig, 'refillShareMax' | 'restMsMax'>;
  private readonly now: () => number;
  /** When each shard's rest ends. */
  private readonly ends = new Map<string, number>();
  /** Up to where each resting shard had changes when it was looked at. */
  private readonly seen = new Map<string, string | null>();

  /** @param now milliseconds, never going back */
  constructor(config: Rests['config'], now: () => number = () => performance.now()) {
    this.config = config;
    this.now = now;
  }

  /** Whether the shard's rest still lasts. */
  isResting(shard: string): boolean {
    return this.left(shard) > 0;
  }

  /** Begins the rest of a shard whose last piece took so many milliseconds, and says when to look at it. */
  begin(shard: string, tookMs: number): number {
    const now = this.now();
    for (const [other, end] of this.ends) if (end <= now) this.ends.delete(other);
    this.ends.set(shard, now);
    this.seen.delete(shard);
    const { refillShareMax, restMsMax } = this.config;
    const restMs = Math.min(restMsMax, tookMs * (this.ends.size / refillShareMax - 1));
    this.ends.set(shard, now + restMs);
    return Math.min(restMs, lookEveryMs);
  }

  /**
   * Looks at a shard that rests.
   * @param mark that `due` gives now for all that is due in it
   * @returns in how many milliseconds to look again; 0 when the rest is over, because nothing came since the last look
   */
  look(shard: string, mark: string | null): number {
    if (this.seen.get(shard) === mark) this.ends.delete(shard);
    else this.seen.set(shard, mark);
    return Math.min(this.left(shard), lookEveryMs);
  }

  private left(shard: string): number {
    return Math.max(0, (this.ends.get(shard) ?? 0) - this.now());
  }
}
