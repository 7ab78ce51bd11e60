import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { nodeFlags } from '@songma/runtime';
import { probeServers } from '../../infra/native/servers.ts';
import { deleteTopics } from './kafka-topics.ts';

export type Furnishing = 'embedded' | 'cluster';
const clusterParts = ['ingest', 'writer', 'worker', 'api', 'web'] as const;
/** Parts of the cluster that a test has to ask for; the one process has them always. */
const moreParts = ['files', 'mqtt'] as const;
export type Part = 'standalone' | (typeof clusterParts)[number] | (typeof moreParts)[number];

const readyDeadlineMs = 180_000;
const stopDeadlineMs = 60_000;

/** A whole Songma in processes of its own, as a user would run it, with a data directory that goes when it stops. */
export interface System {
  readonly furnishing: Furnishing;
  /** The one door: pushes and questions. */
  readonly url: string;
  /** Where pushes go when the gateway shall not be in the way; the same as `url` in the embedded furnishing. */
  readonly ingestUrl: string;
  readonly adminToken: string;
  readonly dataDir: string;
  /** Environment of the parts: for opening the same log and store from a test. */
  readonly env: Readonly<Record<string, string>>;
  readonly parts: readonly Part[];
  pid(part: Part): number;
  /** @throws Error with the last words of a part that has ended without being asked to */
  checkAlive(): void;
  /** `kill -9`, as a crash would. */
  kill(part: Part): Promise<void>;
  /**
   * Starts a part that was killed or stopped, with more arguments if given, and waits until it is ready.
   * @returns milliseconds until ready
   * @throws Error with what it printed when it ends instead
   */
  start(part: Part, ...args: string[]): Promise<number>;
  /** Ends every part in order. @throws Error when one does not end with exit code 0 */
  stop(): Promise<void>;
  /** Removes what the system kept: data directory, bucket, topics. */
  remove(): Promise<void>;
}

export interface SystemOptions {
  readonly furnishing: Furnishing;
  /** Extra environment for every part. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further parts of the cluster. */
  readonly more?: readonly (typeof moreParts)[number][];
  /** Called with log and store settings before any part starts, to fill the registry. */
  readonly prepare?: (env: Readonly<Record<string, string>>) => Promise<void>;
}

/** Starts a system and waits until every part is ready. @throws Error with the parts' last words when one is not */
export async function startSystem(options: SystemOptions): Promise<System> {
  const dataDir = await mkdtemp(join(tmpdir(), 'songma-system-'));
  const adminToken = `sgm_admin_${randomBytes(20).toString('hex')}`;
  const names: readonly Part[] =
    options.furnishing === 'embedded' ? ['standalone'] : [...clusterParts, ...(options.more ?? [])];
  const ports = new Map<Part, number>();
  for (const name of names) ports.set(name, await freePort());
  const address = (part: Part) => `http://127.0.0.1:${ports.get(part)}`;

  const outside = options.furnishing === 'cluster' ? await freshCluster() : undefined;
  const env: Record<string, string> = {
    ...outside?.env,
    SONGMA_DATA: dataDir,
    LOG_LEVEL: 'warn',
    HOST: '127.0.0.1',
    ADMIN_TOKEN: adminToken,
    ANONYMOUS_READ: 'true',
    // Many of them run beside each other: who wants MQTT says on which port.
    MQTT: 'off',
    ...(options.furnishing === 'cluster'
      ? {
          INGEST_URL: address('ingest'),
          API_URL: address('api'),
          SERVICE_URLS: `ingest=${address('ingest')},writer=${address('writer')},worker=${address('worker')}`,
        }
      : {}),
    ...options.env,
  };
  await options.prepare?.(env);

  const running = new Map<Part, Running>();
  const start = async (part: Part, ...args: string[]) => {
    const begun = performance.now();
    const child = spawnPart(part, { ...env, PORT: String(ports.get(part)) }, args);
    running.set(part, child);
    await untilReady(part, address(part), child);
    return performance.now() - begun;
  };
  const stop = async () => {
    for (const part of names.toReversed()) await endInOrder(part, running.get(part));
  };
  try {
    for (const part of names) await start(part);
  } catch (error) {
    for (const { process } of running.values()) process.kill('SIGKILL');
    throw error;
  }

  return {
    furnishing: options.furnishing,
    url: address(options.furnishing === 'embedded' ? 'standalone' : 'web'),
    ingestUrl: address(options.furnishing === 'embedded' ? 'standalone' : 'ingest'),
    adminToken,
    dataDir,
    env,
    parts: names,
    pid: (part) => running.get(part)!.process.pid!,
    checkAlive() {
      for (const [part, child] of running) checkAlive(part, child);
    },
    async kill(part) {
      const { process } = running.get(part)!;
      running.delete(part);
      const ended = once(process, 'exit');
      process.kill('SIGKILL');
      await ended;
    },
    start,
    stop,
    async remove() {
      await rm(dataDir, { recursive: true, force: true });
      await outside?.remove();
    },
  };
}

