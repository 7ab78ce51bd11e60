import { parse } from 'csv-parse/sync';
import { textOf } from '../body.ts';
import { problem } from '../problems.ts';
import type { PushDraft } from '../push-draft.ts';
import { malformed, quoted, type Refusal } from '../refusals.ts';
import type { Format } from './format.ts';
import type { FormatReading, FormatSource } from './format.ts';
import { checkLines, linesOf, withoutMark } from './lines.ts';
import { isRefusal, numbersOf, valueIn } from './numbers.ts';
import { WideRows, wideColumnsOf, type WideColumns } from './wide.ts';

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
 * a row of its own, so that one with a stray quote spoils no other: a quoted field cannot contain a line break. Under a
 * header with a time and neither meter nor value each other column is a meter, and each of its cells a row.
 * @throws HttpProblem `csv_header_invalid`, `csv_column_twice`
 */
function* readCsv(source: FormatSource, draft: PushDraft): Generator<void, FormatReading> {
  const { lineMax } = source;
  const body = withoutMark(textOf(source.body));
  const headerEnd = body.indexOf('\n');
  const header = (headerEnd === -1 ? body : body.slice(0, headerEnd)).trimEnd();
  if (header.length > lineMax) throw problem('csv_header_invalid', { header: quoted(header) });
  const separator = separatorOf(header);
  const names = (cellsOf(header, separator) ?? []).map((name) => name.trim());
  const wide = wideColumnsOf(names);
  if (wide !== undefined) {
    const lines = headerEnd === -1 ? '' : body.slice(headerEnd + 1);
    return yield* readWideCsv(source, draft, { header, lines, separator, names, wide });
  }
  const places = placesOf(header, names);
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

function separatorOf(header: string): string {
  return [';', '\t'].find((candidate) => header.includes(candidate)) ?? ',';
}

interface WideCsv {
  readonly header: string;
  readonly lines: string;
  readonly separator: string;
  readonly names: readonly string[];
  readonly wide: WideColumns;
}

/** Lines with a column for each meter: each cell is a reading. A refused one is kept as a line with that cell alone. */
function* readWideCsv(
  source: FormatSource,
  draft: PushDraft,
  { header, lines, separator, names, wide }: WideCsv,
): Generator<void, FormatReading> {
  for (const [second, column] of names.entries()) {
    const first = names.indexOf(column);
    if (first < second)
      throw problem('csv_column_twice', { column: quoted(column), first: first + 1, second: second + 1 });
  }
  const timePlace = names.indexOf(wide.time);
  const statusPlace = wide.status === undefined ? -1 : names.indexOf(wide.status);
  const isValue = (place: number) => place !== timePlace && place !== statusPlace;
  const numbers = numbersOf(source, ['dot'], function* () {
    for (const line of linesOf(lines)) {
      if (line.length > source.lineMax) continue;
      for (const [place, cell] of (cellsOf(line, separator) ?? []).entries()) {
        if (isValue(place)) yield cell.trim();
      }
    }
  });
  const rows = new WideRows(source, draft, numbers);
  for (const line of linesOf(lines)) {
    const cells = line.length > source.lineMax ? undefined : cellsOf(line, separator);
    if (cells?.length !== names.length) {
      rows.refuse(whyUnread(line, cells, names.length, source.lineMax), line);
    } else {
      const values = names
        .map((column, place) => ({ column, value: cells[place]!.trim(), place }))
        .filter(({ place }) => isValue(place));
      const time = cells[timePlace]!.trim();
      const status = cells[statusPlace]?.trim() || undefined;
      rows.take(time, status, values, ({ column }) =>
        cells
          .map((cell, place) => (isValue(place) && names[place] !== column ? '' : cellText(cell, separator)))
          .join(separator),
      );
    }
    yield;
  }
  return { context: header, numbers: numbers.convention };
}

function whyUnread(
  line: string,
  cells: readonly string[] | undefined,
  expected: number,
  lineMax: number,
): Refusal {
  if (line.length > lineMax) return malformed('line_too_long', { limit: lineMax });
  return cells === undefined
    ? malformed('quotes')
    : malformed('fields_count', { count: cells.length, expected });
}

function cellText(cell: string, separator: string): string {
  return cell.includes('"') || cell.includes(separator) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function placesOf(header: string, written: readonly string[]): ReadonlyMap<Column, number> {
  const names = written.map((name) => name.toLowerCase());
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
  return places;
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
