import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';

// Threads have no origin.
/* oxlint-disable unicorn/require-post-message-target-origin */

/*
 * Clients of one key that want everything for themselves, in a thread of their own. The main thread names a kind, and
 * `stop`, which is answered with how often each status came.
 */

export interface HostileOptions {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  readonly meter: string;
  /** Dates of the readings that there are. */
  readonly from: string;
  readonly to: string;
}

const options = workerData as HostileOptions;
const { host, port, token, meter, from, to } = options;
const url = `http://${host}:${port}`;
const authorization = `Bearer ${token}`;
let stop = new AbortController();
const counts = new Map<string, number>();
const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);

/** Keeps so many connections that say this; what is closed is opened again. `onOpen` may go on with it. */
function sockets(many: number, text: string, onOpen: (socket: Socket) => void = () => undefined): void {
  const { signal } = stop;
  const open = () => {
    if (signal.aborted) return;
    const socket = connect(port, host, () => {
      socket.write(text);
      onOpen(socket);
    });
    const end = () => socket.destroy();
    signal.addEventListener('abort', end, { once: true });
    socket.once('data', (piece) => count(/^HTTP\/1\.1 (\d+)/.exec(piece.toString())?.[1] ?? 'other'));
    socket.on('error', () => undefined);
    socket.once('close', () => {
      signal.removeEventListener('abort', end);
      setTimeout(open, 100);
    });
  };
  for (let i = 0; i < many; i++) open();
}

/** So many that ask or push again and again. */
function askers(many: number, path: string, init: RequestInit = {}): void {
  const { signal } = stop;
  for (let i = 0; i < many; i++) {
    void (async () => {
      while (!signal.aborted) {
        try {
          const answer = await fetch(`${url}${path}`, {
            ...init,
            signal,
            headers: { authorization, ...(init.headers as Record<string, string>) },
          });
          count(String(answer.status));
          for await (const piece of answer.body ?? []) void piece;
          if (answer.status === 429) await wait(50);
        } catch {
          if (!signal.aborted) count('broken');
        }
      }
    })();
  }
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n\r\n`;
const pushHead = (bytes: number) =>
  `POST /v1/readings HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\ncontent-type: application/json\r\n` +
  `content-length: ${bytes}\r\n\r\n`;
const raw = `/v1/series?meter=${meter}&from=${from}&to=${to}`;
const madeUp = (position: readonly unknown[]) =>
  Buffer.from(JSON.stringify([1, '18snvqs', position])).toString('base64url');
const badRows = gzipSync(
  `meter,time,value\n${Array.from({ length: 5_000 }, (_, i) => `nowhere-${i},x,1`).join('\n')}`,
);
const nested = `{"readings":[${'['.repeat(100_000)}${']'.repeat(100_000)}]}`;

const kinds: Readonly<Record<string, () => void>> = {
  'announced bodies': () => sockets(200, pushHead(4 * 1024 * 1024)),
  'dripping bodies': () =>
    sockets(200, pushHead(100_000), (socket) => {
      const timer = setInterval(() => socket.write(' '), 500);
      socket.once('close', () => clearInterval(timer));
    }),
  'half requests': () => sockets(300, 'POST /v1/readings HTTP/1.1\r\nhost: x\r\ncontent-'),
  'made-up cursors': () => askers(8, `/v1/owed?from=${from}&cursor=${madeUp([1e300, 'a', 0, 0])}`),
  'windows of nothing': () => askers(16, `${raw.replace(from, '2024-03-01')}&window=PT15M&gaps=show`),
  'raw series': () => askers(60, raw),
  'slow readers': () => sockets(300, get(raw), (socket) => socket.pause()),
  'live streams': () => sockets(200, get('/v1/events')),
  'refused rows': () =>
    askers(8, '/v1/readings', {
      method: 'POST',
      body: badRows,
      headers: { 'content-type': 'text/csv', 'content-encoding': 'gzip' },
    }),
  'nested rows': () =>
    askers(8, '/v1/readings', {
      method: 'POST',
      body: nested,
      headers: { 'content-type': 'application/json' },
    }),
};

parentPort!.on('message', (message: string) => {
  if (message !== 'stop') {
    stop = new AbortController();
    counts.clear();
    kinds[message]!();
    return;
  }
  stop.abort();
  parentPort!.postMessage(Object.fromEntries(counts));
});
