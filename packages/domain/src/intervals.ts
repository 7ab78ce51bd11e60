import { z } from 'zod';
import { durationMsSchema } from './fields.ts';
import { roundTo15Digits } from './sums.ts';
import { timeZone, type TimeZone } from './time-zone.ts';

const dayMs = 86_400_000;

/** Intervals by the calendar, in months: those of bills and of readings by hand. */
const calendarMonths = { P1M: 1, P2M: 2, P3M: 3, P6M: 6, P1Y: 12 } as const;
export type CalendarInterval = keyof typeof calendarMonths;
export const calendarIntervals = Object.keys(calendarMonths) as [CalendarInterval, ...CalendarInterval[]];
export const calendarIntervalSchema = z.enum(calendarIntervals);

/** Time between two readings: milliseconds, or months by the calendar of a zone. */
export type Interval = number | CalendarInterval;

/** The two fields of a meter that tell its interval. */
export interface IntervalFields {
  readonly intervalMs: number;
  readonly interval?: CalendarInterval | undefined;
}

export function intervalOf({ interval, intervalMs }: IntervalFields): Interval {
  return interval ?? intervalMs;
}

/** Days that intervals by the calendar last at most, and that a month lasts at least. */
const calendarDaysMax = { P1M: 31, P2M: 62, P3M: 92, P6M: 184, P1Y: 366 } as const;
const monthDaysMin = 28;

/** The longest that an interval may be, milliseconds: the `intervalMs` of meters that are read by the calendar. */
export function longestIntervalMs(interval: Interval): number {
  return typeof interval === 'number' ? interval : calendarDaysMax[interval] * dayMs;
}

/** The shortest that it may be, likewise. */
export function shortestIntervalMs(interval: Interval): number {
  return typeof interval === 'number' ? interval : calendarMonths[interval] * monthDaysMin * dayMs;
}

/** Months of an interval by the calendar. */
export function monthsOf(interval: CalendarInterval): number {
  return calendarMonths[interval];
}

/**
 * The end of what a reading at `time` describes, or with `count` -1 the start of what ends there: intervals of whole
 * days and months go by the clock of `zone`, others by duration. Of a month without such a day the last one is meant.
 */
export function intervalStep(zone: TimeZone, time: number, interval: Interval, count: 1 | -1 = 1): number {
  if (typeof interval === 'number' && interval % dayMs !== 0) return time + count * interval;
  const local = time + zone.offsetAt(time);
  return zone.firstInstantOf(
    typeof interval === 'number'
      ? local + count * interval
      : monthsLater(local, count * calendarMonths[interval]),
  );
}

/** A clock reading so many months later, both as if they were UTC. */
export function monthsLater(local: number, months: number): number {
  const date = new Date(local);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months];
  const day = Math.min(date.getUTCDate(), new Date(Date.UTC(year, month + 1, 0)).getUTCDate());
  return Date.UTC(year, month, day) + (((local % dayMs) + dayMs) % dayMs);
}

/** The clock reading at which the n-th interval by the calendar begins, counted from 1970, as if it were UTC. */
export function calendarStart(interval: CalendarInterval, n: number): number {
  return Date.UTC(1970, n * calendarMonths[interval], 1);
}

/** Which interval by the calendar a clock reading lies in, as {@link calendarStart} counts. */
export function calendarIndex(interval: CalendarInterval, local: number): number {
  const date = new Date(local);
  const months = (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
  return Math.floor(months / calendarMonths[interval]);
}

/**
 * Readings that a meter is expected to send in `[from, to)`, a fraction where the interval is the longer: a day of
 * February is 1/28 of a monthly one.
 */
export function expectedReadings(fields: IntervalFields, zone: string, from: number, to: number): number {
  const interval = intervalOf(fields);
  if (typeof interval === 'number') return roundTo15Digits((to - from) / interval);
  const rules = timeZone(zone);
  let expected = 0;
  let n = calendarIndex(interval, from + rules.offsetAt(from));
  // The clock may have been put back across the month's beginning.
  if (rules.firstInstantOf(calendarStart(interval, n)) > from) n--;
  for (let at = from; at < to; n++) {
    const start = rules.firstInstantOf(calendarStart(interval, n));
    const end = rules.firstInstantOf(calendarStart(interval, n + 1));
    const until = Math.min(end, to);
    expected += Math.max(0, until - at) / (end - start);
    at = Math.max(at, until);
  }
  return roundTo15Digits(expected);
}

const fixedUnitsMs = { W: 7 * dayMs, D: dayMs, H: 3_600_000, M: 60_000, S: 1000 } as const;
const duration = /^P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?$/;

/** Reads an interval as ISO 8601 writes it (`PT15M`, `P1D`, `P1M`); undefined when it is none, or not one of a
 * second to a leap year. */
export function parseInterval(text: string): Interval | undefined {
  if (calendarIntervals.includes(text as CalendarInterval)) return text as CalendarInterval;
  if (text === 'P12M') return 'P1Y';
  const match = duration.exec(text);
  if (match === null || text.endsWith('T')) return undefined;
  const units = Object.values(fixedUnitsMs);
  const ms = match.slice(1).reduce((sum, count, i) => sum + Number(count ?? 0) * units[i]!, 0);
  return durationMsSchema.safeParse(ms).success ? ms : undefined;
}

/** The interval as ISO 8601 writes it. Milliseconds become a fraction of a second. */
export function printInterval(interval: Interval): string {
  if (typeof interval === 'string') return interval;
  let rest = interval;
  const take = (unitMs: number) => {
    const count = Math.floor(rest / unitMs);
    rest -= count * unitMs;
    return count;
  };
  const days = take(dayMs);
  const clock = [
    [take(fixedUnitsMs.H), 'H'],
    [take(fixedUnitsMs.M), 'M'],
    [rest / 1000, 'S'],
  ].filter(([count]) => count !== 0);
  const time = clock.length === 0 ? '' : `T${clock.flat().join('')}`;
  return `P${days === 0 ? '' : `${days}D`}${time}`;
}
