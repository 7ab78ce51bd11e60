import { isArchive, isOldWorkbook, unpackedParts, type WorkbookBounds } from './archive.ts';
import { checkCells, mergedCells, partOfSheet, sheetNames, type CellRange } from './sheet-parts.ts';
import { WorkbookFault } from './workbook-fault.ts';

/** What a cell keeps: text, a number, or a clock reading as if it were UTC; null is an empty one. */
export type Cell = string | number | { readonly localMs: number };

export interface Workbook {
  /** Of the sheet, from its first row: all of one length. */
  readonly rows: readonly (readonly (Cell | null)[])[];
  /** Cells that are shown as one: only the first of them has a value. */
  readonly merged: readonly CellRange[];
}

/**
 * A sheet of an .xlsx: dates and numbers as the workbook keeps them, whatever it shows. What it takes is bounded before
 * anything is unpacked, and nothing in it is expanded or fetched: of XML entities only the five of XML itself are known.
 * @param sheet its name, or its place from 1
 * @throws WorkbookFault
 */
export async function readWorkbook(
  content: Buffer,
  sheet: string | number,
  bounds: WorkbookBounds,
): Promise<Workbook> {
  if (isOldWorkbook(content)) throw new WorkbookFault('workbook_old');
  if (!isArchive(content)) throw new WorkbookFault('workbook_damaged');
  const parts = unpackedParts(content, bounds);
  const text = (name: string) => parts.get(name)?.toString('utf8');
  // All of them: which one the reader takes for the sheet is its own affair.
  for (const name of sheetNames(parts.keys())) checkCells(text(name)!, bounds);
  const part = partOfSheet(text, sheet);
  if (part !== undefined && sheetNames([part]).length === 0) checkCells(text(part) ?? '', bounds);
  const rows = await rowsOf(content, sheet);
  return {
    rows: rows.map((row) => row.map(cellOf)),
    merged: part === undefined ? [] : mergedCells(text(part) ?? ''),
  };
}

async function rowsOf(content: Buffer, sheet: string | number): Promise<unknown[][]> {
  // Loaded with the first workbook: most houses get none.
  const { readSheet } = await import('read-excel-file/universal');
  const bytes = new Uint8Array(content).buffer;
  try {
    return (await readSheet(bytes, sheet)) as unknown[][];
  } catch (error) {
    throw new WorkbookFault('workbook_unreadable', { detail: (error as Error).message }, { cause: error });
  }
}

function cellOf(value: unknown): Cell | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return { localMs: wholeSeconds(value.getTime()) };
  if (typeof value === 'number') return value;
  // The library gives texts and truth values beside these.
  return typeof value === 'boolean' ? String(value) : (value as string).trim();
}

const serialErrorMs = 20;

/** A workbook keeps times as fractions of a day, which miss whole seconds by a little. */
function wholeSeconds(ms: number): number {
  const seconds = Math.round(ms / 1000) * 1000;
  return Math.abs(ms - seconds) <= serialErrorMs ? seconds : ms;
}

/** The first cells shown as one that reach over a row, and lie beside others in it; undefined where there are none. */
export function mergedOver({ merged }: Pick<Workbook, 'merged'>, row: number): CellRange | undefined {
  return merged.find(
    ({ firstRow, lastRow, firstColumn, lastColumn }) =>
      firstRow <= row && row <= lastRow && (lastColumn > firstColumn || lastRow > firstRow),
  );
}
