import { eventLogSettings, openEventLog } from '@songma/event-log';
import { openRegistry } from '@songma/registry';
import {
  createHttpApp,
  createLogger,
  createMetrics,
  listen,
  listenSettings,
  loadConfigOrExit,
  logLevelSetting,
  run,
} from '@songma/runtime';
import { openSeriesStore, seriesStoreSettings } from '@songma/series-store';
import { openWakeUps, wakeUpsSettings } from '@songma/wake-ups';
import { writerSettings } from './config.ts';
import { startWriter } from './writer.ts';

const config = loadConfigOrExit(
  {
    logLevel: logLevelSetting,
    ...listenSettings(8082),
    eventLog: eventLogSettings,
    seriesStore: seriesStoreSettings,
    wakeUps: wakeUpsSettings,
    writer: writerSettings,
  },
  process.env,
);
const logger = createLogger({ service: 'writer', level: config.logLevel });

await run(logger, async (life) => {
  const metrics = createMetrics();
  const eventLog = await life.open('event log', () => openEventLog(config.eventLog, { logger, metrics }));
  const registry = await life.open('registry', () => openRegistry({ eventLog, logger, now: Date.now }));
  const seriesStore = await life.open('series store', () => openSeriesStore(config.seriesStore, { logger }));
  const wakeUps = await life.open('wake-ups', () => openWakeUps(config.wakeUps, { logger }));
  const deps = { logger, metrics, eventLog, registry, seriesStore, wakeUps, now: Date.now };
  const { checks } = await life.open('writer', () => startWriter(deps, config.writer));
  const app = createHttpApp({ logger, metrics, checks, title: 'Songma writer', bodyBytesMax: 1024 });
  await life.open('health', async () => {
    await listen(app, config);
    return { close: () => app.close() };
  });
});
