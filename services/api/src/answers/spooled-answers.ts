import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** Answers that are kept at a time, how large one may be, and how long it is kept. */
const answersMax = 16;
const answerBytesMax = 256 * 1024 * 1024;
export const keptMs = 60_000;

/** Bytes of an answer; `to` is inclusive. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** An answer that was written to a file, so that its length is known and parts of it can be had. */
export interface SpooledAnswer {
  readonly length: number;
  /** Names these bytes. */
  readonly etag: string;
  read(range?: ByteRange): Readable;
}

/**
 * Answers to those who ask for the length first and then for parts, as polars does: each is made once and kept for a
 * minute, so that all parts are of the same bytes, whatever is pushed meanwhile.
 */
export class SpooledAnswers {
  private readonly kept = new Map<string, Promise<SpooledAnswer | undefined>>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private folder: Promise<string> | undefined;
  private count = 0;

  /** Whether the answer of that key is kept, or being made. */
  has(key: string): boolean {
    return this.kept.has(key);
  }

  /**
   * The answer of that key, out of `pieces` unless it is kept; undefined when it is too large, or as many are kept as
   * may be.
   */
  async answer(key: string, pieces: AsyncIterable<string | Uint8Array>): Promise<SpooledAnswer | undefined> {
    const known = this.kept.get(key);
    if (known !== undefined) return known;
    if (this.kept.size >= answersMax) return undefined;
    const made = this.make(pieces, () => this.kept.delete(key));
    this.kept.set(key, made);
    made.catch(() => this.kept.delete(key));
    return made;
  }

  async close(): Promise<void> {
    for (const timer of this.timers) clearTimeout(timer);
    this.kept.clear();
    if (this.folder !== undefined) await rm(await this.folder, { recursive: true, force: true });
  }

  private async make(
    pieces: AsyncIterable<string | Uint8Array>,
    forget: () => void,
  ): Promise<SpooledAnswer | undefined> {
    // Readable by this user alone.
    this.folder ??= mkdtemp(join(tmpdir(), 'songma-answers-'));
    const path = join(await this.folder, String(this.count++));
    const spooled = await written(path, pieces);
    if (spooled === undefined) {
      await rm(path, { force: true });
      forget();
      return undefined;
    }
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      forget();
      // Who is reading it goes on: the bytes go with the last reader.
      void rm(path, { force: true });
    }, keptMs).unref();
    this.timers.add(timer);
    return spooled;
  }
}

/** Writes an answer to a new file; undefined when it grows too large. */
async function written(
  path: string,
  pieces: AsyncIterable<string | Uint8Array>,
): Promise<SpooledAnswer | undefined> {
  const hash = createHash('sha256');
  let length = 0;
  await using file = await open(path, 'wx', 0o600);
  for await (const piece of pieces) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    length += bytes.length;
    if (length > answerBytesMax) return undefined;
    hash.update(bytes);
    await file.write(bytes);
  }
  const etag = `"${hash.digest('base64url').slice(0, 22)}"`;
  const read = (range?: ByteRange) =>
    createReadStream(path, range === undefined ? {} : { start: range.from, end: range.to });
  return { length, etag, read };
}

/**
 * The one range that a Range header asks for; undefined when it names none, or several: the whole is an answer to
 * those too. `unsatisfiable` where nothing of it is there.
 * @see RFC 9110, section 14
 */
export function rangeOf(header: string | undefined, length: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const from = first === '' ? Math.max(0, length - Number(last)) : Number(first);
  const to = first === '' || last === '' ? length - 1 : Math.min(Number(last), length - 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  return from > to ? 'unsatisfiable' : { from, to };
}
