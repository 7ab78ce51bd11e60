import type { WindowKind } from './rollup-record.ts';
import { timeZone, type TimeZone } from './time-zone.ts';

/** Kinds of windows that can be cut: those that are kept as rollups, and the quarter hour. */
export type CutKind = WindowKind | 'PT15M';

/** Epoch milliseconds, end exclusive. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

const clockMs = { PT15M: 900_000, PT1H: 3_600_000 } as const;
const dayMs = 86_400_000;

/**
 * The window of that kind around an instant, by the clock of `zone`.
 *
 * Windows of a kind partition time, and those of a finer kind those of a coarser one. Days begin at the first instant
 * of their date, so a day has 23 or 25 hours where the clock is moved. Hours and quarters are cut at every change of
 * the clock too: where it moves by half an hour, an hour next to it has thirty minutes.
 * @throws RangeError when there is no such zone
 */
export function windowAt(kind: CutKind, time: number, zone: string): Window {
  const rules = timeZone(zone);
  return kind === 'PT15M' || kind === 'PT1H'
    ? clockWindow(clockMs[kind], time, rules)
    : dateWindow(kind, time, rules);
}

/** All windows of that kind that overlap `[from, to)`, ascending; none when the span is empty. */
export function windowsBetween(kind: CutKind, from: number, to: number, zone: string): Window[] {
  const windows: Window[] = [];
  for (let time = from; time < to;) {
    const window = windowAt(kind, time, zone);
    windows.push(window);
    time = window.end;
  }
  return windows;
}

/**
 * The window of the same date in another zone: the day, month or year that bears the same name there.
 * `start` is the start of such a window in `zone`.
 */
export function sameDateWindow(
  kind: 'P1D' | 'P1M' | 'P1Y',
  start: number,
  zone: string,
  otherZone: string,
): Window {
  if (zone === otherZone) return windowAt(kind, start, zone);
  const local = start + timeZone(zone).offsetAt(start);
  const midnight = Math.floor(local / dayMs) * dayMs;
  return dateWindow(kind, timeZone(otherZone).firstInstantOf(midnight), timeZone(otherZone));
}

/** The month so many months after the one around an instant, or before it where `months` is negative. */
export function monthAfter(time: number, months: number, zone: string): Window {
  const rules = timeZone(zone);
  const { start } = windowAt('P1M', time, zone);
  const local = start + rules.offsetAt(start);
  return {
    start: rules.firstInstantOf(dateStart('P1M', local, months)),
    end: rules.firstInstantOf(dateStart('P1M', local, months + 1)),
  };
}

/** Calendar date of an instant by the zone's clock: `2018-01-31`. */
export function dateIn(zone: string, time: number): string {
  return new Date(time + timeZone(zone).offsetAt(time)).toISOString().slice(0, 10);
}

function clockWindow(sizeMs: number, time: number, zone: TimeZone): Window {
  const span = zone.spanAt(time);
  const start = Math.floor((time + span.offsetMs) / sizeMs) * sizeMs - span.offsetMs;
  return { start: Math.max(start, span.from), end: Math.min(start + sizeMs, span.to) };
}

function dateWindow(kind: 'P1D' | 'P1M' | 'P1Y', time: number, zone: TimeZone): Window {
  let local = dateStart(kind, time + zone.offsetAt(time), 0);
  let end = zone.firstInstantOf(dateStart(kind, local, 1));
  if (end <= time) {
    // The clock was put back across midnight: the date shows again, but its window is over.
    local = dateStart(kind, local, 1);
    end = zone.firstInstantOf(dateStart(kind, local, 1));
  }
  return { start: zone.firstInstantOf(local), end };
}

/** Midnight that begins the local day, month or year `steps` after that of `local`. */
function dateStart(kind: 'P1D' | 'P1M' | 'P1Y', local: number, steps: number): number {
  if (kind === 'P1D') return (Math.floor(local / dayMs) + steps) * dayMs;
  const date = new Date(local);
  const year = date.getUTCFullYear();
  return kind === 'P1M' ? Date.UTC(year, date.getUTCMonth() + steps, 1) : Date.UTC(year + steps, 0, 1);
}
