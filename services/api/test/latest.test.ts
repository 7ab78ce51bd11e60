import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstKnownUs, noon, openApi, refusalOf, type ApiWorld } from './api-world.ts';

const minuteMs = 60_000;
const dayMs = 1440 * minuteMs;
const from = Date.parse('2026-11-20T00:00:00+07:00');

interface Page {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly next: string | null;
}

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi();
  const quarters = Array.from({ length: 192 }, (_, n) => [from + n * 15 * minuteMs, n] as const);
  await world.store('mill-power', quarters);
  await world.rollUp('mill-power', from, from + 2 * dayMs);
  // Long before, and with a long silence between.
  await world.store('kiln-pm', [
    [from - 400 * dayMs, 1],
    [from, 2],
    [from + 5 * minuteMs, 3],
  ]);
  await world.store('kiln-pm', [[from + 5 * minuteMs, 4]], firstKnownUs + 10);
});
afterAll(() => world.close());

async function page(url: string): Promise<Page> {
  const response = await world.ask(url, { as: 'analyst' });
  expect(response.statusCode, response.body).toBe(200);
  return response.json<Page>();
}

async function pagesOf(url: string) {
  const items: Page['items'][number][] = [];
  for (let cursor = ''; ;) {
    const { items: more, next } = await page(`${url}${cursor}`);
    items.push(...more);
    if (next === null) return items;
    cursor = `&cursor=${next}`;
  }
}

describe('The latest first', () => {
  it.each([
    'meter=kiln-pm&meter=mill-power&from=2025-01-01',
    'meter=mill-power&from=2026-11-20T01:05:00%2B07:00&to=2026-11-21T05:00:00%2B07:00',
    'meter=mill-power&from=2026-11-20&window=PT1H',
    'meter=mill-power&from=2026-11-18&to=2026-11-25&window=PT1H&gaps=show',
    'meter=mill-power&from=2026-09-18&window=P1D&gaps=show',
    'meter=mill-power&from=2024-11-18&window=P1M&gaps=show',
    'meter=mill-power&from=2026-11-20&window=PT15M',
  ])('are the same rows as the oldest first, turned round, whole and in pages: %s', async (query) => {
    const ascending = (await page(`/v1/series?${query}`)).items;
    const expected = [...Map.groupBy(ascending, ({ meter }) => meter).values()].flatMap((rows) =>
      rows.toReversed(),
    );
    expect(expected.length).toBeGreaterThan(1);
    expect((await page(`/v1/series?${query}&order=desc`)).items).toEqual(expected);
    expect(await pagesOf(`/v1/series?${query}&order=desc&limit=7`)).toEqual(expected);
    expect(await pagesOf(`/v1/series?${query}&limit=7`)).toEqual(ascending);
  });
});

describe('GET /v1/latest', () => {
  it('tells the newest reading of each meter, as it stands, and of who has sent nothing that', async () => {
    const { items } = await page('/v1/latest');
    expect(items.map(({ meter, time, value }) => [meter, time, value])).toEqual([
      ['kiln-pm', '2026-11-20T00:05:00+07:00', 4],
      ['mill-power', '2026-11-21T23:45:00+07:00', 191],
      ['sugar-power', null, null],
    ]);
  });

  it('finds one after a silence of more than a year, and what was known at a time', async () => {
    const asOf = '2026-11-23T11:00:00.000005%2B07:00';
    expect((await page(`/v1/latest?meter=kiln-pm&asOf=${asOf}`)).items).toMatchObject([{ value: 3 }]);
    await world.store('sugar-power', [[noon - 800 * dayMs, 7]]);
    expect((await page('/v1/latest?meter=sugar-power')).items).toMatchObject([{ value: 7 }]);
  });

  it('comes in pages and as a table, and tells a plant of its own meters alone', async () => {
    expect(await pagesOf('/v1/latest?limit=1')).toHaveLength(3);
    const csv = await world.ask('/v1/latest?format=csv', { as: 'sugar' });
    expect(csv.body.trimEnd().split('\r\n').slice(1)).toEqual([
      expect.stringMatching(/^sugar-power,Điện,sugar-site,,sugar,electricity,interval,/),
    ]);
    expect(refusalOf(await world.ask('/v1/latest?meter=kiln-pm', { as: 'sugar' }))).toEqual([
      404,
      'not_found',
    ]);
  });
});
