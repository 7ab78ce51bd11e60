import type { Allocation, Indicator, IndicatorEvent } from '@songma/domain';
import { pause } from '@songma/runtime';
import { describe, expect, it } from 'vitest';
import { startWorker } from '../src/worker.ts';
import { dayMs, hourMs, monday, openWorld, series, type WorkerWorld } from './worker-world.ts';

const site = 'works-site';
const source = { document: 'Quyết định 12/QĐ', verified: true };
const byMass: Allocation = { rule: 'mass', source };
const byNorms: Allocation = {
  rule: 'equivalent',
  weights: [
    { product: 'billet', weight: 2500 },
    { product: 'rolled', weight: 1600 },
  ],
  source: { document: 'Thông tư 20/2016/TT-BCT', verified: true },
};
const oneWeight: Allocation = { ...byNorms, weights: [{ product: 'billet', weight: 1 }] };
/** Three days: 66,000 kWh, 100 t of billet and 50 t of rolled products each. */
const readings = [
  ...series('works-power', monday, 72, hourMs, () => 2750),
  ...series('works-billet', monday, 3, dayMs, () => 100),
  ...series('works-rolled', monday, 3, dayMs, () => 50),
];

async function state(world: WorkerWorld, allocation?: Allocation): Promise<void> {
  const enterprise = { id: 'works', name: 'Works', sector: '2410' };
  await world.register('enterprise', { ...enterprise, ...(allocation === undefined ? {} : { allocation }) });
}

async function registerWorks(world: WorkerWorld): Promise<void> {
  await world.register('site', { id: site, enterprise: 'works', name: site } as { id: string });
  const meter = (id: string, fields: object) =>
    world.register('meter', {
      ...{ id: `works-${id}`, site, name: id, kind: 'interval', unit: 't', intervalMs: dayMs },
      ...{ quantity: 'production', product: id, ...fields },
    });
  const power = { quantity: 'electricity', unit: 'kWh', intervalMs: hourMs, product: undefined };
  await meter('power', power);
  await meter('billet', {});
  await meter('rolled', {});
}

/** Until no fact waits to be looked at and nothing is due. */
async function settle(world: WorkerWorld): Promise<void> {
  const { registry, seriesStore } = world.deps;
  while ((await seriesStore.markedTo()) !== registry.foldedTo()) await pause(5);
  await world.work('works');
}

/** A world of an enterprise with two products, whose worker looks for changed facts. */
async function withWorks(
  allocation: Allocation | undefined,
  test: (world: WorkerWorld) => Promise<void>,
): Promise<void> {
  const world = await openWorld();
  const wakeUps = {
    ...world.deps.wakeUps,
    handle: async () => ({ close: async () => {} }),
    wake: async () => {},
  };
  try {
    await state(world, allocation);
    await registerWorks(world);
    const worker = await startWorker({ ...world.deps, wakeUps }, { ...world.config, reconcileMs: dayMs });
    try {
      await world.push(site, readings);
      await settle(world);
      await test(world);
    } finally {
      await worker.close();
    }
  } finally {
    await world.close();
  }
}

const told = async (world: WorkerWorld, query: object = {}) => {
  const indicators = await world.indicators('works', {
    names: ['electricity-intensity'],
    products: 'all',
    ...query,
  });
  return indicators.map(({ product = 'all', value, withheld }) => [product, value ?? withheld]);
};
const days = (...rows: readonly (readonly [string, unknown])[]) =>
  rows.flatMap(([product, value]) => [
    [product, value],
    [product, value],
    [product, value],
  ]);
const comparable = (indicators: readonly Indicator[]) =>
  indicators.map(({ revision: _revision, publishedAt: _at, inputs: _inputs, allocation, ...one }) => ({
    ...one,
    rule: allocation?.rule,
  }));

describe('an enterprise that states its allocation', () => {
  it('has indicators of each product, of the whole and of the site', () =>
    withWorks(byNorms, async (world) => {
      const expected = days(['all', 440], ['billet', 500], ['rolled', 320]);
      expect(await told(world)).toEqual(expected);
      expect(await told(world, { sites: [site] })).toEqual(expected);
      const [billet] = await world.indicators('works', { products: ['billet'] });
      expect(billet).toMatchObject({ allocation: { rule: 'equivalent', version: 1 } });
    }));

  it('and not before has none of products', () =>
    withWorks(undefined, async (world) => {
      expect(await told(world)).toEqual(days(['all', 440]));
    }));

  it('heals a correction in the part of each product', () =>
    withWorks(byMass, async (world) => {
      await world.push(site, [{ meter: 'works-billet', time: monday, value: 250 }]);
      await settle(world);
      // 66,000 kWh of 300 t; the other days are as they were.
      expect(await told(world, { to: monday + dayMs })).toEqual([
        ['all', 220],
        ['billet', 220],
        ['rolled', 220],
      ]);
      const events = await world.indicatorEvents();
      expect(
        events.findLast(({ id }) => id === `works/product=rolled/electricity-intensity/P1D/${monday}`),
      ).toMatchObject({
        cause: 'readings',
        before: { value: 440 },
        after: { value: 220 },
      });
    }));
});

