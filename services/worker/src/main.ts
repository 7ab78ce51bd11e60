import { eventLogSettings, openEventLog } from '@songma/event-log';
import { openRegistry } from '@songma/registry';
import {
  createLogger,
  createMetrics,
  listenSettings,
  loadConfigOrExit,
  logLevelSetting,
  openHealthDoor,
  run,
} from '@songma/runtime';
import { openSeriesStore, seriesStoreSettings } from '@songma/series-store';
import { openWakeUps, wakeUpsSettings } from '@songma/wake-ups';
import { startWorker, workerSettings } from './worker.ts';

const config = loadConfigOrExit(
  {
    logLevel: logLevelSetting,
    ...listenSettings(8083),
    eventLog: eventLogSettings,
    seriesStore: seriesStoreSettings,
    wakeUps: wakeUpsSettings,
    worker: workerSettings,
  },
  process.env,
);
const logger = createLogger({ service: 'worker', level: config.logLevel });

await run(logger, async (life) => {
  const metrics = createMetrics();
  const eventLog = await life.open('event log', () => openEventLog(config.eventLog, { logger, metrics }));
  const registry = await life.open('registry', () => openRegistry({ eventLog, logger, now: Date.now }));
  const seriesStore = await life.open('series store', () => openSeriesStore(config.seriesStore, { logger }));
  const wakeUps = await life.open('wake-ups', () => openWakeUps(config.wakeUps, { logger }));
  const deps = { logger, metrics, eventLog, registry, seriesStore, wakeUps, now: Date.now };
  const { checks } = await life.open('worker', () => startWorker(deps, config.worker));
  await openHealthDoor(life, config, { logger, metrics, checks, title: 'Songma worker' });
});
