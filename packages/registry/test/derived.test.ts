import { expect, describe, it } from 'vitest';
import type { Registry } from '../src/index.ts';
import { dust, enterprise, meter, openAlone, put, putSample, retire, site } from './sample.ts';

const oxygen = { ...dust, id: 'kiln-2-o2', unit: '%', quantity: 'oxygen', symbol: 'O2' };
const flow = { ...dust, id: 'kiln-2-flow', unit: 'm3/h', quantity: 'flow', symbol: 'Flow' };
const elsewhere = { ...meter, id: 'bs2-kwh', site: 'bs2' };
const { symbol: _symbol, ...derivable } = dust;
const corrected = {
  ...derivable,
  id: 'kiln-2-dust-ref',
  formula: 'atReferenceOxygen(c, o2, 10)',
  inputs: { c: 'kiln-2-dust', o2: 'kiln-2-o2' },
};

async function openSample(): Promise<Registry> {
  const registry = await openAlone();
  await putSample(registry);
  await put(registry, 'site', { ...site, id: 'bs2', station: 'BS2' });
  for (const one of [oxygen, flow, elsewhere])
    expect(await put(registry, 'meter', one)).toMatchObject({ ok: true });
  return registry;
}

const problemsOf = async (
  registry: Registry,
  body: Parameters<typeof put>[2],
  kind: 'meter' | 'void' = 'meter',
) => {
  const result = await put(registry, kind, body);
  return 'problems' in result ? result.problems : [];
};

describe('a meter that follows an input of a formula', () => {
  it('is refused where the formula could not read it in that one’s place', async () => {
    const registry = await openSample();
    await put(registry, 'meter', { ...oxygen, to: 1_000 });
    expect(await problemsOf(registry, corrected)).toEqual([]);
    const next = { ...oxygen, id: 'next', symbol: 'O2n', from: 2_000, follows: oxygen.id };
    expect(await problemsOf(registry, { ...next, unit: 'mg/m3' })).toMatchObject([
      { path: 'follows', problem: expect.stringContaining('"kiln-2-dust-ref" is made of meter "kiln-2-o2"') },
    ]);
    expect(await problemsOf(registry, { ...next, unit: '10*-6' })).toEqual([]);
  });
});

