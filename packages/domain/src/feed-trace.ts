import type { Meter } from './entities.ts';
import { intervalOf } from './intervals.ts';
import { dueTime, quantile, type ArrivedReadings } from './feed-statistics.ts';
import { rollupHours } from './rollup.ts';
import { printedTime } from './stamps.ts';
import { timeZone } from './time-zone.ts';

const quarterMs = 900_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** What is kept of a feed to compare it with others: how it ran, and how its readings came. */
export interface FeedTrace {
  readonly meter: string;
  readonly intervalMs: number;
  /**
   * Width of the signal's steps: the interval, at least a quarter of an hour. Undefined: it does not divide an hour.
   */
  readonly stepMs: number | undefined;
  /** Start of the signal's first step, a whole hour of UTC. */
  readonly from: number;
  /** What the meter measured in each step; NaN where less than half of it is known. */
  readonly signal: Float64Array;
  /** Of uncorrected readings, ascending: when each could be known at the earliest, and how long after it came. */
  readonly dueTimes: Float64Array;
  readonly latenessMs: Float64Array;
  /** Indices into them of readings that were stamped one interval before midnight, at it, and one after it. */
  readonly aroundMidnight: readonly [
    before: readonly number[],
    at: readonly number[],
    after: readonly number[],
  ];
}

/** The trace of a meter's readings from the hour of `from` to `to`, epoch milliseconds. */
export function feedTrace(
  meter: Meter,
  zone: string,
  readings: ArrivedReadings,
  { from, to }: { readonly from: number; readonly to: number },
): FeedTrace {
  const start = Math.floor(from / hourMs) * hourMs;
  const stepMs = Math.max(quarterMs, meter.intervalMs);
  const isComparable = hourMs % stepMs === 0;
  const windows = Array.from({ length: isComparable ? Math.floor((to - start) / stepMs) : 0 }, (_, i) => ({
    start: start + i * stepMs,
    end: start + (i + 1) * stepMs,
  }));
  const drafts = rollupHours(meter, zone, readings, windows, 'PT15M');
  const { times, knownUs, revisions } = readings;
  const clock = timeZone(meter.time.zone);
  const dueTimes: number[] = [];
  const latenessMs: number[] = [];
  const aroundMidnight: [number[], number[], number[]] = [[], [], []];
  for (let i = 0; i < times.length; i++) {
    const time = times[i]!;
    if (revisions[i] !== 0 || time < start) continue;
    const due = dueTime(meter, time);
    const printed = printedTime(meter.time, intervalOf(meter), meter.kind, time);
    const local = printed + clock.offsetAt(printed);
    for (const side of [0, 1, 2] as const) {
      if ((local + (1 - side) * meter.intervalMs) % dayMs === 0) aroundMidnight[side].push(dueTimes.length);
    }
    dueTimes.push(due);
    latenessMs.push(Math.floor(knownUs[i]! / 1000) - due);
  }
  return {
    meter: meter.id,
    intervalMs: meter.intervalMs,
    stepMs: isComparable ? stepMs : undefined,
    from: start,
    signal: Float64Array.from(drafts, ({ coverage, sum, mean }) =>
      coverage < 0.5 ? Number.NaN : (sum ?? mean ?? Number.NaN),
    ),
    dueTimes: Float64Array.from(dueTimes),
    latenessMs: Float64Array.from(latenessMs),
    aroundMidnight,
  };
}

/** Lateness of the readings that were due at `since` or later, ascending. */
export function latenessSince({ dueTimes, latenessMs }: FeedTrace, since: number): Float64Array {
  return latenessMs.filter((_ms, i) => dueTimes[i]! >= since).toSorted();
}

/**
 * Median lateness of the readings at these indices that were due at `since` or later; undefined for fewer than five.
 */
export function medianLateness(
  { dueTimes, latenessMs }: FeedTrace,
  indices: readonly number[],
  since: number,
): number | undefined {
  const chosen = indices.filter((i) => dueTimes[i]! >= since).map((i) => latenessMs[i]!);
  return chosen.length < 5 ? undefined : quantile(Float64Array.from(chosen).toSorted(), 0.5);
}

/** The signal in wider steps, which must be a multiple of its own; a step with less than half of its parts is NaN. */
export function widened(trace: FeedTrace, stepMs: number): Float64Array {
  const parts = stepMs / trace.stepMs!;
  if (parts === 1) return trace.signal;
  return Float64Array.from({ length: Math.floor(trace.signal.length / parts) }, (_, step) => {
    const known = trace.signal.subarray(step * parts, (step + 1) * parts).filter((x) => !Number.isNaN(x));
    return 2 * known.length < parts ? Number.NaN : known.reduce((sum, x) => sum + x, 0) / known.length;
  });
}

/** Mean of the signal by the time of day of `zone`, over the steps that start in `[from, to)`; NaN where none does. */
export function dayProfile(trace: FeedTrace, zone: string, from: number, to: number): Float64Array {
  const stepMs = trace.stepMs!;
  const clock = timeZone(zone);
  const sums = new Float64Array(dayMs / stepMs);
  const counts = new Float64Array(sums.length);
  for (let i = 0; i < trace.signal.length; i++) {
    const time = trace.from + i * stepMs;
    const value = trace.signal[i]!;
    if (time < from || time >= to || Number.isNaN(value)) continue;
    const slot = Math.floor(((time + clock.offsetAt(time)) % dayMs) / stepMs);
    sums[slot]! += value;
    counts[slot]! += 1;
  }
  return sums.map((sum, slot) => sum / counts[slot]!);
}

/**
 * Pearson's correlation of `a[i]` with `b[i - lag]` over the pairs of which both are known, from index `first` on;
 * `around`: `b` goes on in a circle. NaN for fewer than `pairsMin` pairs, or where one of the two stays the same to a
 * thousandth of its size.
 */
export function correlation(
  a: Float64Array,
  b: Float64Array,
  lag: number,
  { first = 0, pairsMin = 2, around = false } = {},
): number {
  let [n, sumA, sumB, sumAa, sumBb, sumAb] = [0, 0, 0, 0, 0, 0];
  const [originA, originB] = [originOf(a), originOf(b)];
  for (let i = first; i < a.length; i++) {
    const j = around ? (i - lag + b.length) % b.length : i - lag;
    if (j < 0 || j >= b.length || Number.isNaN(a[i]!) || Number.isNaN(b[j]!)) continue;
    const x = a[i]! - originA;
    const y = b[j]! - originB;
    n++;
    sumA += x;
    sumB += y;
    sumAa += x * x;
    sumBb += y * y;
    sumAb += x * y;
  }
  if (n < pairsMin) return Number.NaN;
  const [varA, varB] = [sumAa / n - (sumA / n) ** 2, sumBb / n - (sumB / n) ** 2];
  const [flatA, flatB] = [(sumA / n + originA) / 1000, (sumB / n + originB) / 1000];
  if (varA <= flatA ** 2 || varB <= flatB ** 2) return Number.NaN;
  return (sumAb / n - (sumA / n) * (sumB / n)) / Math.sqrt(varA * varB);
}

/** Some known value, to reckon from: squares of large values with small differences would lose them. */
function originOf(values: Float64Array): number {
  return values.find((value) => !Number.isNaN(value)) ?? 0;
}
