import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  ConfigError,
  HttpProblem,
  UnavailableError,
  commonProblems,
  createHttpApp,
  createLogger,
  createMetrics,
  listen,
  problemResponses,
  type HttpApp,
  type ReadyCheck,
} from '../src/index.ts';

const open: HttpApp[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close()));
});

let log = '';
function appWith(routes: (app: HttpApp) => void = () => undefined, checks: ReadyCheck[] = []): HttpApp {
  log = '';
  const app = createHttpApp({
    logger: createLogger({
      service: 'test',
      level: 'debug',
      destination: { write: (line) => (log += line) },
    }),
    metrics: createMetrics({ ofProcess: false }),
    checks,
    title: 'Test',
    bodyBytesMax: 100,
  });
  void app.register(async (scope) => routes(scope as unknown as HttpApp));
  open.push(app);
  return app;
}

describe('errors', () => {
  it('answers a problem with code, detail and request id, in the reader’s language', async () => {
    const app = appWith((scope) =>
      scope.get('/', async () => {
        throw new HttpProblem(409, 'taken', { en: 'It is taken.', vi: 'Đã có.' });
      }),
    );
    const answer = await app.inject({
      url: '/',
      headers: { 'accept-language': 'vi-VN', 'x-request-id': 'r-1' },
    });
    expect(answer.statusCode).toBe(409);
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(answer.headers['content-language']).toBe('vi');
    expect(answer.headers['x-request-id']).toBe('r-1');
    expect(answer.json()).toEqual({
      type: 'about:blank',
      title: 'Conflict',
      status: 409,
      code: 'taken',
      detail: 'Đã có.',
      requestId: 'r-1',
    });
  });

  it('answers an outage with 503 and Retry-After, and does not tell its inner message', async () => {
    const app = appWith((scope) =>
      scope.get('/', async () => {
        throw new UnavailableError('log_down', 'broker 10.0.0.7 refused', { retryAfterMs: 2_100 });
      }),
    );
    const answer = await app.inject('/');
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('3');
    expect(answer.json()).toMatchObject({ code: 'log_down' });
    expect(answer.body).not.toContain('10.0.0.7');
    expect(log).toContain('10.0.0.7');
  });

  it('answers a bug with 500, logs it, and tells the caller nothing of it', async () => {
    const app = appWith((scope) =>
      scope.get('/', async () => {
        throw new TypeError('inner workings');
      }),
    );
    const answer = await app.inject('/');
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({ code: 'internal_error' });
    expect(answer.body).not.toContain('inner workings');
    expect(log).toContain('inner workings');
  });

  it('names the places of a request that its schema refuses, in both languages', async () => {
    const app = appWith((scope) =>
      scope.post('/', { schema: { body: z.object({ n: z.number() }) } }, async (request) => request.body.n),
    );
    const english = await app.inject({ method: 'POST', url: '/', payload: { n: 'x' } });
    expect(english.statusCode).toBe(400);
    expect(english.json()).toMatchObject({ code: 'invalid_request', errors: [{ path: '/body/n' }] });
    const vietnamese = await app.inject({
      method: 'POST',
      url: '/',
      payload: { n: 'x' },
      headers: { 'accept-language': 'vi' },
    });
    const problem = (answer: typeof english) =>
      answer.json<{ errors: { problem: string }[] }>().errors[0]?.problem;
    expect(problem(vietnamese)).not.toBe(problem(english));
  });

  it.each([
    ['not_found', { method: 'GET', url: '/nowhere' }],
    [
      'body_not_json',
      { method: 'POST', url: '/', headers: { 'content-type': 'application/json' }, body: '{' },
    ],
    [
      'body_not_json',
      { method: 'POST', url: '/', headers: { 'content-type': 'application/json' }, body: '{"__proto__":{}}' },
    ],
    [
      'body_not_json',
      { method: 'POST', url: '/', headers: { 'content-type': 'application/json' }, body: '' },
    ],
    [
      'media_type_unsupported',
      { method: 'POST', url: '/', headers: { 'content-type': 'image/png' }, body: 'x' },
    ],
    [
      'body_too_large',
      { method: 'POST', url: '/', headers: { 'content-type': 'text/plain' }, body: 'x'.repeat(101) },
    ],
    ['address_too_long', { method: 'GET', url: `/thing/${'x'.repeat(201)}` }],
    ['bad_request', { method: 'GET', url: '/thing/%FF' }],
  ] as const)('maps what fastify refuses to the problem %s', async (code, request) => {
    const app = appWith((scope) => {
      scope.post('/', async () => 'ok');
      scope.get('/thing/:id', async () => 'ok');
    });
    const answer = await app.inject(request);
    expect(answer.json()).toMatchObject({ code, status: commonProblems[code].status });
    expect(answer.statusCode).toBe(commonProblems[code].status);
  });

  it('answers a method that an address does not take with 405 and those that it takes', async () => {
    const app = appWith((scope) => {
      scope.get('/thing/:id', async () => 'ok');
      scope.delete('/thing/:id', async () => 'ok');
      scope.get('/thing/own', async () => 'ok');
    });
    const answer = await app.inject({
      method: 'PUT',
      url: '/thing/1?x=/a',
      headers: { 'accept-language': 'vi' },
    });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers['allow']).toBe('DELETE, GET, HEAD');
    expect(answer.json()).toMatchObject({
      code: 'method_not_allowed',
      detail: 'Địa chỉ này nhận DELETE, GET, HEAD, không nhận PUT.',
    });
    for (const url of ['/thing', '/thing/', '/thing/1/2', '/nowhere']) {
      expect((await app.inject({ method: 'PUT', url })).statusCode).toBe(404);
    }
  });

  it('answers what is not HTTP with a problem', async () => {
    const app = appWith();
    const { port } = new URL(await listen(app, { host: '127.0.0.1', port: 0 }));
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(Number(port), '127.0.0.1', () => socket.write('nonsense\r\n\r\n'));
      socket.on('data', (data) => (text += data.toString()));
      socket.on('close', () => resolve(text)).on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('"code":"bad_request"');
  });
});

