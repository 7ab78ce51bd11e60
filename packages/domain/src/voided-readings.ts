import type { VoidedRange } from './entities.ts';
import { flag, sameReading } from './readings.ts';

/** What declares readings void, and when it was registered (epoch milliseconds). */
export interface KnownVoid {
  readonly body: Pick<VoidedRange, 'from' | 'to'>;
  readonly at: number;
}

interface Readings {
  /** Epoch milliseconds, ascending. */
  readonly times: Float64Array;
  /** NaN: a status without a value. */
  readonly values: Float64Array;
  readonly flags: Uint8Array;
}

interface KnownReadings extends Readings {
  /** Microseconds since the epoch. */
  readonly knownUs: Float64Array;
}

/** The readings as they stood when the void was registered; undefined where nobody looked. */
export type ReadingsThen = (declared: KnownVoid) => Readings | undefined;

/** The last microsecond at which something was known when the void was registered. */
export function lastKnownUs({ at }: KnownVoid): number {
  return (at + 1) * 1000 - 1;
}

/**
 * The voids that cover readings which became known only after they were registered. Whether those are void is told by
 * what stood then (see {@link markVoided}).
 */
export function voidsToLookBehind(readings: KnownReadings, voids: readonly KnownVoid[]): KnownVoid[] {
  return covering(readings, voids).filter((declared) => {
    const [first, end] = rowsOf(readings.times, declared.body);
    return readings.knownUs.subarray(first, end).some((knownUs) => knownUs > lastKnownUs(declared));
  });
}

/**
 * The readings with {@link flag.voided} where one of the ranges covers them and they say (value and flags) what stood
 * there when it was registered. So what is corrected afterwards is a new reading, and stands; what is void and sent
 * again stays void. `knownUs` alone cannot tell the two apart, since it depends on the order in which writes of the
 * same value arrived. The same object when none is void.
 */
export function markVoided<R extends KnownReadings>(
  readings: R,
  voids: readonly KnownVoid[],
  then: ReadingsThen,
): R {
  const meant = covering(readings, voids);
  if (meant.length === 0) return readings;
  const flags = Uint8Array.from(readings.flags);
  for (const declared of meant) {
    const [first, end] = rowsOf(readings.times, declared.body);
    const stood = then(declared);
    for (let row = first; row < end; row++) {
      const isVoid = readings.knownUs[row]! <= lastKnownUs(declared) || saysTheSame(readings, row, stood);
      if (isVoid) flags[row]! |= flag.voided;
    }
  }
  return { ...readings, flags };
}

function covering({ times }: Readings, voids: readonly KnownVoid[]): KnownVoid[] {
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined) return [];
  return voids.filter(({ body }) => body.from <= last && body.to > first);
}

/** The first row of the range, and the row after its last. */
function rowsOf(times: Float64Array, { from, to }: KnownVoid['body']): [number, number] {
  return [firstAt(times, from), firstAt(times, to)];
}

/** The first row at or after the time. */
function firstAt(times: Float64Array, time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function saysTheSame(readings: Readings, row: number, stood: Readings | undefined): boolean {
  if (stood === undefined) return false;
  const then = firstAt(stood.times, readings.times[row]!);
  if (stood.times[then] !== readings.times[row]) return false;
  return sameReading(readingAt(stood, then), readingAt(readings, row));
}

function readingAt({ values, flags }: Readings, row: number): { value: number; flags: number } {
  return { value: values[row]!, flags: flags[row]! };
}
