import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createLogger } from '@songma/runtime';
import { Webhook } from 'standardwebhooks';
import {
  formerSecretMs,
  webhookSecret,
  type Delivery,
  type Notice,
  type NoticeAddress,
} from '../src/index.ts';
import { isPublicAddress } from '../src/webhook/public-address.ts';
import { webhookBody, webhookBytesMax } from '../src/webhook/webhook-body.ts';
import { retryAfterMs, WebhookChannel, type WebhookOptions } from '../src/webhook/webhook-channel.ts';
import { webhookSignature } from '../src/webhook/webhook-signature.ts';
import { mailNotice } from './notices.ts';
import { deskKey } from './webhook-subject.ts';

type WebhookAddress = Extract<NoticeAddress, { kind: 'webhook' }>;

const now = Date.now();
const logger = createLogger({ service: 'test', level: 'silent' });

function addressOf(url: string): WebhookAddress {
  return { kind: 'webhook', url, channel: 'an-zalo', secretVersion: 1 };
}

async function sent(notice: Notice, options: Partial<WebhookOptions> = {}): Promise<Delivery> {
  const channel = new WebhookChannel({ deskKey, hosts: [], now: () => now, logger, ...options });
  const answer = await channel.send(notice);
  await channel.close();
  return answer;
}

async function sentTo(url: string, options: Partial<WebhookOptions> = {}): Promise<Delivery> {
  return sent(mailNotice({ address: addressOf(url) }), options);
}

describe('The address of a webhook', () => {
  it('is HTTPS, unless its host is listed', async () => {
    expect(await sentTo('http://gateway.example.vn/')).toEqual({
      kind: 'never',
      code: 'webhook_unencrypted',
    });
  });

  it.each([
    ...['127.0.0.1', '10.1.2.3', '172.31.255.255', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'],
    ...['224.0.0.1', '255.255.255.255', '198.18.0.1', '::1', '::', 'fe80::1', 'fd00::1', '::ffff:10.0.0.1'],
    ...['::ffff:7f00:1', '64:ff9b::a00:1', '2002:a00:1::', '2001:db8::1', 'ff02::1', 'not an address', ''],
  ])('is not of the public net: %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['1.1.1.1', '113.160.0.1', '172.32.0.1', '2001:4860:4860::8888', '2405:4800::1'])(
    'is of the public net: %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each([
    'https://10.0.0.1/',
    'https://[::1]/',
    'https://127.1/',
    'https://0x7f000001/',
    'https://2130706433/',
  ])('is refused where it is a private one, however it is written: %s', async (url) => {
    expect(await sentTo(url)).toEqual({ kind: 'never', code: 'webhook_private' });
  });

  it('is refused where its name leads into a private network', async () => {
    const resolve = async () => ['10.0.0.1', 'fd00::1'];
    expect(await sentTo('https://gateway.example.vn/', { resolve })).toEqual({
      kind: 'never',
      code: 'webhook_private',
    });
  });

  it('that does not resolve may do so later', async () => {
    const resolve = async () => Promise.reject(new Error('ENOTFOUND'));
    expect(await sentTo('https://gateway.example.vn/', { resolve })).toEqual({
      kind: 'later',
      code: 'webhook_unreachable',
    });
  });
});

