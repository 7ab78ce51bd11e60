import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

const stateSchema = z.object({ startedAt: z.int(), pushedUntil: z.record(z.string(), z.int()) });
/** When the samples first ran, and up to when each plant's data has been accepted (epoch ms). */
export type SamplesState = z.infer<typeof stateSchema>;

/** The state as it was left, or that of a first start. */
export async function readState(path: string, now: number): Promise<SamplesState> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return { startedAt: now, pushedUntil: {} };
  return stateSchema.parse(JSON.parse(text));
}

export async function writeState(path: string, state: SamplesState): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, JSON.stringify(state));
  await rename(`${path}.new`, path);
}
