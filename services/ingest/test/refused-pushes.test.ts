import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '@songma/registry';
import { ingestProblems, type IngestProblemCode } from '../src/problems.ts';
import {
  makeDataDir,
  noon,
  openDoor,
  push,
  pushed,
  reading,
  type DoorWorld,
  type PushOptions,
} from './door-world.ts';

const limits = {
  INGEST_BODY_BYTES_MAX: '20000',
  INGEST_UNPACKED_BYTES_MAX: '100000',
  INGEST_GZIP_RATIO_MAX: '50',
  INGEST_ROWS_MAX: '10',
};

let world: DoorWorld;
let now = noon;
let dir: Awaited<ReturnType<typeof makeDataDir>>;
beforeAll(async () => {
  dir = await makeDataDir();
  world = await openDoor({ dataDir: dir.path, env: limits, now: () => now });
});
afterAll(async () => {
  await world.close();
  await dir.remove();
});

/** A body of JSON readings that is exactly this long. */
function bodyOf(bytes: number): string {
  const body = JSON.stringify({ readings: [reading()] });
  return body + ' '.repeat(bytes - body.length);
}

/** Text that hardly packs. */
function noise(bytes: number): string {
  let state = 1;
  return Array.from({ length: bytes }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(33 + (state % 90));
  }).join('');
}

