import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environmentLines, serverConnections } from './connections.ts';
import { nodeProperties } from './kafka.ts';
import { withLock } from './lock.ts';
import { probeInflux, probeKafka, probeRedis } from './probes.ts';
import type { DetachedCommand } from './processes.ts';
import { endProcess, isProcess, readProcessState, startDetached } from './processes.ts';
import { librariesOf, nodeConf } from './redis.ts';
import { ensureServers, probeServers } from './servers.ts';
import { nativeSettings, SERVER_NAMES } from './settings.ts';
import { requireTools } from './tools.ts';

const TIMEOUT_MS = 500;
const settings = nativeSettings({}, { uid: 1000, homeDir: '/home/plant' });

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'songma-native-test-'));
});
afterAll(async () => {
  await rm(dir, { recursive: true });
});

describe('settings', () => {
  it("live in the user's cache and run as the user", () => {
    expect(settings.programsDir).toBe('/home/plant/.cache/songma-native');
    expect(settings.runDir).toBe('/home/plant/.cache/songma-native/run');
    expect(settings.owner).toBeUndefined();
  });

  it("are outside of root's closed home when root calls, whose servers run as nobody", () => {
    const ofRoot = nativeSettings({}, { uid: 0, homeDir: '/root' });
    expect(ofRoot.programsDir).toBe('/var/tmp/songma-native');
    expect(ofRoot.owner).toEqual({ uid: 65_534, gid: 65_534 });
  });

  it('let a second set of servers share the programs', () => {
    const env = { SONGMA_NATIVE_DIR: '/a', SONGMA_NATIVE_RUN_DIR: '/b', SONGMA_NATIVE_PORT_OFFSET: '100' };
    const second = nativeSettings(env, { uid: 1000, homeDir: '/home/plant' });
    expect(second).toMatchObject({
      programsDir: '/a',
      runDir: '/b',
      ports: { kafka: 19_192, redis: 16_479 },
    });
  });

  it.each(['-1', '40001', '1.5', 'many'])('refuse the port offset %s', (offset) => {
    const env = { SONGMA_NATIVE_PORT_OFFSET: offset };
    expect(() => nativeSettings(env, { uid: 1000, homeDir: '/' })).toThrow('SONGMA_NATIVE_PORT_OFFSET');
  });

  it('name the addresses of one Kafka node', () => {
    const properties = nodeProperties(settings.ports, '/data').split('\n');
    expect(properties).toContain('listeners=PLAINTEXT://127.0.0.1:19092,CONTROLLER://127.0.0.1:19093');
    expect(properties).toContain('controller.quorum.voters=1@127.0.0.1:19093');
    expect(properties).toContain('log.dirs=/data');
  });

  it('bind Redis to this machine only', () => {
    expect(nodeConf(16_379, '/state').split('\n')).toEqual(
      expect.arrayContaining(['bind 127.0.0.1', 'port 16379', 'dir /state']),
    );
  });

  it("take Redis's libraries along, but not the C library", () => {
    const depends = [
      'redis-tools',
      '  Depends: adduser',
      '  Depends: libc6',
      '  Depends: libssl3',
      ' |Depends: libone',
      '  Depends: libother',
      '    libprovider',
      '  Depends: <libvirtual>',
    ];
    expect(librariesOf(depends.join('\n'))).toEqual(['libssl3', 'libone', 'libother']);
  });
});

