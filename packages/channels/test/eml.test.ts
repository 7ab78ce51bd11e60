import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger, loadConfig } from '@songma/runtime';
import { channelSettings, openChannels, publicNoticeId } from '../src/index.ts';
import { mailNotice } from './notices.ts';

const now = Date.UTC(2026, 0, 1, 3);
let data: string;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'songma-eml-'));
});
afterAll(async () => rm(data, { recursive: true }));

function open() {
  const config = loadConfig(channelSettings, { SONGMA_DATA: data });
  return openChannels(config, { logger: createLogger({ service: 'test', level: 'silent' }), now: () => now });
}

describe('Without a mail server', () => {
  it('each message is a file under the data directory that only its owner reads, written once', async () => {
    const channels = open();
    const notice = mailNotice();
    const ref = `<${publicNoticeId(notice.id)}@localhost>`;
    expect(await channels.send(notice)).toEqual({ kind: 'sent', ref });
    expect(await channels.send(notice)).toEqual({ kind: 'sent', ref });
    await channels.close();
    const folder = join(data, 'mail', '2026-01-01');
    expect(await readdir(folder)).toEqual([`${publicNoticeId(notice.id)}.eml`]);
    const file = join(folder, `${publicNoticeId(notice.id)}.eml`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const text = await readFile(file, 'utf8');
    expect(text).toContain(`Message-ID: ${ref}\r\n`);
    expect(text).toContain('Date: Thu, 01 Jan 2026 03:00:00 +0000\r\n');
  });

  it('a directory that cannot be written to is told as an outage', async () => {
    const config = loadConfig(channelSettings, { SONGMA_DATA: data, MAIL_DIRECTORY: '/dev/null/mail' });
    const channels = openChannels(config, {
      logger: createLogger({ service: 'test', level: 'silent' }),
      now: () => now,
    });
    expect(await channels.send(mailNotice())).toEqual({ kind: 'later', code: 'file_unwritable' });
    await channels.close();
  });
});
