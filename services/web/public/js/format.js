import { locale } from './text.js';

/** A number as people write it: `digits` significant ones, never in powers of ten. */
export function number(value, digits = 4) {
  return new Intl.NumberFormat(locale(), { maximumSignificantDigits: digits }).format(value);
}

/** `0.973` → `97.3 %`; never rounded up to a full 100. */
export function percent(share) {
  const shown = share < 1 ? Math.min(Math.floor(share * 1000) / 1000, 0.999) : 1;
  return new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: 1 }).format(shown);
}

const unitParts = {
  'kW.h': 'kWh',
  'MW.h': 'MWh',
  m3: 'm³',
  Nm3: 'Nm³',
  Cel: '°C',
  '[pH]': 'pH',
};

/** A UCUM unit as it is written on paper. */
export function unit(ucum) {
  return ucum
    .split('/')
    .map((part) => unitParts[part] ?? part)
    .join('/');
}

/** Date and time by the clock of `zone`. */
export function dateTime(time, zone) {
  return new Intl.DateTimeFormat(locale(), {
    timeZone: zone,
    day: '2-digit',
    month: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).format(new Date(time));
}

/** The date that an ISO time with offset bears, whatever the reader's own zone is. */
export function date(iso) {
  const [year, month, day] = iso.slice(0, 10).split('-').map(Number);
  return new Intl.DateTimeFormat(locale(), {
    day: '2-digit',
    month: '2-digit',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(new Date(Date.UTC(year, month - 1, day)));
}
