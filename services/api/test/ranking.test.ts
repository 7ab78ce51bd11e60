import type { Indicator } from '@songma/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noon, openApi, refusalOf, type ApiWorld, type KeyName } from './api-world.ts';
import { put } from './programme-world.ts';

const november = Date.parse('2025-11-01T00:00:00+07:00');
const end = Date.parse('2026-11-01T00:00:00+07:00');

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi();
  const values = { c1: 101.27, c2: 88.4, c3: 95.13, c4: 110.2, c5: 101.27 };
  for (const [id, value] of Object.entries(values)) {
    await register(id, '2394', ['xi măng']);
    await publish(id, { value });
  }
  await register('c6', '2394', ['xi măng']);
  await publish('c6', { value: null, withheld: 'coverage', coverage: 0.82 });
  await addProduct('cement', 'mill-site', 'xi măng');
  await publish('cement', {
    value: 99.5,
    factors: [{ id: 'grid-vn-2023', version: 1, verified: false, provisional: true }],
  });
  await addProduct('sugar', 'sugar-site', 'đường');
  await publish('sugar', { value: 40 });
  await register('s2', '1072', ['đường']);
  await publish('s2', { value: 44.4 });
  await register('s3', '1072', ['đường']);
  await publish('s3', { value: 41, estimatedShare: 0.3 });
  await register('mixed', '2394', ['xi măng', 'clinker']);
  await publish('mixed', { value: 70 });
  const allocation = { rule: 'mass', source: { document: 'QĐ 3/2026', verified: false } };
  await register('allocated', '2394', ['xi măng', 'clinker'], { allocation });
  await publish('allocated', { value: 75 });
  for (const [product, value] of [
    ['xi măng', 120],
    ['clinker', 60],
  ] as const) {
    await publish('allocated', { value, product, allocation: { rule: 'mass', version: 1 } });
  }
  await put(world, '/v1/enterprises/bare', { name: 'bare', sector: '2394' });
});
afterAll(() => world.close());

async function register(id: string, sector: string, products: readonly string[], more: object = {}) {
  await put(world, `/v1/enterprises/${id}`, { name: `Nhà máy ${id}`, sector, ...more });
  await put(world, `/v1/sites/${id}-site`, { enterprise: id, name: id });
  for (const product of products) await addProduct(id, `${id}-site`, product);
}

let meters = 0;
function addProduct(_enterprise: string, site: string, product: string) {
  const meter = { site, kind: 'interval', intervalMs: 3_600_000, quantity: 'production', unit: 't' };
  return put(world, `/v1/meters/${site}-made-${meters++}`, { ...meter, name: product, product });
}

function publish(enterprise: string, fields: Partial<Indicator>) {
  const name = 'electricity-intensity';
  const ofProduct = fields.product === undefined ? '' : `product=${encodeURIComponent(fields.product)}/`;
  const after: Indicator = {
    id: `${enterprise}/${ofProduct}${name}/R12M/${november}`,
    enterprise,
    name,
    window: 'R12M',
    start: november,
    end,
    value: 100,
    unit: 'kWh/t',
    coverage: 1,
    withheld: null,
    numerator: null,
    denominator: null,
    revision: 1,
    inputs: [],
    publishedAt: noon,
    ...fields,
  };
  return world.publish({ id: after.id, before: null, after, cause: 'readings' });
}

interface Group {
  readonly sector: string;
  readonly product: string | null;
  readonly members: number;
  readonly q1: number | null;
  readonly median: number | null;
  readonly q3: number | null;
  readonly spread: number | null;
  readonly items: readonly (Readonly<Record<string, unknown>> & {
    readonly enterprise: string;
    readonly unranked: { readonly code: string } | null;
  })[];
}
const url = (more = '') => `/v1/ranking?indicator=electricity-intensity${more}`;
async function groups(more = '', as: KeyName = 'chief') {
  const answer = await world.ask(url(more), { as });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<{ groups: Group[] }>().groups;
}
const groupOf = async (sector: string, product: string | null, as?: KeyName) =>
  (await groups('', as)).find((group) => group.sector === sector && group.product === product);

