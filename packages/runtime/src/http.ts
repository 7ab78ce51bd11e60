import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import swagger from '@fastify/swagger';
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type RawServerDefault,
} from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { boundConnections, connectionLimits, endConnection, type ConnectionLimits } from './connections.ts';
import { serverOf, type DoorOptions } from './door.ts';
import { addHealthRoutes, type ReadyCheck } from './health.ts';
import { guardCredentials } from './failed-credentials.ts';
import { language } from './language.ts';
import { sharedDescription } from './openapi.ts';
import { requestLogger } from './request-logger.ts';
import type { Logger } from './logger.ts';
import { takeSessionCookies } from './session-cookie.ts';
import type { Metrics } from './metrics.ts';
import {
  commonProblem,
  commonProblems,
  HttpProblem,
  problemBody,
  problemOf,
  retryAfterSeconds,
} from './problem.ts';

export interface HttpAppOptions {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Asked by `/health/ready`; the list may grow until the app is ready. */
  readonly checks: readonly ReadyCheck[];
  readonly title: string;
  readonly version?: string;
  /** Largest body that a route takes unless it sets its own `bodyLimit`. */
  readonly bodyBytesMax: number;
  /** What the door is opened with, by {@link doorOptions}: in clear, with nobody believed, unless told. */
  readonly door?: DoorOptions;
  /** Those of every door unless told. */
  readonly connections?: ConnectionLimits;
  /** What the tags of the routes mean, by tag: they group the routes in the description. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Answers `/openapi.json` instead of this app's own routes: for a door before other services. */
  readonly describe?: () => Promise<object>;
}

/** A fastify instance whose routes are typed by their zod schemas. */
export type HttpApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

const pluginTimeoutMs = 60_000;
const headerBytesMax = 16 * 1024;
const paramLengthMax = 200;

const requestIdHeader = 'x-request-id';
const requestIdPattern = /^[\w.:-]{1,64}$/;

/** How long requests took, in seconds. */
const requestSecondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  // What a key may see is nobody else's. A route says so where its answers may be kept.
  'cache-control': 'private, no-store',
  vary: 'authorization, x-api-key, cookie, accept-language',
};

/** Where the door speaks HTTPS a browser shall not ask it in clear again. */
const secureHeaders = { 'strict-transport-security': 'max-age=31536000' };

/**
 * A fastify app that does not listen yet: zod schemas for routes, request ids in and out, errors as
 * `application/problem+json` in the reader's language, `/health/live`, `/health/ready`, `/metrics` and
 * `/openapi.json` (OpenAPI 3.1, of the routes that are registered after this).
 *
 * Requests are logged at debug, refusals of the caller at debug, faults of ours at error; bodies never.
 */
export function createHttpApp(options: HttpAppOptions): HttpApp {
  const { logger, metrics, connections = connectionLimits, door = {} } = options;
  // Narrowed: routes see what fastify promises of a logger.
  const base: FastifyBaseLogger = logger;
  const app = fastify({
    loggerInstance: base,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    childLoggerFactory: requestLogger,
    genReqId: requestIds(),
    requestIdHeader: false,
    bodyLimit: options.bodyBytesMax,
    requestTimeout: connections.requestMs,
    connectionTimeout: connections.silenceMs,
    keepAliveTimeout: connections.keepAliveMs,
    pluginTimeout: pluginTimeoutMs,
    forceCloseConnections: 'idle',
    trustProxy: door.trustedProxies === undefined ? false : [...door.trustedProxies],
    routerOptions: { maxParamLength: paramLengthMax },
    ...serverOf(door.tls, {
      headersTimeout: connections.headersMs,
      connectionsCheckingInterval: connections.checkMs,
      maxHeaderSize: headerBytesMax,
    }),
    frameworkErrors: (error, request, reply) => {
      void sendProblem(problemOf(error, language(request)), request, reply);
    },
    clientErrorHandler: answerUnreadable,
  });

  boundConnections(app.server, connections);
  // Whoever reads slowly would else keep the process from ending.
  app.addHook('preClose', async () => {
    const timer = setTimeout(() => app.server.closeAllConnections(), connections.closeMs);
    app.server.once('close', () => clearTimeout(timer));
  });
  const answerHeaders = door.tls === undefined ? securityHeaders : { ...securityHeaders, ...secureHeaders };
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.addHook('onRequest', (request, reply, done) => {
    reply.header(requestIdHeader, request.id).headers(answerHeaders);
    done();
  });
  takeSessionCookies(app);
  const { failedKeysPerMinuteMax: perMinuteMax = 0 } = door;
  if (perMinuteMax > 0) guardCredentials(app, { logger, metrics, perMinuteMax });
  measureRequests(app, metrics, logger);
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error, language(request));
    logProblem(request, problem, error);
    return sendProblem(problem, request, reply);
  });
  const methodsAt = knownMethods(app);
  app.setNotFoundHandler((request, reply) => {
    const allowed = methodsAt(request.url);
    if (allowed.length === 0) return sendProblem(commonProblem('not_found'), request, reply);
    return sendProblem(
      notAllowed(request.method, allowed),
      request,
      reply.header('allow', allowed.join(', ')),
    );
  });

  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: options.title,
        version: options.version ?? '0.1.0',
        description: 'Industrial emissions and consumption readings: pushes, questions and the registry.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: Object.entries(options.tags ?? {}).map(([name, description]) => ({ name, description })),
      servers: [{ url: '/', description: 'Where this description was read.' }],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: (document) =>
      'openapiObject' in document ? sharedDescription(document.openapiObject) : document.swaggerObject,
  });
  app.register(async (scope) => {
    addHealthRoutes(scope, options.checks);
    scope.get('/metrics', { schema: { hide: true } }, async (_request, reply) =>
      reply.type(metrics.contentType).send(await metrics.text()),
    );
    scope.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) =>
      reply.send(options.describe === undefined ? app.swagger() : await options.describe()),
    );
  });
  return app.withTypeProvider<ZodTypeProvider>();
}

