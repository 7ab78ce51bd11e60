import { flag } from '@songma/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seriesMetersMax, seriesWindowsMax } from '../src/series/query.ts';
import { firstKnownUs, noon, openApi, refusalOf, type ApiWorld } from './api-world.ts';

const quarterMs = 900_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Midnight in Thanh Hóa of 20 November 2026; three whole days of quarter hours follow. */
const from = Date.parse('2026-11-20T00:00:00+07:00');
const to = from + 3 * dayMs;

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi();
  const quarters = Array.from({ length: 3 * 96 }, (_, i) => [from + i * quarterMs, i]);
  await world.store('mill-power', quarters);
  await world.rollUp('mill-power', from, to);
  await world.store('kiln-pm', [
    [from, 10],
    [from + 300_000, 20, flag.calibrating],
    [from + 600_000, Number.NaN, flag.fault],
    [from + 900_000, 700],
  ]);
});
afterAll(() => world.close());

interface Answer {
  readonly items: Record<string, unknown>[];
  readonly next: string | null;
  readonly [field: string]: unknown;
}

async function series(query: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await world.ask(`/v1/series?${query}`, { as: 'analyst', headers });
  if (response.statusCode !== 200) throw new Error(response.body);
  return response;
}
const answer = async (query: string) => (await series(query)).json<Answer>();

describe('raw readings', () => {
  it('are as they were read, with unit, status and when they became known', async () => {
    const { items, values, meters } = await answer('meter=kiln-pm&from=2026-11-20&to=2026-11-21');
    expect(values).toBe('as-read');
    expect(meters).toMatchObject([{ meter: 'kiln-pm', enterprise: 'cement', unit: 'mg/Nm3', multiplier: 1 }]);
    expect(items[0]).toEqual({
      meter: 'kiln-pm',
      time: '2026-11-20T00:00:00+07:00',
      value: 10,
      unit: 'mg/Nm3',
      status: 'measured',
      flags: [],
      knownAt: '2026-11-23T11:00:00.000000+07:00',
      revision: 0,
      since: null,
      consumption: null,
      verdict: null,
      confidence: null,
      spread: null,
    });
    expect(items.map(({ value, status, flags }) => [value, status, flags])).toEqual([
      [10, 'measured', []],
      [20, 'calibrating', []],
      [null, 'fault', []],
      [700, 'measured', ['out-of-range']],
    ]);
  });

  it('take a date as midnight at the site', async () => {
    const { items } = await answer('meter=mill-power&from=2026-11-21&to=2026-11-22');
    expect(items.length).toBe(96);
    expect(items[0]).toMatchObject({ time: '2026-11-21T00:00:00+07:00', value: 96 });
  });

  it('are those of each meter in turn, in the order asked for', async () => {
    const { items } = await answer(
      'meter=mill-power&meter=kiln-pm&from=2026-11-20&to=2026-11-20T01:00:00%2B07:00',
    );
    expect(items.map(({ meter }) => meter)).toEqual([
      ...Array.from({ length: 4 }, () => 'mill-power'),
      ...Array.from({ length: 4 }, () => 'kiln-pm'),
    ]);
  });
});

/** Sum of the quarter hours of that number on, multiplied by the meter's 2. */
const sumOf = (first: number, count: number) => 2 * (count * first + (count * (count - 1)) / 2);

