import { mergedOver, readWorkbook, WorkbookFault, type Cell, type Workbook } from '@songma/workbook';
import { problem } from '../problems.ts';
import { quoted } from '../refusals.ts';
import type { Format, FormatLimits } from './format.ts';
import { ndjson } from './json.ts';

const columns = ['meter', 'time', 'value', 'unit', 'status'] as const;
type Column = (typeof columns)[number];
const needed: readonly Column[] = ['meter', 'time', 'value'];

/** What a column may be called, composed and in lower case. */
const columnNames: Readonly<Record<Column, readonly string[]>> = {
  meter: ['meter', 'công tơ', 'thiết bị đo'],
  time: ['time', 'thời gian', 'thời điểm'],
  value: ['value', 'giá trị'],
  unit: ['unit', 'đơn vị'],
  status: ['status', 'trạng thái'],
};

/** Rows above the header that are looked through for it: titles, logos, notes. */
const headRowsMax = 50;
const partsMax = 2_000;
const columnsMax = 64;

/** A workbook is turned into lines of NDJSON, a row each, and these are read and kept and replayed like any others. */
export const xlsx: Format = {
  name: 'xlsx',
  mediaTypes: ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  extensions: ['.xlsx'],
  title: { en: 'an Excel workbook', vi: 'tệp Excel' },
  needsFileName: false,
  prepare: linesOfWorkbook,
  read: (source, draft) => ndjson.read(source, draft),
  replay: (raw) => ({ format: ndjson, text: raw }),
};

/**
 * The first sheet as NDJSON: numbers as numbers, dates as the clock readings that they are, texts as texts.
 * @throws HttpProblem `workbook_unusable`, `workbook_header_missing`, `workbook_head_merged`, `csv_column_twice`,
 * `too_many_rows`
 */
async function linesOfWorkbook(body: Buffer, limits: FormatLimits): Promise<Buffer> {
  const workbook = await readWorkbook(body, 1, {
    packedBytesMax: limits.bodyBytesMax,
    unpackedBytesMax: limits.unpackedBytesMax,
    ratioMax: limits.gzipRatioMax,
    partsMax,
    cellsMax: (limits.rowsMax + headRowsMax) * columnsMax,
  }).catch((error: unknown) => {
    if (!(error instanceof WorkbookFault)) throw error;
    throw problem('workbook_unusable', (spoken) => ({ reason: error.text[spoken] }), { cause: error });
  });
  const { head, places } = headerOf(workbook);
  const lines: string[] = [];
  let bytes = 0;
  for (const row of workbook.rows.slice(head + 1)) {
    const reading: Record<string, unknown> = {};
    for (const [column, place] of places) {
      const cell = row[place] ?? null;
      if (cell !== null && cell !== '') reading[column] = written(cell, column, limits.lineBytesMax);
    }
    if (Object.keys(reading).length === 0) continue;
    const line = JSON.stringify(reading);
    bytes += line.length + 1;
    if (lines.length === limits.rowsMax) throw problem('too_many_rows', { limit: limits.rowsMax });
    if (bytes > limits.unpackedBytesMax)
      throw problem('unpacked_too_large', { limit: limits.unpackedBytesMax });
    lines.push(line);
  }
  return Buffer.from(lines.join('\n'));
}

/** The first row that names what is needed, and where its columns are. */
function headerOf({ rows, merged }: Workbook): { head: number; places: ReadonlyMap<Column, number> } {
  for (const [head, row] of rows.slice(0, headRowsMax).entries()) {
    const places = new Map<Column, number>();
    for (const [place, cell] of row.entries()) {
      const column = columnNamed(cell);
      if (column === undefined) continue;
      const first = places.get(column);
      if (first !== undefined && needed.every((name) => row.some((other) => columnNamed(other) === name))) {
        throw problem('csv_column_twice', { column, first: first + 1, second: place + 1 });
      }
      places.set(column, place);
    }
    if (needed.every((column) => places.has(column))) {
      const over = mergedOver({ merged }, head);
      if (over !== undefined) throw problem('workbook_head_merged', { cells: over.address });
      return { head, places };
    }
  }
  // A head whose cells are merged has its names in some of them only.
  const over = rows
    .slice(0, headRowsMax)
    .findIndex((row) => row.some((cell) => columnNamed(cell) !== undefined));
  const range = over === -1 ? undefined : mergedOver({ merged }, over);
  if (range !== undefined) throw problem('workbook_head_merged', { cells: range.address });
  const first = rows[0]?.map((cell) => (typeof cell === 'object' ? '' : String(cell))).join(', ') ?? '';
  throw problem('workbook_header_missing', { rows: headRowsMax, found: quoted(first) });
}

function columnNamed(cell: Cell | null): Column | undefined {
  if (typeof cell !== 'string') return undefined;
  const name = cell.normalize('NFC').trim().toLowerCase();
  return columns.find((column) => columnNames[column].includes(name));
}

function written(cell: Cell, column: Column, lengthMax: number): string | number {
  if (typeof cell === 'object') return new Date(cell.localMs).toISOString().slice(0, 19);
  // An id or a stamp such as 20261123114500 may be kept as a number.
  if (typeof cell === 'number') return column === 'value' ? cell : String(cell);
  return cell.slice(0, lengthMax);
}
