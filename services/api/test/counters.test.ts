import { flag } from '@songma/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstKnownUs, openApi, type ApiWorld } from './api-world.ts';

const quarterMs = 900_000;
const from = Date.parse('2026-11-17T00:00:00+07:00');
const days = 'from=2026-11-17&to=2026-11-20';
/** When the register was read as 0: in the second hour, and for twelve hours over the second midnight. */
const isZero = (i: number) => i === 5 || (i >= 170 && i < 218);

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi();
  const { meter } = world.registry.meter('mill-power')!;
  const body = { ...meter, id: 'mill-register', kind: 'counter' };
  await world.registry.submit({ kind: 'meter', entity: body.id, expectedVersion: 0, body, by: 'test' });
  const readings = Array.from({ length: 3 * 96 }, (_, i) => [
    from + i * quarterMs,
    isZero(i) ? 0 : 53_700 + 5 * i,
    i === 2 ? flag.fault : 0,
  ]);
  await world.store('mill-register', readings);
});
afterAll(() => world.close());

interface Answer {
  readonly items: Record<string, unknown>[];
  readonly next: string | null;
}
const ask = async (query: string) => {
  const response = await world.ask(`/v1/series?meter=mill-register&${query}`, { as: 'analyst' });
  if (response.statusCode !== 200) throw new Error(response.body);
  return response;
};
const itemsOf = async (query: string) => (await ask(query)).json<Answer>().items;

describe('readings of a counter', () => {
  it('carry the consumption since the reading before, multiplied, and what is found of it', async () => {
    const items = await itemsOf('from=2026-11-17&to=2026-11-17T02:00:00%2B07:00');
    const found = items.map(({ value, consumption, verdict, confidence, spread }) => [
      value,
      { consumption, verdict, confidence, spread },
    ]);
    const none = { consumption: null, spread: false };
    const normal = { consumption: 10, verdict: 'normal', confidence: 'high', spread: false };
    expect(found).toEqual([
      [53_700, { ...none, verdict: 'start', confidence: 'high' }],
      [53_705, normal],
      [53_710, { consumption: null, verdict: null, confidence: null, spread: null }],
      [53_715, { ...normal, consumption: 20, spread: true }],
      [53_720, normal],
      [0, { ...none, verdict: 'glitch', confidence: 'medium' }],
      [53_730, { consumption: 20, verdict: 'bridged', confidence: 'medium', spread: true }],
      [53_735, normal],
    ]);
    expect(items[6]!['since']).toBe('2026-11-17T01:00:00+07:00');
    expect(items[5]!['since']).toBeNull();
  });

  it('are judged by what lies around the span too', async () => {
    const all = await itemsOf(days);
    expect(all.filter(({ verdict }) => verdict === 'glitch')).toHaveLength(49);
    for (const [first, last] of [
      [172, 180],
      [217, 219],
      [96, 192],
    ] as const) {
      const edge = (i: number) => new Date(from + i * quarterMs).toISOString();
      expect(await itemsOf(`from=${edge(first)}&to=${edge(last)}`)).toEqual(all.slice(first, last));
    }
  });

  it('are the same in pages', async () => {
    const paged: Record<string, unknown>[] = [];
    for (let next: string | null = ''; next !== null;) {
      const cursor: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`;
      const page: Answer = (await ask(`${days}&limit=70${cursor}`)).json<Answer>();
      paged.push(...page.items);
      next = page.next;
    }
    expect(paged).toEqual(await itemsOf(days));
  });

  it('and its windows as of a time are judged by what was known then', async () => {
    const at = from + 200 * quarterMs;
    const correctedUs = firstKnownUs + 60_000_000;
    await world.store('mill-register', [[from + 170 * quarterMs, 54_550]], correctedUs);
    const hour = `from=${new Date(at).toISOString()}&to=${new Date(at + 4 * quarterMs).toISOString()}`;
    const then = '&asOf=2026-11-23T11:00:59.999999%2B07:00';
    expect((await itemsOf(`${days}${then}`))[170]).toMatchObject({ value: 0, verdict: 'glitch' });
    expect((await itemsOf(days))[170]).toMatchObject({ value: 54_550, verdict: 'normal', consumption: 10 });
    const [window] = await itemsOf(`${hour}&window=PT1H${then}`);
    expect(window).toMatchObject({ sum: 40, coverage: 1, spreadMs: 4 * quarterMs, irregular: 0 });
  });

  it('say so in CSV as well', async () => {
    const { body } = await ask('from=2026-11-17T01:15:00%2B07:00&to=2026-11-17T01:45:00%2B07:00&format=csv');
    const rows = body.split('\r\n').slice(1, 3);
    expect(rows[0]).toMatch(/,,,glitch,medium,false$/);
    expect(rows[1]).toMatch(/,2026-11-17T01:00:00\+07:00,20\.0,bridged,medium,true$/);
  });
});
