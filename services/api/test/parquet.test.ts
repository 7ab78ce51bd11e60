import { flag } from '@songma/domain';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parquetPieces } from '../src/answers/parquet.ts';
import { noon, openApi, type ApiWorld } from './api-world.ts';

const hourMs = 3_600_000;
const from = Date.parse('2026-11-20T00:00:00+07:00');

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi();
  await world.store('kiln-pm', [
    [from, 10.5],
    [from + 300_000, Number.NaN, flag.fault],
    [from + 600_000, 700],
  ]);
});
afterAll(() => world.close());

/** The rows of a Parquet answer. */
async function rowsOf(url: string) {
  const response = await world.ask(url, {
    as: 'analyst',
    headers: { accept: 'application/vnd.apache.parquet' },
  });
  expect(response.statusCode, response.body).toBe(200);
  expect(response.headers['content-type']).toBe('application/vnd.apache.parquet');
  const { rawPayload } = response;
  const file = new Uint8Array(rawPayload).buffer;
  return { rows: await parquetReadObjects({ file }), headers: response.headers };
}

describe('A series as Parquet', () => {
  it('has numbers, times and texts as what they are, and the same rows as JSON', async () => {
    const { rows } = await rowsOf('/v1/series?meter=kiln-pm&from=2026-11-20&to=2026-11-21');
    const ofCounters = { since: null, consumption: null, verdict: null, confidence: null, spread: null };
    expect(rows).toEqual([
      {
        meter: 'kiln-pm',
        time: new Date(from),
        value: 10.5,
        unit: 'mg/Nm3',
        status: 'measured',
        flags: '',
        knownAt: new Date(noon - hourMs),
        revision: 0,
        ...ofCounters,
      },
      expect.objectContaining({ value: null, status: 'fault', time: new Date(from + 300_000) }),
      expect.objectContaining({ value: 700, flags: 'out-of-range' }),
    ]);
  });

  it('comes in pages, whose next the Link header names', async () => {
    const { rows, headers } = await rowsOf('/v1/series?meter=kiln-pm&from=2026-11-20&to=2026-11-21&limit=2');
    expect(rows).toHaveLength(2);
    const [, next] = /^<(.+)>; rel="next"$/.exec(String(headers['link'])) ?? [];
    expect((await rowsOf(next!)).rows).toMatchObject([{ value: 700 }]);
  });

  it('is a file without rows where nothing is there', async () => {
    expect((await rowsOf('/v1/series?meter=kiln-pm&from=2020-01-01&to=2020-01-02')).rows).toEqual([]);
    expect((await rowsOf('/v1/restatements')).rows).toEqual([]);
  });
});

describe('Indicators as Parquet', () => {
  it('have the columns of the CSV', async () => {
    await world.store('mill-power', [[from, 1]]);
    await world.keepIndicators('cement', [
      {
        id: `cement/electricity-intensity/P1D/${from}`,
        enterprise: 'cement',
        name: 'electricity-intensity',
        window: 'P1D',
        start: from,
        end: from + 24 * hourMs,
        value: null,
        unit: 'kWh/t',
        coverage: 0.5,
        withheld: 'coverage',
        numerator: 5,
        denominator: null,
        revision: 1,
        inputs: [{ meter: 'mill-power', revision: 2 }],
        publishedAt: noon,
      },
    ]);
    const { rows } = await rowsOf('/v1/indicators?from=2026-11-20');
    expect(rows).toMatchObject([
      {
        value: null,
        coverage: 0.5,
        inputs: 'mill-power:2',
        start: new Date(from),
        publishedAt: new Date(noon),
      },
    ]);
    const { body } = await world.ask('/v1/indicators?from=2026-11-20&format=csv');
    expect(Object.keys(rows[0]!)).toEqual(body.split('\r\n')[0]!.split(','));
  });
});

describe('A Parquet file', () => {
  const rowOf = (n: number) => ({ n, text: `row ${n % 7}`, half: n / 2, even: n % 2 === 0 });
  const columns = { n: 'integer', text: 'text', half: 'number', even: 'boolean' } as const;
  async function* batches(count: number) {
    for (let at = 0; at < count; at += 1000) {
      yield Array.from({ length: Math.min(1000, count - at) }, (_, i) => rowOf(at + i));
    }
  }

  it.each([0, 1, 4_999, 5_000, 5_001, 12_000])(
    'of %i rows is written in groups that are given away as they are full',
    async (count) => {
      const pieces = await Array.fromAsync(
        parquetPieces({ columns, cellsOf: (row) => row, batches: batches(count) }),
      );
      expect(pieces).toHaveLength(Math.floor(count / 5_000) + 1);
      const file = new Uint8Array(Buffer.concat(pieces)).buffer;
      const sizes = parquetMetadata(file).row_groups.map(({ num_rows }) => Number(num_rows));
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(count);
      expect(Math.max(0, ...sizes)).toBeLessThanOrEqual(5_000);
      expect(await parquetReadObjects({ file })).toEqual(Array.from({ length: count }, (_, n) => rowOf(n)));
    },
  );

  it('that is left in the middle lets its rows go', async () => {
    let isLetGo = false;
    async function* endless() {
      try {
        for (let n = 0; ; n++) yield [rowOf(n)];
      } finally {
        isLetGo = true;
      }
    }
    const pieces = parquetPieces({ columns, cellsOf: (row) => row, batches: endless() });
    await pieces.next();
    await pieces.return(undefined);
    expect(isLetGo).toBe(true);
  });
});
