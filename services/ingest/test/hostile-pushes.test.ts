import { PassThrough } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { recordBytesMax } from '@songma/event-log';
import { listen } from '@songma/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BodyReader } from '../src/body-reader.ts';
import {
  makeDataDir,
  noon,
  openDoor,
  push,
  pushed,
  quarantinedOf,
  reading,
  type DoorWorld,
} from './door-world.ts';

/** Each of these stopped the door, the writer or all plants once. */

let world: DoorWorld;
let dir: Awaited<ReturnType<typeof makeDataDir>>;
beforeEach(async () => {
  dir = await makeDataDir();
});
afterEach(async () => {
  await world.close();
  await dir.remove();
});
const open = async (env: Record<string, string> = {}, now = () => noon) => {
  world = await openDoor({ dataDir: dir.path, env, now });
};

/** `[[[…]]]`, so deep. */
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('a row that is nested deep', () => {
  it.each([
    ['in its place', (depth: number) => nested(depth)],
    [
      'as a value',
      (depth: number) => `{"meter":"kiln-pm","time":"2026-11-23T11:50:00+07:00","value":${nested(depth)}}`,
    ],
    ['as a field', (depth: number) => `{"meter":"kiln-pm","${'x'.repeat(10)}":${nested(depth)}}`],
  ])('%s is refused, and the other rows are taken', async (_where, row) => {
    await open({ INGEST_LINE_BYTES_MAX: '200000' });
    for (const depth of [100, 10_000, 100_000]) {
      const body = `{"readings":[${row(depth)},${JSON.stringify(reading())}]}`;
      const receipt = await pushed(world, body, { batch: `deep-${depth}` });
      expect([receipt.rows, receipt.accepted]).toEqual([2, 1]);
      expect((await quarantinedOf(world, `deep-${depth}`))[0]!.raw.length).toBeLessThan(1_000);
    }
    const lines = await pushed(world, `${row(50_000)}\n${JSON.stringify(reading())}`, {
      type: 'application/x-ndjson',
    });
    expect(lines.accepted).toBe(1);
  });

  it('is refused as the mended form of another', async () => {
    await open();
    await pushed(world, [reading({ meter: 'nowhere' })], { batch: 'b-1' });
    const [{ id } = { id: '' }] = await quarantinedOf(world, 'b-1');
    const answer = await world.app.inject({
      method: 'POST',
      url: `/v1/quarantine/${id}/replay`,
      headers: { authorization: `Bearer ${world.tokens.cement}`, 'content-type': 'application/json' },
      payload: `{"reading":{"meter":"kiln-pm","value":${nested(400)}}}`,
    });
    expect(answer.statusCode).toBe(422);
  });
});

