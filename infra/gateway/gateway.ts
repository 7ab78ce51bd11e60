import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';

/** What Songma posts: the part of it that a messenger needs. */
interface Notice {
  readonly data: { readonly recipient: string; readonly subject: string; readonly text: string };
}

export interface GatewayOptions {
  /** Of the channel, as Songma showed it once: `whsec_…`. */
  readonly secret: string;
  /** Hands the words over to the messenger; its failure is told to Songma, which tries again. */
  readonly deliver: (recipient: string, words: string) => Promise<void>;
}

const clockMsMax = 5 * 60_000;
/** Ids that are remembered, so that what comes twice is delivered once. */
const idsMax = 10_000;

/** A webhook that hands notices on to a messenger: a sample to begin with, for SMS, Zalo or Telegram. */
export function createGateway({ secret, deliver }: GatewayOptions): Server {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const seen = new Set<string>();
  return createServer((request, response) => {
    const answer = (status: number): void => void response.writeHead(status).end();
    void (async () => {
      const body = await text(request);
      if (!isSigned(request, body, key)) return answer(401);
      const id = String(request.headers['webhook-id']);
      if (seen.has(id)) return answer(204);
      const { data } = JSON.parse(body) as Notice;
      await deliver(data.recipient, `${data.subject}\n\n${data.text}`);
      seen.add(id);
      if (seen.size > idsMax) seen.delete(seen.values().next().value!);
      return answer(204);
    })().catch(() => answer(503));
  });
}

/** @see https://www.standardwebhooks.com */
function isSigned({ headers }: IncomingMessage, body: string, key: Buffer): boolean {
  const [id, timestamp] = [headers['webhook-id'], headers['webhook-timestamp']];
  if (Math.abs(Date.now() - Number(timestamp) * 1000) > clockMsMax) return false;
  const expected = createHmac('sha256', key)
    .update(`${String(id)}.${String(timestamp)}.${body}`)
    .digest();
  return String(headers['webhook-signature'])
    .split(' ')
    .some((signature) => {
      const given = Buffer.from(signature.replace(/^v1,/, ''), 'base64');
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
}
