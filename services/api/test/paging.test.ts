import fc from 'fast-check';
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareKeys, paginate } from '../src/paging.ts';
import { firstKnownUs, noon, openApi, refusalOf, type ApiWorld } from './api-world.ts';

interface Item {
  readonly id: string;
  readonly rank: number;
}
const keyOf = ({ rank, id }: Item) => [rank, id] as const;
const keyShape = z.tuple([z.number(), z.string()]);
const itemsArbitrary = fc
  .uniqueArray(
    fc.record({ rank: fc.integer({ min: 0, max: 3 }), id: fc.string({ minLength: 1, maxLength: 3 }) }),
    {
      selector: (item) => JSON.stringify(keyOf(item)),
    },
  )
  .map((items) => items.toSorted((a, b) => compareKeys(keyOf(a), keyOf(b))));

function pageAll(itemsAt: (page: number) => Item[], limit: number): Item[] {
  const gathered: Item[] = [];
  let cursor: string | undefined;
  for (let page = 0; ; page++) {
    const query = { limit, ...(cursor === undefined ? {} : { cursor }) };
    const { items, next } = paginate(itemsAt(page), { route: 'test', query, keyOf, keyShape });
    if (next !== null && items.length !== limit) throw new Error(`page ${page} is not full`);
    gathered.push(...items);
    if (next === null) return gathered;
    cursor = next;
  }
}

describe('pages', () => {
  it('together hold every item once, in order, whatever the limit', () => {
    fc.assert(
      fc.property(itemsArbitrary, fc.integer({ min: 1, max: 10 }), (items, limit) => {
        expect(pageAll(() => items, limit)).toEqual(items);
      }),
    );
  });

  it('hold what stays once each, whatever comes and goes between them', () => {
    fc.assert(
      fc.property(
        itemsArbitrary,
        fc.array(fc.boolean()),
        fc.integer({ min: 1, max: 4 }),
        (items, stays, limit) => {
          const staying = items.filter((_item, i) => stays[i] ?? true);
          const found = pageAll((page) => (page % 2 === 0 ? items : staying), limit).map((item) =>
            keyOf(item),
          );
          for (const item of staying)
            expect(found.filter((key) => compareKeys(key, keyOf(item)) === 0)).toHaveLength(1);
        },
      ),
    );
  });
});

describe('the collections', () => {
  let world: ApiWorld;
  beforeAll(async () => {
    world = await openApi();
    await world.store(
      'mill-power',
      Array.from({ length: 25 }, (_, i) => [noon - (25 - i) * 900_000, i]),
      firstKnownUs,
    );
    await world.store(
      'kiln-pm',
      Array.from({ length: 12 }, (_, i) => [noon - (12 - i) * 300_000, i]),
    );
  });
  afterAll(() => world.close());

  it.each(['meters', 'sites', 'keys', 'limits'])(
    'of %s give with a limit of 1 what they give at once',
    async (path) => {
      const whole = (await world.ask(`/v1/${path}`)).json<{ items: unknown[] }>().items;
      const paged = await gather(`/v1/${path}?limit=1`);
      expect(whole.length).toBeGreaterThan(1);
      expect(paged).toEqual(whole);
    },
  );

  it.each(['raw', 'PT15M'])('of series in %s give by pages what they stream at once', async (window) => {
    const query = `/v1/series?meter=mill-power,kiln-pm&window=${window}&from=2026-11-23`;
    const whole = (await world.ask(query)).json<{ items: unknown[] }>().items;
    for (const limit of [1, 7, 25, 1000]) expect(await gather(`${query}&limit=${limit}`)).toEqual(whole);
  });

  it('of series name the next page of a CSV in the Link header', async () => {
    const first = await world.ask('/v1/series?meter=mill-power&from=2026-11-23&limit=20&format=csv');
    const [, next] = /^<(.*)>; rel="next"$/.exec(String(first.headers['link'])) ?? [];
    const second = await world.ask(next!);
    expect(second.body.trimEnd().split('\r\n').length).toBe(1 + 5);
    expect(second.headers['link']).toBeUndefined();
  });

  it.each([
    ['/v1/meters?limit=1', '/v1/meters?limit=1&site=mill-site'],
    ['/v1/meters?limit=1', '/v1/keys?limit=1'],
    [
      '/v1/series?meter=mill-power&from=2026-11-23&limit=1',
      '/v1/series?meter=kiln-pm&from=2026-11-23&limit=1',
    ],
  ])('refuse a cursor of %s at %s', async (of, at) => {
    const { next } = (await world.ask(of)).json<{ next: string }>();
    const refused = await world.ask(`${at}&cursor=${next}`);
    expect(refusalOf(refused)).toEqual([400, 'cursor_invalid']);
  });

  it.each(['x', 'bnVsbA', '%00', 'WzEsIiIsWzFdXQ'])('refuse the cursor "%s"', async (cursor) => {
    const refused = await world.ask(`/v1/meters?cursor=${cursor}`);
    expect(refusalOf(refused)).toEqual([400, 'cursor_invalid']);
  });

  async function gather(url: string): Promise<unknown[]> {
    const gathered: unknown[] = [];
    for (let cursor = ''; ;) {
      const page = (await world.ask(`${url}${cursor}`)).json<{ items: unknown[]; next: string | null }>();
      gathered.push(...page.items);
      if (page.next === null) return gathered;
      cursor = `&cursor=${page.next}`;
    }
  }
});
