import { createHash } from 'node:crypto';
import { RefusedError, type FileReceipt as DoorReceipt, type Problem } from '@songma/client';
import { UnavailableError } from '@songma/runtime';
import type { FilesDoor } from '../door.ts';
import { StationFault } from '../faults.ts';
import type { FileReceipt } from '../receipt.ts';

export interface StationFile {
  readonly station: string;
  readonly name: string;
  readonly content: Buffer;
}

/** Answers that speak of the file, and not of who sends it or of the door. */
const statusesOfFiles = new Set([400, 413, 415, 422]);
const hashCharacters = 32;

/** The same for the same station, name and content. */
export function tagOf({ station, name, content }: StationFile): string {
  return createHash('sha256')
    .update(`${station}\0${name}\0`)
    .update(content)
    .digest('hex')
    .slice(0, hashCharacters);
}

/**
 * Pushes a file under a batch id that follows from it, so that it counts once however often it is tried. What was
 * refused is asked for in both languages.
 * @throws StationFault when it cannot be pushed now
 */
export async function pushFile(
  door: FilesDoor,
  file: StationFile,
  tag: string,
  { token, signal, now }: { token: string; signal: AbortSignal; now: () => number },
): Promise<FileReceipt> {
  const { station, name } = file;
  const batch = `file.${tag}`;
  const ask = (language: 'en' | 'vi') => door.push(batch, file, { token, language, signal });
  const begin = () => ({ station, file: name, at: new Date(now()).toISOString() });
  try {
    const said = await ask('en');
    if (said.refused.length === 0) {
      return { ...begin(), outcome: said.isReplay ? 'repeated' : 'taken', ...counts(said) };
    }
    const translated = (await ask('vi')).refused;
    const refused = said.refused.map(({ row, code, reason }, at) => ({
      row,
      code,
      reason: { en: reason, vi: translated[at]?.reason ?? reason },
    }));
    const outcome = said.accepted === 0 ? 'refused' : said.isReplay ? 'repeated' : 'partly';
    return { ...begin(), outcome, ...counts(said), refused };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UnavailableError) {
      throw new StationFault('door_unavailable', { detail: error.message }, { cause: error });
    }
    if (!(error instanceof RefusedError)) throw error;
    const { status, problem } = error;
    const detail = wordsOf(problem);
    if (status === 401 || status === 403) throw new StationFault('key_refused', { detail }, { cause: error });
    if (!statusesOfFiles.has(status))
      throw new StationFault('door_refused', { status, detail }, { cause: error });
    const vi = await ask('vi').then(
      () => detail,
      (again: unknown) => (again instanceof RefusedError ? wordsOf(again.problem) : detail),
    );
    return {
      ...begin(),
      outcome: 'refused',
      problem: { code: problem.code ?? String(status), en: detail, vi },
    };
  }
}

function counts({ batch, rows, accepted }: DoorReceipt): Pick<FileReceipt, 'batch' | 'rows' | 'accepted'> {
  return { batch, rows, accepted };
}

function wordsOf({ detail, title, code }: Problem): string {
  return detail ?? title ?? code ?? '';
}
