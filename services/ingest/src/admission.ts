import type { IngestLimits } from './config.ts';
import { problem } from './problems.ts';
import type { Pusher } from './pusher.ts';

/** How long a caller is asked to wait when too much is under way. */
const overloadRetryAfterMs = 1_000;
/** Keys whose use is remembered; idle ones have a full allowance and are forgotten first. */
const bucketsMax = 10_000;

interface Bucket {
  pushes: number;
  at: number;
}

/**
 * Pushes a second per key, as a bucket that holds one second's worth. A dozen lines instead of a plugin: per push a
 * look-up and two subtractions, no headers, no timer.
 */
export function createRateLimit(pushesPerSecondMax: number) {
  const buckets = new Map<string, Bucket>();
  return {
    /** @param now milliseconds of a clock that never goes back. @throws HttpProblem `too_many_pushes` */
    take({ key }: Pick<Pusher, 'key'>, now: number): void {
      let bucket = buckets.get(key);
      if (bucket === undefined) {
        if (buckets.size >= bucketsMax) buckets.clear();
        bucket = { pushes: pushesPerSecondMax, at: now };
        buckets.set(key, bucket);
      }
      const gained = ((now - bucket.at) * pushesPerSecondMax) / 1000;
      bucket.pushes = Math.min(pushesPerSecondMax, bucket.pushes + gained);
      bucket.at = now;
      if (bucket.pushes < 1) {
        const retryAfterMs = ((1 - bucket.pushes) * 1000) / pushesPerSecondMax;
        throw problem('too_many_pushes', { limit: pushesPerSecondMax }, { retryAfterMs });
      }
      bucket.pushes -= 1;
    },
  };
}

export type RateLimit = ReturnType<typeof createRateLimit>;

/** What is under way over all keys, bounded in pushes and in bytes. */
export function createInFlight(limits: Pick<IngestLimits, 'inFlightPushesMax' | 'inFlightBytesMax'>) {
  const { inFlightPushesMax, inFlightBytesMax } = limits;
  let pushes = 0;
  let bytes = 0;

  const checkBytes = (more: number) => {
    // One push always fits, however small the bound: otherwise it could never be sent.
    if (bytes > 0 && bytes + more > inFlightBytesMax) {
      const limit = `INGEST_IN_FLIGHT_BYTES_MAX=${inFlightBytesMax}`;
      throw problem('overloaded', { limit }, { retryAfterMs: overloadRetryAfterMs });
    }
  };

  return {
    get pushes() {
      return pushes;
    },
    get bytes() {
      return bytes;
    },
    /** Lets a push of this many bytes in. @throws HttpProblem `overloaded` */
    enter(size: number): Stay {
      if (pushes >= inFlightPushesMax) {
        const limit = `INGEST_IN_FLIGHT_PUSHES_MAX=${inFlightPushesMax}`;
        throw problem('overloaded', { limit }, { retryAfterMs: overloadRetryAfterMs });
      }
      checkBytes(size);
      pushes += 1;
      bytes += size;
      let held = size;
      let isOver = false;
      return {
        grow(more) {
          checkBytes(more);
          held += more;
          bytes += more;
        },
        leave() {
          if (isOver) return;
          isOver = true;
          pushes -= 1;
          bytes -= held;
        },
      };
    },
  };
}
export type InFlight = ReturnType<typeof createInFlight>;

/** A push that is under way. */
export interface Stay {
  /** It turned out larger. @throws HttpProblem `overloaded` */
  grow(moreBytes: number): void;
  /** May be called again. */
  leave(): void;
}
