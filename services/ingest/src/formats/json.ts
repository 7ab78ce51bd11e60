import { textOf } from '../body.ts';
import { problem } from '../problems.ts';
import type { PushDraft } from '../push-draft.ts';
import { malformed, quoted, type Refusal } from '../refusals.ts';
import type { Format } from './format.ts';
import { checkLines, withoutMark } from './lines.ts';

/** A refused reading is read again as a line of NDJSON: it is one object in both. */
export const json: Format = {
  name: 'json',
  mediaTypes: ['application/json'],
  title: { en: 'JSON', vi: 'JSON' },
  needsFileName: false,
  read({ body, lineMax }, draft) {
    readJson(textOf(body), draft, lineMax);
    return undefined;
  },
  replay: (raw) => ({ format: ndjson, text: raw }),
};

export const ndjson: Format = {
  name: 'ndjson',
  mediaTypes: ['application/x-ndjson', 'application/ndjson'],
  title: { en: 'NDJSON', vi: 'NDJSON' },
  needsFileName: false,
  read({ body, lineMax }, draft) {
    readNdjson(textOf(body), draft, lineMax);
    return undefined;
  },
  replay: (raw) => ({ format: ndjson, text: raw }),
};

/** `{ "readings": [{ "meter", "time", "value", "unit"?, "status"? }, …] }`. @throws HttpProblem when it is not that */
function readJson(text: string, draft: PushDraft, lineMax: number): void {
  const body = parseBody(withoutMark(text));
  if (typeof body !== 'object' || body === null || Object.keys(body).join() !== 'readings') {
    throw problem('body_not_readings');
  }
  const { readings } = body as { readings: unknown };
  if (!Array.isArray(readings)) throw problem('body_not_readings');
  draft.rowsExpected = readings.length;
  for (const reading of readings as unknown[]) {
    const row = draft.nextRow();
    const why = checkReading(reading, row, draft);
    if (why !== undefined) draft.refuse(row, why, JSON.stringify(reading).slice(0, lineMax));
  }
}

/** One reading as a JSON object a line. A line that cannot be parsed is a refused row like any other. */
function readNdjson(text: string, draft: PushDraft, lineMax: number): void {
  checkLines(withoutMark(text), draft, lineMax, (line, row) => {
    let reading: unknown;
    try {
      reading = JSON.parse(line);
    } catch {
      return malformed('not_json');
    }
    return checkReading(reading, row, draft);
  });
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
function checkReading(reading: unknown, row: number, draft: PushDraft): Refusal | undefined {
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
  return draft.take(
    row,
    meter,
    value === undefined || value === null ? undefined : typeof value === 'number' ? value : Number.NaN,
    value,
    unit ?? undefined,
    time,
    status ?? undefined,
  );
}

function notText(field: string, value: unknown): Refusal {
  return malformed(value === undefined || value === null ? 'field_missing' : 'field_not_text', { field });
}
