import { join, resolve } from 'node:path';
import { apiTags, startApi, type Build } from '@songma/api';
import { openCaseBook } from '@songma/cases';
import { startDesk } from '@songma/desk';
import { openEventLog } from '@songma/event-log';
import { createFilesDoor, startFiles } from '@songma/files';
import { ingestTags, startIngest } from '@songma/ingest';
import { startMqtt } from '@songma/mqtt';
import { openRegistry } from '@songma/registry';
import {
  createHttpApp,
  createMetrics,
  doorOptions,
  keepPrivate,
  listen,
  makePrivateDirectory,
  type Life,
  type Logger,
  type ReadyCheck,
  type SettingsOf,
} from '@songma/runtime';
import { keptAdminToken, samplePersons } from '@songma/samples';
import { openSeriesStore, setAsideSeriesStore } from '@songma/series-store';
import { openWakeUps } from '@songma/wake-ups';
import { webPlugin } from '@songma/web';
import { startWorker } from '@songma/worker';
import { refillStore, startWriter } from '@songma/writer';
import { anonymousReadAt } from './anonymous-read.ts';
import type { standaloneSettings } from './config.ts';

export type StandaloneConfig = SettingsOf<typeof standaloneSettings>;

const bodyBytesMax = 1024 * 1024;
const version = '0.1.0';

/**
 * All services in this process, on one port, over the stores that the settings choose. Opened in the order of their
 * dependence, so that they are closed in the reverse: the door first, the log last.
 */
export async function openStandalone(
  life: Life,
  { logger, now }: { readonly logger: Logger; readonly now: () => number },
  config: StandaloneConfig,
  { rebuild, samples }: { readonly rebuild: boolean; readonly samples: boolean },
): Promise<{ readonly keysFile: string; readonly url: string; readonly mqtt: string | undefined }> {
  const keysFile = join(resolve(config.data), 'keys.env');
  makePrivateDirectory(config.data, logger);
  keepPrivate(keysFile, logger);
  const metrics = createMetrics();
  const eventLog = await life.open('event log', () => openEventLog(config.eventLog, { logger, metrics }));
  const adminToken = config.api.adminToken ?? (await keptAdminToken(keysFile));
  const registry = await life.open('registry', () => openRegistry({ eventLog, logger, now }));
  if (rebuild && config.seriesStore.adapter === 'duckdb') await setAside(config, now(), logger);
  const seriesStore = await life.open('series store', () => openSeriesStore(config.seriesStore, { logger }));
  if (rebuild) await refill({ eventLog, registry, seriesStore }, config);
  const wakeUps = await life.open('wake-ups', () => openWakeUps(config.wakeUps, { logger }));
  const book = await life.open('cases', () => openCaseBook({ eventLog }));
  const deps = { logger, metrics, eventLog, registry, seriesStore, wakeUps, book, now };

  const worker = await life.open('worker', () => startWorker(deps, config.worker));
  const writer = await life.open('writer', () => startWriter(deps, config.writer));
  const ingest = await life.open('ingest', () => startIngest(deps, config.ingest));
  const desk = await life.open('desk', () => startDesk(deps, deskConfigOf(config)));
  // Files wait until the door is open.
  const fileChecks: ReadyCheck[] = [];
  const services = Object.entries({ ingest, writer, worker, desk, files: { checks: fileChecks } }).map(
    ([name, { checks }]) => ({ name, checks }),
  );
  const anonymousRead = anonymousReadAt(config.host, config.api.anonymousRead);
  const api = await life.open('api', () =>
    startApi(
      {
        ...deps,
        build: buildOf(config),
        services,
        samplePersons: samples ? samplePersons.map(({ id }) => id) : [],
      },
      { ...config.api, adminToken, anonymousRead },
    ),
  );
  const checks = [registry, ingest, writer, worker, desk, api].flatMap((service) => [...service.checks]);
  const app = createHttpApp({
    door: doorOptions(config),
    logger,
    metrics,
    checks,
    title: 'Songma',
    bodyBytesMax,
    tags: { ...ingestTags, ...apiTags },
  });
  await app.register(ingest.plugin);
  await api.plugin(app);
  await app.register(webPlugin);
  const { url } = await life.open('door', async () => ({
    url: await listen(app, config),
    close: () => app.close(),
  }));
  // Files come through the public door like any other push.
  const { inFlightMax: connectionsMax, pushDeadlineSeconds } = config.files;
  const filesDoor = createFilesDoor({ url, connectionsMax, retryDeadlineMs: pushDeadlineSeconds * 1_000 });
  const files = await life.open('files', () => startFiles({ ...deps, door: filesDoor }, config.files));
  fileChecks.push(...(files?.checks ?? []));
  const mqtt = await life.open('mqtt', () => startMqtt({ ...deps, door: ingest.entry }, config.mqtt));
  return { keysFile, url, mqtt: mqtt.address };
}

/** Links of messages lead to this process, unless a setting says where people reach it. */
function deskConfigOf({ desk, host, port }: StandaloneConfig): StandaloneConfig['desk'] {
  if (desk.publicUrl !== undefined || port === 0) return desk;
  return { ...desk, publicUrl: `http://${host === '127.0.0.1' ? 'localhost' : host}:${port}` };
}

function buildOf({ eventLog, seriesStore, wakeUps }: StandaloneConfig): Build {
  const furnishing = {
    eventLog: eventLog.adapter,
    seriesStore: seriesStore.adapter,
    wakeUps: wakeUps.adapter,
  };
  return { version, furnishing };
}

/** Tells what it does as it goes: a person waits for it. */
async function setAside({ seriesStore }: StandaloneConfig, now: number, logger: Logger): Promise<void> {
  const { moved } = await setAsideSeriesStore(seriesStore, { now, logger });
  if (moved.length === 0) console.log('The series store is not damaged; it is compared with the log.');
  for (const path of moved) console.log(`Set aside: ${path}`);
}

async function refill(deps: Parameters<typeof refillStore>[0], { writer }: StandaloneConfig): Promise<void> {
  const readings = await refillStore(deps, writer.writeReadingsMax, (done) => {
    console.log(`Read from the log: ${done.toLocaleString('en')} readings`);
  });
  console.log(`The series store holds every reading of the log: ${readings.toLocaleString('en')}.`);
}
