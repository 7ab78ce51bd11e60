import { readFile, stat } from 'node:fs/promises';
import type { Bilingual } from '@songma/domain';
import { readText } from './text-table.ts';
import type { Mapping } from './mapping.ts';
import { unreadable, UsageError } from './usage-error.ts';
import { isWorkbook, type Cell } from '@songma/workbook';
import { readWorkbook } from './workbook.ts';

export type { Cell } from '@songma/workbook';

export interface TableRow {
  /** In the file, from 1. */
  readonly line: number;
  readonly cells: readonly Cell[];
}

/** A row that cannot be read, and why. */
export interface BrokenRow {
  readonly line: number;
  readonly problem: Bilingual;
}

export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly TableRow[];
  readonly broken: readonly BrokenRow[];
}

/** Largest file, bytes: it is read whole. */
export const fileBytesMax = 512 * 1024 * 1024;

/** @throws UsageError */
export async function readContent(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size > fileBytesMax) {
      throw new UsageError({
        en: `${path} has ${size} bytes, more than ${fileBytesMax}: split it`,
        vi: `${path} có ${size} byte, nhiều hơn ${fileBytesMax}: hãy chia nhỏ`,
      });
    }
    return await readFile(path);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw unreadable(path, error);
  }
}

/**
 * The rows under the header of a text file or a workbook, whichever the content is.
 * @throws UsageError when nothing of it can be read
 */
export async function readTable(path: string, content: Buffer, mapping: Mapping): Promise<Table> {
  return isWorkbook(content) ? readWorkbook(path, content, mapping) : readText(path, content, mapping);
}

/** Header cells as they are compared: composed, without spaces around. */
export function headerText(cell: Cell | null): string {
  return typeof cell === 'object' ? '' : String(cell).normalize('NFC').trim();
}
