import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectSocket, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodePushedBlock, type EntityKind } from '@songma/domain';
import { openEventLog } from '@songma/event-log';
import { ingestSettings, startIngest } from '@songma/ingest';
import { createApiKey, openRegistry, type Registry } from '@songma/registry';
import { createLogger, createMetrics, loadConfig, type Metrics } from '@songma/runtime';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { mqttSettings, startMqtt, type Mqtt, type PushDoor } from '../src/mqtt.ts';

/** The clock of every test: a Monday noon in Thanh Hóa. */
export const noon = Date.parse('2026-11-23T12:00:00+07:00');
const deadlineMs = 60_000;

const meter = (id: string, site: string) => ({
  id,
  site,
  name: id,
  quantity: 'electricity',
  kind: 'interval',
  unit: 'kW.h',
  intervalMs: 900_000,
});
const registered: readonly (readonly [EntityKind, { readonly id: string }])[] = [
  ['enterprise', { id: 'cement', name: 'Xi măng', sector: '2394' } as { id: string }],
  ['enterprise', { id: 'sugar', name: 'Đường', sector: '1072' } as { id: string }],
  ['site', { id: 'kiln', enterprise: 'cement', name: 'Lò nung' } as { id: string }],
  ['site', { id: 'mill', enterprise: 'sugar', name: 'Nhà máy' } as { id: string }],
  ['meter', meter('kiln-power', 'kiln')],
  ['meter', meter('kiln-fan', 'kiln')],
  ['meter', meter('mill-power', 'mill')],
];

const keys = {
  cement: { role: 'plant', enterprise: 'cement' },
  sugar: { role: 'plant', enterprise: 'sugar' },
  analyst: { role: 'analyst' },
  admin: { role: 'admin' },
  expired: { role: 'plant', enterprise: 'cement', expiresAt: noon },
} as const;
export type KeyName = keyof typeof keys;

export interface StoredValue {
  readonly meter: string;
  /** ISO 8601. */
  readonly time: string;
  readonly value: number;
}

export interface MqttWorld {
  readonly mqtt: Mqtt;
  readonly port: number;
  readonly registry: Registry;
  readonly metrics: Metrics;
  readonly tokens: Readonly<Record<KeyName, string>>;
  readonly log: { readonly text: string };
  /** Connects a client, which does not connect again by itself. */
  client(key: KeyName, options?: IClientOptions): Promise<MqttClient>;
  /** A connection without a client. */
  socket(): Socket;
  /** What is in the log, in its order. */
  stored(): Promise<StoredValue[]>;
  /** Refused rows in the log. */
  quarantined(): Promise<{ code: string; raw: string; enterprise?: string }[]>;
  retire(kind: EntityKind, entity: string): Promise<void>;
  register(kind: EntityKind, body: { readonly id: string }): Promise<void>;
  close(): Promise<void>;
}

export interface MqttWorldOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly now?: () => number;
  /** Whose key MQTT_KEY is, for a client of a broker. */
  readonly clientKey?: KeyName;
  /** Stands between the MQTT door and ingest. */
  readonly between?: (door: PushDoor) => PushDoor;
}

