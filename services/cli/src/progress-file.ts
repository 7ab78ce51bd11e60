import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const progressSchema = z.object({ run: z.string(), batchesDone: z.int().nonnegative() });

/**
 * How far a push of one file has come, kept under `$XDG_STATE_HOME/songma` until the push is complete. A push that was
 * broken off goes on under the same run, so that a batch whose answer was lost is sent under the batch id it had.
 */
export interface ProgressFile {
  /** Names this push; part of every batch id. */
  readonly run: string;
  readonly batchesDone: number;
  save(batchesDone: number): Promise<void>;
  /** The push is complete: the next push of the file is a new one. */
  remove(): Promise<void>;
}

/** Opens the progress of pushing `content` under `mapping` to `url`; all three together name it. */
export async function openProgressFile(
  url: string,
  content: Buffer,
  mapping: string,
  directory: string = join(process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'songma'),
): Promise<ProgressFile> {
  await mkdir(directory, { recursive: true });
  const name = createHash('sha256')
    .update(url)
    .update('\0')
    .update(mapping)
    .update('\0')
    .update(content)
    .digest('hex');
  const path = join(directory, `push-${name.slice(0, 32)}.json`);
  const found = await readFile(path, 'utf8').then(
    (text) => progressSchema.parse(JSON.parse(text)),
    () => undefined,
  );
  const run = found?.run ?? randomUUID().slice(0, 13);
  return {
    run,
    batchesDone: found?.batchesDone ?? 0,
    async save(batchesDone) {
      await writeFile(`${path}.new`, JSON.stringify({ run, batchesDone }));
      await rename(`${path}.new`, path);
    },
    remove: () => rm(path, { force: true }),
  };
}
