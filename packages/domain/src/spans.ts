import type { Meter } from './entities.ts';
import { flagsExcluded } from './readings.ts';
import { intervalEnd } from './stamps.ts';
import { timeZone } from './time-zone.ts';
import type { Window } from './windows.ts';

/** One meter's readings in columns of equal length, ascending in time, one per time. */
export interface MeterReadings {
  readonly times: Float64Array;
  /** In the meter's unit, multiplier not applied; NaN when the device sent a status but no value. */
  readonly values: Float64Array;
  readonly flags: Uint8Array;
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/**
 * How long a counter may be silent and its consumption still be spread over the silence. Longer ones leave the time
 * uncovered: a register read once a month does not tell a day.
 */
export const counterGapMaxMs = 7 * dayMs;

/** How long a level holds without a new reading. */
export function holdMs(meter: Meter): number {
  return meter.holdMaxMs ?? 2 * meter.intervalMs;
}

/**
 * How far at most a reading speaks for the time after it (a counter: for the time around it). Readings farther than
 * this from a window do not touch it.
 */
export function reachMs(meter: Meter): number {
  if (meter.kind === 'counter') return counterGapMaxMs;
  // A day by the clock may be longer than 24 hours.
  return meter.kind === 'level'
    ? holdMs(meter)
    : meter.intervalMs + (meter.intervalMs % dayMs === 0 ? hourMs : 0);
}

/** Whether a reading counts in a sum or an average. */
export function isValid(readings: MeterReadings, index: number): boolean {
  return (readings.flags[index]! & flagsExcluded) === 0 && !Number.isNaN(readings.values[index]!);
}

/**
 * `later - earlier` with no more decimals than the registers can carry: 15 significant digits. The plain difference of
 * two large registers ends in digits that no meter has shown.
 */
function registerDifference(later: number, earlier: number): number {
  const difference = later - earlier;
  const digits = Math.ceil(Math.log10(Math.max(Math.abs(later), Math.abs(earlier), 1)));
  const scale = 10 ** (15 - digits);
  const rounded = Math.round(difference * scale) / scale;
  return Number.isFinite(rounded) ? rounded : difference;
}

/**
 * Per reading, when what it tells ends (its own time when it tells nothing; ascending otherwise) and, for intervals and counters,
 * the amount over that time with the multiplier applied.
 */
export function spansOf(
  meter: Meter,
  zone: string,
  readings: MeterReadings,
): { readonly ends: Float64Array; readonly amounts: Float64Array } {
  const { times, values } = readings;
  const length = times.length;
  const ends = new Float64Array(length);
  const amounts = new Float64Array(length);
  if (meter.kind === 'level') {
    const hold = holdMs(meter);
    for (let i = 0; i < length; i++) {
      const time = times[i]!;
      const next = i + 1 < length ? times[i + 1]! : Infinity;
      ends[i] = isValid(readings, i) ? Math.min(next, time + hold) : time;
    }
  } else if (meter.kind === 'interval') {
    const rules = timeZone(zone);
    const { multiplier, intervalMs } = meter;
    for (let i = 0; i < length; i++) {
      const time = times[i]!;
      ends[i] = time;
      if (isValid(readings, i)) {
        ends[i] = intervalEnd(rules, time, intervalMs);
        amounts[i] = values[i]! * multiplier;
      }
    }
  } else {
    let valid = -1;
    for (let i = 0; i < length; i++) {
      ends[i] = times[i]!;
      if (!isValid(readings, i)) continue;
      if (valid >= 0) {
        const delta = registerDifference(values[i]!, values[valid]!);
        if (delta >= 0 && times[i]! - times[valid]! <= counterGapMaxMs) {
          ends[valid] = times[i]!;
          amounts[valid] = delta * meter.multiplier;
        }
      }
      valid = i;
    }
  }
  return { ends, amounts };
}

/**
 * The time for which a meter's rollups may differ when any of its readings in `[from, to)` were new or changed, or
 * undefined when it has none there. Readings are changed or added and never taken away, so that those that are there
 * now tell. `readings` must reach to the valid neighbours of `[from, to)` within {@link reachMs}.
 */
export function influenceOf(
  meter: Meter,
  zone: string,
  readings: MeterReadings,
  from: number,
  to: number,
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
    end = Math.max(end, intervalEnd(timeZone(zone), last, meter.intervalMs));
  } else {
    let before = first - 1;
    while (before >= 0 && !isValid(readings, before)) before--;
    while (after < times.length && !isValid(readings, after)) after++;
    if (before >= 0 && start - times[before]! <= counterGapMaxMs) start = times[before]!;
    if (after < times.length && times[after]! - last <= counterGapMaxMs) end = times[after]!;
  }
  return { start, end };
}
