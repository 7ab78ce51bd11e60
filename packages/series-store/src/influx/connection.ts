import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { HttpError, InfluxDB, type Transport } from '@influxdata/influxdb-client';
import { UnavailableError, type ClientTls } from '@songma/runtime';
import { asOutage } from './outage.ts';

/** How a bucket of an InfluxDB 2 is reached. */
export interface InfluxSettings {
  readonly url: string;
  readonly token: string;
  readonly org: string;
  readonly bucket: string;
  /** How an `https:` server is trusted. */
  readonly tls?: ClientTls;
  /** Longest silence of the server before a request counts as failed; 30 seconds unless told. */
  readonly timeoutMs?: number;
}

/** Database and retention policy under which InfluxQL finds the bucket. */
export interface QueryTarget {
  readonly database: string;
  readonly retentionPolicy: string;
}

/** One table of an InfluxQL answer. */
export interface Table {
  /** Which statement of the request it answers, from 0. */
  readonly statement: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  /** Rows in the columns' order; times in epoch milliseconds, null where a field has no value. */
  readonly rows: readonly (readonly Cell[])[];
}
export type Cell = number | string | boolean | null;

/** What the times of written lines count. */
export type Precision = 'ms' | 'ns';

/** The server has refused the content of a write: status 400, 413 or 422, with its words. */
export interface ContentRefusal {
  readonly status: 400 | 413 | 422;
  readonly message: string;
}

const timeoutMsDefault = 30_000;
const socketsMax = 8;

interface InfluxqlAnswer {
  readonly results: readonly {
    readonly statement_id: number;
    readonly error?: string;
    readonly series?: readonly {
      readonly tags?: Record<string, string>;
      readonly columns: string[];
      readonly values: Cell[][];
    }[];
  }[];
}

/**
 * Requests to one bucket, over the client library's transport.
 *
 * The library's own write buffer is not used: it resolves although a batch has failed, and counts a partial write as
 * success. Nothing is retried here; every outage is an `UnavailableError` and the caller's to repeat.
 */
export class InfluxConnection {
  readonly settings: InfluxSettings;
  /** Set by {@link openBucket} before the first query. */
  target: QueryTarget = { database: '', retentionPolicy: '' };
  private readonly agent: HttpAgent | HttpsAgent;
  private readonly transport: Transport;
  private readonly timeoutMs: number;

  constructor(settings: InfluxSettings) {
    this.settings = settings;
    this.timeoutMs = settings.timeoutMs ?? timeoutMsDefault;
    const agentOptions = { keepAlive: true, maxSockets: socketsMax };
    this.agent = settings.url.startsWith('https:')
      ? new HttpsAgent({ ...agentOptions, ...settings.tls })
      : new HttpAgent(agentOptions);
    this.transport = new InfluxDB({
      url: settings.url,
      token: settings.token,
      timeout: this.timeoutMs,
      transportOptions: { agent: this.agent },
    }).transport;
  }

  /**
   * Writes lines (times in milliseconds unless told) and resolves to null when the server has stored all of them, or
   * to its refusal: 400 and 413 stored nothing, 422 a part.
   * @throws UnavailableError when they may or may not be stored
   */
  async write(body: string, precision: Precision = 'ms'): Promise<ContentRefusal | null> {
    const { org, bucket } = this.settings;
    const query = new URLSearchParams({ org, bucket, precision }).toString();
    const watch = this.watch();
    let status: number | undefined;
    try {
      await this.transport.request(
        `/api/v2/write?${query}`,
        body,
        {
          method: 'POST',
          headers: { 'content-type': 'text/plain; charset=utf-8' },
          signal: watch.signal,
        },
        (_headers, code) => {
          status = code;
        },
      );
    } catch (error) {
      if (error instanceof HttpError && isContentStatus(error.statusCode)) {
        return { status: error.statusCode, message: error.message };
      }
      throw asOutage(error, 'writing', watch.signal.aborted);
    } finally {
      watch.end();
    }
    if (status === 204) return null;
    // 201 and the like: newer servers say so when they stored a part.
    throw new UnavailableError('store_failing', `writing: InfluxDB answers ${status} where 204 is expected`);
  }

  /**
   * The tables that InfluxQL statements give, in the order of the statements. The whole answer is in memory: bound it
   * by time or `LIMIT`.
   * @throws UnavailableError
   */
  async query(statements: readonly string[]): Promise<Table[]> {
    if (statements.length === 0) return [];
    const { database, retentionPolicy } = this.target;
    const { org } = this.settings;
    const query = new URLSearchParams({ org, db: database, rp: retentionPolicy, epoch: 'ms' }).toString();
    const text = await this.text(
      `/query?${query}`,
      'POST',
      `q=${encodeURIComponent(statements.join(';'))}`,
      { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      'reading',
    );
    const answer = JSON.parse(text) as InfluxqlAnswer;
    const tables: Table[] = [];
    for (const { statement_id: statement, error, series } of answer.results) {
      // The statements are ours, so an error in one is the server's: a shard that is closed, memory that ran out.
      if (error !== undefined) throw new UnavailableError('store_failing', `reading: ${error}`);
      for (const { tags = {}, columns, values } of series ?? []) {
        tables.push({ statement, tags, columns, rows: values });
      }
    }
    return tables;
  }

  /** Deletes what matches up to a time (epoch ms, inclusive). @throws UnavailableError */
  async delete(predicate: string, upTo: number): Promise<void> {
    const { org, bucket } = this.settings;
    const body = JSON.stringify({
      start: new Date(0).toISOString(),
      stop: new Date(upTo).toISOString(),
      predicate,
    });
    const query = new URLSearchParams({ org, bucket }).toString();
    await this.text(`/api/v2/delete?${query}`, 'POST', body, {}, 'deleting');
  }

  /** The JSON that a path of the API answers. @throws UnavailableError */
  async get(path: string, query: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const search = new URLSearchParams(query).toString();
    const text = await this.text(search === '' ? path : `${path}?${search}`, 'GET', '', {}, path);
    return text === '' ? undefined : JSON.parse(text);
  }

  /** Ends idle connections, and those that are in use. */
  close(): void {
    this.agent.destroy();
  }

  private async text(
    path: string,
    method: string,
    body: string,
    headers: Record<string, string>,
    what: string,
  ): Promise<string> {
    const watch = this.watch();
    const chunks: Uint8Array[] = [];
    try {
      const options = { method, headers, signal: watch.signal };
      for await (const chunk of this.transport.iterate(path, body, options)) {
        watch.heard();
        chunks.push(chunk);
      }
    } catch (error) {
      throw asOutage(error, what, watch.signal.aborted);
    } finally {
      watch.end();
    }
    return Buffer.concat(chunks).toString('utf8');
  }

  /** The transport's own timeout leaves the socket open and does not end a body that stalls; this does. */
  private watch(): { signal: AbortSignal; heard: () => void; end: () => void } {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), this.timeoutMs);
    return {
      signal: controller.signal,
      heard: () => timer.refresh(),
      end: () => clearTimeout(timer),
    };
  }
}

function isContentStatus(status: number): status is ContentRefusal['status'] {
  return status === 400 || status === 413 || status === 422;
}
