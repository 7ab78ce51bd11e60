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
import { ingestAddressSetting } from './config.ts';
import { mqttSettings, startMqtt } from './mqtt.ts';
import { createHttpPushDoor } from './pushes/http-push-door.ts';

const settings = {
  logLevel: logLevelSetting,
  ...listenSettings(8088),
  ingestUrl: ingestAddressSetting,
  eventLog: eventLogSettings,
  mqtt: mqttSettings,
};

const config = loadConfigOrExit(settings, process.env);
const logger = createLogger({ service: 'mqtt', level: config.logLevel });
const metrics = createMetrics();

await run(logger, async (life) => {
  const eventLog = await life.open('event log', () => openEventLog(config.eventLog, { logger, metrics }));
  const registry = await life.open('registry', () => openRegistry({ eventLog, logger, now: Date.now }));
  const door = await life.open('ingest', () => createHttpPushDoor(config.ingestUrl));
  const mqtt = await life.open('mqtt', () =>
    startMqtt({ logger, metrics, registry, door, now: Date.now }, config.mqtt),
  );
  const checks = [...registry.checks, { name: 'ingest', check: () => door.check() }, ...mqtt.checks];
  await openHealthDoor(life, config, { logger, metrics, checks, title: 'Songma MQTT' });
  logger.info(
    { broker: mqtt.address, tls: mqtt.tlsAddress, clientOf: config.mqtt.client.url },
    'taking MQTT',
  );
});
