import { outcome } from '@songma/domain';
import { ConfigError, createLogger, UnavailableError } from '@songma/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openInfluxSeriesStore } from '../src/influx/influx-series-store.ts';
import { shardedBlock } from './blocks.ts';
import { startInfluxStub, type Answer, type InfluxStub } from './influx-stub.ts';

const { stored, refused } = outcome;
const t0 = Date.UTC(2026, 0, 5);
const logger = createLogger({ service: 'test', level: 'silent' });
const conflict = (field: string, dropped: number) => ({
  status: 422,
  message: `partial write: field type conflict: input field "${field}" on measurement "readings/s" is type float, already exists as type integer dropped=${dropped}`,
});

let stub: InfluxStub;
beforeEach(async () => {
  stub = await startInfluxStub();
});
afterEach(() => stub.close());

const open = () =>
  openInfluxSeriesStore(
    { url: stub.url, token: 't', org: 'o', bucket: 'songma', timeoutMs: 150 },
    { logger },
  );
/** A block of three meters at four times. */
const block = () =>
  shardedBlock(
    's',
    1000,
    [0, 1, 2, 3].flatMap((n) =>
      ['a', 'b', 'c'].map((meter) => ({ meter, time: t0 + n * 60_000, value: n + 0.5 })),
    ),
  );
/** Answers writes of readings; the store's own lines are taken. */
function answerReadings(answer: (lines: readonly string[]) => Answer): void {
  stub.answer = (lines) => (lines[0]!.startsWith('readings/') ? answer(lines) : { status: 204 });
}
/** `time-field` pairs that were stored, without the line's own field. */
const storedFields = () =>
  new Set(
    stub.stored
      .flatMap((body) => body.split('\n'))
      .filter((line) => line.startsWith('readings/'))
      .flatMap((line) => {
        const [, fields = '', time = ''] = line.split(' ');
        return fields.split(',').map((field) => `${(Number(time) - t0) / 60_000}-${field.split('=')[0]}`);
      })
      .filter((pair) => !pair.includes('~k')),
  );

