import { parse } from 'csv-parse/sync';
import { textOf } from '../body.ts';
import { problem } from '../problems.ts';
import type { PushDraft } from '../push-draft.ts';
import { malformed, quoted, type Refusal } from '../refusals.ts';
import type { Format } from './format.ts';
import type { FormatReading, FormatSource } from './format.ts';
import { checkLines, linesOf, withoutMark } from './lines.ts';
import { isRefusal, numbersOf, valueIn } from './numbers.ts';

const columns = ['meter', 'time', 'value', 'unit', 'status'] as const;
type Column = (typeof columns)[number];
const needed: readonly Column[] = ['meter', 'time', 'value'];

/** `text/csv`: a refused line is read again under its header. */
export const csv: Format = {
  name: 'csv',
  mediaTypes: ['text/csv'],
  extensions: ['.csv'],
  title: { en: 'a CSV', vi: 'tệp CSV' },
  needsFileName: false,
  read: readCsv,
  replay: (raw, context) => ({ format: csv, text: `${context}\n${raw}` }),
};

/**
 * Lines under a header that names the columns, separated by comma, semicolon or TAB (as the header is). Each line is
 * a row of its own, so that one with a stray quote spoils no other: a quoted field cannot contain a line break.
 * @throws HttpProblem `csv_header_invalid`, `csv_column_twice`
 */
function* readCsv(source: FormatSource, draft: PushDraft): Generator<void, FormatReading> {
  const { lineMax } = source;
  const body = withoutMark(textOf(source.body));
  const headerEnd = body.indexOf('\n');
  const header = (headerEnd === -1 ? body : body.slice(0, headerEnd)).trimEnd();
  if (header.length > lineMax) throw problem('csv_header_invalid', { header: quoted(header) });
  const { separator, places } = readHeader(header);
  const cell = (cells: readonly string[], column: Column) => {
    const place = places.get(column);
    return place === undefined ? '' : (cells[place] ?? '').trim();
  };
  const lines = headerEnd === -1 ? '' : body.slice(headerEnd + 1);
  const numbers = numbersOf(source, ['dot'], function* () {
    for (const line of linesOf(lines)) {
      if (line.length <= lineMax) yield cell(cellsOf(line, separator) ?? [], 'value');
    }
  });
  const check = (line: string, row: number): Refusal | undefined => {
    const cells = cellsOf(line, separator);
    if (cells === undefined) return malformed('quotes');
    if (cells.length !== places.size) {
      return malformed('fields_count', { count: cells.length, expected: places.size });
    }
    const meter = cell(cells, 'meter');
    const time = cell(cells, 'time');
    const valueText = cell(cells, 'value');
    if (meter === '') return malformed('field_missing', { field: 'meter' });
    if (time === '') return malformed('field_missing', { field: 'time' });
    const value = valueIn(numbers, valueText, meter);
    if (isRefusal(value)) return value;
    return draft.take(
      row,
      meter,
      value,
      valueText,
      cell(cells, 'unit') || undefined,
      time,
      cell(cells, 'status') || undefined,
    );
  };
  yield* checkLines(lines, draft, lineMax, check);
  return { context: header, numbers: numbers.convention };
}

function readHeader(header: string): { separator: string; places: ReadonlyMap<Column, number> } {
  const separator = [';', '\t'].find((candidate) => header.includes(candidate)) ?? ',';
  const names = (cellsOf(header, separator) ?? []).map((name) => name.trim().toLowerCase());
  const places = new Map<Column, number>();
  for (const [place, name] of names.entries()) {
    const column = columns.find((known) => known === name);
    if (column === undefined) throw problem('csv_header_invalid', { header: quoted(header) });
    const first = places.get(column);
    if (first !== undefined) {
      throw problem('csv_column_twice', { column, first: first + 1, second: place + 1 });
    }
    places.set(column, place);
  }
  if (!needed.every((column) => places.has(column))) {
    throw problem('csv_header_invalid', { header: quoted(header) });
  }
  return { separator, places };
}

/** The cells of one line; undefined when its quotes do not match. */
function cellsOf(line: string, separator: string): string[] | undefined {
  // Without quotes there is nothing that splitting gets wrong, at a hundredth of the cost.
  if (!line.includes('"')) return line.split(separator);
  try {
    return parse(line, { delimiter: separator, relax_column_count: true })[0];
  } catch {
    return undefined;
  }
}