describe('what is refused of a push', () => {
  it('is kept with its context once, in records of bounded size', async () => {
    await open({ INGEST_ROWS_MAX: '10000' });
    const header = `meter,time,value${' '.repeat(3_000)},unit`;
    const lines = Array.from({ length: 10_000 }, (_, i) => `nowhere-${i},2026-11-23T11:50:00+07:00,1,mg`);
    await push(world, [header, ...lines].join('\n'), { type: 'text/csv', batch: 'b-1' });
    const records = (await world.records('quarantine')) as { context: string; rows: unknown[] }[];
    expect(records.reduce((sum, { rows }) => sum + rows.length, 0)).toBe(10_000);
    expect(JSON.stringify(records).length).toBeLessThan(4 * lines.join('\n').length);
    const items = await quarantinedOf(world, 'b-1', 9_999);
    expect(items[0]).toMatchObject({ context: header, raw: 'nowhere-9999,2026-11-23T11:50:00+07:00,1,mg' });
  });

  it('has a header no longer than a line: one of a megabyte before bad rows is refused as it stands', async () => {
    await open();
    const body = `meter,time,value${' '.repeat(1_000_000)},unit\n${'x,y,1,z\n'.repeat(400)}`;
    const answer = await push(world, gzipSync(body), {
      type: 'text/csv',
      headers: { 'content-encoding': 'gzip' },
    });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).not.toEqual([202, undefined]);
    expect(answer.statusCode).toBeLessThan(500);
    expect(await world.records('quarantine')).toEqual([]);
  });

  it('is kept up to a share of the day, and told beyond it; readings go on, and the next day keeps again', async () => {
    let clock = noon;
    await open({ INGEST_QUARANTINE_BYTES_PER_DAY_MAX: '1000' }, () => clock);
    const bad = Array.from({ length: 30 }, (_, i) => reading({ meter: `nowhere-${i}` }));
    const receipt = await pushed(world, [reading(), ...bad], { batch: 'b-1' });
    expect([receipt.accepted, receipt.refused.length]).toEqual([1, 30]);
    expect(receipt.notKept).toBeGreaterThan(0);
    expect(await quarantinedOf(world, 'b-1')).toHaveLength(30 - receipt.notKept!);
    const more = await pushed(world, [reading(), bad[0]!], { batch: 'b-2' });
    expect([more.accepted, more.notKept]).toEqual([1, 1]);
    const other = await pushed(world, [reading()], { batch: 'b-3', key: 'sugar' });
    expect(other.notKept).toBeUndefined();
    clock += 86_400_000;
    expect((await pushed(world, [bad[0]!], { batch: 'b-4' })).notKept).toBeUndefined();
  });

  it('of earlier builds is listed as before, and what a later build adds is passed over', async () => {
    await open();
    const row = {
      id: 'a'.repeat(32),
      batch: 'old',
      apiKey: 'cement',
      enterprise: 'bim-son-cement',
      row: 3,
      receivedAt: noon,
      code: 'meter_unknown',
      parameters: { meter: 'x' },
      format: 'csv',
      raw: 'x,y,1',
      context: 'meter,time,value',
    };
    const encoder = new TextEncoder();
    const events = [
      { event: 'dismissed', of: 'x' },
      { event: 'quarantined', row },
    ];
    await world.eventLog.append(
      'quarantine',
      events.map((event) => ({ key: 'cement', value: encoder.encode(JSON.stringify(event)) })),
    );
    expect(await quarantinedOf(world, 'old')).toMatchObject([
      { id: row.id, context: row.context, raw: row.raw },
    ]);
  });

  it('fits into the log whatever its texts are: ten thousand rows of control characters', async () => {
    await open({ INGEST_ROWS_MAX: '10000', INGEST_BODY_BYTES_MAX: '16777216' });
    const control = '\u0001'.repeat(64);
    const rows = Array.from({ length: 10_000 }, (_, i) => ({
      meter: `${control}${i}`,
      time: control,
      value: control,
    }));
    const sizes: number[] = [];
    const answer = await push(world, [reading(), ...rows.slice(1)], { batch: 'b-1' });
    expect(answer.statusCode).toBe(202);
    expect(answer.body).not.toContain('\\u0001');
    for (const { block, receipt } of await world.blocks()) {
      sizes.push(JSON.stringify(receipt).length + 100 * block.times.length);
    }
    for (const record of await world.records('quarantine')) sizes.push(JSON.stringify(record).length);
    expect(Math.max(...sizes)).toBeLessThan(recordBytesMax / 2);
  });
});

describe('a body that does not come', () => {
  const sockets: ReturnType<typeof connect>[] = [];
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  it('takes no room from others: seventeen sockets that announce 4 MiB and send nothing', async () => {
    await open();
    const { port } = new URL(await listen(world.app, { host: '127.0.0.1', port: 0 }));
    for (let i = 0; i < 17; i++) {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(
        `POST /v1/readings HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${4 * 1024 * 1024}\r\n` +
          `authorization: Bearer ${world.tokens.cement}\r\n\r\n`,
      );
      sockets.push(socket);
    }
    while (!(await world.metrics.text()).includes('songma_ingest_in_flight_pushes 17\n')) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await world.metrics.text()).toContain('songma_ingest_in_flight_bytes 0\n');
    await pushed(world, [reading({ meter: 'sugar-power' })], { key: 'sugar' });
    await pushed(world, [reading()]);
  });

  it('is sent away when it comes more slowly than the least rate, and its room is given back', async () => {
    await open();
    const bodies = new BodyReader({ bodyBytesMax: 1_000_000, bodyBytesPerSecondMin: 1_024 });
    const payload = new PassThrough();
    let bytes = 0;
    const grow = (more: number) => void (bytes += more);
    const read = bodies.read(payload as unknown as IncomingMessage, { grow });
    payload.write('x'.repeat(2_048));
    await new Promise((resolve) => setImmediate(resolve));
    bodies.sweep(performance.now() + 11_900);
    payload.write('y');
    await new Promise((resolve) => setImmediate(resolve));
    expect(bytes).toBe(2_049);
    bodies.sweep(performance.now() + 12_100);
    await expect(read).rejects.toThrow('body_too_slow');
    bodies.close();
  });

  it('that is longer than is taken ends as soon as it is, also when no length was announced', async () => {
    await open({ INGEST_BODY_BYTES_MAX: '1000' });
    const { port } = new URL(await listen(world.app, { host: '127.0.0.1', port: 0 }));
    const socket = connect(Number(port), '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.write(
      'POST /v1/readings HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n' +
        `authorization: Bearer ${world.tokens.cement}\r\n\r\n${(2_000).toString(16)}\r\n${'x'.repeat(2_000)}`,
    );
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (piece) => (text += piece.toString()));
      socket.once('close', () => resolve(text));
    });
    expect(answer).toContain('413');
    expect(answer).toContain('connection: close');
  });
});
