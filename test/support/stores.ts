import { openEventLog, eventLogSettings, type EventLog } from '@songma/event-log';
import { createLogger, loadConfig } from '@songma/runtime';
import { openSeriesStore, seriesStoreSettings, type SeriesStore } from '@songma/series-store';
import { registryTopic, type World } from './world.ts';

type Env = Readonly<Record<string, string>>;
const logger = createLogger({ service: 'test', level: 'error' });
/** Records of one append: a world's registry has tens of thousands. */
const appendRecordsMax = 1_000;

/** Opens the log that a system's environment names, does the work, and closes it. */
export async function withEventLog<T>(env: Env, work: (eventLog: EventLog) => Promise<T>): Promise<T> {
  const eventLog = await openEventLog(loadConfig(eventLogSettings, env), { logger });
  try {
    return await work(eventLog);
  } finally {
    await eventLog.close();
  }
}

/** Opens the series store that a system's environment names, does the work, and closes it. */
export async function withSeriesStore<T>(
  env: Env,
  work: (seriesStore: SeriesStore) => Promise<T>,
): Promise<T> {
  const seriesStore = await openSeriesStore(loadConfig(seriesStoreSettings, env), { logger });
  try {
    return await work(seriesStore);
  } finally {
    await seriesStore.close();
  }
}

/** Puts a world into the log before any service starts. */
export async function seedRegistry(env: Env, world: World): Promise<void> {
  await withEventLog(env, async (eventLog) => {
    for (let first = 0; first < world.registryRecords.length; first += appendRecordsMax) {
      await eventLog.append(registryTopic, world.registryRecords.slice(first, first + appendRecordsMax));
    }
  });
}
