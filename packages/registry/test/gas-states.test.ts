import { describe, expect, it } from 'vitest';
import type { EntityKind } from '@songma/domain';
import type { Registry } from '../src/index.ts';
import { dust, limit, openAlone, put, putSample, retire } from './sample.ts';

type Body = Readonly<Record<string, unknown>> & { readonly id: string };
const at25 = { temperatureC: 25, pressureKpa: 101.325 };
const dry25 = { ...at25, moisture: 'dry' };
const oxygen = { ...dust, id: 'o2', unit: '%', quantity: 'oxygen', symbol: 'O2' };
const { symbol: _symbol, ...derivable } = dust;
const corrected = {
  ...derivable,
  id: 'corrected',
  formula: 'atReferenceOxygen(c, o2, 10)',
  inputs: { c: dust.id, o2: oxygen.id },
};
const stated = { ...limit, unit: 'mg/Nm3', gasState: at25 };

async function openSample(): Promise<Registry> {
  const registry = await openAlone();
  await putSample(registry);
  await taken(registry, 'meter', oxygen);
  await taken(registry, 'meter', corrected);
  return registry;
}

async function taken(registry: Registry, kind: EntityKind, body: Body): Promise<void> {
  expect(await put(registry, kind, body)).toMatchObject({ ok: true });
}

async function refused(registry: Registry, kind: EntityKind, body: Body) {
  const result = await put(registry, kind, body);
  const problems = 'problems' in result ? result.problems : [];
  for (const { vi = '' } of problems) expect(vi).toMatch(/[ạ-ỹ]/);
  return problems;
}

describe('the gas state of a limit', () => {
  it('is refused on a meter that does not state its own, and the reverse', async () => {
    const registry = await openSample();
    expect(await refused(registry, 'limit', { ...limit, gasState: at25 })).toMatchObject([
      { path: 'gasState', problem: expect.stringContaining('state the "gasState" of the meter') },
    ]);
    expect(await refused(registry, 'meter', { ...dust, gasState: at25 })).toMatchObject([
      { path: 'gasState', problem: expect.stringMatching(/limit "kiln-2-dust-hour" .*Retire the limit/) },
    ]);
    // The way out that the reason names.
    expect(await retire(registry, 'limit', limit.id)).toMatchObject({ ok: true });
    await taken(registry, 'meter', { ...dust, gasState: at25 });
    expect(await refused(registry, 'limit', limit)).toMatchObject([{ path: 'gasState' }]);
    await taken(registry, 'limit', stated);
    expect(await refused(registry, 'limit', { ...stated, gasState: dry25 })).toMatchObject([
      { path: 'gasState', problem: expect.stringContaining('dry, 25 °C, 101.325 kPa') },
    ]);
    await taken(registry, 'limit', { ...stated, gasState: { ...at25, temperatureC: 0 } });
  });

  it('is not stated of what is no gas', async () => {
    const registry = await openSample();
    const water = { ...dust, id: 'flow', unit: 'kg/h', symbol: 'W', gasState: at25, referenceOxygen: 7 };
    expect(await refused(registry, 'meter', water)).toMatchObject([
      { path: 'gasState', problem: expect.stringContaining('"kg/h" tells of none') },
      { path: 'referenceOxygen' },
    ]);
    expect(
      await refused(registry, 'limit', { ...limit, id: 'l', unit: 'kg/h', gasState: at25 }),
    ).toMatchObject([{ path: 'gasState' }, { path: 'unit' }]);
  });

  it.each([
    [{ temperatureC: 25 }, 'gasState.pressureKpa'],
    [{ ...at25, moisture: 'damp' }, 'gasState.moisture'],
    [{ ...at25, pressureKpa: 0 }, 'gasState.pressureKpa'],
    [{ ...at25, temperatureC: -273.15 }, 'gasState.temperatureC'],
    [{ ...at25, pressure: 1 }, 'gasState.pressure'],
  ])('cannot be %j', async (gasState, path) => {
    const registry = await openSample();
    expect(await refused(registry, 'meter', { ...dust, id: 'm', symbol: 'X', gasState })).toMatchObject([
      { path },
    ]);
  });
});

