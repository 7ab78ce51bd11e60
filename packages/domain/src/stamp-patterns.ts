import { localOf, offsetOf } from './clock-fields.ts';
import { parseStamp, type StampParser } from './stamps.ts';

type Field =
  'year' | 'month' | 'day' | 'hour' | 'hour12' | 'half' | 'minute' | 'second' | 'fraction' | 'offset';

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** The letters of a pattern, what they take, and which field that is. */
const tokens: Readonly<Record<string, readonly [field: Field, taken: string]>> = {
  yyyy: ['year', '\\d{4}'],
  yy: ['year', '\\d{2}'],
  MMMM: ['month', '[A-Za-z]{3,9}'],
  MMM: ['month', '[A-Za-z]{3}'],
  MM: ['month', '\\d{2}'],
  M: ['month', '\\d{1,2}'],
  dd: ['day', '\\d{2}'],
  d: ['day', '\\d{1,2}'],
  HH: ['hour', '\\d{2}'],
  H: ['hour', '\\d{1,2}'],
  hh: ['hour12', '\\d{2}'],
  h: ['hour12', '\\d{1,2}'],
  a: ['half', '[AaPp]\\.?[Mm]\\.?|[Ss][Aa]|[Cc][Hh]'],
  mm: ['minute', '\\d{2}'],
  m: ['minute', '\\d{1,2}'],
  ss: ['second', '\\d{2}'],
  s: ['second', '\\d{1,2}'],
  SSS: ['fraction', '\\d{1,9}'],
  S: ['fraction', '\\d{1,9}'],
  ZZ: ['offset', 'Z|[+-]\\d{2}:?\\d{2}'],
  Z: ['offset', 'Z|[+-]\\d{2}(?::?\\d{2})?'],
};

/** Letters that {@link stampPattern} knows, for errors and documents. */
export const stampTokens: readonly string[] = Object.keys(tokens);

export type StampPattern =
  { readonly ok: true; readonly parse: StampParser } | { readonly ok: false; readonly problem: string };

/**
 * Makes the parser of stamps that are printed by a pattern, such as `d/M/yyyy H:mm`, or `ISO` for what a push may
 * have. Text between quotes and all that is no letter stands for itself (a space for any number of them), and `T` for
 * itself; `a` takes AM and PM, SA and CH. A pattern needs year, month and day: without its date a time is none.
 */
export function stampPattern(pattern: string): StampPattern {
  if (pattern === 'ISO') return { ok: true, parse: parseStamp };
  const fields: Field[] = [];
  let source = '';
  for (const [part, quoted, letters] of pattern.matchAll(/'([^']*)'|(([A-Za-z])\3*)|\s+|./gu)) {
    if (quoted !== undefined) source += escaped(quoted);
    else if (part.trim() === '') source += '\\s+';
    else if (letters === undefined || part === 'T') source += escaped(part);
    else {
      const token = tokens[part];
      if (token === undefined) {
        return { ok: false, problem: `"${part}" is none of ${stampTokens.join(', ')}; put words in quotes` };
      }
      const [field, taken] = token;
      if (fields.includes(field)) return { ok: false, problem: `it has the ${field} twice` };
      fields.push(field);
      source += `(${taken})`;
    }
  }
  const problem = missing(fields);
  if (problem !== undefined) return { ok: false, problem };
  const expression = new RegExp(`^\\s*${source}\\s*$`);
  return { ok: true, parse: (text) => stampOf(expression.exec(text), fields) };
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

function missing(fields: readonly Field[]): string | undefined {
  const absent = (['year', 'month', 'day'] as const).filter((field) => !fields.includes(field));
  if (absent.length > 0) {
    return `it has no ${absent.join(', no ')}: a time without its whole date is none; where the date is in a column of its own, name both columns`;
  }
  if (fields.includes('hour12') !== fields.includes('half')) return 'h and a need each other; H counts to 24';
  if (fields.includes('minute') && !fields.includes('hour') && !fields.includes('hour12')) {
    return 'it has minutes and no hour';
  }
  return undefined;
}

function stampOf(match: RegExpExecArray | null, fields: readonly Field[]): ReturnType<StampParser> {
  if (match === null) return undefined;
  const text = (field: Field): string | undefined => {
    const place = fields.indexOf(field);
    return place === -1 ? undefined : match[place + 1];
  };
  const number = (field: Field): number => Number(text(field) ?? 0);
  const hour = hourOf(number('hour'), text('hour12'), text('half'));
  const month = monthOf(text('month') ?? '');
  if (hour === undefined || month === undefined) return undefined;
  const ms = Math.floor(Number(`0.${text('fraction') ?? '0'}`) * 1000);
  const year = number('year') + (text('year')?.length === 2 ? 2000 : 0);
  const local = localOf(year, month, number('day'), hour, number('minute'), number('second'), ms);
  if (local === undefined) return undefined;
  const offset = text('offset');
  if (offset === undefined) return { local, offsetMs: undefined, isHour24: hour === 24 };
  const [, sign = '+', hours = '0', minutes = '0'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(offset) ?? [];
  const offsetMs = offsetOf(sign, Number(hours), Number(minutes));
  return offsetMs === undefined ? undefined : { local, offsetMs, isHour24: hour === 24 };
}

function hourOf(hour: number, hour12: string | undefined, half: string | undefined): number | undefined {
  if (hour12 === undefined) return hour;
  const printed = Number(hour12);
  if (printed < 1 || printed > 12) return undefined;
  return (printed % 12) + (/^[pc]/i.test(half ?? '') ? 12 : 0);
}

function monthOf(text: string): number | undefined {
  if (/^\d/.test(text)) return Number(text);
  const place = months.indexOf(text.slice(0, 3).toLowerCase());
  return place === -1 ? undefined : place + 1;
}
