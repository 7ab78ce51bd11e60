import type { VoidedRange } from './entities.ts';
import { flag } from './readings.ts';

/** What declares readings void, and when it was registered (epoch milliseconds). */
export interface KnownVoid {
  readonly body: Pick<VoidedRange, 'from' | 'to'>;
  readonly at: number;
}

interface KnownReadings {
  /** Epoch milliseconds, ascending. */
  readonly times: Float64Array;
  readonly flags: Uint8Array;
  /** Microseconds since the epoch. */
  readonly knownUs: Float64Array;
}

/**
 * The readings with {@link flag.voided} where one of the ranges covers them that was declared when they were known.
 * What is corrected afterwards is a new reading, and stands. The same object when none is void.
 */
export function markVoided<R extends KnownReadings>(readings: R, voids: readonly KnownVoid[]): R {
  const { times, knownUs } = readings;
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined) return readings;
  const meant = voids.filter(({ body }) => body.from <= last && body.to > first);
  if (meant.length === 0) return readings;
  const flags = Uint8Array.from(readings.flags, (bits, i) => {
    const isVoid = meant.some(
      ({ body: { from, to }, at }) => times[i]! >= from && times[i]! < to && knownUs[i]! < (at + 1) * 1000,
    );
    return isVoid ? bits | flag.voided : bits;
  });
  return { ...readings, flags };
}
