import { describe, expect, it } from 'vitest';
import { gasBasisOf, meterSchema, type GasState, type Meter } from '../src/index.ts';

const at25: GasState = { temperatureC: 25, pressureKpa: 101.325 };
const at0: GasState = { temperatureC: 0, pressureKpa: 101.325 };
const meterOf = (id: string, fields: Partial<Meter> = {}): Meter =>
  meterSchema.parse({
    ...{
      id,
      site: 'site',
      name: id,
      quantity: 'concentration',
      kind: 'level',
      unit: 'mg/Nm3',
      intervalMs: 60_000,
    },
    ...fields,
  });
const meters = new Map(
  [
    meterOf('a', { gasState: at25 }),
    meterOf('b', { gasState: at25 }),
    meterOf('cold', { gasState: at0 }),
    meterOf('plain'),
    meterOf('corrected', { gasState: at25, referenceOxygen: 7 }),
    meterOf('elsewhere', { referenceOxygen: 11 }),
    meterOf('dry', { gasState: { ...at25, moisture: 'dry' } }),
    meterOf('o2', { unit: '%', gasState: { ...at0, moisture: 'wet' } }),
    meterOf('load', { unit: 'kg' }),
    meterOf('ref', { formula: 'atReferenceOxygen(a, o2, 10)', inputs: { a: 'a', o2: 'o2' } }),
  ].map((meter) => [meter.id, meter]),
);
const basisOf = (formula: string, fields: Partial<Meter> = {}) => {
  const names = [...new Set(formula.match(/[a-z][a-z0-9]*/gi))].filter((name) => meters.has(name));
  const inputs = Object.fromEntries(names.map((name) => [name, name]));
  return gasBasisOf(meterOf('made', { formula, inputs, ...fields }), (id) => meters.get(id));
};

describe('what a derived meter tells of a gas', () => {
  it.each<[string, object]>([
    ['a + b', { gasState: at25 }],
    ['max(a, b) * 2', { gasState: at25 }],
    ['-a / 1000', { gasState: at25 }],
    ['min(a, 50)', { gasState: at25 }],
    ['noxAsNo2(a, b)', { gasState: at25 }],
    ['a + plain', {}],
    ['a * cold', {}],
    ['a * load', {}],
    ['corrected * load', { referenceOxygen: 7 }],
    ['(corrected + corrected) / 2', { gasState: at25, referenceOxygen: 7 }],
    ['corrected + plain', {}],
    ['atReferenceOxygen(a, o2, 7)', { gasState: at25, referenceOxygen: 7 }],
    ['2 * atReferenceOxygen(a, o2, 7)', { gasState: at25, referenceOxygen: 7 }],
    ['max(atReferenceOxygen(a, o2, 7), atReferenceOxygen(b, o2, 7))', { gasState: at25, referenceOxygen: 7 }],
    ['noxAsNo2(ref, ref)', { gasState: at25, referenceOxygen: 10 }],
    ['1 + 2', {}],
  ])('%s', (formula, basis) => {
    expect(basisOf(formula)).toEqual(basis);
  });

  it.each<[string, Partial<Meter>, string, RegExp]>([
    ['a + cold', {}, 'formula', /two states together .*25 °C.*0 °C/],
    ['max(a, cold)', {}, 'formula', /two states/],
    ['corrected + elsewhere', {}, 'formula', /at 7 % and at 11 %/],
    ['max(atReferenceOxygen(a, o2, 7), atReferenceOxygen(b, o2, 11))', {}, 'formula', /at 7 % and at 11 %/],
    ['atReferenceOxygen(corrected, o2, 7)', {}, 'formula', /already/],
    ['atReferenceOxygen(ref, o2, 7)', {}, 'formula', /already/],
    ['atReferenceOxygen(dry, o2, 7)', {}, 'formula', /dry concentration by wet oxygen/],
    ['atReferenceOxygen(a, o2, 7)', { referenceOxygen: 11 }, 'referenceOxygen', /is 11 %.*to 7 %/],
  ])('is at no one basis: %s', (formula, fields, path, problem) => {
    const found = basisOf(formula, fields);
    expect(found).toMatchObject({ path, problem: { en: expect.stringMatching(problem) } });
    expect((found as { problem: { vi: string } }).problem.vi).toMatch(/[ạ-ỹ]/);
  });

  it('is what it states itself, where its formula converts by hand', () => {
    expect(basisOf('a * (273.15 / 298.15) + cold', { gasState: at0 })).toEqual({ gasState: at0 });
    expect(basisOf('atReferenceOxygen(dry, o2, 7)', { gasState: at0 })).toEqual({
      gasState: at0,
      referenceOxygen: 7,
    });
    expect(basisOf('plain * 2', { referenceOxygen: 7 })).toEqual({ referenceOxygen: 7 });
  });

  it('is nothing where the formula cannot be read or an input is not there', () => {
    expect(basisOf('a +')).toEqual({});
    expect(gasBasisOf(meterOf('x', { formula: 'y', inputs: { y: 'gone' } }), () => undefined)).toEqual({});
  });
});