function sendProblem(problem: HttpProblem, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (problem.retryAfterMs !== undefined)
    reply.header('retry-after', retryAfterSeconds(problem.retryAfterMs));
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  const spoken = language(request);
  return reply
    .code(problem.status)
    .header('content-language', spoken)
    .header('cache-control', 'private, no-store')
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(problemBody(problem, spoken, request.id)));
}

/** The methods that the routes registered from now on take at an address; none where there is no such address. */
function knownMethods(app: FastifyInstance): (url: string) => string[] {
  const routes: { readonly methods: readonly string[]; readonly parts: readonly string[] }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    // What takes every address says nothing of a single one.
    if (!url.includes('*')) routes.push({ methods: [method].flat(), parts: url.split('/') });
  });
  return (url) => {
    const [path = ''] = url.split('?', 1);
    const asked = path.split('/');
    const found = routes.filter(
      ({ parts }) =>
        parts.length === asked.length &&
        parts.every((part, i) => (part.startsWith(':') ? asked[i] !== '' : part === asked[i])),
    );
    return [...new Set(found.flatMap(({ methods }) => methods))].toSorted();
  };
}

function notAllowed(method: string, allowed: readonly string[]): HttpProblem {
  const list = allowed.join(', ');
  return new HttpProblem(commonProblems.method_not_allowed.status, 'method_not_allowed', {
    en: `This address takes ${list}, not ${method}.`,
    vi: `Địa chỉ này nhận ${list}, không nhận ${method}.`,
  });
}

function logProblem(request: FastifyRequest, problem: HttpProblem, error: unknown): void {
  const seen = { method: request.method, route: request.routeOptions.url, code: problem.code };
  if (problem.status === 503) request.log.warn({ ...seen, err: error }, 'request answered with 503');
  else if (problem.status >= 500) request.log.error({ ...seen, err: error }, 'request failed');
  else request.log.debug({ ...seen, detail: problem.detail.en }, 'request refused');
}

/** What is not HTTP gets a problem too, written by hand: there is no request yet. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return;
  const code =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 'headers_too_large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 'request_timeout'
        : 'bad_request';
  const problem = commonProblem(code);
  const body = JSON.stringify(problemBody(problem, 'en', ''));
  endConnection(
    socket,
    `HTTP/1.1 ${problem.status} Refused\r\ncontent-type: application/problem+json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

/** Ids of requests: the caller's own where it is short and harmless, else one that is unique across processes. */
function requestIds(): (request: Pick<IncomingMessage, 'headers'>) => string {
  const prefix = randomBytes(6).toString('base64url');
  let count = 0;
  return (request) => {
    const given = request.headers[requestIdHeader];
    return typeof given === 'string' && requestIdPattern.test(given)
      ? given
      : `${prefix}.${(count++).toString(36)}`;
  };
}

function measureRequests(app: FastifyInstance, metrics: Metrics, logger: Logger): void {
  const seconds = metrics.histogram(
    'http_request_seconds',
    'Time until the answer was sent',
    requestSecondsBuckets,
    ['method', 'route', 'status'],
  );
  // Children are kept here: finding one by its labels costs more than the observation.
  const children = new Map<string, { observe(value: number): void }>();
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    const key = `${request.method} ${route} ${reply.statusCode}`;
    let child = children.get(key);
    if (child === undefined) {
      child = seconds.labels({ method: request.method, route, status: String(reply.statusCode) });
      children.set(key, child);
    }
    const ms = reply.elapsedTime;
    child.observe(ms / 1000);
    if (logger.isLevelEnabled('debug')) {
      request.log.debug({ method: request.method, route, status: reply.statusCode, ms }, 'request answered');
    }
    done();
  });
}
