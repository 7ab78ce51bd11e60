import type { Factor } from '@songma/domain';
import { pause } from '@songma/runtime';
import { describe, expect, it } from 'vitest';
import { startWorker } from '../src/worker.ts';
import { dayMs, monday, openWorld, series, type WorkerWorld } from './worker-world.ts';

const site = 'dairy-site';
const source = { document: 'Hồ sơ của nhà cung cấp, 2026-01', verified: true };
const steam: Factor = {
  ...{ id: 'steam-supply', name: 'Hơi', kind: 'supply', carrier: 'park-steam', value: 180 },
  ...{ unit: 'kgCO2e', per: 't', source },
};
const potential = (gwpSet: 'AR4' | 'AR5', value: number): Factor => ({
  ...{ id: `gwp-${gwpSet.toLowerCase()}-r-32`, name: 'R-32', kind: 'gwp', carrier: 'r-32', gwpSet, value },
  ...{ unit: 'kgCO2e', per: 'kg', source },
});
/** A day: 20 t of steam, 3 kg of refrigerant, 10 t of milk powder. */
const readings = [
  ...series('dairy-steam', monday, 1, dayMs, () => 20),
  ...series('dairy-gas', monday, 1, dayMs, () => 3),
  ...series('dairy-powder', monday, 1, dayMs, () => 10),
];

async function withDairy(test: (world: WorkerWorld) => Promise<void>): Promise<void> {
  const world = await openWorld();
  const wakeUps = {
    ...world.deps.wakeUps,
    handle: async () => ({ close: async () => {} }),
    wake: async () => {},
  };
  try {
    await world.register('enterprise', { id: 'dairy', name: 'Dairy', sector: '1050' } as { id: string });
    await world.register('site', { id: site, enterprise: 'dairy', name: site } as { id: string });
    for (const fields of [
      { id: 'dairy-steam', quantity: 'heat', unit: 't', carrier: 'park-steam' },
      { id: 'dairy-gas', quantity: 'refrigerant', unit: 'kg', carrier: 'r-32' },
      { id: 'dairy-powder', quantity: 'production', unit: 't' },
    ]) {
      await world.register('meter', {
        ...{ site, name: fields.id, kind: 'interval', intervalMs: dayMs },
        ...fields,
      });
    }
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

async function settle(world: WorkerWorld): Promise<void> {
  const { registry, seriesStore } = world.deps;
  while ((await seriesStore.markedTo()) !== registry.foldedTo()) await pause(5);
  await world.work('dairy');
}

async function scopesOf(world: WorkerWorld): Promise<unknown[]> {
  const names = ['ghg-scope-1-intensity', 'ghg-scope-2-intensity'];
  const indicators = await world.indicators('dairy', { names });
  return indicators.map(({ value, withheld }) => value ?? withheld);
}

describe('a factor of what is bought', () => {
  it('that is registered after the readings came heals what waited for it, and nothing else', () =>
    withDairy(async (world) => {
      expect(await scopesOf(world)).toEqual(['factor-missing', 'factor-missing']);
      await world.register('factor', steam);
      await settle(world);
      expect(await scopesOf(world)).toEqual(['factor-missing', 360]);
      await world.register('factor', potential('AR5', 677));
      await settle(world);
      expect(await scopesOf(world)).toEqual([203.1, 360]);
      const count = (await world.indicatorEvents()).length;
      const dearer: Factor = { ...steam, value: 190 };
      await world.register('factor', dearer);
      await settle(world);
      expect(await scopesOf(world)).toEqual([203.1, 380]);
      const restated = (await world.indicatorEvents()).slice(count);
      expect(new Set(restated.map(({ after, cause }) => `${after.name} ${cause}`))).toEqual(
        new Set(['ghg-scope-2-intensity registry']),
      );
    }));

  it('is that of the enterprise’s set: another set restates its refrigerants', () =>
    withDairy(async (world) => {
      await world.register('factor', potential('AR5', 677));
      await world.register('factor', potential('AR4', 675));
      await world.register('enterprise', {
        ...{ id: 'dairy', name: 'Dairy', sector: '1050', gwpSet: 'AR4' },
      });
      await settle(world);
      expect(await scopesOf(world)).toEqual([202.5, 'factor-missing']);
    }));
});
