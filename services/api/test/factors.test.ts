import type { Factor } from '@songma/domain';
import { factorPacks, type FactorPack } from '@songma/indicators';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureFactors } from '../src/factor-packs.ts';
import { openApi, type ApiWorld } from './api-world.ts';

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi();
});
afterAll(() => world.close());

const delivered = factorPacks.flatMap(({ factors }) => factors);
const [toe] = factorPacks as readonly [FactorPack];

/** The pack as a later version, with other numbers. */
function laterPack(version: number, value: number): FactorPack {
  const factors = toe.factors.map((factor) => ({ ...factor, value, pack: { id: toe.id, version } }));
  return { id: toe.id, version, factors };
}
const standing = (id: string) => world.registry.get('factor', id)!;

describe('the delivered factors', () => {
  it('are registered at the start, each with its document', async () => {
    expect(world.registry.list('factor').map(({ body }) => body)).toEqual(
      delivered.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    );
    const answer = await world.ask('/v1/factors?kind=grid&limit=1000');
    const { items } = answer.json<{ items: Factor[] }>();
    expect(items.map(({ id }) => id)).toContain('grid-vn-2023');
    expect(items).toHaveLength(10);
  });

  it('are known to a plant, which may not change them', async () => {
    const one = await world.ask('/v1/factors/ipcc-2006-diesel-ncv', { as: 'cement' });
    expect(one.json()).toMatchObject({ carrier: 'diesel', value: 43, unit: 'MJ', per: 'kg', version: 1 });
    const list = await world.ask('/v1/factors?carrier=diesel&kind=ncv,toe', { as: 'cement' });
    expect(list.json<{ items: Factor[] }>().items).toHaveLength(3);
    const put = await world.ask('/v1/factors/mine', { method: 'PUT', as: 'cement', body: {} });
    expect(put.statusCode).toBe(403);
  });

  it('are not registered again by another start', async () => {
    await ensureFactors(world.registry);
    expect(new Set(world.registry.list('factor').map(({ version }) => version))).toEqual(new Set([1]));
  });

  it('of a later pack replace those of the former, but not what a person has changed or retired', async () => {
    const [changed, retired, untouched] = toe.factors as readonly [Factor, Factor, Factor];
    const ifMatch = { 'if-match': '"1"' };
    const body = { ...changed, value: 0.0002 };
    const put = await world.ask(`/v1/factors/${changed.id}`, { method: 'PUT', headers: ifMatch, body });
    expect(put.statusCode).toBe(200);
    await world.ask(`/v1/factors/${retired.id}`, { method: 'DELETE', headers: ifMatch });

    await ensureFactors(world.registry, [laterPack(3, 0.5)]);
    expect(standing(untouched.id)).toMatchObject({ version: 2, body: { value: 0.5, pack: { version: 3 } } });
    expect(standing(changed.id)).toMatchObject({ version: 2, body: { value: 0.0002 } });
    expect(standing(retired.id)).toBeUndefined();

    await ensureFactors(world.registry, [laterPack(2, 0.7)]);
    expect(standing(untouched.id).body.value).toBe(0.5);
  });

  it('that a later pack does not have any more are retired, but not what a person has changed', async () => {
    const [changed] = toe.factors as readonly [Factor];
    await ensureFactors(world.registry, [{ id: toe.id, version: 4, factors: [] }]);
    const left = world.registry.list('factor').filter(({ body }) => body.pack?.id === toe.id);
    expect(left.map(({ id }) => id)).toEqual([changed.id]);
  });
});

it('a new grid factor is one PUT', async () => {
  const body = {
    name: 'Lưới điện Việt Nam 2024',
    kind: 'grid',
    value: 0.65,
    unit: 'tCO2',
    per: 'MWh',
    source: { document: 'Công văn mẫu', verified: false },
    validFrom: '2024-01-01',
    validTo: '2025-01-01',
  };
  const headers = { 'if-none-match': '*' };
  const made = await world.ask('/v1/factors/grid-vn-2024', { method: 'PUT', headers, body });
  expect(made.statusCode).toBe(201);
  expect(made.json()).toMatchObject({ ...body, version: 1 });
});