describe('GET /v1/ranking', () => {
  it('ranks those that make one product in one sector, over the median of the group', async () => {
    const cement = (await groupOf('2394', 'xi măng'))!;
    expect(cement).toMatchObject({ members: 7, q1: 97.315, median: 101.27, q3: 105.735 });
    expect(cement.items.map(({ enterprise, rank, quartile }) => [enterprise, rank, quartile])).toEqual([
      ['c2', 1, 1],
      ['c3', 2, 1],
      ['cement', 3, 2],
      ['c1', 4, 2],
      ['c5', 4, 2],
      ['c4', 6, 4],
      ['allocated', 7, 4],
      ['c6', null, null],
    ]);
    expect(cement.items[3]).toMatchObject({ value: 101.27, relative: 1, verified: true, unranked: null });
    expect(cement.items[2]).toMatchObject({ verified: false });
    expect(cement.spread).toBeCloseTo((105.735 - 97.315) / 101.27, 12);
  });

  it('names those that are left out, and why', async () => {
    const unranked = (await groups()).flatMap(({ items }) =>
      items.flatMap(({ enterprise, unranked: why }) => (why === null ? [] : [[enterprise, why.code]])),
    );
    expect(Object.fromEntries(unranked)).toEqual({
      s3: 'estimated',
      c6: 'withheld',
      mixed: 'several-products',
      bare: 'no-product',
    });
    expect(await groupOf('2394', null)).toMatchObject({ members: 0, median: null, spread: null });
  });

  it('tells a product of those that state how they share, and never ranks their whole beside it', async () => {
    expect(
      (await groupOf('2394', 'clinker'))!.items.map(({ enterprise, value }) => [enterprise, value]),
    ).toEqual([['allocated', 60]]);
  });

  it('chooses groups by sector and product', async () => {
    expect((await groups('&sector=10')).map(({ sector }) => sector)).toEqual(['1072']);
    const product = encodeURIComponent('xi măng');
    expect((await groups(`&product=${product}`)).map(({ members }) => members)).toEqual([7]);
    expect(await groups('&window=P1Y')).toHaveLength(4);
    expect((await groups('&at=2026-10-15')).every(({ members }) => members === 0)).toBe(true);
  });

  it('has a productivity the other way round, and takes pollutants', async () => {
    const told = async (indicator: string) =>
      (await world.ask(`/v1/ranking?indicator=${indicator}`)).json<object>();
    expect(await told('water-productivity')).toMatchObject({ betterIs: 'higher', unit: 't/m3' });
    expect(await told('pollutant-intensity:NOx')).toMatchObject({ betterIs: 'lower', unit: 'kg/t' });
    expect(refusalOf(await world.ask('/v1/ranking?indicator=beauty'))).toEqual([400, 'invalid_request']);
  });

  it('holds the same as CSV', async () => {
    const [head, ...rows] = (await world.ask(url('&sector=1072&format=csv'))).body.trimEnd().split('\r\n');
    expect(head).toBe(
      'sector,product,members,enterprise,name,size,value,relative,rank,quartile,q1,median,q3,coverage,' +
        'estimatedShare,verified,assurance,revision,unranked,withheld',
    );
    expect(rows[2]).toBe('1072,đường,2,s3,Nhà máy s3,,41.0,,,,41.1,42.2,43.3,1.0,0.3,true,,1,estimated,');
  });

  it('answers as of a time', async () => {
    const asOf = (time: number) => `&asOf=${encodeURIComponent(new Date(time).toISOString())}`;
    expect(await groups(asOf(noon))).toEqual(await groups());
    expect(await groups(asOf(noon - 1))).toEqual([]);
  });
});

describe('to a plant the ranking', () => {
  it('tells its quartile, the size and the bounds, and nobody else', async () => {
    const all = await groups('', 'cement');
    expect(all).toEqual([
      {
        sector: '2394',
        product: 'xi măng',
        members: 7,
        q1: 97,
        median: 100,
        q3: 110,
        spread: null,
        items: [
          expect.objectContaining({
            enterprise: 'cement',
            value: 99.5,
            relative: null,
            rank: null,
            quartile: 2,
          }),
        ],
      },
    ]);
    const text = JSON.stringify(all);
    for (const other of ['c1', 'c2', 'c6', 'allocated', '101.27', '88.4']) expect(text).not.toContain(other);
  });

  it('tells only the size where fewer than five are ranked, also where more are registered', async () => {
    expect(await groups('', 'sugar')).toMatchObject([
      { members: 2, q1: null, median: null, q3: null, items: [{ enterprise: 'sugar', quartile: null }] },
    ]);
  });

  it('is not cut by any filter', async () => {
    const product = encodeURIComponent('xi măng');
    for (const more of ['&sector=2', '&sector=2394', `&product=${product}`]) {
      expect(await groups(more, 'cement')).toEqual(await groups('', 'cement'));
    }
    expect(await groups('&sector=1072', 'cement')).toEqual([]);
    expect(await groups('&product=clinker', 'cement')).toEqual([]);
  });

  it('is not told as of a time: the difference tells what one neighbour has changed', async () => {
    const asOf = `&asOf=${encodeURIComponent(new Date(noon).toISOString())}`;
    expect(refusalOf(await world.ask(url(asOf), { as: 'cement' }))).toEqual([403, 'role_forbidden']);
  });

  it('is the same as CSV', async () => {
    const csv = (await world.ask(url('&format=csv'), { as: 'cement' })).body.trimEnd().split('\r\n');
    expect(csv.slice(1)).toEqual([
      '2394,xi măng,7,cement,Xi măng Bỉm Sơn,,99.5,,,2,97.0,100.0,110.0,1.0,,false,memory,1,,',
    ]);
  });
});
