import { execFileSync } from 'node:child_process';
import { request } from 'node:https';
import { readFile } from 'node:fs/promises';
import { eventLogSettings, openEventLog } from '@songma/event-log';
import { createLogger, loadConfig } from '@songma/runtime';
import { openSeriesStore, seriesStoreSettings } from '@songma/series-store';
import { openWakeUps, wakeUpsSettings } from '@songma/wake-ups';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adapterAvailability, titleOf } from '../support/adapters.ts';
import { secured, startSecuredServers, type SecuredServers } from '../support/secured-servers.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
const kafka = await adapterAvailability('kafka');
const influx = await adapterAvailability('influx');
const redis = await adapterAvailability('redis');
const all = [kafka, influx, redis];
const missing =
  all.find(({ available }) => !available) ??
  (hasOpenssl() ? kafka : { available: false as const, reason: 'there is no openssl' });

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

let servers: SecuredServers;

describe.skipIf(!missing.available)(titleOf('servers with TLS that know their clients', missing), () => {
  beforeAll(async () => {
    servers = await startSecuredServers();
  });
  afterAll(() => servers.close());

  const openLog = (env: Record<string, string>) =>
    openEventLog(loadConfig(eventLogSettings, { EVENT_LOG: 'kafka', ...env }), { logger });
  const trusted = () => ({ KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: servers.files.ca });
  const saslEnv = (mechanism: string) => ({
    ...trusted(),
    ...{ KAFKA_BROKERS: servers.kafka.sasl, KAFKA_SASL: mechanism },
    ...{ KAFKA_USERNAME: secured.user, KAFKA_PASSWORD: secured.password },
  });

  async function passedOn(env: Record<string, string>, value: string): Promise<string> {
    const log = await openLog(env);
    try {
      await log.append('quarantine', [{ key: 'key', value: Buffer.from(value) }]);
      const found = Promise.withResolvers<string>();
      const following = await log.follow({ topic: 'quarantine' }, async (records) => {
        const texts = records.map((record) => Buffer.from(record.value).toString());
        if (texts.includes(value)) found.resolve(texts.find((text) => text === value)!);
      });
      const text = await found.promise;
      await following.close();
      const reading = await log.consume({ topic: 'quarantine', group: `group-${value}` }, async () => {});
      await reading.close();
      return text;
    } finally {
      await log.close();
    }
  }

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'])(
    'Kafka takes and gives records by SASL %s over TLS',
    async (mechanism) => {
      expect(await passedOn(saslEnv(mechanism), mechanism)).toBe(mechanism);
    },
  );

  it('Kafka takes and gives records by a client’s certificate', async () => {
    const { cert, key } = servers.files;
    const files = { KAFKA_TLS_CERT_FILE: cert, KAFKA_TLS_KEY_FILE: key };
    const env = { ...trusted(), KAFKA_BROKERS: servers.kafka.mutual, ...files };
    expect(await passedOn(env, 'mutual')).toBe('mutual');
  });

  it.each([
    ['a wrong password', { KAFKA_PASSWORD: secured.wrong }, 'KAFKA_PASSWORD'],
    ['another authority', { KAFKA_TLS_CA_FILE: 'other' }, 'KAFKA_TLS_CA_FILE'],
    ['an authority of the system alone', { KAFKA_TLS_CA_FILE: '' }, 'KAFKA_TLS_CA_FILE'],
  ])('Kafka with %s ends the start and names the setting', async (_what, changes, named) => {
    const told = { ...saslEnv('scram-sha-512'), ...changes };
    if (told.KAFKA_TLS_CA_FILE === 'other') told.KAFKA_TLS_CA_FILE = servers.files.otherCa;
    await expect(openLog(told)).rejects.toMatchObject({
      name: 'ConfigError',
      message: expect.stringContaining(named),
    });
  });

  const redisUrl = (password: string) =>
    `rediss://${secured.user}:${encodeURIComponent(password)}@localhost:${servers.redis.port}`;
  const openRedis = (url: string, caFile?: string) =>
    openWakeUps(
      loadConfig(wakeUpsSettings, {
        ...{ WAKE_UPS: 'redis', REDIS_URL: url },
        ...(caFile === undefined ? {} : { REDIS_TLS_CA_FILE: caFile }),
      }),
      { logger },
    );

  it('Redis carries wake-ups over TLS, by user and password', async () => {
    const wakeUps = await openRedis(redisUrl(secured.password), servers.files.ca);
    const woken = Promise.withResolvers<string>();
    await wakeUps.handle('queue', async (key) => woken.resolve(key), { concurrency: 1 });
    await wakeUps.wake('queue', ['shard']);
    expect(await woken.promise).toBe('shard');
    await wakeUps.close();
  });

  it('Redis with a wrong password, or without the authority, ends the start and names the setting', async () => {
    const refused = (named: string) => ({
      name: 'ConfigError',
      message: expect.stringContaining(named) as unknown,
    });
    await expect(openRedis(redisUrl(secured.wrong), servers.files.ca)).rejects.toMatchObject(
      refused('REDIS_URL'),
    );
    await expect(openRedis(redisUrl(secured.password))).rejects.toMatchObject(refused('REDIS_TLS_CA_FILE'));
  });

  const openStore = (caFile: string | undefined) =>
    openSeriesStore(
      loadConfig(seriesStoreSettings, {
        ...{ SERIES_STORE: 'influx', INFLUX_URL: servers.influx.url, INFLUX_TOKEN: 'secured-token' },
        ...{ INFLUX_ORG: 'songma', INFLUX_BUCKET: 'songma' },
        ...(caFile === undefined ? {} : { INFLUX_TLS_CA_FILE: caFile }),
      }),
      { logger },
    );

  it('InfluxDB is asked over HTTPS, and not trusted without its authority', async () => {
    await setUpInflux();
    const store = await openStore(servers.files.ca);
    await store.check();
    await store.mark([], 7);
    expect(await store.markedTo()).toBe(7);
    await store.close();
    await expect(openStore(undefined)).rejects.toMatchObject({
      name: 'ConfigError',
      message: expect.stringContaining('INFLUX_TLS_CA_FILE'),
    });
  });

  async function setUpInflux(): Promise<void> {
    const body = JSON.stringify({
      ...{ username: 'songma', password: 'secured-password', org: 'songma', bucket: 'songma' },
      token: 'secured-token',
    });
    const ca = await readFile(servers.files.ca);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const asked = request(`${servers.influx.url}/api/v2/setup`, { method: 'POST', ca }, (answer) => {
        answer.resume().once('end', () => resolve(answer.statusCode));
      });
      asked.once('error', reject).end(body);
    });
    expect(status).toBe(201);
  }
});

