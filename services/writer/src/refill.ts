import { indicatorEventSchema, type TopicName } from '@songma/domain';
import type { EventLog, LogRecord } from '@songma/event-log';
import type { Registry } from '@songma/registry';
import type { SeriesStore } from '@songma/series-store';
import { keepAlertSteps } from './alert-steps.ts';
import { slicesOf } from './pushed-blocks.ts';

const decoder = new TextDecoder();
const progressEveryMs = 1_000;

/**
 * Writes everything that the log still has of publications, alerts and readings to the store again, the readings by the code
 * of the live path: what is there already is judged a repeat and changes nothing, what is missing is stored and marked
 * to be computed. Publications and alerts come first, so that nothing is published anew as if it never had been.
 *
 * @param onProgress told now and then how many readings have been read so far
 * @returns readings read
 */
export async function refillStore(
  deps: { readonly eventLog: EventLog; readonly registry: Registry; readonly seriesStore: SeriesStore },
  writeReadingsMax: number,
  onProgress: (readings: number) => void,
): Promise<number> {
  const { eventLog, registry, seriesStore } = deps;
  await readTopic(eventLog, 'indicators', async (records) => {
    const indicators = records.map(({ value }) =>
      indicatorEventSchema.parse(JSON.parse(decoder.decode(value))),
    );
    await seriesStore.keep({ rollups: [], indicators });
  });
  await readTopic(eventLog, 'alerts', (records) => keepAlertSteps(seriesStore, records));
  let readings = 0;
  let toldAt = performance.now();
  await readTopic(eventLog, 'readings', async (records) => {
    for (const blocks of slicesOf(records, registry, writeReadingsMax)) {
      await seriesStore.write(blocks);
      readings += blocks.reduce((sum, { block }) => sum + block.times.length, 0);
      if (performance.now() - toldAt < progressEveryMs) continue;
      toldAt = performance.now();
      onProgress(readings);
    }
  });
  return readings;
}

/** Reads a topic from its beginning to what is its end at the call. */
async function readTopic(
  eventLog: EventLog,
  topic: TopicName,
  handle: (records: readonly LogRecord[]) => Promise<void>,
): Promise<void> {
  const following = await eventLog.follow({ topic }, handle);
  try {
    await Promise.race([following.caughtUp, following.closed]);
  } finally {
    await following.close();
  }
}
