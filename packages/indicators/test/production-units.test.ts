import { describe, expect, it } from 'vitest';
import { productionUnit } from '../src/index.ts';
import { indicatorOf, meterOf, metered } from './scope.ts';

const power = meterOf('power');
const made = (unit: string, amount: number, id = unit.replace(/\W/g, '-').toLowerCase()) =>
  metered(meterOf(`made-${id}`, { quantity: 'production', unit, product: 'it' }), amount);

describe('What is made', () => {
  // Origin: a power station reports its generation, and had `no-production-reported`; a brewery, a brick kiln, a mill.
  it.each([
    ['MWh', 'kWh/MWh', [made('MWh', 40)], 75],
    ['kWh', 'kWh/kWh', [made('kWh', 40_000)], 0.075],
    ['MWh', 'kWh/MWh', [made('MWh', 30), made('kWh', 10_000)], 75],
    ['hL', 'kWh/hL', [made('hL', 40)], 75],
    ['m3', 'kWh/m3', [made('hL', 300), made('m3', 10)], 75],
    ['m3', 'kWh/m3', [made('L', 30_000), made('hL', 100)], 75],
    ['piece', 'kWh/{piece}', [made('{piece}', 40)], 75],
    ['cái', 'kWh/cái', [made('cái', 40)], 75],
    ['Nm3', 'kWh/Nm3', [made('Nm3', 40)], 75],
    ['m2', 'kWh/m2', [made('m2', 40)], 75],
    ['kg', 'kWh/t', [made('kg', 30_000), made('t', 10)], 75],
  ])('is production in %s: %s', (_, unit, meters, value) => {
    expect(indicatorOf('electricity-intensity', [metered(power, 3000), ...meters])).toMatchObject({
      value,
      unit,
      withheld: null,
    });
  });

  it('is the numerator of a productivity in its own unit', () => {
    expect(indicatorOf('energy-productivity', [metered(power, 1000), made('hL', 36)])).toMatchObject({
      value: 0.01,
      unit: 'hL/MJ',
    });
  });

  it.each([
    ['t', 'MWh'],
    ['m3', 'Nm3'],
    ['{piece}', 't'],
    ['{piece}', '{pair}'],
    ['m', 'm2'],
  ])('in %s and %s does not add up, and says so', (one, other) => {
    const meters = [metered(power, 3000), made(one, 10, 'a'), made(other, 10, 'b')];
    expect(indicatorOf('electricity-intensity', meters)).toMatchObject({
      value: null,
      withheld: 'production-mixed',
      numerator: null,
    });
  });

  it('of several products that do not add up has numbers for each product by what it is worth', () => {
    const heat = metered(meterOf('steam', { quantity: 'production', unit: 'MWh', product: 'steam' }), 50);
    const paper = metered(meterOf('paper', { quantity: 'production', unit: 't', product: 'paper' }), 10);
    const meters = [metered(power, 3000), heat, paper];
    const source = { document: 'test', verified: false };
    const weights = [
      { product: 'steam', weight: 1 },
      { product: 'paper', weight: 5 },
    ];
    const ofProduct = (product: string, rule: 'equivalent' | 'mass') =>
      indicatorOf('electricity-intensity', meters, {
        product,
        allocation: { version: 1, body: rule === 'mass' ? { rule, source } : { rule, weights, source } },
      });
    expect(ofProduct('steam', 'equivalent')).toMatchObject({ value: 30, unit: 'kWh/MWh' });
    expect(ofProduct('paper', 'equivalent')).toMatchObject({ value: 150, unit: 'kWh/t' });
    // Nothing is made of a megawatt hour's mass.
    expect(ofProduct('paper', 'mass')).toMatchObject({ value: null, withheld: 'allocation-missing' });
    expect(indicatorOf('electricity-intensity', meters)).toMatchObject({ withheld: 'production-mixed' });
  });
});

describe('The unit of production', () => {
  it('is the tonne where nothing is made', () => {
    expect(productionUnit([])).toBe('t');
  });

  it('does not depend on the order of the meters', () => {
    expect(productionUnit(['hL', 'L'])).toBe(productionUnit(['L', 'hL']));
    expect(productionUnit(['GJ', 'kWh', 'MJ'])).toBe('MWh');
  });

  it('is none where one of several does not add up', () => {
    expect(productionUnit(['t', 'kg', 'm3'])).toBeUndefined();
  });
});