describe('windows', () => {
  it.each([
    ['PT15M', 3 * 96, sumOf(0, 1), '2026-11-20T00:15:00+07:00', 1],
    ['PT1H', 3 * 24, sumOf(0, 4), '2026-11-20T01:00:00+07:00', 1],
    ['P1D', 3, sumOf(0, 96), '2026-11-21T00:00:00+07:00', 1],
    ['P1M', 1, sumOf(0, 288), '2026-12-01T00:00:00+07:00', 3 / 30],
    ['P1Y', 1, sumOf(0, 288), '2027-01-01T00:00:00+07:00', 3 / 365],
  ])('of %s hold what lies in them, multiplied', async (window, count, sum, end, coverage) => {
    const { items, values } = await answer(`meter=mill-power&window=${window}&from=2026-11-20&to=2026-11-23`);
    expect(values).toBe('multiplied');
    expect(items.length).toBe(count);
    expect(items[0]).toMatchObject({ meter: 'mill-power', unit: 'kWh', sum, end });
    expect(items[0]!['coverage']).toBeCloseTo(coverage, 12);
    expect(items[0]!['quality']).toBe(coverage === 1 ? 'complete' : 'partial');
  });

  it('are whole where the span cuts them', async () => {
    const { items } = await answer(
      'meter=mill-power&window=PT1H&from=2026-11-20T02:40:00%2B07:00&to=2026-11-20T03:10:00%2B07:00',
    );
    expect(items.map(({ start, sum }) => [start, sum])).toEqual([
      ['2026-11-20T02:00:00+07:00', sumOf(8, 4)],
      ['2026-11-20T03:00:00+07:00', sumOf(12, 4)],
    ]);
  });

  it('that hold nothing are left out, or shown as missing', async () => {
    const query = 'meter=mill-power&window=P1D&from=2026-11-18&to=2026-11-21';
    expect((await answer(query)).items.length).toBe(1);
    const { items } = await answer(`${query}&gaps=show`);
    expect(items.map(({ quality, coverage, sum, expected }) => [quality, coverage, sum, expected])).toEqual([
      ['missing', 0, null, 96],
      ['missing', 0, null, 96],
      ['complete', 1, sumOf(0, 96), 96],
    ]);
  });

  it('say the same computed from what was known then as they do stored', async () => {
    const known = '2026-11-23T11:00:00.000000%2B07:00';
    for (const window of ['PT1H', 'P1D', 'P1M']) {
      const query = `meter=mill-power&window=${window}&from=2026-11-20&to=2026-11-23`;
      const unrevised = ({ items }: Answer) => items.map(({ revision: _revision, ...item }) => item);
      expect(unrevised(await answer(`${query}&asOf=${known}`))).toEqual(unrevised(await answer(query)));
    }
  });
});

describe('the formats', () => {
  const query = 'meter=kiln-pm&from=2026-11-20&to=2026-11-21';

  it.each([
    [{}, '', 'application/json'],
    [{ accept: '*/*' }, '', 'application/json'],
    [{ accept: 'text/csv' }, '', 'text/csv'],
    [{ accept: 'application/x-ndjson' }, '', 'application/x-ndjson'],
    [{ accept: 'text/html, text/csv;q=0.5' }, '', 'text/csv'],
    [{ accept: 'text/csv' }, '&format=ndjson', 'application/x-ndjson'],
  ])('follow Accept %o and "%s"', async (headers, more, type) => {
    const response = await series(query + more, headers);
    expect(response.headers['content-type']).toContain(type);
  });

  it('hold the same rows', async () => {
    const { items } = await answer(query);
    const lines = (await series(`${query}&format=ndjson`)).body.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(items);
    const [head, ...rows] = (await series(`${query}&format=csv`)).body.trimEnd().split('\r\n');
    expect(head).toBe(
      'meter,time,value,unit,status,flags,knownAt,revision,since,consumption,verdict,confidence,spread',
    );
    expect(rows.map((row) => row.split(',').map((cell) => cell.replace(/^(\d+)\.0$/, '$1')))).toEqual(
      items.map((item) =>
        Object.values(item).map((value) => (value === null ? '' : String(value as string | number))),
      ),
    );
  });

  it('are all whole where nothing is there', async () => {
    const empty = 'meter=kiln-pm&from=2020-01-01&to=2020-01-02';
    expect(await answer(empty)).toMatchObject({ items: [], next: null });
    expect((await series(`${empty}&format=ndjson`)).body).toBe('');
    expect((await series(`${empty}&format=csv`)).body).toMatch(/^meter,.*\r\n$/);
  });

  it('other than these are refused', async () => {
    const refused = await world.ask(`/v1/series?${query}`, { headers: { accept: 'image/png' } });
    expect(refusalOf(refused)).toEqual([406, 'not_acceptable']);
  });
});

