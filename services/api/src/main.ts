import { openCaseBook } from '@songma/cases';
import { eventLogSettings, openEventLog } from '@songma/event-log';
import { openRegistry } from '@songma/registry';
import {
  createHttpApp,
  createLogger,
  createMetrics,
  doorOptions,
  listen,
  listenSettings,
  loadConfigOrExit,
  logLevelSetting,
  run,
} from '@songma/runtime';
import { openSeriesStore, seriesStoreSettings } from '@songma/series-store';
import { apiSettings, apiTags, startApi } from './api.ts';

const bodyBytesMax = 256 * 1024;
const version = '0.1.0';

const config = loadConfigOrExit(
  {
    logLevel: logLevelSetting,
    ...listenSettings(8084),
    eventLog: eventLogSettings,
    seriesStore: seriesStoreSettings,
    api: apiSettings,
  },
  process.env,
);
const logger = createLogger({ service: 'api', level: config.logLevel });

await run(logger, async (life) => {
  const metrics = createMetrics();
  const eventLog = await life.open('event log', () => openEventLog(config.eventLog, { logger, metrics }));
  const registry = await life.open('registry', () => openRegistry({ eventLog, logger, now: Date.now }));
  const seriesStore = await life.open('series store', () => openSeriesStore(config.seriesStore, { logger }));
  const book = await life.open('cases', () => openCaseBook({ eventLog }));
  const build = {
    version,
    furnishing: { eventLog: config.eventLog.adapter, seriesStore: config.seriesStore.adapter },
  };
  const deps = { logger, metrics, eventLog, registry, seriesStore, book, build, now: Date.now };
  const api = await life.open('api', () => startApi(deps, config.api));
  const checks = [...registry.checks, ...api.checks];
  const app = createHttpApp({
    door: doorOptions(config),
    logger,
    metrics,
    checks,
    title: 'Songma',
    bodyBytesMax,
    tags: apiTags,
  });
  await api.plugin(app);
  const { address } = await life.open('door', async () => ({
    address: await listen(app, config),
    close: () => app.close(),
  }));
  logger.info({ address }, 'listening');
});
