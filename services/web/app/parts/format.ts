import { locale } from '../state/language.ts';

/** A number as people write it: `digits` significant ones, never in powers of ten. */
export function number(value: number, digits = 4): string {
  return new Intl.NumberFormat(locale(), { maximumSignificantDigits: digits }).format(value);
}

/** `0.973` → `97.3 %`; never rounded up to a full 100. */
export function percent(share: number): string {
  const shown = share < 1 && share >= 0 ? Math.min(Math.floor(share * 1000) / 1000, 0.999) : share;
  return new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: 1 }).format(shown);
}

const unitParts: Readonly<Record<string, string>> = {
  'kW.h': 'kWh',
  'MW.h': 'MWh',
  m3: 'm³',
  Nm3: 'Nm³',
  Cel: '°C',
  '[pH]': 'pH',
  '{product}': 'sp',
};

/** A UCUM unit as it is written on paper. */
export function unit(ucum: string | null | undefined): string {
  return (ucum ?? '')
    .split('/')
    .map((part) => unitParts[part] ?? part)
    .join('/');
}

export const homeZone = 'Asia/Ho_Chi_Minh';

/** Date and time by the clock of `zone`. */
export function dateTime(
  time: number | string,
  zone: string | null | undefined,
  { year = false } = {},
): string {
  return new Intl.DateTimeFormat(locale(), {
    timeZone: zone ?? homeZone,
    day: '2-digit',
    month: '2-digit',
    ...(year ? { year: 'numeric' as const } : {}),
    hour: '2-digit',
    minute: '2-digit',
  }).format(new Date(time));
}

/** The date that an ISO time with offset bears, whatever the reader's own zone is. */
export function date(iso: string): string {
  const [year = 0, month = 1, day = 1] = iso.slice(0, 10).split('-').map(Number);
  return new Intl.DateTimeFormat(locale(), {
    day: '2-digit',
    month: '2-digit',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(new Date(Date.UTC(year, month - 1, day)));
}

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** How long ago a time is, in the largest unit that fits. */
export function ago(time: string | number, now = Date.now()): string {
  const pastMs = now - new Date(time).getTime();
  const [name, ms] = units.find(([, unitMs]) => Math.abs(pastMs) >= unitMs) ?? units[2];
  return new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' }).format(-Math.round(pastMs / ms), name);
}

/** A length of time in hours and minutes, or days. */
export function duration(ms: number): string {
  const [name, unitMs] = units.find(([, candidate]) => ms >= candidate) ?? units[2];
  return new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit: name,
    unitDisplay: 'long',
    maximumFractionDigits: 1,
  }).format(ms / unitMs);
}
