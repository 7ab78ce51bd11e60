import type { FileProblem, FileProblemKind } from './requests.ts';

/** A {@link FileProblem} on its way through the thread that owns the file. */
export class FileProblemError extends Error {
  override readonly name = 'FileProblemError';
  readonly kind: FileProblemKind;

  constructor(kind: FileProblemKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** SQLite's primary result codes. @see https://www.sqlite.org/rescode.html */
const kindOfCode: Readonly<Record<number, FileProblemKind>> = {
  5: 'locked', // BUSY
  6: 'locked', // LOCKED
  8: 'failed', // READONLY
  10: 'failed', // IOERR, a failed fsync among them
  11: 'damaged', // CORRUPT
  13: 'full', // FULL
  14: 'unusable', // CANTOPEN
  26: 'damaged', // NOTADB
};

/** Translates what SQLite or the file system throws. */
export function fileProblemOf(error: unknown): FileProblem {
  if (error instanceof FileProblemError) return { kind: error.kind, message: error.message };
  const { code, errcode, message, stack } = error as Error & { code?: string; errcode?: number };
  if (code === 'ERR_SQLITE_ERROR' && errcode !== undefined) {
    const kind = kindOfCode[errcode & 0xff];
    if (kind !== undefined) return { kind, message: `${message} (SQLite ${errcode})` };
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') return { kind: 'full', message };
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR' || code === 'EEXIST') {
    return { kind: 'unusable', message };
  }
  return { kind: 'bug', message: stack ?? message };
}
