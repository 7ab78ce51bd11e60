import { constants, type Stats } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import type { Bilingual } from '@songma/runtime';
import {
  faultOfFileSystem,
  fileFaults,
  filled,
  type FaultParameters,
  type FileFaultCode,
} from '../faults.ts';
import { nameBytesMax } from './file-names.ts';
import type { Candidate } from './folder.ts';

/** A file as it was when it was read: told from what it is when it is moved. */
export interface FileState {
  readonly inode: number;
  readonly bytes: number;
  readonly changedMs: number;
}

/** What a look at a candidate found. */
export type Look =
  /** It is gone. */
  | { readonly kind: 'gone' }
  /** It may still grow. */
  | { readonly kind: 'growing' }
  | { readonly kind: 'file'; readonly content: Buffer; readonly state: FileState }
  | { readonly kind: 'refused'; readonly problem: { readonly code: FileFaultCode } & Bilingual };

export interface LookBounds {
  readonly fileBytesMax: number;
  readonly settleMs: number;
  readonly unendedMs: number;
}

const lineEnd = 10;

/** Since when files are as they are, for those whose own clock does not tell. */
export type FirstSeen = Map<string, FileState & { readonly at: number }>;

/**
 * Reads a candidate when it has stopped growing: when it was last changed long enough ago, by its own clock or by what
 * earlier looks saw. Links are not followed and devices not opened.
 * @param now epoch milliseconds
 * @throws StationFault when it cannot be read
 */
export async function lookAt(
  { path, fault, isPlain }: Candidate,
  seen: FirstSeen,
  { fileBytesMax, settleMs, unendedMs }: LookBounds,
  now: number,
): Promise<Look> {
  const id = path.toString('latin1');
  try {
    if (!isPlain) {
      const kind = kindOf(await lstat(path));
      if (kind !== undefined) return refused('not_a_file', { kind });
    }
    if (fault !== undefined) return refused(fault, { limit: nameBytesMax });
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const status = await file.stat();
    // It was exchanged since it was listed.
    if (!status.isFile()) return { kind: 'growing' };
    if (status.nlink > 1) return refused('hard_link');
    const quietMs = quietFor(id, stateOf(status), seen, now);
    if (quietMs < settleMs) return { kind: 'growing' };
    if (status.size > fileBytesMax) {
      if (quietMs < unendedMs) return { kind: 'growing' };
      return refused('file_too_large', { bytes: status.size, limit: fileBytesMax });
    }
    const { buffer, bytesRead } = await file.read(Buffer.alloc(status.size), 0, status.size, 0);
    const content = buffer.subarray(0, bytesRead);
    if (quietMs < unendedMs && content.at(-1) !== lineEnd) return { kind: 'growing' };
    seen.delete(id);
    return { kind: 'file', content, state: stateOf(status) };
  } catch (error) {
    if (isGone(error)) return { kind: 'gone' };
    // A link since it was listed: the next listing tells.
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return { kind: 'growing' };
    throw faultOfFileSystem(error, path.toString(), 'not_readable');
  }
}

/** Whether a file is still what was read. @throws StationFault */
export async function isUnchanged(path: Buffer, state: FileState): Promise<boolean> {
  try {
    return isSame(stateOf(await lstat(path)), state);
  } catch (error) {
    if (isGone(error)) return false;
    throw faultOfFileSystem(error, path.toString(), 'not_readable');
  }
}

function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function quietFor(id: string, state: FileState, seen: FirstSeen, now: number): number {
  const before = seen.get(id);
  if (before !== undefined && isSame(before, state)) return Math.max(now - before.at, now - state.changedMs);
  seen.set(id, { ...state, at: now });
  return now - state.changedMs;
}

function stateOf({ ino, size, mtimeMs }: Stats): FileState {
  return { inode: ino, bytes: size, changedMs: mtimeMs };
}

function isSame(a: FileState, b: FileState): boolean {
  return a.inode === b.inode && a.bytes === b.bytes && a.changedMs === b.changedMs;
}

function refused(code: FileFaultCode, parameters: FaultParameters = {}): Look {
  return { kind: 'refused', problem: { code, ...filled(fileFaults[code], parameters) } };
}

/** What it is when it is no plain file. */
function kindOf(status: Stats): Bilingual | undefined {
  if (status.isFile()) return undefined;
  if (status.isSymbolicLink()) return { en: 'symbolic link', vi: 'liên kết' };
  if (status.isDirectory()) return { en: 'folder', vi: 'thư mục' };
  return { en: 'device, pipe or socket', vi: 'thiết bị, ống hoặc socket' };
}
