import { apiSettings } from '@songma/api';
import { deskSettings } from '@songma/desk';
import { eventLogSettings } from '@songma/event-log';
import { filesSettings } from '@songma/files';
import { ingestSettings } from '@songma/ingest';
import { mqttSettings } from '@songma/mqtt';
import { listenSettings, logLevelSetting, setting } from '@songma/runtime';
import { seriesStoreSettings } from '@songma/series-store';
import { wakeUpsSettings } from '@songma/wake-ups';
import { workerSettings } from '@songma/worker';
import { writerSettings } from '@songma/writer';
import { z } from 'zod';

/** Every setting of the one process: those of the services and ports that it is made of. */
export const standaloneSettings = {
  logLevel: logLevelSetting,
  ...listenSettings(8080),
  data: setting('SONGMA_DATA', z.string().min(1).default('./data'), {
    description: 'Directory of everything that Songma keeps. One process has it open at a time.',
  }),
  eventLog: eventLogSettings,
  seriesStore: seriesStoreSettings,
  wakeUps: wakeUpsSettings,
  ingest: ingestSettings,
  files: filesSettings,
  mqtt: mqttSettings,
  writer: writerSettings,
  worker: workerSettings,
  desk: deskSettings,
  api: apiSettings,
};
