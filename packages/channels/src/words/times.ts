import type { Language } from '@songma/runtime';

/** An instant in a zone, without a word of it: `10:00 26/11/2026`. Both languages write the day first. */
export function timeText(at: number, zone: string): string {
  const { hour, minute, day, month, year } = fieldsOf(at, zone);
  return `${hour}:${minute} ${day}/${month}/${year}`;
}

/** The day of an instant: `26/11/2026`. */
export function dayText(at: number, zone: string): string {
  const { day, month, year } = fieldsOf(at, zone);
  return `${day}/${month}/${year}`;
}

/** A span, its day once where it is of one: `10:00–13:00 26/11/2026`. */
export function spanText(start: number, end: number, zone: string): string {
  const [from, to] = [fieldsOf(start, zone), fieldsOf(end, zone)];
  const isWholeDay = from.hour === '00' && from.minute === '00' && end - start >= 23 * 3_600_000;
  if (isWholeDay && to.hour === '00' && to.minute === '00') {
    const last = dayText(end - 1, zone);
    return dayText(start, zone) === last ? last : `${dayText(start, zone)}–${last}`;
  }
  if (dayText(start, zone) !== dayText(end, zone)) return `${timeText(start, zone)} – ${timeText(end, zone)}`;
  return `${from.hour}:${from.minute}–${to.hour}:${to.minute} ${dayText(start, zone)}`;
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** A length as people say it, in its two largest parts, rounded down: `3 giờ`, `2 days 4 hours`. */
export function lengthText(ms: number, language: Language): string {
  const days = Math.floor(ms / dayMs);
  const hours = Math.floor((ms % dayMs) / hourMs);
  const minutes = Math.floor((ms % hourMs) / 60_000);
  const parts = [
    counted(days, language, 'ngày', 'day'),
    counted(hours, language, 'giờ', 'hour'),
    days > 0 ? '' : counted(minutes, language, 'phút', 'minute'),
  ].filter((part) => part !== '');
  return parts.length === 0 ? { vi: 'dưới 1 phút', en: 'less than a minute' }[language] : parts.join(' ');
}

function counted(count: number, language: Language, vi: string, en: string): string {
  if (count === 0) return '';
  return language === 'vi' ? `${count} ${vi}` : `${count} ${en}${count === 1 ? '' : 's'}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function fieldsOf(at: number, zone: string) {
  let format = formats.get(zone);
  if (format === undefined) {
    const two = '2-digit';
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      year: 'numeric',
      month: two,
      day: two,
      hour: two,
      minute: two,
      hourCycle: 'h23',
    });
    formats.set(zone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const { hour = '', minute = '', day = '', month = '', year = '' } = parts;
  return { hour, minute, day, month, year };
}
