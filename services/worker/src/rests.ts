import type { WorkerConfig } from './config.ts';

/**
 * How long shards are left alone whose windows are still being filled, so that computing them over and over takes
 * no more than a share of this process's time, however many shards are being filled at once.
 */
export class Rests {
  private readonly config: Pick<WorkerConfig, 'refillShareMax' | 'restMsMax'>;
  private readonly now: () => number;
  /** When each shard's rest ends. */
  private readonly ends = new Map<string, number>();

  /** @param now milliseconds, never going back */
  constructor(config: Rests['config'], now: () => number = () => performance.now()) {
    this.config = config;
    this.now = now;
  }

  /** How many milliseconds the shard's rest still lasts; 0 when it does not rest. */
  left(shard: string): number {
    return Math.max(0, (this.ends.get(shard) ?? 0) - this.now());
  }

  /** Begins the rest of a shard whose last piece took so many milliseconds. */
  begin(shard: string, tookMs: number): void {
    const now = this.now();
    for (const [other, end] of this.ends) if (end <= now) this.ends.delete(other);
    this.ends.set(shard, now);
    const { refillShareMax, restMsMax } = this.config;
    this.ends.set(shard, now + Math.min(restMsMax, tookMs * (this.ends.size / refillShareMax - 1)));
  }

  end(shard: string): void {
    this.ends.delete(shard);
  }
}
