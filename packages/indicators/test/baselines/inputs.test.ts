import { baselineSchema, type Baseline, type Meter } from '@songma/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  baselineMeters,
  baselinePeriod as periodOf,
  baselineUnit,
  FactorBook,
  gwpSetDefault,
  Valuer,
  type BaselineMeters,
  type PeriodRollup,
} from '../../src/index.ts';
import { leftOut, modelInputs } from '../../src/baselines/periods.ts';
import { delivered } from '../scope.ts';
import { meter } from './sample.ts';

function baseline(fields: Partial<Baseline> = {}): Baseline {
  return baselineSchema.parse({
    id: 'b',
    name: 'b',
    enterprise: 'e',
    resource: 'electricity',
    period: 'P1M',
    from: '2025-01-01',
    to: '2026-01-01',
    model: 'ratio',
    reason: 'test',
    ...fields,
  });
}

const power = meter('power');
const main = meter('main', { unit: 'MWh', kind: 'counter' });
const reactive = meter('reactive', { unit: 'kvarh' });
const load = meter('load', { unit: 'kW', kind: 'level' });
const coal = meter('coal', { quantity: 'fuel', unit: 't' });
const gas = meter('gas', { quantity: 'fuel', unit: 'MJ' });
const steel = meter('steel', { quantity: 'production', unit: 't' });
const wire = meter('wire', { quantity: 'production', unit: 'kg' });
const pieces = meter('pieces', { quantity: 'production', unit: '{piece}' });
const warmth = meter('warmth', { quantity: 'temperature', unit: 'Cel', kind: 'level' });
const all = [power, main, reactive, load, coal, gas, steel, wire, pieces, warmth];

const ids = (meters: readonly { readonly meter: Meter }[]) => meters.map((one) => one.meter.id);
const window = { start: 0, end: 1 };
const noFuel = () => {
  throw new Error('nothing here is burnt');
};
const baselinePeriod = (
  of: typeof window,
  meters: BaselineMeters,
  rollupOf: (id: string) => PeriodRollup | undefined,
) => periodOf(of, meters, rollupOf, noFuel);
const known = (sum: number, coverage = 1): PeriodRollup => ({ sum, mean: null, coverage });

describe('gas that is metered as energy', () => {
  it('counts by its net energy: gross is not taken as it is, nor what does not say', () => {
    const ofGas = (fields: Partial<Meter>) =>
      baselineMeters(baseline({ resource: 'energy' }), [
        meter('gas', { quantity: 'fuel', unit: 'GJ', carrier: 'natural-gas', ...fields }),
      ]).resource.map(({ factor }) => factor);
    expect(ofGas({ calorific: 'net' })).toEqual([1000]);
    expect(ofGas({ calorific: 'gross' })).toEqual([undefined]);
    expect(ofGas({})).toEqual([undefined]);
    expect(ofGas({ carrier: 'anthracite' })).toEqual([1000]);
  });
});

describe('the meters of a baseline', () => {
  it('are those of its resource and of production, each with its factor', () => {
    const meters = baselineMeters(baseline(), all);
    expect(meters.resource.map(({ meter: { id }, factor }) => [id, factor])).toEqual([
      ['main', 1000],
      ['power', 1],
    ]);
    expect(ids(meters.production)).toEqual(['steel', 'wire']);
  });

  it('name those whose unit cannot be converted, and leave out what is no amount', () => {
    const energy = baselineMeters(baseline({ resource: 'energy' }), all);
    expect(energy.resource.map(({ meter: { id }, factor }) => [id, factor])).toEqual([
      ['gas', 1],
      ['main', 3600],
      ['power', 3.6],
    ]);
    expect(energy.unconvertible.map(({ id }) => id)).toEqual(['coal', 'pieces']);
  });

  it('count no state for an amount: what stands in a tank is not what was used', () => {
    const tank = meter('tank', { quantity: 'water', unit: 'm3', kind: 'level' });
    const inlet = meter('inlet', { quantity: 'water', unit: 'm3', kind: 'counter' });
    expect(ids(baselineMeters(baseline({ resource: 'water' }), [tank, inlet]).resource)).toEqual(['inlet']);
  });

  it('are only those of its boundary, where it has one', () => {
    const meters = baselineMeters(baseline({ meters: ['power', 'wire'] }), all);
    expect([ids(meters.resource), ids(meters.production)]).toEqual([['power'], ['wire']]);
    expect(meters.unconvertible).toEqual([]);
  });

  it('add up in the unit that is told, else in that of the resource', () => {
    expect(baselineUnit(baseline())).toBe('kWh');
    expect(baselineUnit(baseline({ resource: 'energy' }))).toBe('MJ');
    expect(baselineUnit(baseline({ unit: 'MWh' }))).toBe('MWh');
  });
});

