import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { WorksheetWriter } from '@cj-tech-master/excelts';
import { cellText, type Cell, type CellKind, type RowStream } from './cells.ts';
import type { Surroundings } from './written.ts';

/** Rows of a sheet that Excel can open, the header among them. */
const sheetRowsMax = 1_048_576;
/** Rows that are written between two looks at whether the reader has taken what was written before. */
const rowsPerStep = 500;
/** Bytes that are written ahead of the reader. */
const aheadBytesMax = 256 * 1024;

/** How a kind of cell is shown, and how wide its column is in characters. */
const shown = {
  text: { width: 20 },
  boolean: { width: 9 },
  integer: { width: 10, numFmt: '0' },
  long: { width: 14, numFmt: '0' },
  number: { width: 14 },
  time: { width: 19, numFmt: 'yyyy-mm-dd hh:mm:ss' },
  timeUs: { width: 23, numFmt: 'yyyy-mm-dd hh:mm:ss.000' },
} as const satisfies Record<CellKind, { readonly width: number; readonly numFmt?: string }>;

/**
 * The rows as a workbook: typed cells, stamps as the site's clock shows them, further sheets where one is full, and a
 * last one with notes. Text stays text and is never computed, whatever it begins with.
 * @see ECMA-376, SpreadsheetML
 */
export async function* xlsxPieces<R extends object>(
  rows: RowStream<R>,
  notes: Surroundings['notes'],
): AsyncGenerator<Uint8Array> {
  const out = new PassThrough({ highWaterMark: aheadBytesMax });
  const stop = new AbortController();
  const writing = writeWorkbook(out, rows, notes, stop.signal).catch((error: unknown) => {
    out.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    for await (const piece of out) yield piece as Uint8Array;
  } finally {
    stop.abort();
    await writing;
    // A reader that hung up: the store's cursor is let go.
    await rows.batches.return?.();
  }
}

async function writeWorkbook<R extends object>(
  out: PassThrough,
  { columns, cellsOf, batches }: RowStream<R>,
  notes: Surroundings['notes'],
  signal: AbortSignal,
): Promise<void> {
  // Loaded by the first who asks: it is large, and most processes never need it.
  const { WorkbookWriter } = await import('@cj-tech-master/excelts');
  const workbook = new WorkbookWriter({ stream: out, useStyles: true, useSharedStrings: false });
  const kinds = Object.entries(columns);
  let sheets = 0;
  const nextSheet = (): WorksheetWriter => {
    sheets++;
    const sheet = workbook.addWorksheet(sheets === 1 ? 'Data' : `Data ${sheets}`, {
      views: [{ state: 'frozen', ySplit: 1 }],
    });
    sheet.columns = kinds.map(([name, kind]) => {
      const { width, ...style } = shown[kind];
      return { header: name, key: name, width: Math.max(width, name.length + 2), style };
    });
    return sheet;
  };

  let sheet = nextSheet();
  let rowsOfSheet = 1;
  let sinceLook = 0;
  for (let batch = await batches.next(); batch.done !== true; batch = await batches.next()) {
    for (const row of batch.value) {
      if (rowsOfSheet === sheetRowsMax) {
        sheet.commit();
        sheet = nextSheet();
        rowsOfSheet = 1;
      }
      const cells = cellsOf(row);
      sheet.addRow(kinds.map(([name, kind]) => stored(kind, cells[name] ?? null))).commit();
      rowsOfSheet++;
      if (++sinceLook < rowsPerStep) continue;
      sinceLook = 0;
      await takenBy(out, signal);
      if (signal.aborted) return;
    }
  }
  sheet.commit();
  const about = workbook.addWorksheet('About');
  for (const line of notes()) about.addRow([...line]).commit();
  about.commit();
  await workbook.commit();
}

/** Resolves when the reader has taken enough, or is gone. */
async function takenBy(out: PassThrough, signal: AbortSignal): Promise<void> {
  // The archive is written in later turns of the event loop.
  await setImmediate();
  if (!out.writableNeedDrain || signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  out.once('drain', resolve);
  out.once('close', resolve);
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
  out.off('drain', resolve);
  out.off('close', resolve);
}

function stored(kind: CellKind, cell: Cell): string | number | boolean | Date | null {
  if (cell === null) return null;
  if (kind === 'text') return cellText(cell);
  // A workbook's times have no zone: the local one is written as if it were UTC.
  if (kind === 'time' || kind === 'timeUs')
    return new Date(`${String(cell).replace(/(Z|[+-]\d\d:?\d\d)$/i, '')}Z`);
  return cell as number | boolean;
}