describe('A gateway', () => {
  let server: Server;
  afterEach(() => server.close());

  async function answering(status: number, headers: Record<string, string> = {}): Promise<string> {
    server = createServer((request, response) => {
      request.resume();
      response.writeHead(status, headers).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://gateway.example.vn:${(server.address() as AddressInfo).port}/`;
  }

  const listed = { hosts: ['gateway.example.vn'] };

  it('is asked for once by its name, and connected to at that address', async () => {
    const asked: string[] = [];
    const url = await answering(204);
    const resolve = async (host: string) => {
      asked.push(host);
      return asked.length === 1 ? ['127.0.0.1'] : [];
    };
    expect((await sentTo(url, { ...listed, resolve })).kind).toBe('sent');
    expect(asked).toEqual(['gateway.example.vn']);
  });

  it('may be listed with its port alone', async () => {
    const url = await answering(204);
    const resolve = async () => ['127.0.0.1'];
    expect((await sentTo(url, { hosts: [new URL(url).host], resolve })).kind).toBe('sent');
    expect(await sentTo(url, { hosts: ['gateway.example.vn:1'], resolve })).toEqual({
      kind: 'never',
      code: 'webhook_unencrypted',
    });
  });

  it.each([
    [200, 'sent', undefined],
    [299, 'sent', undefined],
    [301, 'never', 'webhook_redirected'],
    [307, 'never', 'webhook_redirected'],
    [400, 'never', 'webhook_refused'],
    [404, 'never', 'webhook_refused'],
    [408, 'later', 'webhook_deferred'],
    [410, 'never', 'webhook_gone'],
    [429, 'later', 'webhook_deferred'],
    [500, 'later', 'webhook_deferred'],
    [503, 'later', 'webhook_deferred'],
  ])('that answers %i has %s', async (status, kind, code) => {
    const url = await answering(status, { location: 'http://127.0.0.1:1/' });
    const answer = await sentTo(url, { ...listed, resolve: async () => ['127.0.0.1'] });
    expect(answer).toMatchObject(code === undefined ? { kind } : { kind, code });
  });

  it('is tried again when it asks for it', async () => {
    const url = await answering(503, { 'retry-after': '90' });
    const answer = await sentTo(url, { ...listed, resolve: async () => ['127.0.0.1'] });
    expect(answer).toEqual({ kind: 'later', code: 'webhook_deferred', afterMs: 90_000 });
  });
});

describe('Retry-After', () => {
  it('is seconds or a date, and what is neither says nothing', () => {
    const at = Date.UTC(2026, 0, 1);
    expect(retryAfterMs('120', at)).toBe(120_000);
    expect(retryAfterMs('Thu, 01 Jan 2026 00:01:00 GMT', at)).toBe(60_000);
    expect(retryAfterMs('Wed, 31 Dec 2025 00:01:00 GMT', at)).toBe(0);
    expect(retryAfterMs('soon', at)).toBeUndefined();
    expect(retryAfterMs(undefined, at)).toBeUndefined();
  });
});

describe('The signature of a webhook', () => {
  const body = webhookBody(mailNotice(), now)!;
  const timestamp = Math.floor(now / 1000);
  const verified = (address: WebhookAddress, version: number): boolean => {
    const headers = {
      'webhook-id': 'a',
      'webhook-timestamp': String(timestamp),
      'webhook-signature': webhookSignature(deskKey, address, { id: 'a', timestamp, body }),
    };
    try {
      new Webhook(webhookSecret(deskKey, 'an-zalo', version)).verify(body, headers);
      return true;
    } catch {
      return false;
    }
  };

  it('is of the newest secret, and for a day also of the one before', () => {
    const address = { ...addressOf('https://x.vn'), secretVersion: 2 };
    const fresh = { ...address, secretSince: timestamp * 1000 - formerSecretMs + 1 };
    const old = { ...address, secretSince: timestamp * 1000 - formerSecretMs };
    expect([1, 2, 3].map((version) => verified(fresh, version))).toEqual([true, true, false]);
    expect([1, 2, 3].map((version) => verified(old, version))).toEqual([false, true, false]);
    expect([1, 2].map((version) => verified(address, version))).toEqual([false, true]);
  });

  it('is of a secret of each channel', () => {
    expect(webhookSecret(deskKey, 'an', 1)).not.toBe(webhookSecret(deskKey, 'binh', 1));
    expect(webhookSecret(deskKey, 'an', 1)).not.toBe(webhookSecret(Buffer.alloc(32, 8), 'an', 1));
  });
});

describe('The body of a webhook', () => {
  it('is never larger than a gateway has to take, and says when its text was shortened', () => {
    const long = webhookBody(mailNotice({ text: 'ướ'.repeat(50_000) }), now)!;
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(webhookBytesMax);
    expect(JSON.parse(long)).toMatchObject({ data: { shortened: true } });
    expect(JSON.parse(webhookBody(mailNotice(), now)!)).toMatchObject({ data: { shortened: false } });
  });
});
