import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acknowledgeToken, acknowledgeTokenMs, openDeskKey, readAcknowledgeToken } from '../src/index.ts';

const key = Buffer.alloc(32, 1);
const now = Date.UTC(2026, 0, 1);
const grant = { notice: 'a/raised/1/an/mail', case: 'a', person: 'an', expiresAt: now + acknowledgeTokenMs };

describe('The token of an acknowledge link', () => {
  it('gives back who may acknowledge what, until it expires', () => {
    const token = acknowledgeToken(key, grant);
    expect(token).toMatch(/^[\w-]+\.[\w-]+$/);
    expect(readAcknowledgeToken(key, token, now)).toEqual({ ok: true, grant });
    expect(readAcknowledgeToken(key, token, grant.expiresAt - 1)).toEqual({ ok: true, grant });
    expect(readAcknowledgeToken(key, token, grant.expiresAt)).toEqual({ ok: false, reason: 'expired' });
  });

  it('is refused when any of its characters is another one', () => {
    const token = acknowledgeToken(key, grant);
    const others = Array.from(token, (character, at) => {
      const other = character === 'A' ? 'B' : 'A';
      return token.slice(0, at) + other + token.slice(at + 1);
    });
    expect(others.filter((other) => readAcknowledgeToken(key, other, now).ok)).toEqual([]);
  });

  it.each(['', '.', 'a', 'a.b', 'a.b.c', '..', 'x'.repeat(5000)])('refuses %j', (token) => {
    expect(readAcknowledgeToken(key, token, now)).toEqual({ ok: false, reason: 'invalid' });
  });

  it('of another key is refused', () => {
    const token = acknowledgeToken(Buffer.alloc(32, 2), grant);
    expect(readAcknowledgeToken(key, token, now)).toEqual({ ok: false, reason: 'invalid' });
  });
});

describe('The key of the desk', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'songma-desk-key-'));
  });
  afterAll(async () => rm(dataDir, { recursive: true }));

  it('is made once, for its owner only, also by processes that begin together', async () => {
    const data = join(dataDir, 'fresh');
    const keys = await Promise.all(
      Array.from({ length: 8 }, async () => openDeskKey({ deskKey: undefined, dataDir: data })),
    );
    expect(new Set(keys.map((one) => Buffer.from(one).toString('hex'))).size).toBe(1);
    expect((await stat(join(data, 'desk.key'))).mode & 0o777).toBe(0o600);
  });

  it('is the one that is set, where it is set', async () => {
    const deskKey = 'ab'.repeat(32);
    expect(Buffer.from(await openDeskKey({ deskKey, dataDir })).toString('hex')).toBe(deskKey);
  });

  it('that was damaged is no reason to make another one', async () => {
    await writeFile(join(dataDir, 'desk.key'), 'gone');
    await expect(openDeskKey({ deskKey: undefined, dataDir })).rejects.toThrow('64 hexadecimal digits');
  });
});