describe('a correction', () => {
  const at = Date.parse('2026-11-10T08:00:00+07:00');
  const span = 'from=2026-11-10T08:00:00%2B07:00&to=2026-11-10T09:00:00%2B07:00';
  const correctedUs = firstKnownUs + 60_000_000;
  beforeAll(async () => {
    await world.store('sugar-power', [[at, 5]], firstKnownUs);
    await world.store('sugar-power', [[at, 7]], correctedUs);
  });

  it.each([
    ['raw', 'value'],
    ['PT15M', 'sum'],
    ['PT1H', 'sum'],
  ])('leaves the old value readable as %s with asOf', async (window, field) => {
    const known = async (asOf: string) =>
      (await answer(`meter=sugar-power&window=${window}&${span}${asOf}`)).items.map((item) => item[field]);
    expect(await known('&asOf=2026-11-23T11:00:59.999999%2B07:00')).toEqual([5]);
    expect(await known('&asOf=2026-11-23T11:01:00.000000%2B07:00')).toEqual([7]);
    expect(await known('&asOf=2026-11-23T10:59:59.999999%2B07:00')).toEqual([]);
  });

  it.each([
    ['raw', 'value'],
    ['PT15M', 'sum'],
  ])('shows the new value as %s without', async (window, field) => {
    const { items } = await answer(`meter=sugar-power&window=${window}&${span}`);
    expect(items.map((item) => item[field])).toEqual([7]);
  });

  it('is found by the knownAt that its own answer gave', async () => {
    const { items } = await answer(`meter=sugar-power&${span}`);
    expect(items[0]).toMatchObject({ value: 7, revision: 1 });
    const asOf = encodeURIComponent(String(items[0]!['knownAt']));
    expect((await answer(`meter=sugar-power&${span}&asOf=${asOf}`)).items[0]).toMatchObject({ value: 7 });
  });
});

describe('a long span', () => {
  const start = Date.parse('2024-01-01T00:00:00+07:00');
  const count = 40_000;
  const query = `meter=kiln-pm&from=2024-01-01&to=2024-06-01&format=ndjson`;
  beforeAll(async () => {
    for (let first = 0; first < count; first += 5000) {
      const readings = Array.from({ length: 5000 }, (_, i) => [start + (first + i) * 300_000, first + i]);
      await world.store('kiln-pm', readings, firstKnownUs + first);
    }
  });

  it('is streamed in pieces, whole and in order', async () => {
    const response = await world.stream(`/v1/series?${query}`, { as: 'analyst' });
    let pieces = 0;
    let text = '';
    for await (const piece of response.stream()) {
      pieces++;
      text += String(piece);
    }
    expect(pieces).toBeGreaterThan(20);
    const values = text
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { value: number }).value);
    expect(values).toEqual(Array.from({ length: count }, (_, i) => i));
  });

  it('that a reader leaves in the middle leaves the store as it was', async () => {
    for (let i = 0; i < 5; i++) {
      const response = await world.stream(`/v1/series?${query}`, { as: 'analyst' });
      await response.stream()[Symbol.asyncIterator]().next();
      response.stream().destroy();
      const head = await world.ask(`/v1/series?${query}`, { method: 'HEAD' });
      expect(head.statusCode).toBe(200);
    }
    await world.store('kiln-pm', [[noon - dayMs, 1]]);
    expect((await answer('meter=kiln-pm&from=2026-11-22&to=2026-11-23')).items.length).toBe(1);
  });
});

async function codeOf(query: string): Promise<number | string> {
  const response = await world.ask(`/v1/series?${query}`);
  return response.statusCode === 200 ? 200 : response.json<{ code: string }>().code;
}

/** A span of so many steps, up to the midnight of UTC that began November 2026. */
function spanOf(count: number, stepMs: number): string {
  const end = Date.parse('2026-11-01T00:00:00Z');
  return `from=${new Date(end - count * stepMs).toISOString()}&to=${new Date(end).toISOString()}`;
}

function kilnMeters(count: number): string {
  return Array.from({ length: count }, () => 'kiln-pm').join(',');
}

