import { counterGapMaxMs, counterHoldBackMs, nearReadingsMax } from './counter-reach.ts';
import { judgeCounter } from './counters.ts';
import type { Meter } from './entities.ts';
import { expectedInLife, lifeOf } from './life.ts';
import { hasStatus, isValid, type MeterReadings } from './meter-readings.ts';
import { countedValues } from './qualified-readings.ts';
import { intervalOf, intervalStep } from './intervals.ts';
import { timeZone } from './time-zone.ts';
import type { Window } from './windows.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** Hold-backs that a counter's judgement reaches. */
const hopsOfJudgement = 3;

/** How long a level holds without a new reading. */
export function holdMs(meter: Meter): number {
  return meter.holdMaxMs ?? 2 * meter.intervalMs;
}

/**
 * How far at most a reading speaks for the time after it (a counter: for the time around it). Readings farther than
 * this from a window do not touch it.
 */
export function reachMs(meter: Meter): number {
  if (meter.kind === 'counter') return counterGapMaxMs(meter);
  // A day by the clock may be longer than 24 hours.
  return meter.kind === 'level'
    ? holdMs(meter)
    : meter.intervalMs + (meter.intervalMs % dayMs === 0 ? hourMs : 0);
}

/** What each reading tells, in columns of the readings' length. */
export interface Spans {
  /**
   * When it ends. A reading that is calibrating, at fault or out of range tells that much until the next one comes, as
   * long at most as a valid one would (a counter: an interval). Its own time where a reading tells nothing.
   */
  readonly ends: Float64Array;
  /** Until when it speaks by itself: for one interval, and not for as long as it is held in place of those that miss. */
  readonly ownEnds: Float64Array;
  /** Of valid readings, the amount over that time with the multiplier applied; of levels the value that counts. */
  readonly amounts: Float64Array;
  /** 1 where the amount is spread over a gap or over readings that were left out; counters only. */
  readonly spread: Uint8Array;
  /** 1 at either end of an irregular step; counters only. @see CounterJudgement */
  readonly irregular: Uint8Array;
  /** 1 where it only goes on with what was told before, and is no reading to be counted; derived meters only. */
  readonly goesOn?: Uint8Array;
  /** How many readings are expected in a span of time, where that is not its length over the interval. */
  readonly expectedIn?: (from: number, to: number) => number;
  /** The amount that the i-th tells for so many milliseconds of its time. */
  readonly amountOver: (i: number, ms: number) => number;
  /** Whether that is a share of an amount that was told as one. */
  readonly isShare: (i: number, ms: number) => boolean;
}

/** What each reading of a meter tells, and for how long: nothing beyond the end of the meter's life. */
export function spansOf(meter: Meter, zone: string, readings: MeterReadings): Spans {
  const spans =
    meter.kind === 'counter' ? counterSpans(meter, zone, readings) : ownSpans(meter, zone, readings);
  if (meter.interval === undefined) return spans;
  return { ...spans, expectedIn: (from, to) => expectedInLife(meter, zone, { start: from, end: to }) };
}

/** Of a meter whose readings tell what they tell by themselves. */
function ownSpans(meter: Meter, zone: string, readings: MeterReadings): Spans {
  const { times } = readings;
  const length = times.length;
  const ends = new Float64Array(length);
  const values = countedValues(meter, readings);
  const { to: lifeEnd } = lifeOf(meter);
  if (meter.kind === 'level') {
    const hold = holdMs(meter);
    for (let i = 0; i < length; i++) {
      const time = times[i]!;
      const next = i + 1 < length ? times[i + 1]! : Infinity;
      ends[i] = isValid(readings, i) || hasStatus(readings, i) ? Math.min(next, time + hold, lifeEnd) : time;
    }
    const none = new Uint8Array(length);
    const ownEnds = ownEndsOf(meter, times, ends);
    return evenly(times, { ends, ownEnds, amounts: values, spread: none, irregular: none });
  }
  const amounts = new Float64Array(length);
  const rules = timeZone(zone);
  const { multiplier } = meter;
  const interval = intervalOf(meter);
  for (let i = 0; i < length; i++) {
    const time = times[i]!;
    ends[i] = time;
    if (isValid(readings, i)) {
      ends[i] = Math.min(intervalStep(rules, time, interval), lifeEnd);
      amounts[i] = values[i]! * multiplier;
    } else if (hasStatus(readings, i)) {
      ends[i] = Math.min(times[i + 1] ?? Infinity, intervalStep(rules, time, interval), lifeEnd);
    }
  }
  const none = new Uint8Array(length);
  return evenly(times, { ends, ownEnds: ends, amounts, spread: none, irregular: none });
}