describe('what InfluxDB answers to a write', () => {
  test.each<[string, Answer, string, number | undefined]>([
    ['401', { status: 401, message: 'unauthorized access' }, 'store_unauthorized', undefined],
    ['403', { status: 403, message: 'forbidden' }, 'store_unauthorized', undefined],
    ['404', { status: 404, message: 'bucket not found' }, 'store_bucket_missing', undefined],
    ['408', { status: 408, message: 'timeout' }, 'store_timeout', undefined],
    ['429', { status: 429, message: 'slow down', headers: { 'retry-after': '7' } }, 'store_throttled', 7000],
    ['500', { status: 500, message: 'no space left on device' }, 'store_failing', undefined],
    [
      '503',
      { status: 503, message: 'starting', headers: { 'retry-after': '86400' } },
      'store_failing',
      300_000,
    ],
    ['201, a partial write of newer servers', { status: 201 }, 'store_failing', undefined],
    ['silence', 'silence', 'store_timeout', undefined],
    ['a reset connection', 'reset', 'store_unreachable', undefined],
  ])('%s rejects as an outage, and the batch can be repeated', async (_title, answer, code, retryAfterMs) => {
    const store = await open();
    answerReadings(() => answer);
    const error = await store.write([block()]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error).toMatchObject({ code });
    expect((error as UnavailableError).retryAfterMs).toBe(retryAfterMs);
    expect(storedFields().size).toBe(0);

    answerReadings(() => ({ status: 204 }));
    const [result] = await store.write([block()]);
    expect([...result!.outcomes]).toEqual(Array.from({ length: 12 }, () => stored));
    expect(storedFields().size).toBe(12);
    await store.close();
  });

  test('400 refuses the field that it is about, with its words, and everything else is stored', async () => {
    const store = await open();
    answerReadings((lines) =>
      lines.some((line) => line.includes('b=2.5'))
        ? { status: 400, message: "unable to parse 'b=2.5'" }
        : { status: 204 },
    );
    const [result] = await store.write([block()]);
    expect(result!.refused).toEqual([{ index: 7, problem: "unable to parse 'b=2.5'" }]);
    expect([...result!.outcomes].filter((code) => code === refused)).toHaveLength(1);
    expect(storedFields().size).toBe(11);
    await store.close();
  });

  test('413 is split until it fits', async () => {
    const store = await open();
    answerReadings((lines) => ({ status: lines.join('\n').length > 60 ? 413 : 204, message: 'too large' }));
    const [result] = await store.write([block()]);
    expect(result!.refused).toEqual([]);
    expect(storedFields().size).toBe(12);
    await store.close();
  });

  test('422 refuses the readings of the field in conflict, and stores the rest of their lines', async () => {
    const store = await open();
    answerReadings((lines) => {
      const inConflict = lines.filter((line) => /[ ,]b=/.test(line)).length;
      return inConflict > 0 ? conflict('b', inConflict) : { status: 204 };
    });
    const [result] = await store.write([block()]);
    expect(result!.refused.map(({ index }) => index)).toEqual([1, 4, 7, 10]);
    expect(result!.refused[0]!.problem).toContain('field type conflict');
    expect(storedFields()).toEqual(new Set([0, 1, 2, 3].flatMap((n) => [`${n}-a`, `${n}-c`])));
    expect(stub.writes).toBeLessThan(8);
    await store.close();
  });

  test('422 of whole lines, such as those older than the retention, refuses just these', async () => {
    const store = await open();
    answerReadings((lines) => {
      const old = lines.filter((line) => Number(line.split(' ')[2]) < t0 + 120_000).length;
      return old > 0
        ? { status: 422, message: `partial write: dropped ${old} points outside retention policy` }
        : { status: 204 };
    });
    const [result] = await store.write([block()]);
    expect(result!.refused.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
    await store.close();
  });

  test('a refusal is answered again when the block is repeated', async () => {
    const store = await open();
    answerReadings((lines) =>
      lines.some((line) => line.includes('a=0.5')) ? { status: 400, message: 'no' } : { status: 204 },
    );
    const first = await store.write([block()]);
    expect(await store.write([block()])).toEqual(first);
    await store.close();
  });
});

describe('what InfluxDB answers otherwise', () => {
  test('a query that stalls in the middle of its answer rejects as an outage', async () => {
    const store = await open();
    stub.other.set('/query', 'silence');
    await expect(store.due('S00', 1)).rejects.toMatchObject({ code: 'store_timeout' });
    await store.close();
  });

  test('an error inside of an answer rejects as an outage', async () => {
    const store = await open();
    stub.other.set('/query', '{"results":[{"statement_id":0,"error":"shard is closed"}]}');
    await expect(store.due('S00', 1)).rejects.toMatchObject({ code: 'store_failing' });
    await store.close();
  });

  test('a server that is too old or too new, a bucket that is missing or not mapped is a matter of settings', async () => {
    const bad: [string, string, string][] = [
      ['/health', '{"status":"pass","version":"v2.9.0"}', 'INFLUX_URL'],
      ['/health', '{"status":"pass","version":"3.1.0"}', 'INFLUX_URL'],
      ['/api/v2/buckets', '{"buckets":[]}', 'INFLUX_BUCKET'],
      ['/api/v2/dbrps', '{"content":null}', 'INFLUX_BUCKET'],
    ];
    for (const [path, answer, setting] of bad) {
      const good = stub.other.get(path)!;
      stub.other.set(path, answer);
      const error = await open().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as ConfigError).problems[0]!.setting).toBe(setting);
      stub.other.set(path, good);
    }
    for (const version of ['v2.9.1', '2.10.0', 'dev']) {
      stub.other.set('/health', `{"status":"pass","version":"${version}"}`);
      await (await open()).close();
    }
  });

  test('`check` rejects while the server is unhealthy, and opening while it is not there', async () => {
    const store = await open();
    await store.check();
    stub.other.set('/health', '{"status":"fail"}');
    await expect(store.check()).rejects.toMatchObject({ code: 'store_failing' });
    await store.close();
    const url = 'http://127.0.0.1:1';
    const opening = openInfluxSeriesStore({ url, token: 't', org: 'o', bucket: 'songma' }, { logger });
    await expect(opening).rejects.toMatchObject({ code: 'store_unreachable' });
  });

  test('`close` waits for a write that is under way', async () => {
    const store = await open();
    const steps: string[] = [];
    const writing = store.write([block()]).then(() => steps.push('written'));
    await store.close().then(() => steps.push('closed'));
    await writing;
    expect(steps).toEqual(['written', 'closed']);
    expect(storedFields().size).toBe(12);
  });
});