describe('a period', () => {
  const terms = baseline({ model: 'regression', drivers: ['warmth', 'production', 'power'] });
  const meters = baselineMeters(terms, all);

  it('adds up its meters, with the least of their coverage', () => {
    const rollups = new Map<string, PeriodRollup>([
      ['power', known(500, 0.95)],
      ['main', known(2)],
      ['steel', known(10)],
      ['wire', known(500, 0.8)],
      ['warmth', { sum: null, mean: 27.5, coverage: 0.99 }],
    ]);
    expect(baselinePeriod(window, meters, (id) => rollups.get(id))).toEqual({
      ...window,
      resource: { value: 2500, coverage: 0.95 },
      production: { value: 10.5, coverage: 0.8 },
      drivers: [
        { value: 27.5, coverage: 0.99 },
        { value: 10.5, coverage: 0.8 },
        { value: 500, coverage: 0.95 },
      ],
    });
  });

  it('knows nothing where no meter reported, and not all where one did not', () => {
    const nothing = { value: null, coverage: 0 };
    expect(baselinePeriod(window, meters, () => undefined)).toEqual({
      ...window,
      resource: nothing,
      production: nothing,
      drivers: [nothing, nothing, nothing],
    });
    const half = baselinePeriod(window, meters, (id) => (id === 'power' ? known(500) : undefined));
    expect(half.resource).toEqual({ value: 500, coverage: 0 });
  });

  it('does not take another for a driver that is not there', () => {
    const absent = baselineMeters(baseline({ model: 'regression', drivers: ['gone'] }), all);
    const { drivers } = baselinePeriod(window, absent, () => known(1));
    expect(drivers).toEqual([{ value: null, coverage: 0 }]);
  });

  it('takes zero for zero', () => {
    const period = baselinePeriod(window, meters, () => known(0));
    expect(period.production).toEqual({ value: 0, coverage: 1 });
  });

  it('is the same however its meters are ordered, and when one is split in two', () => {
    const amounts = fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(amounts, fc.nat(), (sums, seed) => {
        const rollups = new Map(sums.map((sum, i) => [`m${i}`, known(sum)]));
        const resource = (names: readonly string[]) =>
          baselinePeriod(
            window,
            baselineMeters(
              baseline(),
              names.map((id) => meter(id)),
            ),
            (id) => rollups.get(id),
          ).resource;
        const names = [...rollups.keys()];
        const whole = resource(names);
        const turn = seed % names.length;
        expect(resource([...names.slice(turn), ...names.slice(0, turn)])).toEqual(whole);
        rollups.set('m0', known(sums[0]! / 2)).set('twin', known(sums[0]! / 2));
        expect(resource([...names, 'twin'])).toEqual(whole);
      }),
    );
  });
});

describe('a period of energy', () => {
  const oil = meter('oil', { quantity: 'fuel', unit: 't', carrier: 'diesel' });
  const litres = meter('litres', { quantity: 'fuel', unit: 'L', carrier: 'diesel' });
  const fuels = baselineMeters(baseline({ resource: 'energy' }), [power, oil, gas, steel]);
  const valued = (meters: BaselineMeters, sums: Readonly<Record<string, number>>, unit = 'MJ') => {
    const valuer = new Valuer(new FactorBook(delivered), gwpSetDefault);
    const period = periodOf(
      window,
      meters,
      (id) => (sums[id] === undefined ? undefined : known(sums[id])),
      (of, amount) => valuer.value('final-energy', { amount, meter: of, date: '2025-03-01' }, unit)?.amount,
    );
    return { period, factors: valuer.factors.map(({ id }) => id) };
  };

  // Origin: IPCC 2006, vol. 2, table 1.2: 43 TJ/Gg of diesel; 100 kWh × 3.6 + 2 t × 43,000 + 40 MJ, by hand.
  it('counts fuel by its calorific value and electricity at 3.6 MJ/kWh, and names the factor', () => {
    const { period, factors } = valued(fuels, { power: 100, oil: 2, gas: 40, steel: 10 });
    expect(period.resource).toEqual({ value: 86_400, coverage: 1 });
    expect(factors).toEqual(['ipcc-2006-diesel-ncv']);
  });

  it('is in the unit of the baseline, also one of fuel alone', () => {
    const alone = baselineMeters(baseline({ resource: 'fuel', unit: 'GJ' }), [power, oil, gas, steel]);
    expect(valued(alone, { oil: 2, gas: 40, steel: 10 }, 'GJ').period.resource.value).toBeCloseTo(86.04, 12);
  });

  it('of fuel in tonnes needs no calorific value where the baseline is in tonnes', () => {
    const tonnes = baselineMeters(baseline({ resource: 'fuel' }), [oil, coal]);
    expect(tonnes.resource.map(({ factor }) => factor)).toEqual([1, 1]);
  });

  it('is left out, never told without the fuel, while a factor is missing', () => {
    const without = baselineMeters(baseline({ resource: 'energy' }), [power, litres, steel]);
    const { period } = valued(without, { power: 100, litres: 500, steel: 10 });
    expect(period.resource).toMatchObject({ value: null, isFactorMissing: true });
    expect(leftOut(period, modelInputs('ratio', []), 0.9)).toBe('factor-missing');
  });
});
