import { afterAll, beforeAll, expect, it } from 'vitest';
import { noon, openApi, type ApiWorld } from './api-world.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const [from, to] = ['2025-01-01', '2025-04-01'].map((date) => Date.parse(`${date}T00:00:00+09:00`)) as [
  number,
  number,
];
/** What each meter reads a day. */
const daily = { 'press-kwh': 900, 'boiler-kwh': 100, 'sugar-tonnes': 10 };

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi();
  await put('/v1/sites/press', { enterprise: 'sugar', name: 'Ép', timeZone: 'Asia/Tokyo' });
  for (const [id, value] of Object.entries(daily)) {
    const subject = id.endsWith('kwh')
      ? { quantity: 'electricity', unit: 'kWh' }
      : { quantity: 'production', unit: 't' };
    await put(`/v1/meters/${id}`, {
      ...subject,
      site: 'press',
      name: id,
      kind: 'interval',
      intervalMs: dayMs,
    });
    const readings = Array.from({ length: (to - from) / dayMs }, (_, day) => [from + day * dayMs, value]);
    await world.store(id, readings);
    await world.rollUp(id, from, to);
  }
  await put('/v1/baselines/press-2025', {
    enterprise: 'sugar',
    site: 'press',
    name: 'Điện 2025',
    resource: 'electricity',
    model: 'ratio',
    period: 'P1M',
    from: '2025-01-01',
    to: '2025-03-01',
    reason: 'test',
  });
});
afterAll(() => world.close());

async function put(url: string, body: object): Promise<void> {
  const written = await world.ask(url, { method: 'PUT', body, headers: { 'if-none-match': '*' } });
  expect(written.statusCode, written.body).toBe(201);
}

async function retire(path: string): Promise<void> {
  const retired = await world.ask(`/v1/${path}`, { method: 'DELETE', headers: { 'if-match': '"1"' } });
  expect(retired.statusCode, retired.body).toBe(204);
}

interface Answer {
  readonly timeZone: string;
  readonly meters: { readonly resource: readonly string[] };
  readonly items: readonly { readonly actual: number | null }[];
}

async function marchOf(more = ''): Promise<Answer> {
  const url = `/v1/savings?baseline=press-2025&from=2025-03-01&to=2025-04-01${more}`;
  const response = await world.ask(url, { as: 'analyst' });
  expect(response.statusCode, response.body).toBe(200);
  return response.json<Answer>();
}

it('a meter that was retired since counts in what had been told before', async () => {
  const before = await marchOf();
  expect(before.items.map(({ actual }) => actual)).toEqual([31 * 1000]);

  world.setClock(noon + hourMs);
  await retire('meters/boiler-kwh');
  const now = await marchOf();
  expect(now.meters.resource).toEqual(['press-kwh']);
  expect(now.items.map(({ actual }) => actual)).toEqual([31 * 900]);

  const then = await marchOf(`&asOf=${new Date(noon).toISOString()}`);
  expect(then.meters).toEqual(before.meters);
  expect(then.items).toEqual(before.items);

  for (const path of ['baselines/press-2025', 'meters/press-kwh', 'meters/sugar-tonnes', 'sites/press']) {
    await retire(path);
  }
  const whenAllIsGone = await marchOf(`&asOf=${new Date(noon).toISOString()}`);
  expect(whenAllIsGone.timeZone).toBe('Asia/Tokyo');
  expect(whenAllIsGone).toEqual(then);
});
