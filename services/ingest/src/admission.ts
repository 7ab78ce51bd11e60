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

/** How much of what may be under way one key may have: others find room whatever it sends. */
const keyShare = 1 / 4;

interface KeyInFlight {
  pushes: number;
  bytes: number;
}

/** What is under way, bounded in pushes and in bytes, over all keys and for each. */
export function createInFlight(limits: Pick<IngestLimits, 'inFlightPushesMax' | 'inFlightBytesMax'>) {
  const { inFlightPushesMax, inFlightBytesMax } = limits;
  const keyPushesMax = Math.ceil(inFlightPushesMax * keyShare);
  const keyBytesMax = Math.ceil(inFlightBytesMax * keyShare);
  const keys = new Map<string, KeyInFlight>();
  let pushes = 0;
  let bytes = 0;

  const overloaded = (code: 'overloaded' | 'key_overloaded', limit: string) =>
    problem(code, { limit }, { retryAfterMs: overloadRetryAfterMs });

  /** One push always fits, however small the bound and large its body: otherwise it could never be sent. */
  const checkBytes = (of: KeyInFlight, held: number, more: number) => {
    if (of.bytes > held && of.bytes + more > keyBytesMax) {
      throw overloaded('key_overloaded', `INGEST_IN_FLIGHT_BYTES_MAX=${inFlightBytesMax} / 4`);
    }
    if (bytes > held && bytes + more > inFlightBytesMax) {
      throw overloaded('overloaded', `INGEST_IN_FLIGHT_BYTES_MAX=${inFlightBytesMax}`);
    }
  };

  return {
    get pushes() {
      return pushes;
    },
    get bytes() {
      return bytes;
    },
    /**
     * Lets a push in that announces this many bytes. They are counted when they come.
     * @throws HttpProblem `overloaded`, `key_overloaded`
     */
    enter({ key }: Pick<Pusher, 'key'>, announced: number): PushInFlight {
      const known = keys.get(key);
      const of = known ?? { pushes: 0, bytes: 0 };
      if (of.pushes >= keyPushesMax && of.pushes > 0) {
        throw overloaded('key_overloaded', `INGEST_IN_FLIGHT_PUSHES_MAX=${inFlightPushesMax} / 4`);
      }
      if (pushes >= inFlightPushesMax) {
        throw overloaded('overloaded', `INGEST_IN_FLIGHT_PUSHES_MAX=${inFlightPushesMax}`);
      }
      checkBytes(of, 0, announced);
      if (known === undefined) keys.set(key, of);
      pushes += 1;
      of.pushes += 1;
      let held = 0;
      let isOver = false;
      return {
        grow(more) {
          checkBytes(of, held, more);
          held += more;
          bytes += more;
          of.bytes += more;
        },
        leave() {
          if (isOver) return;
          isOver = true;
          pushes -= 1;
          bytes -= held;
          of.pushes -= 1;
          of.bytes -= held;
          if (of.pushes === 0) keys.delete(key);
        },
      };
    },
  };
}
export type InFlight = ReturnType<typeof createInFlight>;

/** A push that is under way. */
export interface PushInFlight {
  /** So many more bytes of it have come or were unpacked. @throws HttpProblem `overloaded`, `key_overloaded` */
  grow(moreBytes: number): void;
  /** May be called again. */
  leave(): void;
}
