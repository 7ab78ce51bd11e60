import { lookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Logger } from '@songma/runtime';
import { AttemptSlots } from '../attempt-slots.ts';
import { publicNoticeId } from '../notice-identity.ts';
import type { Notice } from '../notice.ts';
import type { Channel, Delivery } from '../port.ts';
import { isPublicAddress } from './public-address.ts';
import { webhookBody } from './webhook-body.ts';
import { webhookSignature } from './webhook-signature.ts';

/** Attempts at once, and how long one may take, waiting for its turn included. */
export const webhookConnectionsMax = 16;
export const webhookAttemptMsMax = 15_000;

export interface WebhookOptions {
  readonly deskKey: Uint8Array;
  /** Hosts, `host` or `host:port`, that may be reached without TLS and in a private network. */
  readonly hosts: readonly string[];
  readonly now: () => number;
  readonly logger: Logger;
  /** For tests: addresses of a host, and shorter than the bound above. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  readonly attemptMsMax?: number;
}

type Failure = Exclude<Delivery, { kind: 'sent' }>;

/**
 * Posts notices to a gateway of the recipient's. The host's address is looked up once, looked at, and connected to as
 * it is: whoever controls a name cannot lead us into our own network. Redirects are not followed.
 * @see https://www.standardwebhooks.com
 */
export class WebhookChannel implements Channel {
  readonly #options: WebhookOptions;
  readonly #hosts: ReadonlySet<string>;
  readonly #slots = new AttemptSlots(webhookConnectionsMax);

  constructor(options: WebhookOptions) {
    this.#options = options;
    this.#hosts = new Set(options.hosts.map((host) => host.toLowerCase()));
  }

  async send(notice: Notice): Promise<Delivery> {
    const { now, logger, attemptMsMax = webhookAttemptMsMax } = this.#options;
    const { address } = notice;
    if (address.kind !== 'webhook') return { kind: 'never', code: 'channel_mismatch' };
    const body = webhookBody(notice, now());
    if (body === undefined) return { kind: 'never', code: 'webhook_too_large' };
    const id = publicNoticeId(notice.id);
    const timestamp = Math.floor(now() / 1000);
    const headers = {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': 'Songma',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': webhookSignature(this.#options.deskKey, address, { id, timestamp, body }),
    };
    const answer = await this.#slots.attempt(attemptMsMax, async (signal) =>
      this.#post(new URL(address.url), { headers, body, signal }),
    );
    if (answer === 'closed') return { kind: 'later', code: 'channel_closed' };
    if (answer === 'late') return { kind: 'later', code: 'webhook_timeout' };
    if (answer === 'taken') return { kind: 'sent', ref: id };
    logger.warn({ notice: notice.id, code: answer.code }, 'a webhook was not taken');
    return answer;
  }

  async close(): Promise<void> {
    await this.#slots.close();
  }

  async #post(url: URL, sent: Sent): Promise<'taken' | Failure> {
    const isListed = this.#hosts.has(url.hostname) || this.#hosts.has(url.host);
    if (url.protocol !== 'https:' && !isListed) return { kind: 'never', code: 'webhook_unencrypted' };
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const addresses = isIP(host) === 0 ? await this.#resolved(host) : [host];
    if (addresses.length === 0) return { kind: 'later', code: 'webhook_unreachable' };
    const pinned = addresses.find((one) => isListed || isPublicAddress(one));
    if (pinned === undefined) return { kind: 'never', code: 'webhook_private' };
    const status = await answerOf(url, pinned, sent).catch(() => undefined);
    if (status === undefined) return { kind: 'later', code: 'webhook_unreachable' };
    return outcomeOf(status, this.#options.now());
  }

  async #resolved(host: string): Promise<readonly string[]> {
    const { resolve = lookedUp } = this.#options;
    // A name that does not resolve now may do so later.
    return resolve(host).catch(() => []);
  }
}

interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

async function lookedUp(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/** Posts to the pinned address under the URL's name, and reads the status alone. */
async function answerOf(url: URL, pinned: string, { headers, body, signal }: Sent): Promise<Answer> {
  const family = isIP(pinned);
  const toPinned: LookupFunction = (_host, options, done) => {
    if (options.all === true) done(null, [{ address: pinned, family }]);
    else done(null, pinned, family);
  };
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const take = (response: IncomingMessage): void => {
      const { statusCode = 0 } = response;
      resolve({ status: statusCode, retryAfter: response.headers['retry-after'] });
      response.destroy();
    };
    request(
      url,
      { method: 'POST', headers, lookup: toPinned, agent: false, signal, maxHeaderSize: 16_384 },
      take,
    )
      .once('error', reject)
      .end(body);
  });
}

/** Statuses below 500 by which a gateway says that it will take the message later. */
const laterStatuses: ReadonlySet<number> = new Set([408, 409, 423, 425, 429]);

function outcomeOf({ status, retryAfter }: Answer, now: number): 'taken' | Failure {
  if (status >= 200 && status < 300) return 'taken';
  if (status >= 300 && status < 400) return { kind: 'never', code: 'webhook_redirected' };
  if (status === 410) return { kind: 'never', code: 'webhook_gone' };
  if (status < 500 && !laterStatuses.has(status)) return { kind: 'never', code: 'webhook_refused' };
  const afterMs = retryAfterMs(retryAfter, now);
  return { kind: 'later', code: 'webhook_deferred', ...(afterMs === undefined ? {} : { afterMs }) };
}

/** Seconds or a date; undefined for neither. @see RFC 9110, section 10.2.3 */
export function retryAfterMs(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
