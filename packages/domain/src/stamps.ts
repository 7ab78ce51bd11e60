import { localOf, offsetOf } from './clock-fields.ts';
import type { MeterKind, TimeConvention } from './entities.ts';
import { intervalStep, type Interval } from './intervals.ts';
import { timeZone, type TimeZone } from './time-zone.ts';

/**
 * Turns a stamp as printed by a device into the stored time, into both where the clock shows it twice, or into undefined
 * when it cannot be read.
 */
export type StampReader = (text: string) => number | ShownTwice | undefined;

/** The times of a clock reading that occurs twice in autumn. */
export interface ShownTwice {
  readonly first: number;
  readonly second: number;
}

/**
 * Which of the two is meant, by the stamp before it of the same clock: where stamps ascend the second is meant by one
 * that is not later than the one before it, and where they descend the first by one that is earlier. Undefined where no
 * stamp came before.
 * @param last time of the stamp before
 * @param isDescending by the two stamps unless told
 */
export function toldApart(
  { first, second }: ShownTwice,
  last: number | undefined,
  isDescending?: boolean,
): number | undefined {
  if (last === undefined) return undefined;
  if (isDescending ?? last > second) return last > second ? second : first;
  return last >= first && last < second ? second : first;
}

const dayMs = 86_400_000;
/** A feed repeats few distinct stamps, one for all meters of a push; this many are kept, then forgotten at once. */
const stampsKeptMax = 10_000;

const extended =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:([Zz])|([+-])(\d{2})(?::?(\d{2}))?)?$/;
const compact = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/;

/** A stamp as it is printed. */
export interface Stamp {
  /** The clock reading as if it were UTC, epoch milliseconds. */
  readonly local: number;
  /** Clock minus UTC where the stamp says so. */
  readonly offsetMs: number | undefined;
  /** Printed as hour 24 of the day before. */
  readonly isHour24: boolean;
}

/** Takes a printed text apart; undefined when it has another form. */
export type StampParser = (text: string) => Stamp | undefined;

/**
 * Reads the stamps of one meter. Accepted are ISO 8601 date and time, with `Z` or an offset or without, and
 * `yyyyMMddHHmmss`; hour 24 is the end of the day. A stamp without an offset is read by the convention's clock:
 * one of an hour that occurs twice in autumn is told apart by those around it ({@link toldApart}), and a reading that the
 * clock never shows is refused.
 *
 * The stored time is where the described span starts: a `closes` convention goes one interval back, but for counters,
 * whose reading belongs to its instant. An interval of whole days or months goes back by dates, over 23 or 25 hours
 * where the clock is moved. `ends-day` holds for stamps without an offset only: one with an offset names an instant.
 * @throws RangeError when the convention's zone does not exist
 */
