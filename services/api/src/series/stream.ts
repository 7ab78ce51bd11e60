import type { SeriesFormat } from './query.ts';

type Cell = string | number | boolean | null | readonly string[];
type Row = Readonly<Record<string, Cell>>;

/** What a streamed answer is made of: batches of rows, written in the columns' order. */
export interface RowStream {
  readonly columns: readonly string[];
  readonly batches: AsyncIterator<readonly Row[]>;
}

export const mediaTypes: Record<SeriesFormat, string> = {
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson; charset=utf-8',
};

/** Rows of one piece of text: bounds what is in memory when the reader is slow. */
const rowsPerPiece = 500;

/**
 * The rows as text, piece by piece: the next rows are fetched only when the reader has taken the piece before.
 * JSON is `{ …head, "items": […], "next": … }`; CSV and NDJSON are rows alone.
 */
export async function* written(
  format: SeriesFormat,
  rows: RowStream,
  head: Readonly<Record<string, unknown>>,
  next: () => string | null,
): AsyncGenerator<string> {
  const { batches, columns } = rows;
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
          yield piece.map((row) => csvLine(row, columns)).join('');
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

function csvLine(row: Row, columns: readonly string[]): string {
  return `${columns.map((column) => csvField(row[column] ?? null)).join(',')}\r\n`;
}

/** RFC 4180; lists are joined by `;`, null is empty. */
function csvField(value: Cell): string {
  if (value === null) return '';
  const text = typeof value === 'object' ? value.join(';') : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
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
