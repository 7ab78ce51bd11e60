import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import { retry, UnavailableError } from '@songma/runtime';
import { Pool } from 'undici';
import {
  batchFateSchema,
  pushReceiptSchema,
  type BatchFate,
  type PushReceipt,
  type PushRow,
} from './wire.ts';

const gzipAsync = promisify(gzip);

export interface ClientOptions {
  /** Base address, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** API key; absent for an anonymous reader. */
  readonly token?: string;
  /** Connections kept open at most. */
  readonly connectionsMax?: number;
  /** How long one request may take. */
  readonly requestTimeoutMs?: number;
  /** How long a request is repeated while the server is unreachable, overloaded or asks to wait. */
  readonly retryDeadlineMs?: number;
  /** Pack bodies with gzip: for slow lines, not for the same machine. */
  readonly pack?: boolean;
  /** In which language the server says why it refuses; English when absent. */
  readonly language?: 'en' | 'vi';
  /** Told before each wait for a repeat. */
  readonly onWait?: (reason: string, waitMs: number) => void;
}

/** What the server says about a request that it refuses (RFC 9457). */
export interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly title?: string;
  readonly errors?: readonly {
    readonly path?: string;
    readonly problem?: string;
    readonly message?: string;
  }[];
}

/** The server refused a request: repeating it as it is would be refused again. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly status: number;
  readonly problem: Problem;

  /** The same push had been refused before, and this is what was said then. */
  readonly isReplay: boolean;

  constructor(what: string, status: number, problem: Problem, { isReplay = false } = {}) {
    const details = (problem.errors ?? []).map(
      (error) => `\n  ${error.path ?? ''}: ${error.problem ?? error.message ?? ''}`,
    );
    super(
      `${what}: ${status} ${problem.code ?? ''} ${problem.detail ?? problem.title ?? ''}${details.join('')}`,
    );
    this.status = status;
    this.problem = problem;
    this.isReplay = isReplay;
  }
}

export interface PushFile {
  readonly name: string;
  readonly content: Buffer;
}

/** What a push of a file may have of its own, in place of what the client was made with. */
export interface FileAsk {
  readonly token?: string;
  readonly language?: 'en' | 'vi';
  readonly signal?: AbortSignal;
}

export interface FileReceipt extends PushReceipt {
  /** The door had this push already: nothing was done again. */
  readonly isReplay: boolean;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Version of the entity, where it has one. */
  readonly etag: string | undefined;
  /** The same push had been taken before. */
  readonly isReplay: boolean;
}

/**
 * Talks to Songma's public HTTP door. A request that meets 429, 503 or no answer is repeated until the deadline, with
 * the wait that the server asked for; a push is repeated under the same batch id, so that it counts once.
 */
export interface SongmaClient {
  /**
   * A push of which every row was refused has a receipt too.
   * @throws RefusedError when the push as a whole is refused, UnavailableError when the deadline has passed
   */
  push(batch: string, rows: readonly PushRow[], signal?: AbortSignal): Promise<PushReceipt>;
  /**
   * A push of a file as it is; its name tells the door the format.
   * @throws RefusedError when the file as a whole is refused, UnavailableError when the deadline has passed
   */
  pushFile(batch: string, file: PushFile, asked?: FileAsk): Promise<FileReceipt>;
  fate(batch: string): Promise<BatchFate>;
  get(path: string): Promise<Answer>;
  put(path: string, body: unknown, precondition: { ifMatch: string } | { ifNoneMatch: '*' }): Promise<Answer>;
  post(path: string, body: unknown): Promise<Answer>;
  delete(path: string, precondition: { ifMatch: string }): Promise<Answer>;
  close(): Promise<void>;
}