/** How much later than an interval after it the next reading may come and still be on time. */
const lateShareMax = 0.25;

function ownEndsOf({ intervalMs }: Meter, times: Float64Array, ends: Float64Array): Float64Array {
  const onTimeMs = intervalMs * (1 + lateShareMax);
  const ownEnds = new Float64Array(ends.length);
  for (let i = 0; i < ends.length; i++) {
    const [time, end] = [times[i]!, ends[i]!];
    ownEnds[i] = end - time <= onTimeMs ? end : time + intervalMs;
  }
  return ownEnds;
}

/** Amounts belong evenly to their time. */
function evenly(times: Float64Array, spans: Omit<Spans, 'amountOver' | 'isShare'>): Spans {
  const { ends, amounts } = spans;
  const isShare = (i: number, ms: number) => ms !== ends[i]! - times[i]!;
  const amountOver = (i: number, ms: number) =>
    isShare(i, ms) ? (amounts[i]! * ms) / (ends[i]! - times[i]!) : amounts[i]!;
  return { ...spans, amountOver, isShare };
}

/** A counter's amount belongs to the time from the reading at which it begins. */
function counterSpans(meter: Meter, zone: string, readings: MeterReadings): Spans {
  const judged = judgeCounter(meter, zone, readings);
  const rules = timeZone(zone);
  const { to: lifeEnd } = lifeOf(meter);
  const { times } = readings;
  const ends = times.slice();
  const amounts = new Float64Array(times.length);
  const spread = new Uint8Array(times.length);
  for (let i = 0; i < times.length; i++) {
    if (hasStatus(readings, i)) {
      const end = intervalStep(rules, times[i]!, intervalOf(meter));
      ends[i] = Math.min(times[i + 1] ?? Infinity, end, lifeEnd);
    }
    const begin = judged.begins[i]!;
    if (Number.isNaN(judged.amounts[i]!)) continue;
    ends[begin] = times[i]!;
    amounts[begin] = judged.amounts[i]!;
    spread[begin] = judged.spread[i]!;
  }
  const ownEnds = ownEndsOf(meter, times, ends);
  return evenly(times, { ends, ownEnds, amounts, spread, irregular: judged.irregular });
}

/**
 * The time for which a meter's rollups may differ when any of its readings in `[from, to)` were new or changed, or
 * undefined when it has none there. Readings are changed or added and never taken away, so that those that are there
 * now tell. `readings` must reach to the valid neighbours of `[from, to)` within {@link reachMs}.
 *
 * Where one of a counter's steps near by is, or was, irregular (`isIrregular`), its change speaks for the steps around
 * its own, too, as far as {@link reachBefore} and {@link reachAfter} say. `readings` must then reach as far.
 */
export function influenceOf(
  meter: Meter,
  zone: string,
  readings: MeterReadings,
  from: number,
  to: number,
  isIrregular = false,
): Window | undefined {
  const { times } = readings;
  let first = 0;
  while (first < times.length && times[first]! < from) first++;
  let after = first;
  while (after < times.length && times[after]! < to) after++;
  if (after === first) return undefined;
  const last = times[after - 1]!;
  // The reading's own instant always counts.
  let start = times[first]!;
  let end = last + 1;
  if (meter.kind === 'level') {
    const next = after < times.length ? times[after]! : Infinity;
    end = Math.max(end, Math.min(next, last + holdMs(meter)));
  } else if (meter.kind === 'interval') {
    end = Math.max(end, intervalStep(timeZone(zone), last, intervalOf(meter)));
  } else {
    const next = after < times.length ? times[after]! : Infinity;
    end = Math.max(end, Math.min(next, intervalStep(timeZone(zone), last, intervalOf(meter))));
    start = validBefore(meter, readings, start) ?? start;
    // The next reading's own step is another one now.
    const nextValid = validAfter(meter, readings, last);
    if (nextValid !== undefined) end = Math.max(end, nextValid + 1);
    if (isIrregular) {
      start = reachBefore(meter, readings, start);
      end = reachAfter(meter, readings, end);
    }
  }
  return { start, end };
}

