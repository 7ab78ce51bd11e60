import { connect, type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createHttpApp, createLogger, createMetrics, type HttpApp } from '@songma/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addGateway, gatewayChecks, mergedDescription } from '../src/gateway.ts';
import { webPlugin } from '../src/page.ts';

interface Arrived {
  readonly service: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

const logger = createLogger({ service: 'test', level: 'silent' });

function appOf(title: string, more: Partial<Parameters<typeof createHttpApp>[0]> = {}): HttpApp {
  const metrics = createMetrics({ ofProcess: false });
  return createHttpApp({ logger, metrics, checks: [], title, bodyBytesMax: 1_000_000, ...more });
}

/** A service that tells what arrived; a few of its addresses do something of their own. */
async function startService(name: string, paths: readonly string[]): Promise<HttpApp> {
  const app = appOf(name);
  await app.after();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.get('/v1/busy', (_request, reply) =>
    reply.code(503).header('retry-after', '7').send({ code: 'too_many_streams', asked: ++timesBusy }),
  );
  app.get('/v1/events', (_request, reply) => {
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
    reply.raw.write('event: ready\ndata: {}\n\n');
    reply.raw.on('close', () => hungUp());
    reply.hijack();
  });
  for (const path of paths) {
    app.all(path, { schema: { summary: name } }, (request, reply) => {
      const { method, url, headers } = request;
      const body = Buffer.isBuffer(request.body) ? request.body.toString('base64') : '';
      return reply.send({ service: name, method, url, headers, body } satisfies Arrived);
    });
  }
  await app.listen({ host: '127.0.0.1', port: 0 });
  return app;
}

const addressOf = (app: HttpApp) => `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;

let timesBusy = 0;
let hungUp: () => void = () => undefined;
let ingest: HttpApp;
let api: HttpApp;
let gateway: HttpApp;
let url: string;

beforeAll(async () => {
  ingest = await startService('ingest', [
    '/v1/readings',
    '/v1/batches/:id',
    '/v1/quarantine/:id/replay',
    '/api/v2/write',
    '/write',
    '/query',
  ]);
  api = await startService('api', ['/v1/sites/:id', '/v1/series']);
  const config = { ingestUrl: addressOf(ingest), apiUrl: addressOf(api) };
  gateway = appOf('gateway', { checks: gatewayChecks(config), describe: () => mergedDescription(config) });
  await addGateway(gateway, config);
  await gateway.register(webPlugin);
  await gateway.listen({ host: '127.0.0.1', port: 0 });
  url = addressOf(gateway);
});
afterAll(async () => {
  await gateway.close();
  await ingest.close();
  await api.close();
});

/** A push as curl sends one above a megabyte: it asks first whether to go on. */
function expecting(at: string, body: string, headers: string): Promise<string> {
  const { hostname, port } = new URL(at);
  const socket = connect(Number(port), hostname);
  let answer = '';
  let isAsked = false;
  socket.on('data', (piece) => {
    answer += piece.toString();
    if (isAsked || !answer.startsWith('HTTP/1.1 100 Continue')) return;
    isAsked = true;
    socket.write(body);
  });
  socket.write(
    `POST /v1/readings HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      `content-length: ${body.length}\r\n${headers}\r\n`,
  );
  return new Promise((resolve, reject) => {
    socket.once('close', () => resolve(answer));
    socket.once('error', reject);
  });
}

const arrivedOf = async (response: Response) => (await response.json()) as Arrived;

