import type { Indicator, IndicatorWindow } from '@songma/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IndicatorWire } from '../src/indicators/indicator-wire.ts';
import { noon, openApi, type ApiWorld } from './api-world.ts';

let world: ApiWorld;
const day = 86_400_000;
/** The Sunday before, and the year before that ended with October, in Thanh Hóa. */
const sunday = Date.parse('2026-11-22T00:00:00+07:00');
const november = Date.parse('2025-11-01T00:00:00+07:00');

function published(fields: Partial<Indicator> & Pick<Indicator, 'name'>): Indicator {
  const { name, site, product, window = 'P1D', start = sunday, end = start + day } = fields;
  const place = site === undefined ? 'cement' : `cement/${site}`;
  const ofProduct = product === undefined ? '' : `product=${encodeURIComponent(product)}/`;
  return {
    id: `${place}/${ofProduct}${name}/${window}/${start}`,
    enterprise: 'cement',
    window,
    start,
    end,
    value: 92.4,
    unit: 'kWh/t',
    coverage: 1,
    withheld: null,
    numerator: 924,
    denominator: 10,
    revision: 1,
    inputs: [],
    publishedAt: noon,
    ...fields,
  };
}

beforeAll(async () => {
  world = await openApi();
  const { registry } = world;
  for (const [id, timeZone] of [
    ['a-site', 'Asia/Ho_Chi_Minh'],
    ['z-site', 'Asia/Seoul'],
  ]) {
    const body = { id, enterprise: 'cement', name: id, timeZone };
    await registry.submit({ kind: 'site', entity: id!, expectedVersion: 0, body, by: 'test' });
  }
  await world.store('mill-power', [[noon, 1]]);
  const scope2 = { name: 'ghg-scope-2-intensity', unit: 'kgCO2e/t' };
  await world.keepIndicators('cement', [
    published({ name: 'electricity-intensity' }),
    published({ name: 'water-intensity', unit: 'm3/t' }),
    published({
      ...{ ...scope2, window: 'R12M', start: november, end: Date.parse('2026-11-01T00:00:00+07:00') },
      factors: [{ id: 'grid-vn-2023', version: 1, verified: false, provisional: true }],
    }),
    published({ name: 'electricity-intensity', site: 'a-site' }),
    published({ name: 'water-intensity', site: 'a-site', unit: 'm3/t' }),
    published({ name: 'electricity-intensity', site: 'z-site', start: sunday - 7_200_000 }),
    published({
      ...{ name: 'electricity-intensity', product: 'xi măng PC40/B', value: 98 },
      allocation: { rule: 'mass', version: 3 },
    }),
    published({ name: 'water-intensity', product: 'clinker', unit: 'm3/t' }),
    published({ name: 'electricity-intensity', product: 'clinker', site: 'a-site' }),
  ]);
});
afterAll(() => world.close());

async function listed(query: string) {
  const answer = await world.ask(`/v1/indicators?enterprise=cement&${query}`);
  return answer.json<{ items: IndicatorWire[]; next: string | null }>();
}
const ids = ({ items }: { items: IndicatorWire[] }) => items.map(({ id }) => id);

describe('indicators', () => {
  it('are those of whole enterprises unless sites are asked for', async () => {
    expect(ids(await listed(''))).toEqual([
      `cement/electricity-intensity/P1D/${sunday}`,
      `cement/water-intensity/P1D/${sunday}`,
    ]);
    expect(ids(await listed('scope=site'))).toEqual([
      `cement/a-site/electricity-intensity/P1D/${sunday}`,
      `cement/a-site/water-intensity/P1D/${sunday}`,
      `cement/z-site/electricity-intensity/P1D/${sunday - 7_200_000}`,
    ]);
    expect(ids(await listed('scope=site&name=water-intensity'))).toHaveLength(1);
  });

  it('of products are those of the enterprise, or of a site, or of one product', async () => {
    const pc40 = `cement/product=xi%20m%C4%83ng%20PC40%2FB/electricity-intensity/P1D/${sunday}`;
    const ofSite = `cement/a-site/product=clinker/electricity-intensity/P1D/${sunday}`;
    expect(ids(await listed('scope=product'))).toEqual([
      `cement/product=clinker/water-intensity/P1D/${sunday}`,
      pc40,
    ]);
    expect(ids(await listed('scope=product&site=a-site'))).toEqual([ofSite]);
    expect(ids(await listed('product=clinker'))).toHaveLength(1);
    expect(ids(await listed('product=clinker&scope=site'))).toEqual([ofSite]);
    expect((await listed(`product=${encodeURIComponent('xi măng PC40/B')}`)).items).toMatchObject([
      { id: pc40, product: 'xi măng PC40/B', allocation: { rule: 'mass', version: 3 } },
    ]);
    const csv = await world.ask('/v1/indicators?enterprise=cement&scope=product&format=csv');
    expect(csv.body).toContain(',xi măng PC40/B,');
    expect(csv.body).toContain(',mass:3,');
    const history = await world.ask(`/v1/indicators/${encodeURIComponent(pc40)}/history`);
    expect(history.json()).toMatchObject({ items: [{ id: pc40, after: { value: 98 } }] });
    const broken = await world.ask(
      '/v1/indicators/cement%2Fproduct%3D%25%2Fwater-intensity%2FP1D%2F1/history',
    );
    expect(broken.statusCode).toBe(404);
  });

  it('of one site are told by its own clock', async () => {
    const { items } = await listed('site=z-site');
    expect(items).toMatchObject([{ site: 'z-site', start: '2026-11-22T00:00:00+09:00' }]);
  });

  it('are paged across sites and names', async () => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await listed(`scope=site&limit=1${cursor}`);
      seen.push(...ids(page));
      cursor = page.next === null ? '' : `&cursor=${page.next}`;
    } while (cursor !== '');
    expect(seen).toEqual(ids(await listed('scope=site')));
  });

  it('over twelve months name the factors that they were made with', async () => {
    expect((await listed('window=R12M')).items).toMatchObject([
      {
        name: 'ghg-scope-2-intensity',
        window: 'R12M' satisfies IndicatorWindow,
        start: '2025-11-01T00:00:00+07:00',
        end: '2026-11-01T00:00:00+07:00',
        factors: [{ id: 'grid-vn-2023', version: 1, verified: false, provisional: true }],
      },
    ]);
  });
});
