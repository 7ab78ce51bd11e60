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

  constructor(what: string, status: number, problem: Problem) {
    const details = (problem.errors ?? []).map(
      (error) => `\n  ${error.path ?? ''}: ${error.problem ?? error.message ?? ''}`,
    );
    super(
      `${what}: ${status} ${problem.code ?? ''} ${problem.detail ?? problem.title ?? ''}${details.join('')}`,
    );
    this.status = status;
    this.problem = problem;
  }
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Version of the entity, where it has one. */
  readonly etag: string | undefined;
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
    if (status >= 400) throw new RefusedError(`${method} ${path}`, status, parsed ?? {});
    const etag = response.headers['etag'];
    return { status, body: parsed, etag: typeof etag === 'string' ? etag : undefined };
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
    if (body !== undefined) {
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
      try {
        const answer = await send('POST', '/v1/readings', { readings: rows }, headers, signal);
        return pushReceiptSchema.parse(answer.body);
      } catch (error) {
        // Every row was refused: the problem has the receipt in it.
        const receipt =
          error instanceof RefusedError ? pushReceiptSchema.safeParse(error.problem) : undefined;
        if (receipt?.success === true) return receipt.data;
        throw error;
      }
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
