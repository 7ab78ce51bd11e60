import { timeZone, type TimeZone } from '@songma/domain';

const hourMs = 3_600_000;

/** Zone in which times are written that belong to no site: that of Viet Nam. */
export const houseZone = 'Asia/Ho_Chi_Minh';

/** `2026-01-31T13:45:00+07:00`, with milliseconds only where there are some: the time as the site's clock shows it. */
export function isoInZone(time: number, zone: string): string {
  const text = hourTextOf(zone);
  const offsetMs = text.rules.offsetAt(time);
  if (offsetMs !== text.offsetMs) {
    text.offsetMs = offsetMs;
    text.tail = offsetText(offsetMs);
  }
  const local = time + offsetMs;
  const hour = Math.floor(local / hourMs);
  if (hour !== text.hour) {
    text.hour = hour;
    text.head = new Date(local).toISOString().slice(0, 14);
  }
  const inHour = local - hour * hourMs;
  const millis = inHour % 1000;
  const decimals = millis === 0 ? '' : `.${String(millis).padStart(3, '0')}`;
  const minutes = two(Math.floor(inHour / 60_000));
  const seconds = two(Math.floor((inHour % 60_000) / 1000));
  return `${text.head}${minutes}:${seconds}${decimals}${text.tail}`;
}

/** The same to the microsecond, always with six decimals, so that `asOf` can name a reading's `knownAt` exactly. */
export function isoInZoneUs(timeUs: number, zone: string): string {
  const seconds = Math.floor(timeUs / 1_000_000);
  const text = isoInZone(seconds * 1000, zone);
  const micros = String(timeUs - seconds * 1_000_000).padStart(6, '0');
  return `${text.slice(0, 19)}.${micros}${text.slice(19)}`;
}

/** Epoch microseconds of an ISO 8601 time with offset and up to six decimals. */
export function parseIsoUs(text: string): number {
  const [, head = text, decimals = '', offset = ''] =
    /^(.*?)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)$/i.exec(text) ?? [];
  return Date.parse(`${head}${offset}`) * 1000 + Number(decimals.slice(0, 6).padEnd(6, '0'));
}

/** The same in whole milliseconds, rounded down. */
export function parseIsoMs(text: string): number {
  return Math.floor(parseIsoUs(text) / 1000);
}

/** Readings come in order, so the date and hour of one are mostly those of the next: they are kept per zone. */
interface HourText {
  readonly rules: TimeZone;
  /** Local hour that `head` shows, in hours since the epoch. */
  hour: number;
  head: string;
  offsetMs: number;
  tail: string;
}
const hours = new Map<string, HourText>();

function hourTextOf(zone: string): HourText {
  let text = hours.get(zone);
  if (text === undefined) {
    text = { rules: timeZone(zone), hour: Number.NaN, head: '', offsetMs: Number.NaN, tail: '' };
    hours.set(zone, text);
  }
  return text;
}

function offsetText(offsetMs: number): string {
  const minutes = Math.round(Math.abs(offsetMs) / 60_000);
  return `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
