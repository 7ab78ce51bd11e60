import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  ConfigError,
  createHttpApp,
  createLogger,
  createMetrics,
  doorOptions,
  listen,
  listenSettings,
  loadConfig,
  openHealthDoor,
  type HttpApp,
  type Life,
} from '../src/index.ts';

let dir: string;
const path = (name: string) => join(dir, name);
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'songma-tls-'));
  for (const name of ['one', 'two']) {
    const to = ['-keyout', path(`${name}.key`), '-out', path(`${name}.pem`), '-days', '2'];
    const what = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    execFileSync('openssl', ['req', ...what, '-subj', `/CN=${name}`, ...to], { stdio: 'ignore' });
  }
});
afterAll(() => rmSync(dir, { recursive: true }));

const apps: Pick<HttpApp, 'close'>[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

const configOf = (certFile?: string, keyFile?: string) =>
  loadConfig(listenSettings(0), {
    ...(certFile === undefined ? {} : { TLS_CERT_FILE: certFile }),
    ...(keyFile === undefined ? {} : { TLS_KEY_FILE: keyFile }),
  });

async function openDoor(certFile: string, keyFile: string): Promise<string> {
  const config = configOf(certFile, keyFile);
  const app = createHttpApp({
    ...{ door: doorOptions(config), checks: [], title: 'Test', bodyBytesMax: 100 },
    ...{
      logger: createLogger({ service: 'test', level: 'silent' }),
      metrics: createMetrics({ ofProcess: false }),
    },
  });
  apps.push(app);
  return listen(app, config);
}

const answerOf = (url: string) =>
  new Promise<{ status: number | undefined; hsts: unknown; subject: string }>((resolve, reject) => {
    get(url, { rejectUnauthorized: false, agent: false }, (answer) => {
      const { CN } = (answer.socket as TLSSocket).getPeerCertificate().subject;
      const { statusCode: status, headers } = answer.resume();
      resolve({ status, hsts: headers['strict-transport-security'], subject: String(CN) });
    }).on('error', reject);
  });

async function freePort(): Promise<{ address: string; port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { address, port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return { address, port };
}

describe('a door with a certificate', () => {
  it('is that of a service which is asked for its health alone, too', async () => {
    const { address, ...free } = await freePort();
    const config = loadConfig(listenSettings(0), {
      ...{ PORT: String(free.port), TLS_CERT_FILE: path('one.pem'), TLS_KEY_FILE: path('one.key') },
    });
    const life: Life = {
      stopping: new AbortController().signal,
      open: async (_name, open) => {
        const part = await open();
        apps.push(part as Pick<HttpApp, 'close'>);
        return part;
      },
    };
    await openHealthDoor(life, config, {
      ...{ checks: [], title: 'Test', metrics: createMetrics({ ofProcess: false }) },
      logger: createLogger({ service: 'test', level: 'silent' }),
    });
    expect(await answerOf(`https://${address}:${free.port}/health/live`)).toMatchObject({
      ...{ status: 200, subject: 'one' },
    });
  });

  it('speaks HTTPS alone, not below TLS 1.2', async () => {
    const url = await openDoor(path('one.pem'), path('one.key'));
    expect(url).toMatch(/^https:/);
    expect(await answerOf(`${url}/health/live`)).toEqual({
      ...{ status: 200, subject: 'one', hsts: 'max-age=31536000' },
    });
    await expect(fetch(`${url.replace('https:', 'http:')}/health/live`)).rejects.toThrow(/./);
    const { hostname: host, port } = new URL(url);
    const old = connect({ host, port: Number(port), maxVersion: 'TLSv1.1', rejectUnauthorized: false });
    await expect(
      new Promise((resolve, reject) => old.on('secureConnect', resolve).on('error', reject)),
    ).rejects.toThrow(/./);
  });

  it('takes a renewed certificate on SIGHUP, and keeps what it has where the new one cannot be used', async () => {
    copyFileSync(path('one.pem'), path('door.pem'));
    copyFileSync(path('one.key'), path('door.key'));
    const url = await openDoor(path('door.pem'), path('door.key'));
    copyFileSync(path('two.pem'), path('door.pem'));
    process.emit('SIGHUP', 'SIGHUP');
    expect((await answerOf(`${url}/health/live`)).subject).toBe('one');
    copyFileSync(path('two.key'), path('door.key'));
    process.emit('SIGHUP', 'SIGHUP');
    expect((await answerOf(`${url}/health/live`)).subject).toBe('two');
    const listeners = process.listenerCount('SIGHUP');
    await apps.pop()!.close();
    expect(process.listenerCount('SIGHUP')).toBe(listeners - 1);
  });
});

describe('certificate and key', () => {
  const problemsOf = (open: () => unknown): string => {
    try {
      open();
    } catch (error) {
      if (error instanceof ConfigError) return error.problems.map((one) => JSON.stringify(one)).join('\n');
      throw error;
    }
    return '';
  };

  it('that cannot be read are named together', () => {
    const text = problemsOf(() => configOf(path('absent.pem'), path('absent.key')));
    for (const part of ['TLS_CERT_FILE', 'TLS_KEY_FILE', 'absent.pem', 'ENOENT'])
      expect(text).toContain(part);
  });

  it.each([
    ['one.pem', undefined, 'TLS_KEY_FILE'],
    [undefined, 'one.key', 'TLS_CERT_FILE'],
    ['one.pem', 'two.key', 'TLS_CERT_FILE, TLS_KEY_FILE'],
    ['one.key', 'one.key', 'TLS_CERT_FILE, TLS_KEY_FILE'],
    ['text', 'one.key', 'TLS_CERT_FILE, TLS_KEY_FILE'],
  ])('%s and %s are refused, naming %s', (certFile, keyFile, named) => {
    writeFileSync(path('text'), 'no certificate');
    const full = (name: string | undefined) => (name === undefined ? undefined : path(name));
    expect(problemsOf(() => doorOptions(configOf(full(certFile), full(keyFile))))).toContain(named);
  });
});

describe('proxies that are trusted', () => {
  it.each(['127.0.0.1', '10.0.0.0/8, ::1', 'loopback', 'fd00::/8,uniquelocal'])('may be %s', (text) => {
    expect(loadConfig(listenSettings(0), { TRUSTED_PROXIES: text }).trustedProxies).toEqual(
      text.split(/, */),
    );
  });

  it.each(['proxy.example', '10.0.0.0/33', '::1/129', '10.0.0', '127.0.0.1,', '*'])(
    'are not "%s"',
    (text) => {
      expect(() => loadConfig(listenSettings(0), { TRUSTED_PROXIES: text })).toThrow('TRUSTED_PROXIES');
    },
  );
});