describe('the gas state of a meter', () => {
  it('stands for good once it is stated: readings mean it', async () => {
    const registry = await openSample();
    const gas = { ...dust, id: 'gas', symbol: 'G' };
    await taken(registry, 'meter', gas);
    await taken(registry, 'meter', { ...gas, gasState: at25, referenceOxygen: 7 });
    for (const [path, body] of [
      ['gasState', { ...gas, referenceOxygen: 7 }],
      ['gasState', { ...gas, gasState: dry25, referenceOxygen: 7 }],
      ['referenceOxygen', { ...gas, gasState: at25 }],
      ['referenceOxygen', { ...gas, gasState: at25, referenceOxygen: 0 }],
    ] as const) {
      expect(await refused(registry, 'meter', body)).toMatchObject([
        { path, problem: expect.stringContaining('register a new meter') },
      ]);
    }
    await taken(registry, 'meter', { ...gas, gasState: at25, referenceOxygen: 7, name: 'Khí' });
  });

  it('is refused where a formula over it would add two states', async () => {
    const registry = await openSample();
    const [one, two] = ['one', 'two'].map((id) => ({ ...dust, id, symbol: id }));
    await taken(registry, 'meter', { ...one!, gasState: at25 });
    await taken(registry, 'meter', two!);
    const sum = { ...derivable, id: 'sum', formula: 'a + b', inputs: { a: 'one', b: 'two' } };
    await taken(registry, 'meter', sum);
    expect(
      await refused(registry, 'meter', { ...two!, gasState: { ...at25, temperatureC: 0 } }),
    ).toMatchObject([
      {
        path: 'gasState',
        problem: expect.stringContaining('meter "sum" then puts gas of two states together'),
      },
    ]);
    await taken(registry, 'meter', { ...two!, gasState: at25 });
  });
});

describe('the reference oxygen of a limit', () => {
  it('is that of the correction in the formula of its meter', async () => {
    const registry = await openSample();
    const onCorrected = { ...limit, id: 'l', meter: corrected.id };
    expect(await refused(registry, 'limit', onCorrected)).toMatchObject([
      { path: 'referenceOxygen', problem: expect.stringContaining('corrected to 10 % of oxygen') },
    ]);
    expect(await refused(registry, 'limit', { ...onCorrected, referenceOxygen: 7 })).toMatchObject([
      { path: 'referenceOxygen', problem: expect.stringContaining('7 %') },
    ]);
    expect(await refused(registry, 'limit', { ...limit, referenceOxygen: 10 })).toMatchObject([
      { path: 'referenceOxygen', problem: expect.stringContaining('atReferenceOxygen(…, 10)') },
    ]);
    await taken(registry, 'limit', { ...onCorrected, referenceOxygen: 10 });
    // The formula cannot be another one under the limit, nor say another than the meter states.
    const other = { ...corrected, formula: 'atReferenceOxygen(c, o2, 7)' };
    expect(await refused(registry, 'meter', other)).toMatchObject([
      { path: 'formula', problem: expect.stringContaining('limit "l"') },
    ]);
    expect(await refused(registry, 'meter', { ...corrected, referenceOxygen: 7 })).toMatchObject([
      { path: 'referenceOxygen', problem: expect.stringContaining('corrects to 10 %') },
    ]);
    await taken(registry, 'meter', { ...corrected, referenceOxygen: 10 });
  });

  it('is kept by what is made of a corrected meter', async () => {
    const registry = await openSample();
    const twice = { ...derivable, id: 'twice', formula: '2 * c', inputs: { c: corrected.id } };
    await taken(registry, 'meter', twice);
    await taken(registry, 'limit', { ...limit, id: 'l', meter: 'twice', referenceOxygen: 10 });
    expect(
      await refused(registry, 'meter', { ...corrected, formula: 'atReferenceOxygen(c, o2, 7)' }),
    ).toMatchObject([{ path: 'formula', problem: expect.stringContaining('limit "l"') }]);
  });
});
