import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly language: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly etag?: string;
}

/** Something that listens where Songma would, and what it was asked. */
export async function listening(answer: (request: Request) => Answer | 'nothing') {
  const asked: Request[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const text = (incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
    const request: Request = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      language: incoming.headers['accept-language'],
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    };
    asked.push(request);
    const given = answer(request);
    if (given === 'nothing') return;
    response.writeHead(given.status, {
      'content-type': 'application/json',
      ...(given.etag === undefined ? {} : { etag: given.etag }),
    });
    response.end(JSON.stringify(given.body ?? {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    asked,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    port: (server.address() as AddressInfo).port,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