/**
 * How far a counter's judgement reaches: what is booked between two neighbouring valid readings, of which the first is
 * at `time`, depends on no reading before the time given here. Three hold-backs, each from a valid reading and on to
 * the one before: a bridge over a glitch leaves out one hold-back at most, the drop that it bridges is judged by what
 * lies within another, and the bridge may begin where a second one ends. The steps in between may be long: a step is
 * as long as no reading comes.
 */
export function reachBefore(meter: Meter, readings: MeterReadings, time: number): number {
  let last = time;
  for (const look of looksBefore(meter, readings, time)) last = look;
  return validBefore(meter, readings, last) ?? last;
}

/** The same towards the future, from the second of the two readings on. @see reachBefore */
export function reachAfter(meter: Meter, readings: MeterReadings, time: number): number {
  let last = time;
  for (const look of looksAfter(meter, readings, time)) last = look;
  return validAfter(meter, readings, last) ?? last;
}

/** The times before which a valid reading is looked for, one after the other, to know how far a judgement reaches. */
export function* looksBefore(meter: Meter, readings: MeterReadings, time: number): Generator<number> {
  let look = time - counterHoldBackMs(meter);
  yield look;
  for (let hop = 1; hop < hopsOfJudgement; hop++) {
    look = (validBefore(meter, readings, look) ?? look) - counterHoldBackMs(meter);
    yield look;
  }
}

/** The same towards the future. @see looksBefore */
export function* looksAfter(meter: Meter, readings: MeterReadings, time: number): Generator<number> {
  let look = time + counterHoldBackMs(meter);
  yield look;
  for (let hop = 1; hop < hopsOfJudgement; hop++) {
    look = (validAfter(meter, readings, look) ?? look) + counterHoldBackMs(meter);
    yield look;
  }
}

/**
 * The times before which a valid reading is looked for, to know which steps before a change are irregular: its own,
 * and on from reading to reading.
 */
export function* nearBefore(meter: Meter, readings: MeterReadings, time: number): Generator<number> {
  let look = time;
  for (let hop = 0; hop < nearReadingsMax; hop++) {
    yield look;
    look = validBefore(meter, readings, look) ?? look;
  }
}

/** The same towards the future. @see nearBefore */
export function* nearAfter(meter: Meter, readings: MeterReadings, time: number): Generator<number> {
  let look = time;
  for (let hop = 0; hop < nearReadingsMax; hop++) {
    yield look;
    look = validAfter(meter, readings, look) ?? look;
  }
}

/**
 * Time of the last valid reading before a time; undefined when none lies within the longest silence that is bridged.
 */
export function validBefore(
  meter: Pick<Meter, 'intervalMs'>,
  readings: MeterReadings,
  time: number,
): number | undefined {
  const { times } = readings;
  let i = times.length - 1;
  while (i >= 0 && (times[i]! >= time || !isValid(readings, i))) i--;
  return i >= 0 && time - times[i]! <= counterGapMaxMs(meter) ? times[i]! : undefined;
}

/**
 * Time of the first valid reading after a time; undefined when none lies within the longest silence that is bridged.
 */
export function validAfter(
  meter: Pick<Meter, 'intervalMs'>,
  readings: MeterReadings,
  time: number,
): number | undefined {
  const { times } = readings;
  let i = 0;
  while (i < times.length && (times[i]! <= time || !isValid(readings, i))) i++;
  return i < times.length && times[i]! - time <= counterGapMaxMs(meter) ? times[i]! : undefined;
}