describe('request ids', () => {
  it.each(['a b', 'x'.repeat(65), '<script>', ''])('replaces the unusable id %j', async (id) => {
    const answer = await appWith().inject({ url: '/health/live', headers: { 'x-request-id': id } });
    expect(answer.headers['x-request-id']).toMatch(/^[\w.:-]{1,64}$/);
    expect(answer.headers['x-request-id']).not.toBe(id);
  });
});

describe('health', () => {
  it('is ready when every check answers, and names those that do not', async () => {
    const broker: ReadyCheck = { name: 'broker', check: async () => undefined };
    const store: ReadyCheck = {
      name: 'store',
      check: async () => {
        throw new Error('connection refused');
      },
    };
    expect((await appWith(undefined, [broker]).inject('/health/ready')).statusCode).toBe(200);
    const answer = await appWith(undefined, [broker, store]).inject('/health/ready');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toEqual({
      status: 'not ready',
      checks: [
        { name: 'broker', ok: true },
        { name: 'store', ok: false, error: 'connection refused' },
      ],
    });
  });

  it('is live whatever the checks say', async () => {
    const down: ReadyCheck = { name: 'x', check: () => Promise.reject(new Error('down')) };
    expect((await appWith(undefined, [down]).inject('/health/live')).statusCode).toBe(200);
  });
});

describe('documents', () => {
  it('describes the routes in OpenAPI 3.1', async () => {
    const app = appWith((scope) =>
      scope.get(
        '/things',
        {
          schema: {
            querystring: z.object({ limit: z.coerce.number().max(9) }),
            response: { 200: z.array(z.string()), ...problemResponses(404) },
          },
        },
        async () => [],
      ),
    );
    const document = (await app.inject('/openapi.json')).json<{
      openapi: string;
      paths: Record<string, { get: { operationId: string; responses: Record<string, { $ref: string }> } }>;
      components: { responses: Record<string, { content: object }> };
    }>();
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toEqual(['/things']);
    const { operationId, responses } = document.paths['/things']!.get;
    expect(operationId).toBe('getThings');
    const refused = document.components.responses[responses['4XX']!.$ref.split('/').at(-1)!]!;
    expect(Object.keys(refused.content)).toEqual(['application/problem+json']);
  });

  it('measures requests by route and status', async () => {
    const app = appWith((scope) => scope.get('/thing/:id', async () => 'ok'));
    await app.inject('/thing/7');
    const { body } = await app.inject('/metrics');
    expect(body).toContain('http_request_seconds_count{method="GET",route="/thing/:id",status="200"} 1');
  });

  it('sets the headers that keep browsers from guessing and framing', async () => {
    const { headers } = await appWith().inject('/health/live');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-frame-options']).toBe('DENY');
  });

  it('keeps credentials and bodies out of the log', async () => {
    const app = appWith((scope) => scope.post('/', async () => 'ok'));
    await app.inject({
      method: 'POST',
      url: '/?token=hush',
      headers: { authorization: 'Bearer hush' },
      payload: { a: 'hush' },
    });
    expect(log).toContain('request answered');
    expect(log).not.toContain('hush');
  });
});

describe('the logger of a request', () => {
  it('writes its id with each line, also those of its children', async () => {
    const app = appWith((scope) =>
      scope.get('/', async (request) => {
        request.log.warn({ n: 1 }, 'first');
        request.log.child({ part: 'x' }).warn('second');
        return 'ok';
      }),
    );
    await app.inject({ url: '/', headers: { 'x-request-id': 'r-7' } });
    const lines = log.split('\n').filter((line) => line.includes('"level":"warn"'));
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toContain('"requestId":"r-7"');
    expect(lines[1]).toContain('"part":"x"');
  });
});

describe('listen', () => {
  it('names the port in use and the way out', async () => {
    const first = appWith();
    const port = Number(new URL(await listen(first, { host: '127.0.0.1', port: 0 })).port);
    const error = await listen(appWith(), { host: '127.0.0.1', port }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).problems[0]).toMatchObject({
      setting: 'PORT',
      problem: expect.stringContaining(`${port}`) as string,
    });
    expect((error as ConfigError).message).toContain(`PORT=${port + 1}`);
  });
});
