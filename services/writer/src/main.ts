import { eventLogSettings, openEventLog } from '@songma/event-log';
import { openRegistry } from '@songma/registry';
import {
  createLogger,
  createMetrics,
  listenSettings,
  loadConfigOrExit,
  logLevelSetting,
  openHealthDoor,
  parseSwitches,
  run,
} from '@songma/runtime';
import { openSeriesStore, seriesStoreSettings } from '@songma/series-store';
import { openWakeUps, wakeUpsSettings } from '@songma/wake-ups';
import { writerSettings } from './config.ts';
import { refillStore, startWriter } from './writer.ts';

const usage = `node services/writer/src/main.ts [--rebuild]

  --rebuild   fill the series store with everything that the log still has before writing what comes: for a store that
              was emptied or exchanged; no other writer and no worker may run until it is ready`;

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
  const { rebuild, help } = parseSwitches(process.argv.slice(2), ['rebuild', 'help'], usage);
  if (help) {
    console.log(usage);
    process.exit();
  }
  const metrics = createMetrics();
  const eventLog = await life.open('event log', () => openEventLog(config.eventLog, { logger, metrics }));
  const registry = await life.open('registry', () => openRegistry({ eventLog, logger, now: Date.now }));
  const seriesStore = await life.open('series store', () => openSeriesStore(config.seriesStore, { logger }));
  if (rebuild) {
    const deps = { eventLog, registry, seriesStore };
    const readings = await refillStore(deps, config.writer.writeReadingsMax, (done) => {
      logger.info({ readings: done }, 'filling the series store from the log');
    });
    logger.info({ readings }, 'the series store holds everything that the log still has');
  }
  const wakeUps = await life.open('wake-ups', () => openWakeUps(config.wakeUps, { logger }));
  const deps = { logger, metrics, eventLog, registry, seriesStore, wakeUps, now: Date.now };
  const { checks } = await life.open('writer', () => startWriter(deps, config.writer));
  await openHealthDoor(life, config, { logger, metrics, checks, title: 'Songma writer' });
});
