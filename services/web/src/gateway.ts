import httpProxy, { type FastifyHttpProxyOptions } from '@fastify/http-proxy';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { docsPage, UnavailableError, type ReadyCheck } from '@songma/runtime';

export interface GatewayConfig {
  /** Base addresses of the services behind. */
  readonly ingestUrl: string;
  readonly apiUrl: string;
}

/** What plants use; everything else under `/v1` is the api's. */
const ingestPrefixes = ['/v1/readings', '/v1/batches', '/v1/quarantine'];
/** What InfluxDB's clients use of ingest: these addresses, and nothing below them. */
const influxAddresses = ['/api/v2/write', '/write', '/ping', '/query', '/health', '/ready'];
const askTimeoutMs = 2_000;
/**
 * How long a service may take to begin its answer, and how long it may fall silent in it: live streams show life every
 * 15 s.
 */
const answerTimeoutMs = 60_000;
const silenceMaxMs = 60_000;

/** How requests are passed on: as they came, once. */
const replyOptions: NonNullable<FastifyHttpProxyOptions['replyOptions']> = {
  rewriteRequestHeaders: (request, { expect: _expect, ...headers }) => ({
    // This door has answered `Expect: 100-continue` when it began to read the body; nobody behind it is asked again.
    ...headers,
    // The name that the caller used: the api looks at it before it answers without a key.
    host: request.headers.host,
    // One id in the logs of both.
    'x-request-id': (request as FastifyRequest).id,
  }),
  // How the service keeps its connection to this door is no word on the caller's.
  rewriteHeaders: ({ connection: _connection, 'keep-alive': _keepAlive, ...headers }) => headers,
  // A 503 goes to the caller with its Retry-After: who waits is theirs to say.
  retryDelay: () => null,
  onError: (reply, { error }) => {
    const cause = { cause: error, retryAfterMs: 2_000 };
    void reply.send(new UnavailableError('service_unreachable', 'a service does not answer', cause));
  },
};

interface OpenApiDocument {
  readonly paths?: Record<string, unknown>;
  readonly tags?: readonly object[];
  readonly components?: Record<string, Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/**
 * One door before ingest and api: pushes go to the one, questions to the other, both as they came. A service that
 * does not answer is answered for with 503 and Retry-After: a push may then be repeated under its batch id.
 */
export async function addGateway(app: FastifyInstance, { ingestUrl, apiUrl }: GatewayConfig): Promise<void> {
  // A packed body may call itself text, and has to go on byte for byte.
  app.removeContentTypeParser('text/plain');
  for (const prefix of ingestPrefixes) await app.register(httpProxy, proxyTo(ingestUrl, prefix));
  for (const address of influxAddresses) {
    await app.register(httpProxy, { ...proxyTo(ingestUrl, address), routes: ['/'] });
  }
  await app.register(httpProxy, proxyTo(apiUrl, '/v1'));
  await app.register(swaggerUi, docsPage('Songma API'));
}

function proxyTo(upstream: string, prefix: string): FastifyHttpProxyOptions {
  const undici = { headersTimeout: answerTimeoutMs, bodyTimeout: silenceMaxMs };
  return { upstream, prefix, rewritePrefix: prefix, undici, replyOptions };
}

/** The descriptions of both services as one. @throws UnavailableError when one of them does not answer */
export async function mergedDescription({ ingestUrl, apiUrl }: GatewayConfig): Promise<OpenApiDocument> {
  const [ingest, api] = await Promise.all([describe(ingestUrl), describe(apiUrl)]);
  const components: Record<string, Record<string, unknown>> = { ...ingest.components };
  for (const [kind, entries] of Object.entries(api.components ?? {})) {
    components[kind] = { ...components[kind], ...entries };
  }
  const tags = [...(ingest.tags ?? []), ...(api.tags ?? [])];
  return { ...api, tags, paths: { ...ingest.paths, ...api.paths }, components };
}

/** Ready when the services behind are. */
export function gatewayChecks({ ingestUrl, apiUrl }: GatewayConfig): ReadyCheck[] {
  return [
    { name: 'ingest', check: () => askReady(ingestUrl) },
    { name: 'api', check: () => askReady(apiUrl) },
  ];
}

async function askReady(url: string): Promise<void> {
  const response = await ask(`${url}/health/ready`);
  if (!response.ok) throw new UnavailableError('service_not_ready', `${url} is not ready`);
}

async function describe(url: string): Promise<OpenApiDocument> {
  return (await ask(`${url}/openapi.json`)).json() as Promise<OpenApiDocument>;
}

async function ask(address: string): Promise<Response> {
  return fetch(address, { signal: AbortSignal.timeout(askTimeoutMs) }).catch((cause: unknown) => {
    throw new UnavailableError('service_unreachable', `${address} does not answer`, { cause });
  });
}
