import type { MeterKind, TimeConvention } from './entities.ts';
import { timeZone, type TimeZone } from './time-zone.ts';

/** Turns a stamp as printed by a device into the stored time, or undefined when it cannot be read. */
export type StampReader = (text: string) => number | undefined;

const dayMs = 86_400_000;
/** A feed repeats few distinct stamps, one for all meters of a push; this many are kept, then forgotten at once. */
const stampsKeptMax = 10_000;

const extended =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:([Zz])|([+-])(\d{2})(?::?(\d{2}))?)?$/;
const compact = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/;

interface Stamp {
  /** The clock reading as if it were UTC, epoch milliseconds. */
  readonly local: number;
  /** Clock minus UTC where the stamp says so. */
  readonly offsetMs: number | undefined;
}

/**
 * Reads the stamps of one meter. Accepted are ISO 8601 date and time, with `Z` or an offset or without, and
 * `yyyyMMddHHmmss`; hour 24 is the end of the day. A stamp without an offset is read by the convention's clock:
 * of an hour that occurs twice in autumn the first is meant, and a reading that the clock never shows is refused.
 *
 * The stored time is where the described span starts: a `closes` convention goes one interval back, but for counters,
 * whose reading belongs to its instant. An interval of whole days goes back by dates, over 23 or 25 hours where the
 * clock is moved. `ends-day` holds for stamps without an offset only: one with an offset names an instant.
 * @throws RangeError when the convention's zone does not exist
 */
export function createStampReader(
  convention: TimeConvention,
  intervalMs: number,
  kind: MeterKind,
): StampReader {
  const zone = timeZone(convention.zone);
  const endsDay = convention.midnight === 'ends-day';
  const closes = convention.stamp === 'closes' && kind !== 'counter';
  const kept = new Map<string, number | undefined>();

  const read = (text: string): number | undefined => {
    const stamp = parseStamp(text);
    if (stamp === undefined) return undefined;
    let time: number;
    if (stamp.offsetMs !== undefined) {
      time = stamp.local - stamp.offsetMs;
    } else {
      const local =
        endsDay && stamp.local % dayMs === 0 && !isHour24(text) ? stamp.local + dayMs : stamp.local;
      time = zone.firstInstantOf(local);
      // The end of the last interval before the clock is put forward may be printed as the skipped reading.
      if (!zone.shows(local) && !(closes && isSkipStart(zone, time, local))) return undefined;
    }
    return closes ? stepBack(zone, time, intervalMs) : time;
  };

  return (text) => {
    const known = kept.get(text);
    if (known !== undefined || kept.has(text)) return known;
    if (kept.size >= stampsKeptMax) kept.clear();
    const time = read(text);
    kept.set(text, time);
    return time;
  };
}

/** The end of what a reading at `time` describes: an interval of whole days ends by the clock, others by duration. */
export function intervalEnd(zone: TimeZone, time: number, intervalMs: number): number {
  if (intervalMs % dayMs !== 0) return time + intervalMs;
  return zone.firstInstantOf(time + zone.offsetAt(time) + intervalMs);
}

/** The instant that the device printed for a stored time: the reverse of {@link createStampReader}. */
export function printedTime(
  convention: TimeConvention,
  intervalMs: number,
  kind: MeterKind,
  time: number,
): number {
  if (convention.stamp === 'opens' || kind === 'counter') return time;
  return intervalEnd(timeZone(convention.zone), time, intervalMs);
}

/**
 * What the logger's own clock printed for a stored time, without an offset: `2026-01-31T13:45:00`. A convention whose
 * midnight ends the day prints it with the date of the day that it ends. Reading it gives the stored time again, but
 * for the second of an hour that occurs twice.
 */
export function printedStamp(
  convention: TimeConvention,
  intervalMs: number,
  kind: MeterKind,
  time: number,
): string {
  const printed = printedTime(convention, intervalMs, kind, time);
  const local = printed + timeZone(convention.zone).offsetAt(printed);
  const endsDay = convention.midnight === 'ends-day' && local % dayMs === 0;
  const text = new Date(endsDay ? local - dayMs : local).toISOString();
  return text.slice(0, local % 1000 === 0 ? 19 : 23);
}

function stepBack(zone: TimeZone, time: number, intervalMs: number): number {
  if (intervalMs % dayMs !== 0) return time - intervalMs;
  return zone.firstInstantOf(time + zone.offsetAt(time) - intervalMs);
}

function isSkipStart(zone: TimeZone, time: number, local: number): boolean {
  return time - 1 + zone.offsetAt(time - 1) === local - 1;
}

function isHour24(text: string): boolean {
  return text.startsWith('24', text.length === 14 ? 8 : 11);
}

function parseStamp(text: string): Stamp | undefined {
  const match = extended.exec(text) ?? compact.exec(text);
  if (match === null) return undefined;
  const [
    ,
    year,
    month,
    day,
    hour,
    minute,
    second = '0',
    fraction,
    utc,
    sign,
    offsetHours,
    offsetMinutes = '0',
  ] = match;
  const h = Number(hour);
  const m = Number(minute);
  const s = Number(second);
  if (h > 24 || m > 59 || s > 59) return undefined;
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // Date.UTC lets the 31st of April run over into May.
  if (new Date(date).getUTCDate() !== Number(day) || Number(month) < 1 || Number(month) > 12)
    return undefined;
  const ms = fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * 1000);
  if (h === 24 && (m > 0 || s > 0 || ms > 0)) return undefined;
  const local = date + ((h * 60 + m) * 60 + s) * 1000 + ms;
  if (utc !== undefined) return { local, offsetMs: 0 };
  if (sign === undefined) return { local, offsetMs: undefined };
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000;
  if (Number(offsetHours) > 18 || Number(offsetMinutes) > 59) return undefined;
  return { local, offsetMs: sign === '-' ? -offset : offset };
}