describe('an allocation that changes after the readings came', () => {
  it.for<[string, Allocation | undefined, Allocation]>([
    ['is stated', undefined, byNorms],
    ['follows another rule', byMass, byNorms],
    ['has other weights', oneWeight, byNorms],
  ])('%s: its products are as if it had been stated before', async ([, before, after]) => {
    let expected: unknown;
    await withWorks(after, async (world) => {
      expected = comparable(await world.indicators('works', { products: 'all' }));
    });
    await withWorks(before, async (world) => {
      await state(world, after);
      await settle(world);
      expect(comparable(await world.indicators('works', { products: 'all' }))).toEqual(expected);
    });
  });

  it('restates its products for the registry, and nothing else', () =>
    withWorks(byMass, async (world) => {
      const count = (await world.indicatorEvents()).length;
      await state(world, byNorms);
      await settle(world);
      const restated: IndicatorEvent[] = (await world.indicatorEvents()).slice(count);
      expect(new Set(restated.map(({ after }) => after.product))).toEqual(new Set(['billet', 'rolled']));
      expect(restated.every(({ cause }) => cause === 'registry')).toBe(true);
    }));

  it('is edited beside other facts of the enterprise without publishing anything', () =>
    withWorks(byMass, async (world) => {
      const events = await world.indicatorEvents();
      await world.register('enterprise', {
        ...{ id: 'works', name: 'Steel works', sector: '2410', allocation: byMass },
      });
      await settle(world);
      expect(await world.indicatorEvents()).toEqual(events);
    }));

  it('is no longer stated: what was told of products is withdrawn, and comes back with it', () =>
    withWorks(byMass, async (world) => {
      await state(world);
      await settle(world);
      const withdrawn = days(['all', 440], ['billet', 'withdrawn'], ['rolled', 'withdrawn']);
      expect(await told(world)).toEqual(withdrawn);
      await state(world, byMass);
      await settle(world);
      expect(await told(world)).toEqual(days(['all', 440], ['billet', 440], ['rolled', 440]));
    }));
});

describe('a meter', () => {
  const edit = (world: WorkerWorld, id: string, fields: object) =>
    world.register('meter', { ...world.deps.registry.get('meter', id)!.body, ...fields });

  it('whose product is named otherwise withdraws the old name', () =>
    withWorks(byMass, async (world) => {
      await edit(world, 'works-rolled', { product: 'thép cán' });
      await settle(world);
      expect(await told(world)).toEqual(
        days(['all', 440], ['billet', 440], ['rolled', 'withdrawn'], ['thép cán', 440]),
      );
    }));

  it('that turns out to serve one product alone is that product’s', () =>
    withWorks(byMass, async (world) => {
      await edit(world, 'works-power', { product: 'billet' });
      await settle(world);
      expect(await told(world)).toEqual(days(['all', 440], ['billet', 660], ['rolled', 'withdrawn']));
    }));

  it('of a product that has told nothing since it began changes the parts of the others when it is named', () =>
    withWorks(byMass, async (world) => {
      const wire = {
        site,
        name: 'wire',
        kind: 'interval',
        unit: 't',
        intervalMs: dayMs,
        quantity: 'production',
        from: monday,
      };
      await world.register('meter', { ...wire, id: 'works-wire', product: 'wire' } as { id: string });
      await edit(world, 'works-wire', { product: undefined });
      await settle(world);
      const missing = 'allocation-missing';
      expect(await told(world)).toEqual(days(['all', 'coverage'], ['billet', missing], ['rolled', missing]));
    }));

  it('that was the only one of its resource leaves nothing standing when it is retired', () =>
    withWorks(undefined, async (world) => {
      const { version } = world.deps.registry.get('meter', 'works-power')!;
      const retire = { kind: 'meter', entity: 'works-power', expectedVersion: version, body: null } as const;
      await world.deps.registry.submit({ ...retire, by: 'test' });
      await settle(world);
      expect(await told(world)).toEqual(days(['all', 'withdrawn']));
    }));
});
