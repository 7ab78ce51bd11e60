import { inflateRawSync } from 'node:zlib';
import { readSheet } from 'read-excel-file/universal';
import type { Mapping } from './mapping.ts';
import { headerText, type Cell, type Table, type TableRow } from './table.ts';
import { UsageError } from './usage-error.ts';

/** Bounds of a workbook; a file of a year of minutes is well below them. */
export const workbookBounds = {
  packedBytesMax: 64 * 1024 * 1024,
  unpackedBytesMax: 512 * 1024 * 1024,
  partsMax: 2_000,
} as const;

const oldWorkbook = Buffer.from('d0cf11e0', 'hex');

/** Whether the content is a workbook: an .xlsx, which is packed, or an old .xls. */
export function isWorkbook(content: Buffer): boolean {
  return isZip(content) || content.subarray(0, oldWorkbook.length).equals(oldWorkbook);
}

function isZip(content: Buffer): boolean {
  return content.length > 22 && content.readUInt32LE(0) === 0x04034b50;
}

/**
 * Rows of a sheet of an .xlsx under its header: dates and numbers as the workbook keeps them, whatever it shows.
 * What it unpacks to is bounded before anything is unpacked.
 */
export async function readWorkbook(path: string, content: Buffer, mapping: Mapping): Promise<Table> {
  if (!isZip(content)) {
    throw new UsageError({
      en: `${path} is an old .xls: save it as .xlsx or as CSV UTF-8`,
      vi: `${path} là tệp .xls cũ: hãy lưu dạng .xlsx hoặc CSV UTF-8`,
    });
  }
  checkBounds(path, content);
  const sheet = await sheetOf(path, content, mapping.sheet);
  const above = linesAbove(path, sheet, mapping.preamble ?? 0);
  const head = sheet[above];
  if (head === undefined) {
    throw new UsageError({
      en: `${path}: the sheet has no header`,
      vi: `${path}: trang tính không có dòng tiêu đề`,
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

async function sheetOf(path: string, content: Buffer, sheet: string | number): Promise<(Cell | null)[][]> {
  const bytes = new Uint8Array(content).buffer;
  let rows: unknown[][];
  try {
    rows = (await readSheet(bytes, sheet)) as unknown[][];
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError({
      en: `${path} cannot be read as .xlsx: ${message}`,
      vi: `không đọc được ${path} như tệp .xlsx: ${message}`,
    });
  }
  return rows.map((row) => row.map(cellOf));
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

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endBytes = 22;
const commentBytesMax = 65_535;

/**
 * Reads the directory of the archive, and unpacks no part further than to the size that it states, all together not
 * beyond the bound. @throws UsageError
 */
function checkBounds(path: string, content: Buffer): void {
  const { packedBytesMax, unpackedBytesMax, partsMax } = workbookBounds;
  const damaged = () =>
    new UsageError({
      en: `${path} is damaged: it cannot be unpacked`,
      vi: `${path} bị hỏng: không giải nén được`,
    });
  if (content.length > packedBytesMax) {
    throw new UsageError({
      en: `${path} has ${content.length} bytes, more than ${packedBytesMax}: save it as CSV UTF-8`,
      vi: `${path} có ${content.length} byte, nhiều hơn ${packedBytesMax}: hãy lưu dạng CSV UTF-8`,
    });
  }
  let end = content.length - endBytes;
  const earliest = Math.max(0, end - commentBytesMax);
  while (end >= earliest && content.readUInt32LE(end) !== endSignature) end--;
  if (end < earliest) throw damaged();
  const parts = content.readUInt16LE(end + 10);
  let at = content.readUInt32LE(end + 16);
  if (parts > partsMax) {
    throw new UsageError({
      en: `${path} has ${parts} parts, more than ${partsMax}`,
      vi: `${path} có ${parts} phần, nhiều hơn ${partsMax}`,
    });
  }
  let unpacked = 0;
  const packed: { offset: number; bytes: number; size: number; method: number }[] = [];
  for (let part = 0; part < parts; part++) {
    if (at + 46 > content.length || content.readUInt32LE(at) !== entrySignature) throw damaged();
    const size = content.readUInt32LE(at + 24);
    unpacked += size;
    packed.push({
      method: content.readUInt16LE(at + 10),
      bytes: content.readUInt32LE(at + 20),
      size,
      offset: content.readUInt32LE(at + 42),
    });
    at += 46 + content.readUInt16LE(at + 28) + content.readUInt16LE(at + 30) + content.readUInt16LE(at + 32);
  }
  if (unpacked > unpackedBytesMax) {
    throw new UsageError({
      en: `${path} would unpack to ${unpacked} bytes, more than ${unpackedBytesMax}: save it as CSV UTF-8`,
      vi: `${path} giải nén thành ${unpacked} byte, nhiều hơn ${unpackedBytesMax}: hãy lưu dạng CSV UTF-8`,
    });
  }
  for (const { offset, bytes, size, method } of packed) {
    if (offset + 30 > content.length || content.readUInt32LE(offset) !== localSignature) throw damaged();
    const start = offset + 30 + content.readUInt16LE(offset + 26) + content.readUInt16LE(offset + 28);
    if (method === 0 && bytes !== size) throw damaged();
    if (method !== 8 || size === 0) continue;
    try {
      inflateRawSync(content.subarray(start, start + bytes), { maxOutputLength: size });
    } catch {
      // Beyond the stated size, or no such data.
      throw damaged();
    }
  }
}
