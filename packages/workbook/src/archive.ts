import { inflateRawSync } from 'node:zlib';
import { WorkbookFault } from './workbook-fault.ts';

/** What reading a workbook may take. */
export interface WorkbookBounds {
  readonly packedBytesMax: number;
  readonly unpackedBytesMax: number;
  /** Unpacked to packed, of what unpacks to more than a mebibyte. */
  readonly ratioMax: number;
  readonly partsMax: number;
  /** Rows times columns of the sheet, as far as they have values. */
  readonly cellsMax: number;
}

const oldWorkbook = Buffer.from('d0cf11e0', 'hex');
const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endBytes = 22;
const commentBytesMax = 65_535;
const ratioFreeBytes = 1024 * 1024;

/** Whether the content is a workbook: an .xlsx, which is packed, or an old .xls. */
export function isWorkbook(content: Buffer): boolean {
  return isArchive(content) || isOldWorkbook(content);
}

export function isOldWorkbook(content: Buffer): boolean {
  return content.subarray(0, oldWorkbook.length).equals(oldWorkbook);
}

export function isArchive(content: Buffer): boolean {
  return content.length > endBytes && content.readUInt32LE(0) === localSignature;
}

interface Entry {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
  readonly size: number;
  readonly method: number;
}

/**
 * The XML parts of the archive by name, and the check that it unpacks to no more than its directory says, all together
 * within the bounds: they are asked before anything is unpacked.
 * @throws WorkbookFault
 */
export function unpackedParts(content: Buffer, bounds: WorkbookBounds): Map<string, Buffer> {
  const { packedBytesMax, unpackedBytesMax, ratioMax } = bounds;
  if (content.length > packedBytesMax) {
    throw new WorkbookFault('workbook_packed_too_large', { bytes: content.length, limit: packedBytesMax });
  }
  const entries = directoryOf(content, bounds.partsMax);
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  if (bytes > unpackedBytesMax) {
    throw new WorkbookFault('workbook_too_large', { bytes, limit: unpackedBytesMax });
  }
  if (bytes > Math.max(ratioFreeBytes, content.length * ratioMax)) {
    throw new WorkbookFault('workbook_ratio_too_high', { limit: ratioMax });
  }
  const parts = new Map<string, Buffer>();
  for (const entry of entries) {
    const part = unpacked(content, entry);
    if (/\.(xml|rels)$/i.test(entry.name)) parts.set(entry.name, part);
  }
  return parts;
}

function directoryOf(content: Buffer, partsMax: number): Entry[] {
  let end = content.length - endBytes;
  const earliest = Math.max(0, end - commentBytesMax);
  while (end >= earliest && content.readUInt32LE(end) !== endSignature) end--;
  if (end < earliest) throw new WorkbookFault('workbook_damaged');
  const parts = content.readUInt16LE(end + 10);
  if (parts > partsMax) throw new WorkbookFault('workbook_parts_too_many', { parts, limit: partsMax });
  const entries: Entry[] = [];
  let at = content.readUInt32LE(end + 16);
  for (let part = 0; part < parts; part++) {
    if (at + 46 > content.length || content.readUInt32LE(at) !== entrySignature) {
      throw new WorkbookFault('workbook_damaged');
    }
    const nameBytes = content.readUInt16LE(at + 28);
    entries.push({
      name: content.toString('utf8', at + 46, at + 46 + nameBytes),
      method: content.readUInt16LE(at + 10),
      bytes: content.readUInt32LE(at + 20),
      size: content.readUInt32LE(at + 24),
      offset: content.readUInt32LE(at + 42),
    });
    at += 46 + nameBytes + content.readUInt16LE(at + 30) + content.readUInt16LE(at + 32);
  }
  return entries;
}

/** Unpacks no further than to the size that the directory states. */
function unpacked(content: Buffer, { offset, bytes, size, method }: Entry): Buffer {
  const damaged = () => new WorkbookFault('workbook_damaged');
  if (offset + 30 > content.length || content.readUInt32LE(offset) !== localSignature) throw damaged();
  const start = offset + 30 + content.readUInt16LE(offset + 26) + content.readUInt16LE(offset + 28);
  const packed = content.subarray(start, start + bytes);
  if (method === 0 && bytes !== size) throw damaged();
  if (method !== 8 || size === 0) return method === 0 ? packed : Buffer.alloc(0);
  try {
    return inflateRawSync(packed, { maxOutputLength: size });
  } catch {
    // Beyond the stated size, or no such data.
    throw damaged();
  }
}
