import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { UnavailableError } from '@songma/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { createClient, RefusedError, type ClientOptions } from '../src/index.ts';

interface Seen {
  readonly key: string | undefined;
  readonly body: string;
}
interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

const receipt = { batch: 'b1', rows: 1, accepted: 1, refused: [] };
const rows = [{ meter: 'm1', time: '2026-01-01T00:00:00Z', value: 1 }];

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A door that gives these answers in turn, and remembers what it was sent. */
async function door(answers: readonly Answer[], options: Partial<ClientOptions> = {}) {
  const seen: Seen[] = [];
  server = createServer(async (request, response) => {
    const answer = answers[Math.min(seen.length, answers.length - 1)]!;
    seen.push({ key: String(request.headers['idempotency-key']), body: await text(request) });
    if (answer.status === 0) {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(JSON.stringify(answer.body ?? {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { seen, client: createClient({ url, token: 'sgm_t', retryDeadlineMs: 5_000, ...options }) };
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  return (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8');
}

describe('A push', () => {
  it.each([
    ['is overloaded', { status: 503, headers: { 'retry-after': '0' } }],
    ['asks to wait', { status: 429, headers: { 'retry-after': '0' } }],
    ['breaks off', { status: 0 }],
  ])('is repeated under its batch id when the door %s', async (_, first) => {
    const { client, seen } = await door([first, { status: 202, body: receipt }]);
    expect(await client.push('b1', rows)).toMatchObject({ accepted: 1 });
    expect(seen.map(({ key }) => key)).toEqual(['b1', 'b1']);
    expect(seen[1]).toEqual(seen[0]);
    await client.close();
  });

  it('waits as long as the door asks, and tells it', async () => {
    const waits: number[] = [];
    const busy = { status: 503, headers: { 'retry-after': '1' } };
    const { client } = await door([busy, { status: 202, body: receipt }], {
      onWait: (_, waitMs) => waits.push(waitMs),
    });
    await client.push('b1', rows);
    expect(waits).toEqual([1000]);
    await client.close();
  });

  it('gives up at its deadline', async () => {
    const { client } = await door([{ status: 503 }], { retryDeadlineMs: 300 });
    await expect(client.push('b1', rows)).rejects.toThrow(UnavailableError);
    await client.close();
  });

  it('is not repeated when it was refused, and says why in the words of the door', async () => {
    const problem = {
      code: 'too_large',
      detail: 'Too many rows.',
      errors: [{ path: '/readings', problem: '9 of 5' }],
    };
    const { client, seen } = await door([{ status: 413, body: problem }]);
    const refusal = await client.push('b1', rows).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(RefusedError);
    expect(String(refusal)).toContain('413 too_large Too many rows.\n  /readings: 9 of 5');
    expect(seen).toHaveLength(1);
    await client.close();
  });

  it('of which every row is refused has its receipt all the same', async () => {
    const refused = [{ row: 0, code: 'meter_unknown', reason: 'No such meter.' }];
    const body = { code: 'rows_all_refused', status: 422, ...receipt, accepted: 0, refused };
    const { client } = await door([{ status: 422, body }]);
    expect(await client.push('b1', rows)).toMatchObject({ accepted: 0, refused });
    await client.close();
  });

  it('is packed when it is asked to be', async () => {
    const { client, seen } = await door([{ status: 202, body: receipt }], { pack: true });
    await client.push('b1', rows);
    expect(JSON.parse(seen[0]!.body)).toEqual({ readings: rows });
    await client.close();
  });
});