/** A body with one row that hardly packs, exactly this long. */
function noisyBody(bytes: number): string {
  const row = JSON.stringify(reading({ meter: noise(9_000).replaceAll(/["\\]/g, '-') }));
  const body = `{"readings":[${JSON.stringify(reading())},${row}]}`;
  return body + ' '.repeat(bytes - body.length);
}

const gzip = { headers: { 'content-encoding': 'gzip' } };
const json = JSON.stringify({ readings: [reading()] });

describe('a push is refused as a whole', () => {
  it.each<[code: IngestProblemCode, title: string, body: string | Buffer, options: PushOptions]>([
    ['key_missing', 'without a key', json, { headers: { authorization: '' } }],
    ['key_invalid', 'with a token that is none', json, { headers: { authorization: 'Bearer hello' } }],
    ['key_scheme_unknown', 'with another scheme', json, { headers: { authorization: 'Basic a:b' } }],
    [
      'key_invalid',
      'with a key that nobody has',
      json,
      { headers: { authorization: `Bearer sgm_cement_${'0'.repeat(40)}` } },
    ],
    ['key_expired', 'with a key whose time is over', json, { key: 'expired' }],
    ['role_forbidden', 'with a key that only reads', json, { key: 'analyst' }],
    ['batch_id_invalid', 'with an empty batch id', json, { batch: '' }],
    ['batch_id_invalid', 'with a batch id that has a space', json, { batch: 'a b' }],
    ['batch_id_invalid', 'with a batch id one too long', json, { batch: 'x'.repeat(129) }],
    ['media_type_unsupported', 'as a form', 'a=b', { type: 'application/x-www-form-urlencoded' }],
    [
      'media_type_unsupported',
      'in another character set',
      json,
      { type: 'application/json; charset=utf-16' },
    ],
    [
      'content_encoding_unsupported',
      'packed by brotli',
      brotliCompressSync(json),
      { headers: { 'content-encoding': 'br' } },
    ],
    [
      'content_encoding_unsupported',
      'packed twice',
      gzipSync(gzipSync(json)),
      { headers: { 'content-encoding': 'gzip, gzip' } },
    ],
    ['gzip_damaged', 'when it is not gzip', json, gzip],
    ['gzip_damaged', 'when its gzip ends too early', gzipSync(json).subarray(0, 40), gzip],
    ['body_not_utf8', 'when it is not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), {}],
    ['body_not_json', 'when its JSON is broken', '{"readings":[', {}],
    ['body_not_json', 'when it is empty', '', {}],
    ['body_not_readings', 'when it is a list', '[]', {}],
    ['body_not_readings', 'when it is null', 'null', {}],
    ['body_not_readings', 'when readings is no list', '{"readings":{}}', {}],
    ['body_not_readings', 'when it has fields beside readings', '{"readings":[],"site":"x"}', {}],
    ['body_not_readings', 'when it has an own __proto__', '{"__proto__":{},"readings":[]}', {}],
    ['no_rows', 'without rows', '{"readings":[]}', {}],
    ['no_rows', 'with blank lines only', '\n \r\n', { type: 'application/x-ndjson' }],
    ['no_rows', 'with a header only', 'meter,time,value\n', { type: 'text/csv' }],
    ['csv_header_invalid', 'without a header', 'kiln-pm,2026-11-23T11:55:00+07:00,1\n', { type: 'text/csv' }],
    ['csv_header_invalid', 'with a column missing', 'meter,time\n', { type: 'text/csv' }],
    ['csv_column_twice', 'with a column twice', 'meter,time,value,value\n', { type: 'text/csv' }],
    [
      'decimal_mark_unknown',
      'with an unknown decimal mark',
      'meter,time,value\n',
      { type: 'text/csv', query: '?decimal=;' },
    ],
    ['csv_header_invalid', 'when it is empty CSV', '', { type: 'text/csv' }],
    ['file_name_missing', 'as a file without a name', 'PM\t1\t%\t20261123115500\t00', { type: 'text/plain' }],
    ['file_name_missing', 'as a file with two names', 'x', { type: 'text/plain', query: '?file=a&file=b' }],
    ['file_name_missing', 'as a file with an empty name', 'x', { type: 'text/plain', query: '?file=' }],
    ['body_too_large', 'one byte past the largest body', bodyOf(20_001), {}],
    [
      'unpacked_too_large',
      'one byte past the largest body unpacked',
      gzipSync(noise(4_000) + bodyOf(96_001)),
      gzip,
    ],
    ['gzip_ratio_too_high', 'as a gzip bomb', gzipSync(Buffer.alloc(90_000)), gzip],
    ['too_many_rows', 'one row past the most', JSON.stringify({ readings: Array(11).fill(reading()) }), {}],
    [
      'too_many_rows',
      'one line past the most',
      `${JSON.stringify(reading())}\n`.repeat(11),
      { type: 'application/x-ndjson' },
    ],
  ])('%s: %s', async (code, _title, body, options) => {
    const before = (await world.blocks()).length;
    const answer = await push(world, body, options);
    expect(answer.json()).toMatchObject({ code, status: ingestProblems[code].status });
    expect(answer.statusCode).toBe(ingestProblems[code].status);
    expect(await world.blocks()).toHaveLength(before);
  });

  it('in Vietnamese where that is asked for', async () => {
    const answer = await push(world, '{"readings":[]}', { language: 'vi' });
    expect(answer.json()).toMatchObject({ detail: 'Lần gửi này không có dòng nào.' });
    expect(answer.headers['content-language']).toBe('vi');
  });

  it('and the connection is closed rather than the body read, when it is large and the key wrong', async () => {
    const answer = await push(world, bodyOf(100_000), { headers: { authorization: 'Bearer hello' } });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['connection']).toBe('close');
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });
});

describe('a push at the very limit is taken', () => {
  it.each<[title: string, body: string | Buffer, options: PushOptions]>([
    ['of the body', bodyOf(20_000), {}],
    ['of rows', JSON.stringify({ readings: Array(10).fill(reading()) }), {}],
    ['of the batch id', json, { batch: 'x'.repeat(128) }],
    ['of the body unpacked', gzipSync(noisyBody(100_000)), gzip],
    ['of the ratio, where small bodies are free', gzipSync(bodyOf(65_536)), gzip],
  ])('%s', async (_title, body, options) => {
    expect((await pushed(world, body, options)).accepted).toBeGreaterThan(0);
  });
});

describe('a key may be sent', () => {
  it.each([
    ['Authorization', (token: string) => ({ authorization: `Bearer ${token}` })],
    ['Authorization in lower case', (token: string) => ({ authorization: `bearer ${token}` })],
    ['X-Api-Key', (token: string) => ({ 'x-api-key': token })],
  ])('as %s', async (_title, headersOf) => {
    const answer = await world.app.inject({
      method: 'POST',
      url: '/v1/readings',
      headers: { 'content-type': 'application/json', ...headersOf(world.tokens.cement) },
      payload: json,
    });
    expect(answer.statusCode).toBe(202);
  });

  it('until it is retired, also when it was right a moment ago', async () => {
    await pushed(world, json, { key: 'sugar' });
    const version = world.registry.get('key', 'sugar')!.version;
    const retired = await world.registry.submit({
      kind: 'key',
      entity: 'sugar',
      expectedVersion: version,
      body: null,
      by: 'test',
    });
    expect(retired.ok).toBe(true);
    expect((await push(world, json, { key: 'sugar' })).json()).toMatchObject({ code: 'key_invalid' });
  });

  it('until it expires, also when it was right a moment ago', async () => {
    const { key, token } = createApiKey({
      id: 'short',
      name: 'short',
      role: 'plant',
      enterprise: 'bim-son-cement',
      expiresAt: noon + 1_000,
      now: noon,
    });
    await world.register('key', 'short', key);
    const headers = { authorization: `Bearer ${token}` };
    now = noon + 999;
    await pushed(world, json, { headers });
    now = noon + 1_000;
    expect((await push(world, json, { headers })).json()).toMatchObject({ code: 'key_expired' });
    now = noon;
  });

  it('and is in no log line', async () => {
    await push(world, json, { headers: { 'x-request-id': 'the-request' } });
    expect(world.logged()).toContain('the-request');
    for (const token of Object.values(world.tokens)) expect(world.logged()).not.toContain(token.slice(-40));
  });
});
