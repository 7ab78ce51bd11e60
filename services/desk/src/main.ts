import { openCaseBook } from '@songma/cases';
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
import { deskSettings, startDesk } from './desk.ts';

const config = loadConfigOrExit(
  { logLevel: logLevelSetting, ...listenSettings(8087), eventLog: eventLogSettings, desk: deskSettings },
  process.env,
);
const logger = createLogger({ service: 'desk', level: config.logLevel });

await run(logger, async (life) => {
  const metrics = createMetrics();
  const eventLog = await life.open('event log', () => openEventLog(config.eventLog, { logger, metrics }));
  const registry = await life.open('registry', () => openRegistry({ eventLog, logger, now: Date.now }));
  const book = await life.open('cases', () => openCaseBook({ eventLog }));
  const deps = { logger, metrics, eventLog, registry, book, now: Date.now };
  const { checks } = await life.open('desk', () => startDesk(deps, config.desk));
  await openHealthDoor(life, config, {
    logger,
    metrics,
    checks: [...registry.checks, ...checks],
    title: 'Songma desk',
  });
});
