import type { EventLog } from '@songma/event-log';
import type { Registry } from '@songma/registry';
import type { SeriesStore } from '@songma/series-store';
import { slicesOf } from './pushed-blocks.ts';

/**
 * Writes everything that the log still has of readings to the store again, by the code of the live path: what is there
 * already is judged a repeat and changes nothing, what is missing is stored and marked to be computed.
 *
 * @param onProgress told after each write how many readings have been read so far
 * @returns readings read
 */
export async function refillStore(
  deps: { readonly eventLog: EventLog; readonly registry: Registry; readonly seriesStore: SeriesStore },
  writeReadingsMax: number,
  onProgress: (readings: number) => void,
): Promise<number> {
  let readings = 0;
  const following = await deps.eventLog.follow({ topic: 'readings' }, async (records) => {
    for (const blocks of slicesOf(records, deps.registry, writeReadingsMax)) {
      await deps.seriesStore.write(blocks);
      readings += blocks.reduce((sum, { block }) => sum + block.times.length, 0);
      onProgress(readings);
    }
  });
  try {
    await Promise.race([following.caughtUp, following.closed]);
  } finally {
    await following.close();
  }
  return readings;
}
