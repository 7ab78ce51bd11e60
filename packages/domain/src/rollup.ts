import { isDerived, type Meter } from './entities.ts';
import { lifeMsIn, lifeOf, type LifeFields } from './life.ts';
import type { MeterReadings } from './meter-readings.ts';
import { flag, flagsExcluded, flagsOfRange } from './readings.ts';
import type { Rollup, WindowKind } from './rollup-record.ts';
import { spansOf, type Spans } from './spans.ts';
import { CompensatedSum, roundTo15Digits } from './sums.ts';
import type { CutKind, Window } from './windows.ts';

const quarterMs = 900_000;

/** A rollup before the store has given it a revision. Quarter hours are made on request and never kept. */
export type RollupDraft<K extends CutKind = WindowKind> = Omit<Rollup, 'revision' | 'rules' | 'window'> & {
  readonly window: K;
};

/**
 * One meter's rollups of the given windows: hours, or quarter hours when `kind` says so.
 *
 * - `interval`: the amount belongs to `[time, time + interval)` and is split by overlap;
 * - `counter`: what {@link judgeCounter} books between two readings is spread evenly over the time between them;
 *   where it books nothing, the time is not covered: missing, not zero;
 * - `level`: a reading holds until the next, at most `holdMaxMs` (two intervals unless told); minimum, maximum and
 *   time-weighted mean are of what held in the window, also when it was read before.
 *
 * Readings that are calibrating, at fault, out of a range that excludes or without a value are counted and otherwise
 * left out; they end a level's hold, and how long they speak is told apart. `expected` is the length of the window, as
 * far as it lies in the meter's life, over the interval, a fraction where the interval is the longer (by the calendar a
 * day of February is 1/28 of a month); `coverage` is of that length too.
 *
 * `readings` must hold all readings of the windows and those outside whose spans reach in, in ascending time;
 * `windows` are ascending and do not overlap. One draft a window, in that order, also where there is no reading.
 */
export function rollupHours<K extends 'PT15M' | 'PT1H' = 'PT1H'>(
  meter: Meter,
  zone: string,
  readings: MeterReadings,
  windows: readonly Window[],
  kind: K = 'PT1H' as K,
): RollupDraft<K>[] {
  return rollupSpans(meter, readings, spansOf(meter, zone, readings), windows, kind);
}

/**
 * One meter's rollups of what was told: {@link rollupHours} for what is not read but derived. Amounts that are spread
 * over pieces of whatever length have no mean, minimum or maximum, as those of a counter have none.
 */
