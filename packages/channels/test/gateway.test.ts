import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createLogger } from '@songma/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGateway } from '../../../infra/gateway/gateway.ts';
import { webhookSecret, type Notice } from '../src/index.ts';
import { WebhookChannel } from '../src/webhook/webhook-channel.ts';
import { mailNotice } from './notices.ts';
import { deskKey } from './webhook-subject.ts';

const delivered: string[] = [];
let isOut = false;
const server = createGateway({
  secret: webhookSecret(deskKey, 'an-zalo', 1),
  async deliver(recipient, words) {
    if (isOut) throw new Error('the messenger is out');
    delivered.push(`${recipient}: ${words.split('\n')[0]}`);
  },
});
const channel = new WebhookChannel({
  deskKey,
  hosts: ['127.0.0.1'],
  now: Date.now,
  logger: createLogger({ service: 'test', level: 'silent' }),
});
let notice: (id: string, secretVersion?: number) => Notice;
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  notice = (id, secretVersion = 1) =>
    mailNotice({ id, address: { kind: 'webhook', url, channel: 'an-zalo', secretVersion } });
});
afterAll(async () => {
  await channel.close();
  server.closeAllConnections();
  await once(server.close(), 'close');
});

describe('The sample gateway', () => {
  it('hands a notice on once, however often it comes', async () => {
    expect((await channel.send(notice('a'))).kind).toBe('sent');
    expect((await channel.send(notice('a'))).kind).toBe('sent');
    expect(delivered).toEqual(['an: SO₂ vượt giới hạn: Nhiệt điện Nghi Sơn']);
  });

  it('asks for it again when the messenger is out, and refuses what another secret has signed', async () => {
    isOut = true;
    expect((await channel.send(notice('b'))).kind).toBe('later');
    isOut = false;
    expect((await channel.send(notice('b'))).kind).toBe('sent');
    expect(delivered).toHaveLength(2);
    expect(await channel.send(notice('c', 3))).toEqual({ kind: 'never', code: 'webhook_refused' });
  });
});
