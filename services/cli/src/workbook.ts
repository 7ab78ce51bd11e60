import { mergedOver, readWorkbook as readSheets, WorkbookFault, type Cell } from '@songma/workbook';
import type { Mapping } from './mapping.ts';
import { headerText, type Table, type TableRow } from './table.ts';
import { UsageError } from './usage-error.ts';

/** Bounds of a workbook; a file of a year of minutes is well below them. */
export const workbookBounds = {
  packedBytesMax: 64 * 1024 * 1024,
  unpackedBytesMax: 512 * 1024 * 1024,
  ratioMax: 1_000,
  partsMax: 2_000,
  cellsMax: 50_000_000,
} as const;

/**
 * Rows of a sheet of an .xlsx under its header: dates and numbers as the workbook keeps them, whatever it shows.
 * What it unpacks to is bounded before anything is unpacked.
 */
export async function readWorkbook(path: string, content: Buffer, mapping: Mapping): Promise<Table> {
  const workbook = await readSheets(content, mapping.sheet, workbookBounds).catch((error: unknown) => {
    if (!(error instanceof WorkbookFault)) throw error;
    throw new UsageError({ en: `${path} ${error.text.en}`, vi: `${path} ${error.text.vi}` });
  });
  const sheet = workbook.rows;
  const above = linesAbove(path, sheet, mapping.preamble ?? 0);
  const head = sheet[above];
  if (head === undefined) {
    throw new UsageError({
      en: `${path}: the sheet has no header`,
      vi: `${path}: trang tính không có dòng tiêu đề`,
    });
  }
  const merged = mergedOver(workbook, above);
  if (merged !== undefined) {
    throw new UsageError({
      en: `${path}: cells ${merged.address} of the header are merged: split them, so that each column has its name`,
      vi: `${path}: các ô tiêu đề ${merged.address} bị gộp: hãy tách ra để mỗi cột có tên riêng`,
    });
  }
  const header = head.map((cell) => (cell === null ? '' : headerText(cell)));
  const rows: TableRow[] = [];
  for (const [index, row] of sheet.entries()) {
    if (index <= above + (mapping.afterHeader ?? 0) || row.every((cell) => cell === null)) continue;
    rows.push({ line: index + 1, cells: row.map((cell) => cell ?? '') });
  }
  return { header, rows, broken: [] };
}

function linesAbove(
  path: string,
  sheet: readonly (readonly (Cell | null)[])[],
  preamble: number | string,
): number {
  if (typeof preamble === 'number') return preamble;
  const header = new RegExp(preamble);
  const found = sheet.findIndex((row) =>
    header.test(row.map((cell) => (cell === null ? '' : headerText(cell))).join(',')),
  );
  if (found === -1) {
    throw new UsageError({
      en: `${path} has no row that matches the preamble's end, /${preamble}/`,
      vi: `${path} không có dòng nào khớp /${preamble}/`,
    });
  }
  return found;
}
