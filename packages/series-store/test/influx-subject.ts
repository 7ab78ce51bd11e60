import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import { createLogger } from '@songma/runtime';
import { openSeriesStore, type SeriesStoreConfig } from '../src/index.ts';
import type { Subject } from './subject.ts';

/** How the tests reach an InfluxDB with a token that may make buckets. */
export interface InfluxServer {
  readonly url: string;
  readonly token: string;
  readonly org: string;
}

/** A TCP proxy in front of a server, which can be switched off: then connections break and new ones are refused. */
class Proxy {
  private readonly target: URL;
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private port = 0;

  constructor(target: URL) {
    this.target = target;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async on(): Promise<void> {
    this.server = createServer((client) => {
      const upstream = connect({ host: this.target.hostname, port: Number(this.target.port) });
      for (const [socket, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        this.sockets.add(socket);
        socket.pipe(other);
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          this.sockets.delete(socket);
          other.destroy();
        });
      }
    });
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as { port: number }).port;
  }

  async off(): Promise<void> {
    const closed = once(this.server!, 'close');
    this.server!.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}

/** An empty bucket of its own on the server, behind a proxy. */
export async function startInfluxSubject(server: InfluxServer): Promise<Subject> {
  const bucket = `songma-test-${randomBytes(6).toString('hex')}`;
  await createBucket(server, bucket);
  const proxy = new Proxy(new URL(server.url));
  await proxy.on();
  const { token, org } = server;
  const config: SeriesStoreConfig = {
    adapter: 'influx',
    dataDirectory: 'unused',
    duckdb: { memoryMiBMax: 512, threads: 1 },
    influx: { url: proxy.url, token, org, bucket },
  };
  const logger = createLogger({ service: 'test', level: 'error' });
  return {
    config,
    open: () => openSeriesStore(config, { logger }),
    async breakOff() {
      await proxy.off();
      return () => proxy.on();
    },
    async end() {
      await proxy.off();
      await deleteBucket(server, bucket);
    },
  };
}

/** Creates a bucket that keeps everything, or for some seconds only. */
export async function createBucket(server: InfluxServer, name: string, keepSeconds = 0): Promise<void> {
  const { orgs } = await api<{ orgs: { id: string }[] }>(server, 'GET', `/api/v2/orgs?org=${server.org}`);
  const retentionRules = keepSeconds === 0 ? [] : [{ type: 'expire', everySeconds: keepSeconds }];
  await api(server, 'POST', '/api/v2/buckets', { orgID: orgs[0]!.id, name, retentionRules });
}

export async function deleteBucket(server: InfluxServer, name: string): Promise<void> {
  const { buckets } = await api<{ buckets: { id: string }[] }>(server, 'GET', `/api/v2/buckets?name=${name}`);
  for (const { id } of buckets) await api(server, 'DELETE', `/api/v2/buckets/${id}`);
}

/** Writes lines as another program would. */
export async function writeForeign(server: InfluxServer, bucket: string, lines: string): Promise<void> {
  const path = `/api/v2/write?org=${server.org}&bucket=${bucket}&precision=ms`;
  await api(server, 'POST', path, lines);
}

async function api<T>(
  { url, token }: InfluxServer,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Token ${token}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answers ${response.status}: ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}