describe('the limits', () => {
  it(`are ${seriesMetersMax} meters`, async () => {
    const span = 'from=2020-01-01&to=2020-01-02';
    expect(await codeOf(`meter=${kilnMeters(seriesMetersMax)}&${span}`)).toBe(200);
    expect(await codeOf(`meter=${kilnMeters(seriesMetersMax + 1)}&${span}`)).toBe('invalid_request');
  });

  it(`are ${seriesWindowsMax} windows over all meters`, async () => {
    expect(await codeOf(`meter=sugar-power&window=PT15M&${spanOf(seriesWindowsMax, quarterMs)}`)).toBe(200);
    expect(await codeOf(`meter=sugar-power&window=PT15M&${spanOf(seriesWindowsMax + 1, quarterMs)}`)).toBe(
      'span_too_long',
    );
    const half = spanOf(seriesWindowsMax / 2 + 1, quarterMs);
    expect(await codeOf(`meter=sugar-power,mill-power&window=PT15M&${half}`)).toBe('span_too_long');
  });

  it('count hours where years are computed as of a time', async () => {
    const asOf = '&asOf=2026-11-23T00:00:00Z';
    expect(await codeOf(`meter=sugar-power&window=P1Y&${spanOf(5000, dayMs)}`)).toBe(200);
    expect(await codeOf(`meter=sugar-power&window=P1Y&${spanOf(5000, dayMs)}${asOf}`)).toBe('span_too_long');
  });

  it('do not bind raw readings', async () => {
    expect(await codeOf('meter=sugar-power&from=1970-01-01&to=2199-12-31')).toBe(200);
  });
});

describe('readings below detection and out of range', () => {
  const query = 'meter=hall-pm&from=2026-11-20&to=2026-11-20T00:20:00%2B07:00';
  const below = flag.belowDetection;

  beforeAll(async () => {
    const { meter } = world.registry.meter('kiln-pm')!;
    const body = { ...meter, id: 'hall-pm', source: undefined, belowDetection: { counts: 'half' } };
    const command = { kind: 'meter', entity: 'hall-pm', expectedVersion: 0, body, by: 'test' } as const;
    const made = await world.registry.submit(command);
    if (!made.ok) throw new Error(JSON.stringify(made));
    await world.store('hall-pm', [
      [from, 0.5, below],
      [from + 300_000, Number.NaN, below],
      [from + 600_000, 9_999, below | flag.fault],
      [from + 900_000, 2],
    ]);
  });

  it('tell their limit and what they are, in every format', async () => {
    const { items } = await answer(query);
    const told = (rows: typeof items) => rows.map(({ value, status, flags }) => [value, status, flags]);
    expect(told(items)).toEqual([
      [0.5, 'measured', ['below-detection']],
      [null, 'measured', ['below-detection']],
      [9_999, 'fault', ['out-of-range', 'below-detection']],
      [2, 'measured', []],
    ]);
    const csv = (await series(`${query}&format=csv`)).body;
    expect(csv).toContain(',fault,out-of-range;below-detection,');
    const lines = (await series(`${query}&format=ndjson`)).body.trimEnd().split('\n');
    expect(told(lines.map((line) => JSON.parse(line) as (typeof items)[number]))).toEqual(told(items));
  });

  it('are counted in windows, as the meter says', async () => {
    const { items } = await answer(`${query}&window=PT15M`);
    expect(items[0]).toMatchObject({ mean: 0.25, belowDetection: 3, outOfRange: 1, validMs: 300_000 });
  });

  it('without a limit are nothing where they count as nothing, and tell no limit', async () => {
    const { body, version } = world.registry.get('meter', 'hall-pm')!;
    const zero = { ...body, belowDetection: { counts: 'zero' } };
    const command = {
      kind: 'meter',
      entity: 'hall-pm',
      expectedVersion: version,
      body: zero,
      by: 'test',
    } as const;
    await world.registry.submit(command);
    expect((await answer(query)).items[1]).toMatchObject({ value: null, flags: ['below-detection'] });
    const { items } = await answer(`${query}&window=PT15M`);
    expect(items[0]).toMatchObject({ mean: 0, validMs: 600_000 });
  });
});