describe('connections', () => {
  const influxVariables = {
    INFLUX_URL: 'http://store:8086/',
    INFLUX_TOKEN: 't',
    INFLUX_ORG: 'o',
    INFLUX_BUCKET: 'b',
  };

  it('are native when the environment names none', () => {
    const { kafka, influx, redis } = serverConnections({}, settings, 'secret');
    expect(kafka).toEqual({
      origin: 'native',
      address: '127.0.0.1:19092',
      settings: { brokers: ['127.0.0.1:19092'] },
    });
    expect(influx).toMatchObject({
      origin: 'native',
      settings: { url: 'http://127.0.0.1:18086', token: 'secret' },
    });
    expect(redis).toMatchObject({ origin: 'native', settings: { url: 'redis://127.0.0.1:16379' } });
  });

  it('are those that the environment names', () => {
    const env = { ...influxVariables, KAFKA_BROKERS: 'a:1, b:2', REDIS_URL: 'redis://:pw@store:6379' };
    const { kafka, influx, redis } = serverConnections(env, settings, undefined);
    expect(kafka).toMatchObject({ origin: 'environment', settings: { brokers: ['a:1', 'b:2'] } });
    expect(influx).toMatchObject({
      origin: 'environment',
      settings: { url: 'http://store:8086', org: 'o', bucket: 'b', token: 't' },
    });
    expect(redis).toMatchObject({ origin: 'environment', settings: { url: 'redis://:pw@store:6379' } });
  });

  it('show no password', () => {
    const { redis } = serverConnections({ REDIS_URL: 'redis://user:pw@store:6379/1' }, settings, undefined);
    expect(redis.address).toBe('redis://***@store:6379/1');
  });

  it('name what is missing when only some of the InfluxDB variables are set', () => {
    const { influx } = serverConnections({ ...influxVariables, INFLUX_TOKEN: '' }, settings, 'secret');
    expect(influx).toMatchObject({
      origin: 'environment',
      problem: expect.stringMatching(/missing: INFLUX_TOKEN$/),
    });
  });

  it('know no InfluxDB token before its first start', () => {
    const { influx } = serverConnections({}, settings, undefined);
    expect(influx).toMatchObject({ origin: 'native', problem: expect.stringContaining('no token yet') });
  });

  it('stay native when the environment repeats what this folder prints', () => {
    const servers = {
      kafka: { brokers: ['127.0.0.1:19092'] },
      influx: { url: 'http://127.0.0.1:18086', org: 'songma', bucket: 'songma', token: 'secret' },
      redis: { url: 'redis://127.0.0.1:16379' },
    };
    const env = Object.fromEntries(environmentLines(servers).map((line) => line.split('=')));
    const { kafka, influx, redis } = serverConnections(env, settings, undefined);
    expect([kafka.origin, influx.origin, redis.origin]).toEqual(['native', 'native', 'native']);
    expect(influx).toMatchObject({ settings: servers.influx });
  });
});

describe('processes', () => {
  it('are known by their command line and not by their number alone', async () => {
    expect(await isProcess(process.pid, process.argv[0] ?? '')).toBe(true);
    expect(await isProcess(process.pid, '/another/state/dir')).toBe(false);
  });

  it('are absent without a pid file', async () => {
    expect(await readProcessState(join(dir, 'none.pid'), 'any')).toEqual({ state: 'absent' });
  });

  it('are stale when another program has their number, and that program is left alone', async () => {
    const pidFile = join(dir, 'stale.pid');
    const other = spawn('sleep', ['60']);
    await writeFile(pidFile, `${other.pid}\n`);
    expect(await readProcessState(pidFile, dir)).toEqual({ state: 'stale', pid: other.pid });
    expect(await endProcess(pidFile, dir, 1_000)).toBe('not running');
    await expect(access(pidFile)).rejects.toThrow('ENOENT');
    expect(other.exitCode).toBeNull();
    other.kill('SIGKILL');
    await once(other, 'close');
    await writeFile(pidFile, `${other.pid}\n`);
    expect(await readProcessState(pidFile, 'sleep')).toEqual({ state: 'stale', pid: other.pid });
  });

  it('run on by themselves, log, and end on SIGTERM', async () => {
    const command = detached('willing', 'echo begun; while :; do sleep 0.05; done');
    const pid = await startDetached(command);
    expect(await readProcessState(command.pidFile, dir)).toEqual({ state: 'running', pid });
    await expect.poll(() => readFile(command.logFile, 'utf8')).toBe('begun\n');
    expect(await endProcess(command.pidFile, dir, 5_000)).toBe('terminated');
    expect(await readProcessState(command.pidFile, dir)).toEqual({ state: 'absent' });
  });

  it('are killed when they ignore SIGTERM past the deadline', async () => {
    const command = detached('stubborn', "trap '' TERM; echo begun; while :; do sleep 0.05; done");
    await startDetached(command);
    await expect.poll(() => readFile(command.logFile, 'utf8')).toBe('begun\n');
    expect(await endProcess(command.pidFile, dir, 200)).toBe('killed');
  });

  it('that cannot be started are an error', async () => {
    await expect(startDetached({ ...detached('no', ''), file: join(dir, 'no-such') })).rejects.toThrow(
      'ENOENT',
    );
  });
});