describe('the gateway', () => {
  it('passes on a push that expects 100-continue, as every door does', async () => {
    const body = 'x'.repeat(900_000);
    for (const at of [url, addressOf(ingest)]) {
      const answer = await expecting(at, body, 'expect: 100-continue\r\n');
      expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
      expect(answer).toContain(Buffer.from(body).toString('base64').slice(0, 1_000));
    }
  });

  it.each([
    ['POST', '/v1/readings?file=TH_1.txt', 'ingest'],
    ['GET', '/v1/batches/line%2F1', 'ingest'],
    ['POST', '/v1/quarantine/7/replay', 'ingest'],
    ['POST', '/api/v2/write?org=a&precision=us', 'ingest'],
    ['POST', '/write?db=a', 'ingest'],
    ['GET', '/query?q=SHOW%20DATABASES', 'ingest'],
    ['PUT', '/v1/sites/port', 'api'],
    ['DELETE', '/v1/sites/port', 'api'],
    ['GET', '/v1/series?meter=a,b&from=2026-01-01T00:00:00%2B07:00', 'api'],
  ])('passes %s %s on to %s as it came', async (method, path, service) => {
    const arrived = await arrivedOf(await fetch(url + path, { method }));
    expect(arrived).toMatchObject({ service, method, url: path });
  });

  it('passes on key, batch id, preconditions and the name that was asked', async () => {
    const headers = {
      authorization: 'Bearer sgm_a_00',
      'idempotency-key': 'b-1',
      'if-match': '"3"',
      'accept-language': 'vi',
    };
    const arrived = await arrivedOf(await fetch(`${url}/v1/readings`, { method: 'POST', headers }));
    expect(arrived.headers).toMatchObject({ ...headers, host: new URL(url).host });
  });

  // Telegraf packs its lines and calls them text: they came out damaged.
  it.each([
    ['/v1/readings', 'application/x-ndjson'],
    ['/v1/readings', 'text/plain'],
    ['/api/v2/write', 'text/plain; charset=utf-8'],
  ])('passes on a packed body byte for byte: %s %s', async (path, type) => {
    const body = gzipSync('{"meter":"a"}\n'.repeat(1000));
    const headers = { 'content-type': type, 'content-encoding': 'gzip' };
    const arrived = await arrivedOf(await fetch(url + path, { method: 'POST', headers, body }));
    expect(arrived.body).toBe(body.toString('base64'));
    expect(arrived.headers).toMatchObject(headers);
  });

  it('hands a refusal with Retry-After to the caller at once', async () => {
    const response = await fetch(`${url}/v1/busy`);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '7']);
    expect(timesBusy).toBe(1);
  });

  it('streams events as they come, and hangs up when the reader does', async () => {
    const left = new Promise<void>((resolve) => (hungUp = resolve));
    const abort = new AbortController();
    const response = await fetch(`${url}/v1/events`, { signal: abort.signal });
    const { value } = await response.body!.getReader().read();
    expect(String(Buffer.from(value ?? []))).toContain('event: ready');
    abort.abort();
    await left;
  });

  it('describes the routes of both services', async () => {
    const description = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: object };
    expect(Object.keys(description.paths)).toEqual(
      expect.arrayContaining(['/v1/readings', '/v1/batches/{id}', '/v1/sites/{id}', '/v1/series']),
    );
  });

  it.each(['/', '/docs'])('serves %s under a policy that lets nothing foreign in', async (path) => {
    const response = await fetch(url + path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(await response.text()).not.toMatch(/<script(?![^>]*\bsrc=)|(?:src|href)="https?:/);
  });
});

describe('a gateway before services that are away', () => {
  it('answers 503 with Retry-After, and is not ready', async () => {
    // Port 9 (discard) is closed on every machine that runs tests.
    const config = { ingestUrl: 'http://127.0.0.1:9', apiUrl: 'http://127.0.0.1:9' };
    const app = appOf('alone', { checks: gatewayChecks(config), describe: () => mergedDescription(config) });
    await addGateway(app, config);
    for (const path of ['/v1/sites', '/v1/batches/1', '/openapi.json']) {
      const response = await app.inject(path);
      expect([path, response.statusCode]).toEqual([path, 503]);
      expect(response.json()).toMatchObject({ code: 'service_unreachable' });
      expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect((await app.inject('/health/ready')).statusCode).toBe(503);
    await app.close();
  });
});
