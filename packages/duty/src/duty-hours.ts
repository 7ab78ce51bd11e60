import { timeZone, type DutyHours } from '@songma/domain';

const dayMs = 86_400_000;
const minuteMs = 60_000;

/** Office hours of the house, in the zone of the site or roster. */
export const officeHours: DutyHours = { weekdays: [1, 2, 3, 4, 5], from: '07:30', to: '17:00' };

/** Milliseconds after midnight of a clock time such as `07:30`. */
export function clockMs(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 * minuteMs + Number(clock.slice(3)) * minuteMs;
}

/** Days since 1970-01-01 of the date that a zone's clock shows. */
export function localDay(time: number, zone: string): number {
  return Math.floor((time + timeZone(zone).offsetAt(time)) / dayMs);
}

/** The instant at which a zone's clock shows this time of that day. */
export function instantOfClock(day: number, clock: string, zone: string): number {
  return timeZone(zone).firstInstantOf(day * dayMs + clockMs(clock));
}

/** Monday 1 to Sunday 7, of a day since 1970-01-01 (a Thursday). */
export function weekdayOf(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1;
}

/** Whether the clock of the zone shows one of these hours. */
export function isWithinHours({ weekdays, from, to }: DutyHours, time: number, zone: string): boolean {
  const local = time + timeZone(zone).offsetAt(time);
  const day = Math.floor(local / dayMs);
  const ofDay = local - day * dayMs;
  const [begin, end] = [clockMs(from), clockMs(to)];
  const isDay = (of: number) => weekdays === undefined || weekdays.includes(weekdayOf(of));
  if (begin < end) return ofDay >= begin && ofDay < end && isDay(day);
  return (ofDay >= begin && isDay(day)) || (ofDay < end && isDay(day - 1));
}

/** The first instant from `time` on that lies within the hours. */
export function nextWithinHours(hours: DutyHours, time: number, zone: string): number {
  if (isWithinHours(hours, time, zone)) return time;
  const today = localDay(time, zone);
  for (let day = today; day <= today + 8; day++) {
    const begin = instantOfClock(day, hours.from, zone);
    if (begin >= time && isWithinHours(hours, begin, zone)) return begin;
  }
  // Hours that no day of a week has: the schema lets none through.
  return time;
}

/** The first instant after `time` at which the zone's clock shows this. */
export function nextClock(clock: string, time: number, zone: string): number {
  const today = localDay(time, zone);
  for (let day = today; ; day++) {
    const at = instantOfClock(day, clock, zone);
    if (at > time) return at;
  }
}
