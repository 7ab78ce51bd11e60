import { cp, mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { openSeriesStore } from '../src/index.ts';
import { startDuckdbSubject } from './duckdb-subject.ts';
import type { Subject } from './subject.ts';

const source = fileURLToPath(new URL('../src', import.meta.url));
const variants = fileURLToPath(new URL('.variants', import.meta.url));

/** One change of the sources: the text must occur exactly once in the file, so that a variant cannot fade unnoticed. */
export interface Edit {
  readonly file: string;
  readonly replace: string;
  readonly by: string;
}

/** A copy of this package's sources with edits, for tests that need the store to be other than it is. */
export interface Variant {
  start(): Promise<Subject>;
  remove(): Promise<void>;
}

export async function createVariant(edits: readonly Edit[]): Promise<Variant> {
  await mkdir(variants, { recursive: true });
  const directory = await mkdtemp(join(variants, 'v-'));
  await cp(source, directory, { recursive: true });
  for (const { file, replace, by } of edits) {
    const path = join(directory, file);
    const text = await readFile(path, 'utf8');
    const parts = text.split(replace);
    if (parts.length !== 2)
      throw new Error(`"${replace}" occurs ${parts.length - 1} times in ${file}, not once`);
    await writeFile(path, parts.join(by));
  }
  const entry = join(directory, 'index.ts');
  const door = (await import(pathToFileURL(entry).href)) as { openSeriesStore: typeof openSeriesStore };
  return {
    start: () => startDuckdbSubject(door, entry),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
