import type { SeriesChunk } from './port.ts';

/** What a chunk tells, of whichever meter it is. */
export type ChunkColumns = Omit<SeriesChunk, 'site' | 'meter'>;

/** Readings of one meter put together from parts that ascend and do not overlap. */
export function joinedChunks(parts: readonly ChunkColumns[]): ChunkColumns {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const length = parts.reduce((sum, { times }) => sum + times.length, 0);
  const all = {
    times: new Float64Array(length),
    values: new Float64Array(length),
    flags: new Uint8Array(length),
    knownUs: new Float64Array(length),
    revisions: new Uint16Array(length),
  };
  let at = 0;
  for (const part of parts) {
    for (const name of ['times', 'values', 'flags', 'knownUs', 'revisions'] as const) {
      all[name].set(part[name], at);
    }
    at += part.times.length;
  }
  return all;
}
