import { connect } from 'node:net';
import type { NativeServers } from './connections.ts';

/**
 * Resolves when at least one broker answers an ApiVersions request: the first that any client sends.
 *
 * @throws Error with the reason of the first broker when none answers in time.
 * @see https://kafka.apache.org/protocol (ApiVersions, version 0)
 */
export async function probeKafka(settings: NativeServers['kafka'], timeoutMs: number): Promise<void> {
  const attempts = settings.brokers.map((broker) => probeBroker(broker, timeoutMs));
  await Promise.any(attempts).catch((failure: AggregateError) => {
    throw failure.errors[0] ?? new Error('no broker is named');
  });
}

/**
 * Resolves when InfluxDB is healthy and the token may see the bucket.
 *
 * @throws Error with the reason: out of reach, unhealthy, token refused, no such bucket.
 */
export async function probeInflux(settings: NativeServers['influx'], timeoutMs: number): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs);
  await requestHealth(settings.url, signal);
  const query = new URLSearchParams({ org: settings.org, name: settings.bucket });
  const response = await fetch(`${settings.url}/api/v2/buckets?${query.toString()}`, {
    headers: { authorization: `Token ${settings.token}` },
    signal,
  });
  if (!response.ok)
    throw new Error(`bucket ${settings.bucket} answers ${response.status}: ${await response.text()}`);
  await response.arrayBuffer();
}

/** Resolves when InfluxDB says that it is healthy; asks for no token. */
export async function probeInfluxHealth(url: string, timeoutMs: number): Promise<void> {
  await requestHealth(url, AbortSignal.timeout(timeoutMs));
}

/**
 * Resolves when Redis answers PING, after AUTH if the URL carries a password.
 *
 * @throws Error with the reason; `rediss:` is not supported here.
 */
export async function probeRedis(settings: NativeServers['redis'], timeoutMs: number): Promise<void> {
  const url = new URL(settings.url);
  if (url.protocol !== 'redis:') throw new Error(`only redis: can be probed, not ${url.protocol}`);
  const auth = url.password
    ? ['AUTH', ...(url.username ? [decodeURIComponent(url.username)] : []), decodeURIComponent(url.password)]
    : undefined;
  const request = (auth ? redisCommand(auth) : '') + redisCommand(['PING']);
  const answer = await exchange({
    host: url.hostname,
    port: Number(url.port || 6379),
    request: Buffer.from(request),
    isComplete: (received) => /(\+PONG|-[^\r]*)\r\n$/.test(received.toString()),
    timeoutMs,
  });
  const refusal = /^-([^\r]*)/m.exec(answer.toString());
  if (refusal) throw new Error(`Redis refuses: ${refusal[1]}`);
}

/** Resolves to whether something accepts connections on that port of this machine. */
export async function isPortTaken(host: string, port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const settle = (taken: boolean): void => {
      socket.destroy();
      resolve(taken);
    };
    socket.once('connect', () => settle(true));
    socket.once('timeout', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

async function probeBroker(broker: string, timeoutMs: number): Promise<void> {
  const colon = broker.lastIndexOf(':');
  const correlationId = 1;
  const answer = await exchange({
    host: broker.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: Number(broker.slice(colon + 1)),
    request: apiVersionsRequest(correlationId),
    isComplete: (received) => received.length >= 4 && received.length >= 4 + received.readInt32BE(0),
    timeoutMs,
  });
  const errorCode = answer.length >= 10 ? answer.readInt16BE(8) : undefined;
  if (errorCode === undefined || answer.readInt32BE(4) !== correlationId) {
    throw new Error(`${broker} does not speak Kafka's protocol`);
  }
  if (errorCode !== 0) throw new Error(`${broker} answers ApiVersions with error code ${errorCode}`);
}

/** Size, API key 18, version 0, correlation id, no client id; version 0 has an empty body. */
function apiVersionsRequest(correlationId: number): Buffer {
  const request = Buffer.alloc(14);
  request.writeInt32BE(10, 0);
  request.writeInt16BE(18, 4);
  request.writeInt16BE(0, 6);
  request.writeInt32BE(correlationId, 8);
  request.writeInt16BE(-1, 12);
  return request;
}

function redisCommand(words: readonly string[]): string {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${parts.join('')}`;
}

async function requestHealth(url: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(`${url}/health`, { signal });
  const body = await response.text();
  if (!response.ok) throw new Error(`/health answers ${response.status}: ${body}`);
}

interface Exchange {
  host: string;
  port: number;
  request: Buffer;
  isComplete: (received: Buffer) => boolean;
  timeoutMs: number;
}

/** Sends one request over TCP and resolves to the answer once it is complete. */
async function exchange({ host, port, request, isComplete, timeoutMs }: Exchange): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let received = Buffer.alloc(0);
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      socket.destroy();
      settle();
    };
    const timer = setTimeout(() => {
      end(() => reject(new Error(`${host}:${port} gives no answer within ${timeoutMs} ms`)));
    }, timeoutMs);
    socket.once('connect', () => socket.write(request));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (isComplete(received)) end(() => resolve(received));
    });
    socket.once('error', (error) => end(() => reject(error)));
    socket.once('close', () => end(() => reject(new Error(`${host}:${port} closes the connection`))));
  });
}
