import { parquetPieces } from './parquet.ts';
import type { SeriesFormat } from './query.ts';

export type Cell = string | number | boolean | null | readonly (string | number)[];
/** What a row has in each column. */
export type Cells = Readonly<Record<string, Cell>>;

/** What a column holds. `time` and `timeUs` are ISO 8601, to the millisecond and to the microsecond. */
export type CellKind = 'text' | 'boolean' | 'integer' | 'number' | 'time' | 'timeUs';
/** Columns in their order, and what each one holds. */
export type Columns = Readonly<Record<string, CellKind>>;

/** What a streamed answer is made of: batches of rows, in CSV and Parquet written in the columns' order. */
export interface RowStream<R extends object> {
  readonly columns: Columns;
  readonly cellsOf: (row: R) => Cells;
  readonly batches: AsyncIterator<readonly R[]>;
}

export const mediaTypes: Record<SeriesFormat, string> = {
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
};

/** Rows of one piece of text: bounds what is in memory when the reader is slow. */
const rowsPerPiece = 500;

/**
 * The rows in a format, piece by piece: the next rows are fetched only when the reader has taken the piece before.
 * JSON is `{ …head, "items": […], "next": … }`; the others are rows alone.
 */
export function written<R extends object>(
  format: SeriesFormat,
  rows: RowStream<R>,
  head: Readonly<Record<string, unknown>>,
  next: () => string | null,
): AsyncGenerator<string | Uint8Array> {
  return format === 'parquet' ? parquetPieces(rows) : textPieces(format, rows, head, next);
}

async function* textPieces<R extends object>(
  format: Exclude<SeriesFormat, 'parquet'>,
  rows: RowStream<R>,
  head: Readonly<Record<string, unknown>>,
  next: () => string | null,
): AsyncGenerator<string> {
  const { batches, cellsOf } = rows;
  const columns = Object.keys(rows.columns);
  try {
    if (format === 'csv') yield `${columns.join(',')}\r\n`;
    else if (format === 'json') yield `${JSON.stringify(head).slice(0, -1)},"items":[`;
    let first = true;
    for (let batch = await batches.next(); batch.done !== true; batch = await batches.next()) {
      for (let at = 0; at < batch.value.length; at += rowsPerPiece) {
        const piece = batch.value.slice(at, at + rowsPerPiece);
        if (format === 'json') {
          yield `${first ? '' : ','}\n${piece.map((row) => JSON.stringify(row)).join(',\n')}`;
        } else if (format === 'ndjson') {
          yield piece.map((row) => `${JSON.stringify(row)}\n`).join('');
        } else {
          yield piece.map((row) => csvLine(cellsOf(row), columns)).join('');
        }
        first = false;
      }
    }
    if (format === 'json') yield `\n],"next":${JSON.stringify(next())}}\n`;
  } finally {
    // A reader that hung up: the store's cursor is let go.
    await batches.return?.();
  }
}

function csvLine(cells: Cells, columns: readonly string[]): string {
  return `${columns.map((column) => csvField(cells[column] ?? null)).join(',')}\r\n`;
}

/** RFC 4180; null is empty. */
function csvField(value: Cell): string {
  if (value === null) return '';
  const text = cellText(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Lists are joined by `;`. */
export function cellText(value: Exclude<Cell, null>): string {
  return typeof value === 'object' ? value.join(';') : String(value);
}

/**
 * Asks for the first batch before the answer begins, so that a store that is down is answered with 503 and not with
 * a broken 200.
 */
export async function primed<T>(batches: AsyncGenerator<T>): Promise<AsyncIterator<T>> {
  const first = await batches.next();
  let given = false;
  return {
    next: async () => {
      if (given) return batches.next();
      given = true;
      return first;
    },
    return: async () => batches.return(undefined),
  };
}
