import type { Columns, RowStream } from './cells.ts';
import { csvLine, csvOf } from './csv.ts';
import { floatText } from './float-text.ts';
import type { AnswerForm } from './formats.ts';
import { parquetPieces } from './parquet.ts';
import { xlsxPieces } from './xlsx.ts';

declare global {
  interface JSON {
    /** A number as it shall be written. @see https://tc39.es/proposal-json-parse-with-source/ */
    rawJSON(text: string): object;
  }
}

/** What an answer tells beside its rows. */
export interface Surroundings {
  /** What stands before the items in JSON. */
  readonly head: Readonly<Record<string, unknown>>;
  /** The cursor of the next page, known once the rows are written; null: there is none. */
  readonly next: () => string | null;
  /** What a workbook tells on a sheet of its own, known once the rows are written. */
  readonly notes: () => readonly (readonly (string | number | null)[])[];
}

/** Rows of one piece of text: bounds what is in memory when the reader is slow. */
const rowsPerPiece = 500;

/**
 * The rows in a form, piece by piece: the next rows are fetched only when the reader has taken the piece before.
 * JSON is `{ …head, "items": […], "next": … }`; the others are rows alone.
 */
export function written<R extends object>(
  form: AnswerForm,
  rows: RowStream<R>,
  surroundings: Surroundings,
): AsyncGenerator<string | Uint8Array> {
  switch (form.format) {
    case 'parquet':
      return parquetPieces(rows);
    case 'xlsx':
      return xlsxPieces(rows, surroundings.notes);
    case 'csv': {
      const csv = csvOf(rows.columns, form.locale);
      return textPieces(rows, {
        before: csv.header,
        pieceOf: (batch) => batch.map((row) => csvLine(csv, rows.cellsOf(row))).join(''),
      });
    }
    case 'ndjson': {
      const floats = floatColumns(rows.columns);
      return textPieces(rows, {
        before: '',
        pieceOf: (batch) => batch.map((row) => `${jsonOf(row, floats)}\n`).join(''),
      });
    }
    case 'json': {
      const floats = floatColumns(rows.columns);
      const { head, next } = surroundings;
      const opening = JSON.stringify(head).slice(0, -1);
      return textPieces(rows, {
        before: `${opening}${opening === '{' ? '' : ','}"items":[`,
        pieceOf: (batch, isFirst) =>
          `${isFirst ? '' : ','}\n${batch.map((row) => jsonOf(row, floats)).join(',\n')}`,
        after: () => `\n],"next":${JSON.stringify(next())}}\n`,
      });
    }
  }
}

async function* textPieces<R extends object>(
  { batches }: RowStream<R>,
  text: {
    readonly before: string;
    readonly pieceOf: (batch: readonly R[], isFirst: boolean) => string;
    readonly after?: () => string;
  },
): AsyncGenerator<string> {
  try {
    if (text.before !== '') yield text.before;
    let isFirst = true;
    for (let batch = await batches.next(); batch.done !== true; batch = await batches.next()) {
      for (let at = 0; at < batch.value.length; at += rowsPerPiece) {
        yield text.pieceOf(batch.value.slice(at, at + rowsPerPiece), isFirst);
        isFirst = false;
      }
    }
    if (text.after !== undefined) yield text.after();
  } finally {
    // A reader that hung up: the store's cursor is let go.
    await batches.return?.();
  }
}

function floatColumns(columns: Columns): string[] {
  return Object.keys(columns).filter((name) => columns[name] === 'number');
}

/**
 * A row as JSON, in which floats are written as floats (`5.0`): a reader that guesses types by the first rows would
 * take a column of whole numbers for integers and fail on the first that is not.
 */
function jsonOf(row: object, floats: readonly string[]): string {
  const fields = row as Readonly<Record<string, unknown>>;
  let changed: Record<string, unknown> | undefined;
  for (const name of floats) {
    const value = fields[name];
    if (typeof value !== 'number' || !Number.isInteger(value)) continue;
    changed ??= { ...fields };
    changed[name] = JSON.rawJSON(floatText(value));
  }
  return JSON.stringify(changed ?? row);
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
