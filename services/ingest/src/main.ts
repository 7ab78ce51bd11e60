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
import { ingestSettings, ingestTags, startIngest } from './ingest.ts';

const settings = {
  logLevel: logLevelSetting,
  ...listenSettings(8081),
  eventLog: eventLogSettings,
  ingest: ingestSettings,
};

const config = loadConfigOrExit(settings, process.env);
const logger = createLogger({ service: 'ingest', level: config.logLevel });
const metrics = createMetrics();

await run(logger, async (life) => {
  const eventLog = await life.open('event log', () => openEventLog(config.eventLog, { logger, metrics }));
  const registry = await life.open('registry', () => openRegistry({ eventLog, logger, now: Date.now }));
  const deps = { logger, metrics, eventLog, registry, now: Date.now };
  const ingest = await life.open('ingest', () => startIngest(deps, config.ingest));
  const app = createHttpApp({
    door: doorOptions(config),
    logger,
    metrics,
    checks: [...registry.checks, ...ingest.checks],
    title: 'Songma ingest',
    tags: ingestTags,
    bodyBytesMax: config.ingest.limits.bodyBytesMax,
  });
  await app.register(ingest.plugin);
  const { address } = await life.open('door', async () => ({
    address: await listen(app, config),
    close: () => app.close(),
  }));
  logger.info({ address }, 'listening');
});