describe('the lock', () => {
  it('lets one in at a time and tells the other that it waits', async () => {
    const path = join(dir, 'lock');
    const events: string[] = [];
    const { promise: secondWaits, resolve: onWait } = Promise.withResolvers<void>();
    let second: Promise<unknown> = Promise.resolve();
    await withLock(path, unexpected, async () => {
      second = withLock(path, onWait, async () => events.push('second in'));
      await secondWaits;
      events.push('first out');
    });
    await second;
    expect(events).toEqual(['first out', 'second in']);
  });

  it('is free again after an error', async () => {
    const failing = withLock(join(dir, 'failing'), unexpected, () => Promise.reject(new Error('broken')));
    await expect(failing).rejects.toThrow('broken');
    expect(await withLock(join(dir, 'failing'), unexpected, () => Promise.resolve('in'))).toBe('in');
  });
});

describe('needed tools', () => {
  it('are all named when they are missing, each with the way out', () => {
    const tools = [
      { command: 'no-such-tool', neededFor: 'this', wayOut: 'install it' },
      { command: 'sh', neededFor: 'that', wayOut: 'install a shell' },
      { command: 'nor-this-one', neededFor: 'those', wayOut: 'do without' },
    ];
    expect(() => requireTools(tools)).toThrow(
      'no-such-tool is missing (this): install it\nnor-this-one is missing (those): do without',
    );
  });
});

describe('a probe', () => {
  it('says why a closed port cannot be worked with', async () => {
    const port = await closedPort();
    const influx = { url: `http://127.0.0.1:${port}`, org: 'o', bucket: 'b', token: 't' };
    const refused = `connect ECONNREFUSED 127.0.0.1:${port}`;
    await expect(probeKafka({ brokers: [`127.0.0.1:${port}`] }, TIMEOUT_MS)).rejects.toThrow(refused);
    await expect(probeRedis({ url: `redis://127.0.0.1:${port}` }, TIMEOUT_MS)).rejects.toThrow(refused);
    await expect(probeInflux(influx, TIMEOUT_MS)).rejects.toMatchObject({
      cause: { message: expect.stringContaining(refused) },
    });
  });

  it('does not wait for a server that says nothing', async () => {
    await withServer(undefined, async (port) => {
      const asked = probeKafka({ brokers: [`127.0.0.1:${port}`] }, 50);
      await expect(asked).rejects.toThrow('gives no answer within 50 ms');
    });
  });

  it('tells Kafka from another server', async () => {
    await withServer(Buffer.from('\0\0\0\u0008not Kafka'), async (port) => {
      const asked = probeKafka({ brokers: [`127.0.0.1:${port}`] }, TIMEOUT_MS);
      await expect(asked).rejects.toThrow("does not speak Kafka's protocol");
    });
  });

  it('passes on why Redis refuses', async () => {
    await withServer(Buffer.from('-NOAUTH Authentication required.\r\n'), async (port) => {
      const asked = probeRedis({ url: `redis://127.0.0.1:${port}` }, TIMEOUT_MS);
      await expect(asked).rejects.toThrow('Redis refuses: NOAUTH Authentication required.');
    });
  });
});

const probes = await probeServers();
const required = (process.env.REQUIRE_ADAPTERS ?? '').split(',');

describe.each(SERVER_NAMES)('the running %s', (name) => {
  const found = probes[name];
  const isSkipped = !found.reachable && !required.includes(name);
  const why = found.reachable ? '' : ` (${found.address}: ${found.reason})`;

  it.skipIf(isSkipped)(`can be worked with, and is found again without a start${why}`, async () => {
    expect(found).toMatchObject({ reachable: true });
    const servers = await ensureServers({ only: [name], onProgress: unexpected });
    expect(Object.keys(servers)).toEqual([name]);
  });
});

function detached(name: string, script: string): DetachedCommand {
  return {
    file: 'sh',
    args: ['-c', script, join(dir, name)],
    env: { PATH: process.env.PATH },
    cwd: dir,
    logFile: join(dir, `${name}.log`),
    pidFile: join(dir, `${name}.pid`),
    owner: undefined,
  };
}

function unexpected(): never {
  throw new Error('nothing should be said here');
}

async function withServer(answer: Buffer | undefined, use: (port: number) => Promise<void>): Promise<void> {
  const server = createServer((socket) => {
    socket.on('data', () => answer && socket.write(answer));
    socket.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await use(portOf(server.address()));
  } finally {
    server.close();
  }
}

async function closedPort(): Promise<number> {
  let closed = 0;
  await withServer(undefined, async (port) => {
    closed = port;
  });
  return closed;
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('not a TCP server');
  return address.port;
}