export function createClient(options: ClientOptions): SongmaClient {
  const pool = new Pool(options.url, {
    connections: options.connectionsMax ?? 4,
    headersTimeout: options.requestTimeoutMs ?? 30_000,
    bodyTimeout: options.requestTimeoutMs ?? 30_000,
  });
  const ownHeaders: Record<string, string> = {
    ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
    ...(options.language === undefined ? {} : { 'accept-language': options.language }),
  };

  async function once(
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    path: string,
    body: Buffer | string | undefined,
    headers: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<Answer> {
    const response = await pool
      .request({
        method,
        path,
        headers: { ...ownHeaders, ...headers },
        body: body ?? null,
        ...(signal === undefined ? {} : { signal }),
      })
      .catch((cause: unknown) => {
        signal?.throwIfAborted();
        throw unanswered(options.url, cause);
      });
    const text = await response.body.text().catch((cause: unknown) => {
      throw new UnavailableError('server_unreachable', `${options.url} broke off its answer`, { cause });
    });
    const status = response.statusCode;
    const parsed = parseJson(text);
    if (status === 429 || status === 503 || status === 502 || status === 504) {
      const seconds = Number(response.headers['retry-after']);
      throw new UnavailableError(
        `http_${status}`,
        `${options.url} answers ${status}`,
        Number.isFinite(seconds) ? { retryAfterMs: seconds * 1000 } : {},
      );
    }
    const isReplay = response.headers['idempotent-replayed'] === 'true';
    if (status >= 400) throw new RefusedError(`${method} ${path}`, status, parsed ?? {}, { isReplay });
    const etag = response.headers['etag'];
    return { status, body: parsed, etag: typeof etag === 'string' ? etag : undefined, isReplay };
  }

  async function send(
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ): Promise<Answer> {
    let payload: Buffer | string | undefined;
    const all = { ...headers };
    if (Buffer.isBuffer(body)) payload = body;
    else if (body !== undefined) {
      payload = JSON.stringify(body);
      all['content-type'] = 'application/json';
      if (options.pack === true) {
        payload = await gzipAsync(payload);
        all['content-encoding'] = 'gzip';
      }
    }
    return retry(() => once(method, path, payload, all, signal), {
      deadlineMs: options.retryDeadlineMs ?? 120_000,
      firstDelayMs: 200,
      delayMaxMs: 10_000,
      ...(signal === undefined ? {} : { signal }),
      onRetry: (error, _attempt, waitMs) => options.onWait?.(error.message, waitMs),
    });
  }

  return {
    async push(batch, rows, signal) {
      const headers = { 'idempotency-key': batch };
      const { isReplay: _, ...receipt } = await receiptOf(() =>
        send('POST', '/v1/readings', { readings: rows }, headers, signal),
      );
      return receipt;
    },
    pushFile: (batch, { name, content }, { token, language, signal } = {}) => {
      const headers = {
        'idempotency-key': batch,
        'content-type': 'application/octet-stream',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(language === undefined ? {} : { 'accept-language': language }),
      };
      const path = `/v1/readings?file=${encodeURIComponent(name)}`;
      return receiptOf(() => send('POST', path, content, headers, signal));
    },
    async fate(batch) {
      const answer = await send('GET', `/v1/batches/${encodeURIComponent(batch)}`, undefined);
      return batchFateSchema.parse(answer.body);
    },
    get: (path) => send('GET', path, undefined),
    put: (path, body, precondition) =>
      send(
        'PUT',
        path,
        body,
        'ifMatch' in precondition ? { 'if-match': precondition.ifMatch } : { 'if-none-match': '*' },
      ),
    post: (path, body) => send('POST', path, body),
    delete: (path, precondition) => send('DELETE', path, undefined, { 'if-match': precondition.ifMatch }),
    close: () => pool.close(),
  };
}

/** The receipt of a push: of one of which every row was refused it is in the problem. */
async function receiptOf(push: () => Promise<Answer>): Promise<FileReceipt> {
  try {
    const { body, isReplay } = await push();
    return { ...pushReceiptSchema.parse(body), isReplay };
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const receipt = pushReceiptSchema.safeParse(error.problem);
    if (!receipt.success) throw error;
    return { ...receipt.data, isReplay: error.isReplay };
  }
}

/** What TLS says to a server that does not speak it. */
const notTlsCodes = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'EPROTO']);

function unanswered(url: string, cause: unknown): Error {
  const { code = '', message = '' } = cause as { code?: string; message?: string };
  if (notTlsCodes.has(code)) {
    const detail = `the server speaks no https: use ${url.replace(/^https:/, 'http:')}`;
    return new RefusedError(url, 0, { code: 'scheme_wrong', detail });
  }
  const why = code === '' ? message : code;
  return new UnavailableError('server_unreachable', `${url} does not answer (${why})`, { cause });
}

function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return { detail: text.slice(0, 200) };
  }
}
