import { apiSettings } from '@songma/api';
import { deskSettings } from '@songma/desk';
import { eventLogSettings } from '@songma/event-log';
import { filesSettings } from '@songma/files';
import { ingestSettings } from '@songma/ingest';
import { mqttSettings } from '@songma/mqtt';
import { describeSettings, listenSettings, logLevelSetting } from '@songma/runtime';
import { seriesStoreSettings } from '@songma/series-store';
import { wakeUpsSettings } from '@songma/wake-ups';
import { webSettings } from '@songma/web';
import { workerSettings } from '@songma/worker';
import { writerSettings } from '@songma/writer';

/** Settings by who reads them; a setting is listed where it is first read. */
const groups = {
  'Every process': { logLevel: logLevelSetting, ...listenSettings(8080) },
  'Event log': eventLogSettings,
  'Series store': seriesStoreSettings,
  'Wake-ups': wakeUpsSettings,
  'Ingest: the plants’ door': ingestSettings,
  'Files: the folders of stations': filesSettings,
  'MQTT: the broker, or a client of one': mqttSettings,
  Writer: writerSettings,
  Worker: workerSettings,
  'Desk: who is told': { ...deskSettings.channels, publicUrl: deskSettings.publicUrl },
  Api: apiSettings,
  'Web: the gateway of the cluster': webSettings,
};

/** The text of `.env.example`: every setting with what it means and its default, made from their declarations. */
export function envExample(): string {
  const seen = new Set<string>();
  const lines = [
    '# Every setting of Songma with its default. Copy to .env for docker compose, or set what you change in the',
    '# environment. Made by `pnpm env:example`; the declarations are in services/*/src/config.ts and packages/*.',
  ];
  for (const [title, settings] of Object.entries(groups)) {
    lines.push('', `# ---- ${title}`);
    for (const { env, description, default: byDefault, example, secret } of describeSettings(settings)) {
      if (seen.has(env)) continue;
      seen.add(env);
      lines.push('', `# ${description}`);
      if (secret === true) lines.push('# Secret.');
      lines.push(`# ${env}=${byDefault ?? example ?? ''}`);
    }
  }
  lines.push(
    '',
    '# ---- docker compose',
    '',
    '# Password of the user that InfluxDB is set up with, at least 8 characters. Secret.',
    '# INFLUX_PASSWORD=',
    '',
    '# Passwords of Redis, and of Kafka as KAFKA_PASSWORD above, of letters and digits: openssl rand -hex 32. Secret.',
    '# REDIS_PASSWORD=',
    '',
    '# Of the servers for uploads (docker compose --profile uploads up): the file of stations and hashes of passwords, the',
    '# address that they listen on, and the address of this machine that FTP tells its clients.',
    '# UPLOAD_USERS_FILE=./upload-users',
    '# MQTT_USERS_FILE=./mqtt-users',
    '# UPLOAD_LISTEN=127.0.0.1',
    '# UPLOAD_ADDRESS=127.0.0.1',
    '',
  );
  return lines.join('\n');
}
