import {
  joinedReadings,
  lastKnownUs,
  markVoided,
  voidsToLookBehind,
  type KnownVoid,
  type MeterReadings,
} from '@songma/domain';
import type { ReadQuery, SeriesChunk, SeriesStore } from './port.ts';
import { readThrough } from './read-through.ts';

/** What is declared void of a meter: now, or as it was registered at a time (epoch milliseconds). */
export type VoidsOf = (meter: string, asOf?: number) => readonly KnownVoid[];

/**
 * The store whose readings say which of them are declared void, now or as of the query's time. What stood when a void
 * was registered is read only where readings of its range became known since.
 */
export function seeingVoids(store: SeriesStore, voidsOf: VoidsOf): SeriesStore {
  return readThrough(store, async (chunk, { asOfUs }) => {
    const asOf = asOfUs === undefined ? undefined : Math.floor(asOfUs / 1000);
    const voids = voidsOf(chunk.meter, asOf);
    if (voids.length === 0) return chunk;
    const then = new Map<KnownVoid, MeterReadings>();
    for (const declared of voidsToLookBehind(chunk, voids)) {
      then.set(declared, await readingsThen(store, chunk, declared, asOfUs));
    }
    return markVoided(chunk, voids, (declared) => then.get(declared));
  });
}

async function readingsThen(
  store: SeriesStore,
  { site, meter, times }: SeriesChunk,
  declared: KnownVoid,
  asOfUs = Infinity,
): Promise<MeterReadings> {
  const query: ReadQuery = {
    ranges: [
      {
        site,
        meters: [meter],
        from: Math.max(declared.body.from, times[0]!),
        to: Math.min(declared.body.to, times.at(-1)! + 1),
      },
    ],
    asOfUs: Math.min(lastKnownUs(declared), asOfUs),
  };
  return joinedReadings(await Array.fromAsync(store.read(query)));
}