/** The MQTT door before ingest, on the embedded log in a directory of its own. */
export async function openMqttWorld(options: MqttWorldOptions = {}): Promise<MqttWorld> {
  const { env = {}, now = () => noon, between = (door: PushDoor) => door } = options;
  const dataDir = await mkdtemp(join(tmpdir(), 'songma-mqtt-'));
  const log = { text: '' };
  const logger = createLogger({
    service: 'test',
    level: 'debug',
    destination: { write: (line) => (log.text += line) },
  });
  const metrics = createMetrics({ ofProcess: false });
  const eventLog = await openEventLog({ adapter: 'sqlite', dataDir }, { logger, now });
  const registry = await openRegistry({ eventLog, logger, now });
  const submit = async (kind: EntityKind, entity: string, body: unknown) => {
    const expectedVersion = registry.get(kind, entity)?.version ?? 0;
    const result = await registry.submit({ kind, entity, expectedVersion, body, by: 'test' });
    if (!result.ok) throw new Error(`${kind} ${entity}: ${JSON.stringify(result)}`);
  };
  for (const [kind, body] of registered) await submit(kind, body.id, body);
  const tokens: Partial<Record<KeyName, string>> = {};
  for (const name of Object.keys(keys) as KeyName[]) {
    const { key, token } = createApiKey({ id: name, name, now: noon - 1_000, ...keys[name] });
    await submit('key', name, key);
    tokens[name] = token;
  }
  const ingestConfig = loadConfig(ingestSettings, { SONGMA_DATA: dataDir, ...env });
  const ingest = await startIngest({ logger, metrics, eventLog, registry, now }, ingestConfig);
  const clientKey = options.clientKey === undefined ? {} : { MQTT_KEY: tokens[options.clientKey]! };
  const config = loadConfig(mqttSettings, { MQTT_PORT: '0', ...env, ...clientKey });
  const door = between(ingest.entry);
  const started = await startMqtt({ logger, metrics, registry, door, now }, config);
  const port = Number(new URL(started.address ?? 'mqtt://none:0').port);
  const opened: { end(): unknown }[] = [];

  const read = async <T>(topic: 'readings' | 'quarantine', map: (value: Uint8Array) => T) => {
    const found: T[] = [];
    const following = await eventLog.follow({ topic }, async (records) => {
      for (const { value } of records) found.push(map(value));
    });
    await following.caughtUp;
    await following.close();
    return found;
  };

  return {
    mqtt: started,
    port,
    registry,
    metrics,
    tokens: tokens as Record<KeyName, string>,
    log,
    async client(key, more = {}) {
      const client = await connected(`mqtt://127.0.0.1:${port}`, {
        username: key,
        password: tokens[key]!,
        ...more,
      });
      opened.push({ end: () => client.end(true) });
      return client;
    },
    socket() {
      const socket = connectSocket(port, '127.0.0.1');
      // Being ended is what such tests wait for.
      socket.on('error', () => undefined);
      opened.push({ end: () => socket.destroy() });
      return socket;
    },
    async stored() {
      const blocks = await read('readings', (value) => decodePushedBlock(value).block);
      return blocks.flatMap((block) =>
        Array.from(block.times, (time, i) => ({
          meter: block.meters[block.meterIndex[i]!]!,
          time: new Date(time).toISOString(),
          value: block.values[i]!,
        })),
      );
    },
    async quarantined() {
      const events = await read(
        'quarantine',
        (value) => JSON.parse(new TextDecoder().decode(value)) as Refused,
      );
      return events.flatMap(({ enterprise, rows = [] }) =>
        rows.map(([, code, , raw]) => ({ code, raw, ...(enterprise === undefined ? {} : { enterprise }) })),
      );
    },
    retire: (kind, entity) => submit(kind, entity, null),
    register: (kind, body) => submit(kind, body.id, body),
    async close() {
      for (const part of opened) part.end();
      await started.close();
      await ingest.close();
      await registry.close();
      await eventLog.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

interface Refused {
  readonly enterprise?: string;
  readonly rows?: readonly [row: number, code: string, parameters: unknown, raw: string][];
}

/** @throws Error with what the broker says when it does not let the client in */
export async function connected(url: string, options: IClientOptions): Promise<MqttClient> {
  const client = mqtt.connect(url, { reconnectPeriod: 0, connectTimeout: deadlineMs, ...options });
  // What comes afterwards is for those to see who wait for it.
  client.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('error', (error) => {
      client.end(true);
      reject(error);
    });
  });
  return client;
}

/** Resolves when the other side has ended the connection. */
export function ended(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the connection was not ended')), deadlineMs);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.resume();
  });
}