export function rollupSpans<K extends 'PT15M' | 'PT1H' = 'PT1H'>(
  meter: Meter,
  { times, values, flags }: MeterReadings,
  spans: Spans,
  windows: readonly Window[],
  kind: K = 'PT1H' as K,
): RollupDraft<K>[] {
  const { ends, ownEnds, amounts, spread, irregular: marks, goesOn } = spans;
  const isLevel = meter.kind === 'level';
  const hasExtremes = isLevel || (meter.kind === 'interval' && !isDerived(meter));
  const sum = new CompensatedSum();
  const weighted = new CompensatedSum();
  const drafts: RollupDraft<K>[] = [];
  const { to: lifeEnd } = lifeOf(meter);
  let first = 0;

  for (const { start, end } of windows) {
    // What is over by the start of one window is over for the next.
    while (first < times.length && ends[first]! <= start && times[first]! < start) first++;
    sum.reset();
    weighted.reset();
    let [count, calibrating, fault, outOfRange, belowDetection, irregular] = [0, 0, 0, 0, 0, 0];
    let [coveredMs, spreadMs, weightMs, calibratingMs, faultMs, outOfRangeMs] = [0, 0, 0, 0, 0, 0];
    let validMs = 0;
    let [quarters, validFrom, validTo] = [0, start, start];
    let [coveredTo, validMsTo] = [start, start];
    let hasShares = false;
    let [min, max] = [Infinity, -Infinity];
    for (let i = first; i < times.length && times[i]! < end; i++) {
      const time = times[i]!;
      const bits = flags[i]!;
      if ((bits & flag.outsideLife) !== 0) continue;
      // The register at which a counter was taken out may stand at the very end of its life.
      if (time >= start && time < lifeEnd) irregular += marks[i]!;
      if (time >= start && time < lifeEnd && goesOn?.[i] !== 1) {
        count++;
        if ((bits & flagsExcluded) === 0 && !Number.isNaN(values[i]!)) {
          if (quarters === 0) validFrom = time;
          validTo = time;
          quarters |= 1 << Math.floor((time - start) / quarterMs);
        }
        if (bits !== 0) {
          if ((bits & flag.calibrating) !== 0) calibrating++;
          if ((bits & flag.fault) !== 0) fault++;
          if ((bits & flagsOfRange) !== 0) outOfRange++;
          if ((bits & flag.belowDetection) !== 0) belowDetection++;
        }
      }
      const spanEnd = ends[i]!;
      const from = time > start ? time : start;
      const to = spanEnd < end ? spanEnd : end;
      if (to <= from) continue;
      if ((bits & flagsExcluded) !== 0) {
        if ((bits & flag.fault) !== 0) faultMs += to - from;
        else if ((bits & flag.calibrating) !== 0) calibratingMs += to - from;
        else outOfRangeMs += to - from;
        continue;
      }
      if (to > coveredTo) {
        const added = to - (from > coveredTo ? from : coveredTo);
        coveredMs += added;
        if (spread[i] === 1) spreadMs += added;
        coveredTo = to;
      }
      const ownTo = ownEnds[i]! < end ? ownEnds[i]! : end;
      if (ownTo > validMsTo) {
        validMs += Math.max(0, ownTo - (from > validMsTo ? from : validMsTo));
        validMsTo = ownTo;
      }
      if (hasExtremes) {
        const value = amounts[i]!;
        weighted.add(value * (to - from));
        weightMs += to - from;
        if (value < min) min = value;
        if (value > max) max = value;
      }
      if (!isLevel) {
        sum.add(spans.amountOver(i, to - from));
        hasShares ||= spans.isShare(i, to - from);
      }
    }
    const lifeMs = lifeMsIn(meter, { start, end });
    drafts.push({
      site: meter.site,
      meter: meter.id,
      window: kind,
      start,
      end,
      count,
      expected: spans.expectedIn?.(start, end) ?? roundTo15Digits(lifeMs / meter.intervalMs),
      coveredMs,
      coverage: lifeMs === 0 ? 0 : coveredMs / lifeMs,
      sum: isLevel || coveredMs === 0 ? null : hasShares ? sum.exact() : sum.total(),
      mean: weightMs === 0 ? null : roundTo15Digits(weighted.total() / weightMs),
      min: weightMs === 0 ? null : min,
      max: weightMs === 0 ? null : max,
      calibrating,
      fault,
      outOfRange,
      spreadMs,
      irregular,
      quarters,
      validSpanMs: validTo - validFrom,
      calibratingMs,
      faultMs,
      outOfRangeMs,
      belowDetection,
      validMs,
    });
  }
  return drafts;
}

/**
 * The rollup of a longer window from those of the shorter ones in it, in whatever order: sums of sums and
 * time-weighted means. A part that is missing counts as expected and absent, but for what lies outside of the meter's
 * life. At least one part must be given, all of one meter. `expected` is told by whoever knows that it is not the
 * window's length over the interval.
 */