export function createStampReader(
  convention: TimeConvention,
  interval: Interval,
  kind: MeterKind,
): StampReader {
  const zone = timeZone(convention.zone);
  const closes = convention.stamp === 'closes' && kind !== 'counter';
  const kept = new Map<string, number | ShownTwice | undefined>();

  const stored = (time: number) => (closes ? intervalStep(zone, time, interval, -1) : time);
  const read = (text: string): number | ShownTwice | undefined => {
    const stamp = parseStamp(text);
    const time = stamp === undefined ? undefined : instantOf(stamp, zone, convention, closes);
    if (time === undefined) return undefined;
    const second = stamp!.offsetMs === undefined ? secondInstantOf(zone, time) : undefined;
    return second === undefined ? stored(time) : { first: stored(time), second: stored(second) };
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

/**
 * Reads the stamps of one file from its first row to its last, as {@link createStampReader} reads those of a push, to
 * the instants that were printed; but of an hour that occurs twice in autumn the second is meant by a stamp that is
 * not later than the one before it, or in a file whose newest row is the first by one that is earlier.
 * @throws RangeError when the convention's zone does not exist
 */
export function createFileStampReader(
  convention: TimeConvention,
  isNewestFirst = false,
): (stamp: Stamp | undefined) => number | undefined {
  const zone = timeZone(convention.zone);
  const closes = convention.stamp === 'closes';
  let last = isNewestFirst ? Infinity : -Infinity;
  return (stamp) => {
    if (stamp === undefined) return undefined;
    const first = instantOf(stamp, zone, convention, closes);
    if (first === undefined) return undefined;
    const second = stamp.offsetMs === undefined ? secondInstantOf(zone, first) : undefined;
    last = second === undefined ? first : toldApart({ first, second }, last, isNewestFirst)!;
    return last;
  };
}

/** The stored time of a reading that was printed at an instant: where the span starts that it describes. */
export function storedTime(
  convention: TimeConvention,
  interval: Interval,
  kind: MeterKind,
  printed: number,
): number {
  if (convention.stamp === 'opens' || kind === 'counter') return printed;
  return intervalStep(timeZone(convention.zone), printed, interval, -1);
}

/** The instant that the device printed for a stored time: the reverse of {@link createStampReader}. */
export function printedTime(
  convention: TimeConvention,
  interval: Interval,
  kind: MeterKind,
  time: number,
): number {
  if (convention.stamp === 'opens' || kind === 'counter') return time;
  return intervalStep(timeZone(convention.zone), time, interval);
}

/**
 * What the logger's own clock printed for a stored time, without an offset: `2026-01-31T13:45:00`. A convention whose
 * midnight ends the day prints it with the date of the day that it ends. Reading it gives the stored time again, but
 * for the second of an hour that occurs twice.
 */
export function printedStamp(
  convention: TimeConvention,
  interval: Interval,
  kind: MeterKind,
  time: number,
): string {
  const printed = printedTime(convention, interval, kind, time);
  const local = printed + timeZone(convention.zone).offsetAt(printed);
  const endsDay = convention.midnight === 'ends-day' && local % dayMs === 0;
  const text = new Date(endsDay ? local - dayMs : local).toISOString();
  return text.slice(0, local % 1000 === 0 ? 19 : 23);
}

function isSkipStart(zone: TimeZone, time: number, local: number): boolean {
  return time - 1 + zone.offsetAt(time - 1) === local - 1;
}

/** The instant that a stamp names; undefined for a clock reading that never was. */
function instantOf(
  stamp: Stamp,
  zone: TimeZone,
  { midnight }: TimeConvention,
  closes: boolean,
): number | undefined {
  if (stamp.offsetMs !== undefined) return stamp.local - stamp.offsetMs;
  const endsDay = midnight === 'ends-day' && stamp.local % dayMs === 0 && !stamp.isHour24;
  const local = endsDay ? stamp.local + dayMs : stamp.local;
  const time = zone.firstInstantOf(local);
  // The end of the last interval before the clock is put forward may be printed as the skipped reading.
  return zone.shows(local) || (closes && isSkipStart(zone, time, local)) ? time : undefined;
}

/** The later instant at which the clock shows what it shows at `first`, where it does so twice. */
function secondInstantOf(zone: TimeZone, first: number): number | undefined {
  const { to, offsetMs } = zone.spanAt(first);
  if (to === Infinity) return undefined;
  const second = first + offsetMs - zone.offsetAt(to);
  return second >= to ? second : undefined;
}

/** ISO 8601 date and time, with `Z` or an offset or without, or `yyyyMMddHHmmss`. */
export function parseStamp(text: string): Stamp | undefined {
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
  const local = localOf(
    Number(year),
    Number(month),
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * 1000),
  );
  if (local === undefined) return undefined;
  const isHour24 = hour === '24';
  if (utc !== undefined) return { local, offsetMs: 0, isHour24 };
  if (sign === undefined) return { local, offsetMs: undefined, isHour24 };
  const offsetMs = offsetOf(sign, Number(offsetHours), Number(offsetMinutes));
  return offsetMs === undefined ? undefined : { local, offsetMs, isHour24 };
}
