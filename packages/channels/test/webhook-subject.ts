import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createLogger } from '@songma/runtime';
import { Webhook } from 'standardwebhooks';
import { webhookSecret, type Notice, type NoticeAddress } from '../src/index.ts';
import type { WebhookBody } from '../src/webhook/webhook-body.ts';
import { WebhookChannel } from '../src/webhook/webhook-channel.ts';
import { mailNotice } from './notices.ts';
import { behaviours, type Arrived, type Behaviour, type Subject } from './subject.ts';
import { openTcpDoor } from './tcp-door.ts';

export const deskKey = Buffer.alloc(32, 7);

/** {@link WebhookChannel} before a gateway that believes what the standard's library has verified, and nothing else. */
export async function openWebhookSubject(attemptMsMax: number): Promise<Subject> {
  const arrived: Arrived[] = [];
  let behaviour: Behaviour = 'takes';
  const secret = new Webhook(webhookSecret(deskKey, 'an-zalo', 1));
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      if (behaviour === 'defers') response.writeHead(503, { 'retry-after': '7' });
      else if (behaviour === 'refuses') response.writeHead(422);
      else {
        const { data } = secret.verify(body, request.headers as Record<string, string>) as WebhookBody;
        arrived.push({
          id: String(request.headers['webhook-id']),
          thread: data.thread,
          to: [data.recipient],
          subject: data.subject,
          text: data.text,
          headers: Object.keys(request.headers),
        });
      }
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const [door, silent] = [await openTcpDoor(() => port), await openTcpDoor(() => port)];
  await silent.behave('silent');
  const channel = new WebhookChannel({
    deskKey,
    hosts: ['127.0.0.1'],
    now: Date.now,
    logger: createLogger({ service: 'test', level: 'silent' }),
    attemptMsMax,
  });
  const address = (at: number): NoticeAddress => ({
    kind: 'webhook',
    url: `http://127.0.0.1:${at}/notices`,
    channel: 'an-zalo',
    secretVersion: 1,
  });
  const notice = (changed: Partial<Notice> = {}): Notice =>
    mailNotice({ address: address(door.port), ...changed });
  return {
    channel,
    behaviours,
    async behave(wanted) {
      behaviour = wanted;
      await door.behave(wanted);
    },
    notice,
    deadNotice: () => notice({ id: 'case/dead', address: address(silent.port) }),
    arrived: async () => arrived,
    async close() {
      await channel.close();
      await Promise.all([door.close(), silent.close()]);
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}
