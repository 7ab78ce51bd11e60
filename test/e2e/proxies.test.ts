import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request, type RequestOptions } from 'node:https';
import { createServer } from 'node:net';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  createHttpApp,
  createLogger,
  createMetrics,
  HttpProblem,
  listen,
  type HttpApp,
} from '@songma/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findNginx, startNginx } from '../support/nginx.ts';

const nginx = await findNginx();
const title =
  'file' in nginx
    ? 'nginx before Songma, as infra/proxies has it'
    : `nginx before Songma, skipped: ${nginx.reason}`;
const megabyte = 1024 * 1024;

describe.skipIf(!('file' in nginx))(title, () => {
  let dir: string;
  let app: HttpApp;
  let proxy: { close(): Promise<void> };
  let port: number;
  const events = new Readable({ read: () => undefined });

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'songma-proxy-'));
    const key = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-subj',
      '/CN=songma.example.vn',
    ];
    const to = ['-keyout', join(dir, 'privkey.pem'), '-out', join(dir, 'fullchain.pem'), '-days', '1'];
    execFileSync('openssl', ['req', '-x509', ...key, ...to], { stdio: 'ignore' });
    app = openDoor(events);
    const upstream = new URL(await listen(app, { host: '127.0.0.1', port: 0 })).port;
    port = await freePort();
    const conf = await readFile(
      join(import.meta.dirname, '..', '..', 'infra', 'proxies', 'nginx.conf'),
      'utf8',
    );
    const own = conf
      .replace('127.0.0.1:8080', `127.0.0.1:${upstream}`)
      .replace('listen 443', `listen 127.0.0.1:${port}`)
      .replaceAll('/etc/nginx/songma/', `${dir}/`);
    proxy = await startNginx((nginx as { file: string }).file, own, port);
  });
  afterAll(async () => {
    await proxy.close();
    await app.close();
    await rm(dir, { recursive: true });
  });

  const ask = (options: RequestOptions, body?: Buffer) =>
    new Promise<{ answer: IncomingMessage; text: string }>((resolve, reject) => {
      const asked = request({ ...at(), ...options }, (answer) => {
        let text = '';
        answer
          .on('data', (part: Buffer) => (text += part.toString()))
          .on('end', () => resolve({ answer, text }));
      });
      asked.on('error', reject).end(body);
    });
  const at = () => ({
    host: '127.0.0.1',
    port,
    rejectUnauthorized: false,
    headers: { host: 'songma.example.vn' },
  });

  it('tells the address of the caller, whatever he says of himself, and his host', async () => {
    const headers = { host: 'songma.example.vn', 'x-forwarded-for': '192.0.2.7', forwarded: 'for=192.0.2.7' };
    const { text } = await ask({ path: '/who', headers });
    expect(JSON.parse(text)).toEqual({
      ip: '127.0.0.1',
      host: 'songma.example.vn',
      forwarded: ['x-forwarded-for', 'x-forwarded-proto'],
    });
  });

  it('passes on a push of several megabytes, and `Expect: 100-continue`', async () => {
    const body = Buffer.alloc(5 * megabyte, 'x');
    const headers = {
      host: 'songma.example.vn',
      'content-type': 'application/octet-stream',
      expect: '100-continue',
    };
    const { text } = await ask({ method: 'POST', path: '/push', headers }, body);
    expect(text).toBe(String(body.length));
  });

  it('passes on 503 with Retry-After once, and what is not to be kept', async () => {
    const { answer } = await ask({ path: '/busy' });
    const { statusCode, headers } = answer;
    expect([statusCode, headers['retry-after'], headers['cache-control']]).toEqual([
      503,
      '7',
      'private, no-store',
    ]);
    const { text } = await ask({ path: '/asked' });
    expect(text).toBe('1');
  });

  it('passes on an event when it happens', async () => {
    events.push('data: 0\n\n');
    const seen = await new Promise<string>((resolve, reject) => {
      let text = '';
      const asked = request({ ...at(), path: '/events' }, (answer) => {
        answer.on('data', (part: Buffer) => {
          // The stream goes on for ever: what comes through comes before its end.
          if (text === '') events.push('data: 1\n\n');
          text += part.toString();
          if (!text.includes('data: 1')) return;
          resolve(text);
          asked.destroy();
        });
      });
      asked.on('error', reject).end();
    });
    expect(seen).toContain('data: 1');
  });
});

function openDoor(events: Readable): HttpApp {
  const app = createHttpApp({
    door: { trustedProxies: ['127.0.0.1'] },
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics: createMetrics({ ofProcess: false }),
    ...{ checks: [], title: 'Test', bodyBytesMax: 64 * megabyte },
  });
  let busy = 0;
  app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  app.get('/who', async (asked) => ({
    ip: asked.ip,
    host: asked.headers.host,
    forwarded: Object.keys(asked.headers)
      .filter((name) => name.includes('forwarded'))
      .toSorted(),
  }));
  app.post('/push', async (asked) => String((asked.body as Buffer).length));
  app.get('/busy', async () => {
    busy++;
    throw new HttpProblem(503, 'busy', { en: 'busy', vi: 'bận' }, { retryAfterMs: 7_000 });
  });
  app.get('/asked', async () => String(busy));
  app.get('/events', async (_asked, reply) => reply.type('text/event-stream').send(events));
  return app;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
