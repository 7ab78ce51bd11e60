import {
  createLogger,
  createMetrics,
  listenSettings,
  loadConfigOrExit,
  logLevelSetting,
  openHealthDoor,
  run,
} from '@songma/runtime';
import { ingestUrlSetting } from './config.ts';
import { createFilesDoor, filesSettings, startFiles } from './files.ts';

const settings = {
  logLevel: logLevelSetting,
  ...listenSettings(8085),
  ingestUrl: ingestUrlSetting,
  files: filesSettings,
};

const config = loadConfigOrExit(settings, process.env);
const logger = createLogger({ service: 'files', level: config.logLevel });
const metrics = createMetrics();

await run(logger, async (life) => {
  const { inFlightMax, pushDeadlineSeconds } = config.files;
  const door = createFilesDoor({
    url: config.ingestUrl,
    connectionsMax: inFlightMax,
    retryDeadlineMs: pushDeadlineSeconds * 1_000,
  });
  const deps = { logger, metrics, door, now: Date.now };
  const files = await life.open('files', () => startFiles(deps, config.files));
  const checks = files?.checks ?? [];
  await openHealthDoor(life, config, { logger, metrics, checks, title: 'Songma files' });
});
