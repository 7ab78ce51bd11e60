import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { boundConnections } from '../src/connections.ts';
import {
  connectionLimits,
  createHttpApp,
  createLogger,
  createMetrics,
  listen,
  type HttpApp,
} from '../src/index.ts';

/** Clients that begin and never end: each is bounded in time, and gone afterwards. */

const quick = {
  ...connectionLimits,
  headersMs: 200,
  requestMs: 400,
  checkMs: 50,
  silenceMs: 500,
  closeMs: 200,
};

let app: HttpApp;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await app.close();
});

async function start(bodyBytesMax = 1_000_000): Promise<number> {
  const logger = createLogger({ service: 'test', level: 'silent' });
  const metrics = createMetrics({ ofProcess: false });
  app = createHttpApp({ logger, metrics, checks: [], title: 'Test', bodyBytesMax, connections: quick });
  app.post('/echo', async (request, reply) => reply.send({ bytes: JSON.stringify(request.body).length }));
  app.get('/much', async (_request, reply) => reply.send('x'.repeat(50_000_000)));
  return Number(new URL(await listen(app, { host: '127.0.0.1', port: 0 })).port);
}

/** What comes on a connection that never closes its own side, until the other side has. */
function spoken(port: number, text: string): { readonly socket: Socket; readonly answer: Promise<string> } {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  sockets.push(socket);
  socket.on('error', () => undefined);
  socket.write(text);
  let answer = '';
  socket.on('data', (piece) => (answer += piece.toString()));
  return { socket, answer: new Promise((resolve) => socket.once('end', () => resolve(answer))) };
}

async function untilNobody(): Promise<void> {
  while (
    (await new Promise<number>((resolve) => app.server.getConnections((_e, count) => resolve(count)))) > 0
  ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const post = 'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';

describe('a connection', () => {
  it.each([
    ['half a request line', 'GET /ec'],
    ['half a header', 'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-'],
    ['an announced body that does not come', `${post}content-length: 1000\r\n\r\n`],
    ['half a body', `${post}content-length: 1000\r\n\r\n{"a":`],
    ['half a chunk', `${post}transfer-encoding: chunked\r\n\r\nff\r\n{"a":`],
  ])('of %s is answered with 408 and gone, though its client never closes', async (_what, text) => {
    const { answer } = spoken(await start(), text);
    expect(await answer).toContain('HTTP/1.1 408');
    await untilNobody();
  });

  it('whose reader takes nothing of its answer is cut off', async () => {
    const { socket } = spoken(await start(), 'GET /much HTTP/1.1\r\nhost: x\r\n\r\n');
    socket.pause();
    await untilNobody();
    expect(app.server.listening).toBe(true);
  });

  it('that is still being answered does not keep the app from closing', async () => {
    const { socket } = spoken(await start(), 'GET /much HTTP/1.1\r\nhost: x\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    socket.pause();
    const began = performance.now();
    await app.close();
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  it('that asks whether to go on is told to, and answered', async () => {
    const port = await start();
    const { socket, answer } = spoken(
      port,
      `${post}content-length: 7\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n`,
    );
    const [first] = (await new Promise((resolve) => socket.once('data', (piece) => resolve([piece])))) as [
      Buffer,
    ];
    expect(first.toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    socket.write('{"a":1}');
    expect(await answer).toContain('{"bytes":7}');
  });
});

describe('the connections of one address', () => {
  class FakeSocket extends EventEmitter {
    readonly remoteAddress: string;
    isDestroyed = false;
    constructor(remoteAddress: string) {
      super();
      this.remoteAddress = remoteAddress;
    }
    destroy(): void {
      this.isDestroyed = true;
    }
  }

  it('are bounded, and others’ and this machine’s own are not', async () => {
    await start();
    const server = new EventEmitter();
    boundConnections(server as unknown as Pick<Server, 'on'>, { perAddressMax: 2 });
    const opened = (address: string) => {
      const socket = new FakeSocket(address);
      server.emit('connection', socket);
      return socket;
    };
    const greedy = Array.from({ length: 3 }, () => opened('203.0.113.7'));
    expect(greedy.map(({ isDestroyed }) => isDestroyed)).toEqual([false, false, true]);
    expect(opened('203.0.113.8').isDestroyed).toBe(false);
    expect(Array.from({ length: 5 }, () => opened('::ffff:127.0.0.1').isDestroyed)).not.toContain(true);
    greedy[0]!.emit('close');
    expect(opened('203.0.113.7').isDestroyed).toBe(false);
  });
});