describe('settings that do not go together', () => {
  const problemsOf = async (open: () => Promise<unknown>): Promise<string> =>
    open().then(
      () => '',
      (error: Error) => error.message,
    );

  it.each([
    [{ KAFKA_SASL: 'plain' }, ['KAFKA_USERNAME', 'KAFKA_PASSWORD']],
    [{ KAFKA_USERNAME: 'a', KAFKA_PASSWORD: 'b' }, ['KAFKA_SASL']],
    [
      { KAFKA_TLS_CA_FILE: import.meta.filename, KAFKA_USERNAME: 'a' },
      ['KAFKA_TLS:', 'KAFKA_TLS_CA_FILE', 'KAFKA_SASL'],
    ],
    [{ KAFKA_TLS: 'true', KAFKA_TLS_KEY_FILE: import.meta.filename }, ['KAFKA_TLS_CERT_FILE']],
  ])('of Kafka are all named: %o', async (env, named) => {
    const config = loadConfig(eventLogSettings, { EVENT_LOG: 'kafka', KAFKA_BROKERS: '127.0.0.1:1', ...env });
    const text = await problemsOf(() => openEventLog(config, { logger }));
    for (const name of named) expect(text).toContain(name);
  });

  it('of Redis and InfluxDB are named too', async () => {
    const file = import.meta.filename;
    const redisEnv = { WAKE_UPS: 'redis', REDIS_URL: 'redis://127.0.0.1:1', REDIS_TLS_CA_FILE: file };
    const redisText = await problemsOf(() => openWakeUps(loadConfig(wakeUpsSettings, redisEnv), { logger }));
    for (const name of ['REDIS_URL', 'REDIS_TLS_CA_FILE']) expect(redisText).toContain(name);
    const influxEnv = { SERIES_STORE: 'influx', INFLUX_URL: 'http://127.0.0.1:1', INFLUX_TLS_CA_FILE: file };
    const config = loadConfig(seriesStoreSettings, influxEnv);
    const influxText = await problemsOf(() => openSeriesStore(config, { logger }));
    for (const name of ['INFLUX_URL', 'INFLUX_TLS_CA_FILE', 'INFLUX_TOKEN'])
      expect(influxText).toContain(name);
  });
});
