import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { keptAdminToken } from '@songma/samples';
import { configExitCode, keepPrivate, makePrivateDirectory, nodeFlags, parseSwitches } from '@songma/runtime';
import { banner } from '../../services/standalone/src/banner.ts';
import { probeServers } from '../native/servers.ts';

const usage = `pnpm start:cluster [--empty] [--rebuild]

Runs ingest, writer, worker, desk, api, files, mqtt and the gateway as processes of their own on Kafka, InfluxDB and Redis:
those that KAFKA_BROKERS, INFLUX_URL and REDIS_URL name, or the ones that \`pnpm infra:native\` has started.

  --empty     without the sample plants
  --rebuild   fill the bucket with everything that the log still has, for one that was emptied or exchanged; then start`;

const ports = {
  ingest: 8081,
  writer: 8082,
  worker: 8083,
  api: 8084,
  files: 8085,
  desk: 8087,
  mqtt: 8088,
  web: 8080,
};
type Service = keyof typeof ports;
const readyDeadlineMs = 60_000;
const stopDeadlineMs = 30_000;

const { empty, rebuild, help } = switches();
if (help) {
  console.log(usage);
  process.exit();
}

// Whoever listens there would be taken for a service that is ready.
const taken = await takenPorts();
if (taken.length > 0) {
  console.error(`${taken.join('\n')}\n\nStop what listens there; another Songma, perhaps.`);
  process.exit(configExitCode);
}

const running = new Map<string, ChildProcess>();
let stopping: Promise<void> | undefined;
const stop = (exitCode: number) => (stopping ??= stopAll(exitCode));
process.on('SIGINT', () => void stop(0)).on('SIGTERM', () => void stop(0));

const dataDir = resolve(process.env['SONGMA_DATA'] ?? './data');
const keysFile = join(dataDir, 'keys.env');
const warnings = { warn: (seen: unknown, text?: string) => console.warn(text, seen) };
makePrivateDirectory(dataDir, warnings);
keepPrivate(keysFile, warnings);
const env = {
  ...(await serverSettings()),
  SONGMA_DATA: dataDir,
  ADMIN_TOKEN: process.env['ADMIN_TOKEN'] ?? (await keptAdminToken(keysFile)),
};

try {
  for (const service of ['ingest', 'writer', 'worker', 'desk', 'api', 'files', 'mqtt', 'web'] as const)
    await startService(service);
  const url = address('web');
  process.stdout.write(banner({ url, keysFile, samples: !empty }));
  if (!empty) start('samples', [], { ...env, SONGMA_URL: url, LOG_LEVEL: 'warn' });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  await stop(1);
}

function switches() {
  try {
    return parseSwitches(process.argv.slice(2), ['empty', 'rebuild', 'help'], usage);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(configExitCode);
  }
}

async function takenPorts(): Promise<string[]> {
  const found = Object.entries(ports).map(async ([service, port]) => {
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
      return [];
    } catch (error) {
      return [`${service} needs port ${port} on 127.0.0.1, and it is taken (${(error as Error).message})`];
    } finally {
      server.close();
    }
  });
  return (await Promise.all(found)).flat();
}

function address(service: Service): string {
  return `http://127.0.0.1:${ports[service]}`;
}

async function startService(service: Service): Promise<void> {
  const isFilling = rebuild && service === 'writer';
  const args = isFilling ? ['--rebuild'] : [];
  const child = start(service, args, {
    LOG_LEVEL: isFilling ? 'info' : 'warn',
    INGEST_URL: address('ingest'),
    API_URL: address('api'),
    SERVICE_URLS: (['ingest', 'writer', 'worker', 'files', 'mqtt'] as const)
      .map((name) => `${name}=${address(name)}`)
      .join(','),
    ANONYMOUS_READ: 'true',
    PUBLIC_URL: address('web'),
    // The gateway, before all of them, counts wrong keys by the addresses that they come from.
    FAILED_KEYS_PER_MINUTE_MAX: service === 'web' ? '20' : '0',
    ...process.env,
    ...env,
    PORT: String(ports[service]),
  });
  const deadline = performance.now() + readyDeadlineMs;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${service} could not start; its reason is above`);
    const isReady = await fetch(`${address(service)}/health/ready`).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) return;
    if (performance.now() > deadline && !isFilling)
      throw new Error(`${service} is not ready after ${readyDeadlineMs / 1000} s`);
    await wait(100);
  }
}

/** A service that ends by itself ends the others: a supervisor, or whoever started it, decides what is next. */
function start(
  service: Service | 'samples',
  args: readonly string[],
  serviceEnv: NodeJS.ProcessEnv,
): ChildProcess {
  const main = join(import.meta.dirname, '..', '..', 'services', service, 'src', 'main.ts');
  const child = spawn(process.execPath, [...nodeFlags, main, ...args], {
    env: serviceEnv,
    stdio: 'inherit',
    detached: true,
  });
  running.set(service, child);
  child.once('exit', (code, signal) => {
    running.delete(service);
    if (stopping !== undefined) return;
    console.error(`${service} has ended (${code ?? signal})`);
    void stop(1);
  });
  return child;
}

/** Plants first, the door next, the services behind it last. */
async function stopAll(exitCode: number): Promise<void> {
  for (const service of ['samples', 'files', 'mqtt', 'web', 'ingest', 'api', 'desk', 'writer', 'worker']) {
    const child = running.get(service);
    if (child === undefined) continue;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    if ((await Promise.race([ended, wait(stopDeadlineMs, 'late')])) === 'late') child.kill('SIGKILL');
  }
  process.exit(exitCode);
}

async function serverSettings(): Promise<Record<string, string>> {
  // Servers that ask who is there are asked by the services alone, which say at their start what is wrong.
  const { KAFKA_TLS, KAFKA_SASL, REDIS_URL, INFLUX_TLS_CA_FILE } = process.env;
  const isSecured =
    KAFKA_TLS === 'true' || KAFKA_SASL !== undefined || REDIS_URL?.startsWith('rediss:') === true;
  if (isSecured || INFLUX_TLS_CA_FILE !== undefined) {
    return { EVENT_LOG: 'kafka', SERIES_STORE: 'influx', WAKE_UPS: 'redis' };
  }
  const { kafka, influx, redis } = await probeServers();
  if (!kafka.reachable || !influx.reachable || !redis.reachable) {
    const missing = Object.entries({ kafka, influx, redis }).flatMap(([name, probe]) =>
      probe.reachable ? [] : [`${name} at ${probe.address} does not answer: ${probe.reason}`],
    );
    console.error(`${missing.join('\n')}\n\nStart the servers with \`pnpm infra:native\`, or name your own.`);
    process.exit(configExitCode);
  }
  return {
    EVENT_LOG: 'kafka',
    KAFKA_BROKERS: kafka.settings.brokers.join(','),
    SERIES_STORE: 'influx',
    INFLUX_URL: influx.settings.url,
    INFLUX_TOKEN: influx.settings.token,
    INFLUX_ORG: influx.settings.org,
    INFLUX_BUCKET: influx.settings.bucket,
    WAKE_UPS: 'redis',
    REDIS_URL: redis.settings.url,
  };
}
