import { problem } from '../problems.ts';
import { quoted } from '../refusals.ts';

/**
 * One line of InfluxDB's line protocol: `measurement,tag=a field=1.5,other=2i 1732363500000000000`. Parted here, its names
 * and values still as they were written: most lines have names that were read before.
 * @see https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/
 */
export interface LineParts {
  /** Measurement and tags. */
  readonly head: string;
  /** Key and value of each field, as written. */
  readonly fields: readonly (readonly [key: string, value: string])[];
  /** Empty where there is none. */
  readonly stamp: string;
}

/** What is wrong with the form of a line. */
export type LineProblem = 'line_head' | 'line_controls' | 'line_fields' | 'line_stamp' | 'line_value';

/** A value of a field: a number, a truth value as 0 or 1, or a text without its quotes. */
export type FieldValue = number | string;

const integerStamp = /^-?\d{1,19}$/;
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const integer = /^[+-]?\d+i$/;
const unsigned = /^\+?\d+u$/;
const truths = new Map([
  ...['t', 'T', 'true', 'True', 'TRUE'].map((text) => [text, 1] as const),
  ...['f', 'F', 'false', 'False', 'FALSE'].map((text) => [text, 0] as const),
]);

/** Parts a line; a text in quotes cannot go on in the next one. */
export function partLine(line: string): LineParts | LineProblem {
  const isPlain = !line.includes('\\') && !line.includes('"');
  const headEnd = isPlain ? line.indexOf(' ') : endOf(line, 0, ' ', false);
  if (headEnd <= 0) return 'line_head';
  let at = headEnd;
  while (line[at] === ' ') at++;
  const fieldsEnd = isPlain ? line.indexOf(' ', at) : endOf(line, at, ' ', true);
  const end = fieldsEnd === -1 ? line.length : fieldsEnd;
  const fields: (readonly [string, string])[] = [];
  while (at < end) {
    const comma = isPlain ? line.indexOf(',', at) : endOf(line, at, ',', true);
    const fieldEnd = comma === -1 || comma > end ? end : comma;
    const equals = isPlain ? line.indexOf('=', at) : endOf(line, at, '=', false);
    if (equals <= at || equals >= fieldEnd - 1) return 'line_fields';
    fields.push([line.slice(at, equals), line.slice(equals + 1, fieldEnd)]);
    at = fieldEnd + 1;
  }
  if (fields.length === 0 || at !== end + 1) return 'line_fields';
  const stamp = line.slice(end).trim();
  if (stamp !== '' && !integerStamp.test(stamp)) return 'line_stamp';
  return { head: line.slice(0, headEnd), fields, stamp };
}

/** What the head of a line calls its values, beside their fields: `measurement`, and `tag.…` of each tag. */
export function readHead(head: string): Map<string, string> | LineProblem {
  const parts = partsOf(head, ',');
  const measurement = unescaped(parts[0]!);
  if (measurement === '') return 'line_head';
  const origin = new Map([['measurement', measurement]]);
  for (const part of parts.slice(1)) {
    const equals = endOf(part, 0, '=', false);
    if (equals <= 0 || equals === part.length - 1) return 'line_head';
    origin.set(`tag.${unescaped(part.slice(0, equals))}`, unescaped(part.slice(equals + 1)));
  }
  return origin;
}

/** A name without the signs that take its commas, spaces and equals signs as they are. */
export function unescaped(name: string): string {
  return name.includes('\\') ? name.replace(/\\([ ,="\\])/g, '$1') : name;
}

/** @returns undefined for what is no value of line protocol, such as `NaN` or `0x10` */
export function readValue(text: string): FieldValue | undefined {
  const last = text.charCodeAt(text.length - 1);
  // Digits first: nearly all values end with one.
  if (last >= 48 && last <= 57) return decimal.test(text) ? Number(text) : undefined;
  if (last === 34) {
    if (text.length < 2 || text.charCodeAt(0) !== 34) return undefined;
    return text.slice(1, -1).replace(/\\(["\\])/g, '$1');
  }
  if (last === 105) return integer.test(text) ? Number(text.slice(0, -1)) : undefined;
  if (last === 117) return unsigned.test(text) ? Number(text.slice(0, -1)) : undefined;
  return truths.get(text) ?? (decimal.test(text) ? Number(text) : undefined);
}

/** What stamps count, by what requests call it. */
export const precisions = ['ns', 'us', 'ms', 's', 'm', 'h'] as const;
export type Precision = (typeof precisions)[number];

/** The names of InfluxDB 1 too. */
const otherNames = new Map<unknown, Precision>([
  ['n', 'ns'],
  ['u', 'us'],
  ['µ', 'us'],
  ['µs', 'us'],
]);

/** @throws HttpProblem `precision_unknown` */
export function precisionOf(name: unknown): Precision {
  const precision = precisions.find((known) => known === name) ?? otherNames.get(name);
  if (precision === undefined) throw problem('precision_unknown', { precision: quoted(name) });
  return precision;
}

const msOf: Readonly<Record<Exclude<Precision, 'ns' | 'us'>, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};
/** Digits of a stamp that are finer than a millisecond. */
const finerDigits: Partial<Record<Precision, number>> = { ns: 6, us: 3 };

/** Epoch milliseconds of a stamp; what is finer is cut off. May be beyond what dates can tell. */
export function stampMs(stamp: string, precision: Precision): number {
  if (precision !== 'ns' && precision !== 'us') return Number(stamp) * msOf[precision];
  const finer = finerDigits[precision]!;
  // By its digits: a double does not hold all of them. Before 1970 nothing is taken anyway.
  return stamp.length > finer ? Number(stamp.slice(0, -finer)) : 0;
}

/** A stamp of a time, for a line that had none. */
export function stampOf(ms: number, precision: Precision): string {
  if (precision === 'ns' || precision === 'us') return `${ms}${'0'.repeat(finerDigits[precision]!)}`;
  return String(Math.floor(ms / msOf[precision]));
}

function partsOf(text: string, sign: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (;;) {
    const end = endOf(text, from, sign, false);
    if (end === -1) return [...parts, text.slice(from)];
    parts.push(text.slice(from, end));
    from = end + 1;
  }
}

/** Where the sign is next that no `\` takes as it is, and with `quotes` none in a text; -1 where there is none. */
function endOf(text: string, from: number, sign: string, quotes: boolean): number {
  let isQuoted = false;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') at++;
    else if (quotes && char === '"' && (isQuoted || text[at - 1] === '=')) isQuoted = !isQuoted;
    else if (!isQuoted && char === sign) return at;
  }
  return -1;
}
