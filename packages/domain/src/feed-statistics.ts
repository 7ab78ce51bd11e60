import type { Meter } from './entities.ts';
import { lifeMsIn, lifeOf } from './life.ts';
import { isToldAfterwards } from './owed.ts';
import { rollupHours } from './rollup.ts';
import type { MeterReadings } from './meter-readings.ts';
import { intervalOf, intervalStep } from './intervals.ts';
import { timeZone } from './time-zone.ts';

/** One meter's readings that stand, with when each became known. Columns of equal length, ascending in time. */
export interface ArrivedReadings extends MeterReadings {
  /** Microseconds since the epoch. */
  readonly knownUs: Float64Array;
  /** 0 for a reading that superseded nothing: only such a one tells when it first came. */
  readonly revisions: ArrayLike<number>;
}

/** How readings came after the moment at which they could be known at the earliest. */
export interface ArrivalStatistics {
  /** Readings that are told of: those that were corrected later do not tell when they first came. */
  readonly count: number;
  readonly corrected: number;
  /** Shares of `count`, 0 to 1: came before that moment, or later by more than so much. */
  readonly early: number;
  readonly lateByInterval: number;
  readonly lateByHour: number;
  readonly lateByDay: number;
  /** Milliseconds, negative: before that moment; null when `count` is 0. */
  readonly medianMs: number | null;
  readonly p95Ms: number | null;
}

export interface FeedStatistics {
  /** Of the latest reading, epoch milliseconds; null: none in the span. */
  readonly lastTime: number | null;
  /** When the newest of what is held became known, epoch milliseconds. */
  readonly lastArrival: number | null;
  /** Whole intervals without the reading that was due; null when there is no reading to count from. */
  readonly silentIntervals: number | null;
  /**
   * Share of the last 24 hours, and of the whole span, as far as they lie in the meter's life, that valid readings
   * account for, 0 to 1; null where nothing of them does.
   */
  readonly coverageDay: number | null;
  readonly coverage: number | null;
  readonly arrivals: ArrivalStatistics;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * How a feed has been doing over a span that ends at `now` (at least a day), all in epoch milliseconds. `readings` must
 * also hold those before `from` that reach into it, and may hold some after `now`.
 *
 * Coverage leaves out the last interval, as what is owed does: its readings may still be on their way.
 */
export function feedStatistics(
  meter: Meter,
  zone: string,
  readings: ArrivedReadings,
  { from, now }: { readonly from: number; readonly now: number },
): FeedStatistics {
  const { times, knownUs } = readings;
  const grace = meter.intervalMs;
  const until = Math.min(now, lifeOf(meter).to);
  const windows = [
    { start: from - grace, end: now - grace - dayMs },
    { start: now - grace - dayMs, end: now - grace },
  ].filter(({ start, end }) => start < end);
  const drafts = rollupHours(meter, zone, readings, windows);
  const coveredMs = drafts.reduce((sum, draft) => sum + draft.coveredMs, 0);
  const lifeMs = windows.reduce((sum, window) => sum + lifeMsIn(meter, window), 0);
  let first = 0;
  while (first < times.length && times[first]! < from) first++;
  const lastTime = first < times.length ? times.at(-1)! : null;
  const lastArrivalUs = knownUs.subarray(first).reduce((latest, known) => Math.max(latest, known), 0);
  return {
    lastTime,
    lastArrival: lastTime === null ? null : Math.floor(lastArrivalUs / 1000),
    silentIntervals:
      lastTime === null
        ? null
        : Math.max(0, Math.floor((until - dueTime(meter, lastTime)) / meter.intervalMs)),
    coverageDay: lifeMsIn(meter, windows.at(-1)!) === 0 ? null : drafts.at(-1)!.coverage,
    coverage: lifeMs === 0 ? null : coveredMs / lifeMs,
    arrivals: arrivalStatistics(meter, readings, first),
  };
}

/**
 * The earliest moment at which a reading at `time` can be known: when what it describes is over. Epoch milliseconds.
 */
export function dueTime(meter: Meter, time: number): number {
  return isToldAfterwards(meter) ? intervalStep(timeZone(meter.time.zone), time, intervalOf(meter)) : time;
}

/**
 * The value that a share of ascending values does not exceed (nearest rank); undefined for none.
 * @see R. J. Hyndman, Y. Fan, "Sample Quantiles in Statistical Packages", definition 1
 */
export function quantile(ascending: ArrayLike<number>, share: number): number | undefined {
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)];
}

function arrivalStatistics(meter: Meter, readings: ArrivedReadings, first: number): ArrivalStatistics {
  const { times, knownUs, revisions } = readings;
  const lateness: number[] = [];
  for (let i = first; i < times.length; i++) {
    if (revisions[i] === 0) lateness.push(Math.floor(knownUs[i]! / 1000) - dueTime(meter, times[i]!));
  }
  const ascending = Float64Array.from(lateness).toSorted();
  const count = ascending.length;
  const share = (matches: (ms: number) => boolean) =>
    count === 0 ? 0 : lateness.reduce((sum, ms) => sum + (matches(ms) ? 1 : 0), 0) / count;
  return {
    count,
    corrected: times.length - first - count,
    early: share((ms) => ms < 0),
    lateByInterval: share((ms) => ms > meter.intervalMs),
    lateByHour: share((ms) => ms > hourMs),
    lateByDay: share((ms) => ms > dayMs),
    medianMs: quantile(ascending, 0.5) ?? null,
    p95Ms: quantile(ascending, 0.95) ?? null,
  };
}
