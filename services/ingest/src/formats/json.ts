import type { NumberTexts } from '@songma/domain';
import { textOf } from '../body.ts';
import { problem } from '../problems.ts';
import type { PushDraft, SentValue } from '../push-draft.ts';
import { jsonText, malformed, quoted, type Refusal } from '../refusals.ts';
import type { Format, FormatReading, FormatSource } from './format.ts';
import { linesOf, withoutMark } from './lines.ts';
import { isRefusal, numbersOf, valueIn } from './numbers.ts';
import { WideRows, wideColumnsOf } from './wide.ts';

/** A refused reading is read again as a line of NDJSON: it is one object in both. */
export const json: Format = {
  name: 'json',
  mediaTypes: ['application/json'],
  extensions: ['.json'],
  title: { en: 'JSON', vi: 'JSON' },
  needsFileName: false,
  read: readJson,
  replay: (raw) => ({ format: ndjson, text: raw }),
};

export const ndjson: Format = {
  name: 'ndjson',
  mediaTypes: ['application/x-ndjson', 'application/ndjson'],
  extensions: ['.ndjson', '.jsonl'],
  title: { en: 'NDJSON', vi: 'NDJSON' },
  needsFileName: false,
  read: readNdjson,
  replay: (raw) => ({ format: ndjson, text: raw }),
};

/** `{ "readings": [{ "meter", "time", "value", "unit"?, "status"? }, …] }`. @throws HttpProblem when it is not that */
function* readJson(source: FormatSource, draft: PushDraft): Generator<void, FormatReading> {
  const body = parseBody(withoutMark(textOf(source.body)));
  if (typeof body !== 'object' || body === null || Object.keys(body).join() !== 'readings') {
    throw problem('body_not_readings');
  }
  const { readings } = body as { readings: unknown };
  if (!Array.isArray(readings)) throw problem('body_not_readings');
  draft.rowsExpected = readings.length;
  const numbers = numbersOf(source, ['dot'], () => readings.flatMap(valueTextsOf));
  const wide = new WideRows(source, draft, numbers);
  for (const reading of readings as unknown[]) {
    if (isWide(reading)) {
      takeWide(reading, wide);
      yield;
      continue;
    }
    const row = draft.nextRow();
    if (draft.isPauseAt(row)) yield;
    const why = checkReading(reading, row, draft, numbers);
    if (why !== undefined) draft.refuse(row, why, jsonText(reading).slice(0, source.lineMax));
  }
  return { numbers: numbers.convention };
}

/** One reading as a JSON object a line. A line that cannot be parsed is a refused row like any other. */
function* readNdjson(source: FormatSource, draft: PushDraft): Generator<void, FormatReading> {
  const { lineMax } = source;
  const text = withoutMark(textOf(source.body));
  const numbers = numbersOf(source, ['dot'], function* () {
    for (const line of linesOf(text)) if (line.length <= lineMax) yield* valueTextsOf(parseLine(line));
  });
  const wide = new WideRows(source, draft, numbers);
  for (const line of linesOf(text)) {
    const reading = line.length > lineMax ? undefined : parseLine(line);
    if (isWide(reading)) {
      takeWide(reading, wide);
      yield;
      continue;
    }
    const row = draft.nextRow();
    if (draft.isPauseAt(row)) yield;
    let why: Refusal | undefined;
    if (line.length > lineMax) why = malformed('line_too_long', { limit: lineMax });
    else if (reading === undefined) why = malformed('not_json');
    else why = checkReading(reading, row, draft, numbers);
    if (why !== undefined) draft.refuse(row, why, line.slice(0, lineMax));
  }
  return { numbers: numbers.convention };
}

/** @returns undefined when it is no JSON, which `undefined` is not */
function parseLine(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

/** The numbers that a reading has as text. */
function valueTextsOf(reading: unknown): string[] {
  const values = isWide(reading)
    ? Object.values(reading)
    : [(reading as JsonReading | null | undefined)?.value];
  return values.flatMap((value) => (typeof value === 'string' ? [value.trim()] : []));
}

/** One object with the values of several meters, by their columns. */
type WideReading = Readonly<Record<string, unknown>>;

function isWide(reading: unknown): reading is WideReading {
  if (typeof reading !== 'object' || reading === null || Array.isArray(reading)) return false;
  // A row that names its meter is by far the most common.
  if (Object.hasOwn(reading, 'meter') || Object.hasOwn(reading, 'value')) return false;
  return wideColumnsOf(Object.keys(reading)) !== undefined;
}

function takeWide(reading: WideReading, rows: WideRows): void {
  const columns = wideColumnsOf(Object.keys(reading))!;
  const time = reading[columns.time];
  const status = columns.status === undefined ? undefined : (reading[columns.status] ?? undefined);
  if (typeof time !== 'string') return rows.refuse(notText(columns.time, time), jsonText(reading));
  if (status !== undefined && typeof status !== 'string') {
    return rows.refuse(notText('status', status), jsonText(reading));
  }
  const cells = Object.entries(reading)
    .filter(([column]) => column !== columns.time && column !== columns.status)
    .map(([column, value]) => ({ column, value }));
  const head = { [columns.time]: time, ...(status === undefined ? {} : { status }) };
  rows.take(time, status, cells, ({ column, value }) => jsonText({ ...head, [column]: value }));
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw problem('body_not_json', { problem: quoted((error as SyntaxError).message) }, { cause: error });
  }
}

interface JsonReading {
  readonly meter?: unknown;
  readonly time?: unknown;
  readonly value?: unknown;
  readonly unit?: unknown;
  readonly status?: unknown;
}

/** Checked by hand: a schema library would cost as much again as all the rest of the row. */
function checkReading(
  reading: unknown,
  row: number,
  draft: PushDraft,
  numbers: NumberTexts,
): Refusal | undefined {
  if (typeof reading !== 'object' || reading === null || Array.isArray(reading))
    return malformed('not_object');
  // Also finds an own `__proto__`, which JSON.parse makes a field like any other.
  for (const field in reading) {
    if (
      field !== 'meter' &&
      field !== 'time' &&
      field !== 'value' &&
      field !== 'unit' &&
      field !== 'status'
    ) {
      return malformed('field_unknown', { field: quoted(field) });
    }
  }
  const { meter, time, value, unit, status } = reading as JsonReading;
  if (typeof meter !== 'string') return notText('meter', meter);
  if (typeof time !== 'string') return notText('time', time);
  if (unit !== undefined && unit !== null && typeof unit !== 'string') return notText('unit', unit);
  if (status !== undefined && status !== null && typeof status !== 'string') return notText('status', status);
  let taken: SentValue = Number.NaN;
  if (typeof value === 'number') taken = value;
  else if (value === undefined || value === null) taken = undefined;
  else if (typeof value === 'string') {
    const read = valueIn(numbers, value.trim(), meter);
    if (isRefusal(read)) return read;
    taken = read;
  }
  return draft.take(row, meter, taken, value, unit ?? undefined, time, status ?? undefined);
}

function notText(field: string, value: unknown): Refusal {
  return malformed(value === undefined || value === null ? 'field_missing' : 'field_not_text', { field });
}