export function mergeRollups<K extends CutKind>(
  kind: K,
  window: Window,
  parts: readonly RollupDraft<CutKind>[],
  expected?: number,
  life: LifeFields = {},
): RollupDraft<K> {
  // In order of time, because a rounded sum may depend on the order of its terms.
  const ordered = parts.toSorted((a, b) => a.start - b.start);
  const [one] = ordered;
  if (one === undefined) throw new Error(`nothing to merge into the ${kind} at ${window.start}`);
  const sum = new CompensatedSum();
  const weighted = new CompensatedSum();
  let [count, calibrating, fault, outOfRange, belowDetection, irregular] = [0, 0, 0, 0, 0, 0];
  let [coveredMs, spreadMs, weightMs, calibratingMs, faultMs, outOfRangeMs] = [0, 0, 0, 0, 0, 0];
  let validMs = 0;
  let [min, max] = [Infinity, -Infinity];
  let hasSum = false;
  for (const part of ordered) {
    count += part.count;
    calibrating += part.calibrating;
    fault += part.fault;
    outOfRange += part.outOfRange;
    irregular += part.irregular;
    coveredMs += part.coveredMs;
    spreadMs += part.spreadMs;
    calibratingMs += part.calibratingMs;
    faultMs += part.faultMs;
    outOfRangeMs += part.outOfRangeMs;
    belowDetection += part.belowDetection;
    validMs += part.validMs;
    if (part.sum !== null) {
      sum.add(part.sum);
      hasSum = true;
    }
    if (part.mean !== null) {
      weighted.add(part.mean * part.coveredMs);
      weightMs += part.coveredMs;
    }
    if (part.min !== null && part.min < min) min = part.min;
    if (part.max !== null && part.max > max) max = part.max;
  }
  const lifeMs = lifeMsIn(life, window);
  const living = ordered.find((part) => lifeMsIn(life, part) > 0);
  const expectedByLength =
    living === undefined ? 0 : roundTo15Digits((lifeMs * living.expected) / lifeMsIn(life, living));
  // A day of a month's amount, rounded, would not give the month again.
  const isShare = kind === 'P1D' && expected !== undefined && expected < 1;
  return {
    site: one.site,
    meter: one.meter,
    window: kind,
    start: window.start,
    end: window.end,
    count,
    expected: expected ?? expectedByLength,
    coveredMs,
    coverage: lifeMs === 0 ? 0 : coveredMs / lifeMs,
    sum: hasSum ? (isShare ? sum.exact() : sum.total()) : null,
    mean: weightMs === 0 ? null : roundTo15Digits(weighted.total() / weightMs),
    min: min === Infinity ? null : min,
    max: max === -Infinity ? null : max,
    calibrating,
    fault,
    outOfRange,
    spreadMs,
    irregular,
    quarters: null,
    validSpanMs: null,
    calibratingMs,
    faultMs,
    outOfRangeMs,
    belowDetection,
    validMs,
  };
}

/** Whether anything is known of the window, or was at least sent for it. */
export function saysSomething(
  rollup: Pick<Rollup, 'count' | 'coveredMs' | 'calibratingMs' | 'faultMs' | 'outOfRangeMs'> | undefined,
): boolean {
  if (rollup === undefined) return false;
  // A status may hold on from the window before.
  const { count, coveredMs, calibratingMs, faultMs, outOfRangeMs } = rollup;
  return count > 0 || coveredMs > 0 || calibratingMs > 0 || faultMs > 0 || outOfRangeMs > 0;
}

/** Whether two rollups of one meter and window say the same, revisions aside. */
export function sameRollup(a: RollupDraft<CutKind>, b: RollupDraft<CutKind>): boolean {
  return (
    a.count === b.count &&
    a.coveredMs === b.coveredMs &&
    a.sum === b.sum &&
    a.mean === b.mean &&
    a.min === b.min &&
    a.max === b.max &&
    a.expected === b.expected &&
    a.calibrating === b.calibrating &&
    a.fault === b.fault &&
    a.outOfRange === b.outOfRange &&
    a.spreadMs === b.spreadMs &&
    a.irregular === b.irregular &&
    a.quarters === b.quarters &&
    a.validSpanMs === b.validSpanMs &&
    a.calibratingMs === b.calibratingMs &&
    a.faultMs === b.faultMs &&
    a.outOfRangeMs === b.outOfRangeMs &&
    a.belowDetection === b.belowDetection &&
    a.validMs === b.validMs &&
    a.start === b.start &&
    a.end === b.end &&
    a.meter === b.meter &&
    a.window === b.window
  );
}
