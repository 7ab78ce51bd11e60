import { timeMsEnd, timeMsMin, timeZone, type Bilingual, type TimeZone } from '@songma/domain';
import { z } from 'zod';

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

const isoTime = z.iso.datetime({ offset: true });
const isoDate = z.iso.date();

/** Why a text from outside is no time that is taken here, and how to mend it; undefined for one that is. */
export function timeProblem(text: string, { orDate = false } = {}): Bilingual | undefined {
  const isDate = orDate && isoDate.safeParse(text).success;
  if (!isDate && !isoTime.safeParse(text).success) return formProblem(text, orDate);
  const time = Date.parse(text);
  return time >= timeMsMin && time < timeMsEnd
    ? undefined
    : { en: 'must lie between 1970 and 2199', vi: 'phải nằm trong khoảng 1970 đến 2199' };
}

const dayFirst = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})/;

function formProblem(text: string, orDate: boolean): Bilingual {
  if (/^\d{4}-\d\d-\d\d[Tt][\d:.]+ \d\d:?\d\d$/.test(text)) {
    return {
      en: 'the + of its offset became a space: write it as %2B, such as 2026-01-31T13:45:00%2B07:00',
      vi: 'dấu + của độ lệch giờ đã thành dấu cách: hãy viết %2B, ví dụ 2026-01-31T13:45:00%2B07:00',
    };
  }
  const [, day, month, year] = dayFirst.exec(text) ?? [];
  if (day !== undefined) {
    const date = `${year}-${month!.padStart(2, '0')}-${day.padStart(2, '0')}`;
    const mended = orDate ? date : `${date}T00:00:00%2B07:00`;
    return {
      en: `is not ISO 8601: write year, month, day, such as ${mended}`,
      vi: `không theo ISO 8601: hãy viết năm, tháng, ngày, ví dụ ${mended}`,
    };
  }
  if (/^\d{4}-\d\d-\d\d[Tt ][\d:.]+$/.test(text)) {
    return {
      en: 'has no offset: add Z or one such as +07:00 (%2B07:00 in an address), and T before the time of day',
      vi: 'thiếu độ lệch giờ: hãy thêm Z hoặc +07:00 (%2B07:00 trong địa chỉ), và chữ T trước giờ',
    };
  }
  return orDate
    ? {
        en: 'must be an ISO 8601 time with offset, such as 2026-01-31T13:45:00%2B07:00, or a date such as 2026-01-31 (midnight at the site)',
        vi: 'phải là thời điểm ISO 8601 có độ lệch giờ, ví dụ 2026-01-31T13:45:00%2B07:00, hoặc ngày, ví dụ 2026-01-31 (nửa đêm tại cơ sở)',
      }
    : {
        en: 'must be an ISO 8601 time with offset, such as 2026-01-31T13:45:00+07:00 (%2B07:00 in an address)',
        vi: 'phải là thời điểm ISO 8601 có độ lệch giờ, ví dụ 2026-01-31T13:45:00+07:00 (%2B07:00 trong địa chỉ)',
      };
}