describe('a derived meter', () => {
  it('is taken with its formula and its inputs, also over another one', async () => {
    const registry = await openSample();
    expect(await problemsOf(registry, corrected)).toEqual([]);
    const load = { ...corrected, id: 'load', kind: 'interval', unit: 'kg', quantity: 'material' };
    expect(
      await problemsOf(registry, { ...load, formula: 'c * q', inputs: { c: corrected.id, q: flow.id } }),
    ).toEqual([]);
    expect(registry.metersOfSite('bs1').map(({ id }) => id)).toContain('load');
  });

  it.for<[string, object, string, RegExp]>([
    ['without inputs', { inputs: undefined }, 'inputs', /needs the meters/],
    ['with a name that is none', { inputs: { 'o 2': 'kiln-2-o2' } }, 'inputs.o 2', /./],
    ['with a formula that cannot be read', { formula: 'c +' }, 'formula', /at character 4: expected/],
    ['with a name that it does not explain', { formula: 'c * o2 * q' }, 'formula', /character 10: names "q"/],
    ['with an input that it does not use', { formula: 'c' }, 'formula', /does not use its input "o2"/],
    ['in another unit than its meters give', { unit: 'kg' }, 'formula', /does not convert to kg/],
    [
      'over a flow in another state of the gas',
      { formula: 'c * q', inputs: { c: 'kiln-2-dust', q: 'normal' }, kind: 'interval', unit: 'kg' },
      'formula',
      /same state/,
    ],
    [
      'over a meter that is not registered',
      { inputs: { c: 'x', o2: 'kiln-2-o2' } },
      'inputs.c',
      /no meter "x"/,
    ],
    [
      'over a meter of another site',
      { inputs: { c: 'kiln-2-dust', o2: 'bs2-kwh' } },
      'inputs.o2',
      /is at site "bs2"/,
    ],
    [
      'over itself',
      { inputs: { c: 'kiln-2-dust-ref', o2: 'kiln-2-o2' } },
      'inputs.c',
      /no meter "kiln-2-dust-ref"/,
    ],
    ['as a counter', { kind: 'counter' }, 'kind', /gives no register/],
    ['with a multiplier', { multiplier: 2 }, 'multiplier', /in the formula/],
    ['with a hold', { holdMaxMs: 5_000 }, 'holdMaxMs', /has none/],
    ['with a valid range', { validRange: { min: 0 } }, 'validRange', /has none/],
    ['with a detection limit', { belowDetection: { counts: 'half' } }, 'belowDetection', /has none/],
    ['with a symbol', { symbol: 'PMref' }, 'symbol', /has none/],
  ])('is refused %s', async ([, fields, path, problem]) => {
    const registry = await openSample();
    await put(registry, 'meter', { ...flow, id: 'normal', unit: 'Nm3/h', symbol: undefined });
    expect(await problemsOf(registry, { ...corrected, ...fields })).toContainEqual(
      expect.objectContaining({ path, problem: expect.stringMatching(problem) as unknown }),
    );
  });

  it('cannot be made of itself over others, and the way is named', async () => {
    const registry = await openSample();
    const over = (id: string, input: string) => ({
      ...derivable,
      id,
      formula: '2 * x',
      inputs: { x: input },
    });
    for (const [id, input] of [
      ['a', 'kiln-2-dust'],
      ['b', 'a'],
      ['c', 'b'],
    ] as const) {
      expect(await problemsOf(registry, over(id, input))).toEqual([]);
    }
    expect(await problemsOf(registry, over('a', 'c'))).toEqual([
      { path: 'inputs.x', problem: 'the meter would be made of itself: "a" → "c" → "b" → "a"' },
    ]);
    expect(await problemsOf(registry, over('a', 'a'))).toMatchObject([{ path: 'inputs.x' }]);
  });

  it('stays derived, and a meter with readings never becomes it, not even retired in between', async () => {
    const registry = await openSample();
    await put(registry, 'meter', corrected);
    expect(await problemsOf(registry, { ...derivable, id: corrected.id })).toMatchObject([
      { path: 'formula' },
    ]);
    await retire(registry, 'meter', 'kiln-2-flow');
    const { symbol: _, ...asFlow } = flow;
    const now = { ...asFlow, formula: 'o2 * 1', inputs: { o2: 'kiln-2-o2' } };
    expect(await problemsOf(registry, now)).toContainEqual({
      path: 'formula',
      problem: 'a meter with readings cannot become derived: register a new meter',
    });
  });

  it('keeps its inputs from being retired, and has no readings to be void', async () => {
    const registry = await openSample();
    await put(registry, 'meter', corrected);
    expect(await retire(registry, 'meter', 'kiln-2-o2')).toMatchObject({
      problems: [{ problem: expect.stringMatching(/meter "kiln-2-dust-ref"/) as unknown }],
    });
    const range = { id: 'v', meter: corrected.id, from: 0, to: 5, reason: 'test' };
    expect(await problemsOf(registry, range, 'void')).toMatchObject([{ path: 'meter' }]);
    expect(await retire(registry, 'meter', corrected.id)).toMatchObject({ ok: true });
    expect(await retire(registry, 'meter', 'kiln-2-o2')).toMatchObject({ ok: true });
  });

  it('does not count beside what it is made of', async () => {
    const registry = await openSample();
    await put(registry, 'enterprise', enterprise);
    await put(registry, 'meter', { ...meter, id: 'mill' });
    const other = { ...meter, id: 'other', formula: 'all - mill', inputs: { all: meter.id, mill: 'mill' } };
    expect(await problemsOf(registry, other)).toMatchObject([
      { path: 'countsAs', problem: expect.stringMatching(/"bs1-kwh", "mill" already/) as unknown },
    ]);
    expect(await problemsOf(registry, { ...other, countsAs: 'part' })).toEqual([]);
    // A level made of amounts, and an amount of something else, count nothing twice.
    const power = { ...other, id: 'power', kind: 'level', unit: 'kW' };
    expect(await problemsOf(registry, power)).toEqual([]);
    expect(await problemsOf(registry, { ...other, id: 'heat', quantity: 'heat' })).toEqual([]);
  });
});