interface Running {
  readonly process: ChildProcess;
  /** The last that it printed. */
  readonly lastWords: () => string;
}

function spawnPart(part: Part, env: Record<string, string>, args: readonly string[]): Running {
  const main = join(import.meta.dirname, '..', '..', 'services', part, 'src', 'main.ts');
  const child = spawn(
    process.execPath,
    [...nodeFlags, main, ...(part === 'standalone' ? ['--empty'] : []), ...args],
    {
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        // Parts start hundreds of times: what was compiled once is not compiled again.
        NODE_COMPILE_CACHE: join(tmpdir(), 'songma-compile-cache'),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let words = '';
  const listen = (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-4_000);
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  return { process: child, lastWords: () => words };
}

function checkAlive(part: Part, { process, lastWords }: Running): void {
  const outcome = process.exitCode ?? process.signalCode;
  if (outcome !== null) throw new Error(`${part} ended with ${outcome}:\n${lastWords()}`);
}

async function untilReady(part: Part, address: string, child: Running): Promise<void> {
  // The gateway is ready when all behind it are: while those are being killed too, that moment may never come.
  const awaited = part === 'web' ? 'live' : 'ready';
  const deadline = performance.now() + readyDeadlineMs;
  for (;;) {
    checkAlive(part, child);
    const ready = await fetch(`${address}/health/${awaited}`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    if (performance.now() > deadline) throw new Error(`${part} is not ready:\n${child.lastWords()}`);
    await wait(50);
  }
}

async function endInOrder(part: Part, child: Running | undefined): Promise<void> {
  if (child === undefined || child.process.exitCode !== null || child.process.signalCode !== null) return;
  const ended = once(child.process, 'exit');
  child.process.kill('SIGTERM');
  const outcome = await Promise.race([ended, wait(stopDeadlineMs, 'late' as const)]);
  if (outcome === 'late') {
    child.process.kill('SIGKILL');
    throw new Error(`${part} did not stop:\n${child.lastWords()}`);
  }
  if (child.process.exitCode !== 0)
    throw new Error(`${part} stopped with ${child.process.exitCode}:\n${child.lastWords()}`);
}

/** Topics, bucket and job keys of its own on the real servers. */
async function freshCluster(): Promise<{ env: Record<string, string>; remove(): Promise<void> }> {
  const { kafka, influx, redis } = await probeServers();
  for (const [name, probe] of Object.entries({ kafka, influx, redis })) {
    if (!probe.reachable) throw new Error(`${name} is out of reach (${probe.reason}): pnpm infra:native up`);
  }
  if (!kafka.reachable || !influx.reachable || !redis.reachable) throw new Error('unreachable');
  const name = `system-${randomBytes(6).toString('hex')}`;
  const { url, org, token } = influx.settings;
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Token ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok)
      throw new Error(`InfluxDB ${method} ${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? undefined : ((await response.json()) as Record<string, never>);
  };
  const orgs = (await ask('GET', `/api/v2/orgs?org=${encodeURIComponent(org)}`)) as {
    orgs?: { id: string }[];
  };
  const bucket = (await ask('POST', '/api/v2/buckets', {
    name,
    orgID: orgs.orgs![0]!.id,
    retentionRules: [],
  })) as { id?: string };
  return {
    env: {
      EVENT_LOG: 'kafka',
      KAFKA_BROKERS: kafka.settings.brokers.join(','),
      KAFKA_TOPIC_PREFIX: `${name}.`,
      SERIES_STORE: 'influx',
      INFLUX_URL: url,
      INFLUX_TOKEN: token,
      INFLUX_ORG: org,
      INFLUX_BUCKET: name,
      WAKE_UPS: 'redis',
      REDIS_URL: redis.settings.url,
      WAKE_UPS_PREFIX: name,
    },
    async remove() {
      await ask('DELETE', `/api/v2/buckets/${bucket.id}`);
      await deleteTopics(kafka.settings.brokers, `${name}.`);
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** CPU seconds that a process has used, and the most memory that it has held, in MiB. Linux. */
export async function usageOf(
  pid: number,
): Promise<{ cpuSeconds: number; peakMib: number; residentMib: number }> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kib = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? Number.NaN);
  // Fields 14 and 15 of proc(5), in clock ticks of 10 ms.
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
    peakMib: kib('VmHWM') / 1024,
    residentMib: kib('VmRSS') / 1024,
  };
}
