import type { Factor } from '@songma/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { definitionsFor, FactorBook, factorEffect, factorPacks, type ScopedMeter } from '../src/index.ts';
import { delivered, indicatorOf, meterOf, metered, rollupOf, zone } from './scope.ts';

const tonne = metered(meterOf('product', { quantity: 'production', unit: 't' }), 1);
const fuel = (carrier: string, amount: number, unit = 'kg', date?: string) =>
  metered(meterOf('fuel', { quantity: 'fuel', unit, carrier }), amount, date);
const power = (amount: number, date?: string) => metered(meterOf('power'), amount, date);
const factor = (id: string): Factor => delivered.find(({ body }) => body.id === id)!.body;
const supplied = (carrier: string, value: number, per: string, unit = 'kgCO2e'): Factor => ({
  id: `${carrier}-supply`,
  name: carrier,
  kind: 'supply',
  carrier,
  value,
  unit,
  per,
  source: { document: 'Thư của nhà cung cấp, 2023-01-05', verified: true },
});
const withFactors = (...more: Factor[]) =>
  new FactorBook([...delivered, ...more.map((body) => ({ version: 1, body }))]);

describe('a kilogram burnt in manufacturing, by NCV × EF × GWP', () => {
  // Origin: IPCC 2006 Guidelines vol. 2, tables 1.2 and 2.3, with the potentials of AR5; as printed.
  it.each([
    ['anthracite', '2.643'],
    ['coking-coal', '2.687'],
    ['other-bituminous-coal', '2.458'],
    ['sub-bituminous-coal', '1.829'],
    ['lignite', '1.210'],
    ['coke', '3.037'],
    ['petroleum-coke', '3.177'],
    ['diesel', '3.197'],
    ['fuel-oil', '3.137'],
    ['gasoline', '3.081'],
    ['kerosene', '3.160'],
    ['lpg', '2.987'],
    ['natural-gas', '2.695'],
    ['waste-oil', '3.023'],
    ['blast-furnace-gas', '0.642'],
  ])('of %s gives %s kgCO2e', (carrier, printed) => {
    const indicator = indicatorOf('ghg-scope-1-intensity', [fuel(carrier, 1), tonne])!;
    expect(indicator.value!.toFixed(3)).toBe(printed);
    expect(indicator.biogenicCo2).toBeUndefined();
  });

  it.each([
    ['wood', '0.030', '1.747'],
    ['solid-biomass', '0.022', '1.160'],
    ['bagasse', '0.022', '1.160'],
    ['rice-husk', '0.022', '1.160'],
    ['charcoal', '0.196', '3.304'],
    ['biogas', '0.003', '2.752'],
  ])('of %s gives %s kgCO2e, and %s kg of CO2 apart', (carrier, printed, biogenic) => {
    const indicator = indicatorOf('ghg-scope-1-intensity', [fuel(carrier, 1), tonne])!;
    expect(indicator.value!.toFixed(3)).toBe(printed);
    expect(indicator.biogenicCo2!.toFixed(3)).toBe(biogenic);
  });

  it('names the factors and the set that it was made with', () => {
    const indicator = indicatorOf('ghg-scope-1-intensity', [fuel('diesel', 1), tonne], { gwpSet: 'AR4' })!;
    expect(indicator.gwpSet).toBe('AR4');
    expect(indicator.factors).toEqual(
      [
        'gwp-ar4-ch4',
        'gwp-ar4-co2',
        'gwp-ar4-n2o',
        'ipcc-2006-diesel-ch4',
        'ipcc-2006-diesel-co2',
        'ipcc-2006-diesel-n2o',
        'ipcc-2006-diesel-ncv',
      ].map((id) => ({ id, version: 1, verified: false, assurance: 'memory', provisional: false })),
    );
    // 43 MJ/kg × (74,100 + 3 × 25 + 0.6 × 298) kg/TJ, by hand.
    expect(indicator.value).toBeCloseTo(43e-6 * (74_100 + 75 + 178.8), 12);
  });

  it('of a fuel that is metered as energy needs no calorific value', () => {
    const waste = fuel('industrial-waste', 2, 'GJ');
    const indicator = indicatorOf('ghg-scope-1-intensity', [waste, tonne])!;
    expect(indicator.value).toBeCloseTo(0.002 * (143_000 + 30 * 28 + 4 * 265), 9);
    expect(indicatorOf('ghg-scope-1-intensity', [fuel('industrial-waste', 2), tonne])!.withheld).toBe(
      'factor-missing',
    );
  });
});

describe('electricity from the grid', () => {
  it('of 1 MWh in 2023 gives 659.2 kg', () => {
    // Origin: letter 1726/BĐKH-PTCBT, 0.6592 tCO2/MWh.
    const indicator = indicatorOf('ghg-scope-2-intensity', [power(1000), tonne])!;
    expect(indicator.value).toBe(659.2);
    expect(indicator.factors).toEqual([
      { id: 'grid-vn-2023', version: 1, verified: false, assurance: 'copy', provisional: false },
    ]);
    expect(indicator.gwpSet).toBeUndefined();
  });

  it('takes the factor of each calendar year, at the site', () => {
    const product = meterOf('product', { quantity: 'production', unit: 't' });
    const meter = meterOf('power');
    const months = [
      rollupOf(meter, 1000, '2021-12-01'),
      rollupOf(meter, 1000, '2022-01-01'),
      rollupOf(meter, 1000, '2023-01-01'),
    ];
    const twelve: ScopedMeter[] = [
      { meter, zone, rollups: months },
      { meter: product, zone, rollups: [rollupOf(product, 1, '2022-01-01')] },
    ];
    const end = Date.parse('2022-01-02T00:00:00+07:00');
    const span = { window: 'R12M', start: end - 86_400_000, end } as const;
    expect(indicatorOf('ghg-scope-2-intensity', twelve, span)).toMatchObject({
      value: 722.1 + 676.6 + 659.2,
      factors: [{ id: 'grid-vn-2021' }, { id: 'grid-vn-2022' }, { id: 'grid-vn-2023' }],
    });
  });

  it('of a year that is not published is provisional, by the newest', () => {
    expect(indicatorOf('ghg-scope-2-intensity', [power(1000, '2026-11-25'), tonne])).toMatchObject({
      value: 659.2,
      factors: [{ id: 'grid-vn-2023', version: 1, verified: false, assurance: 'copy', provisional: true }],
    });
    const published = { ...factor('grid-vn-2023'), id: 'grid-vn-2026', value: 0.6 };
    const factors = withFactors({ ...published, validFrom: '2026-01-01', validTo: '2027-01-01' });
    expect(
      indicatorOf('ghg-scope-2-intensity', [power(1000, '2026-11-25'), tonne], { factors }),
    ).toMatchObject({
      value: 600,
      factors: [{ id: 'grid-vn-2026', version: 1, verified: false, assurance: 'copy', provisional: false }],
    });
    // A year between is by the newest before it, not by the one after it.
    expect(
      indicatorOf('ghg-scope-2-intensity', [power(1000, '2025-02-01'), tonne], { factors }),
    ).toMatchObject({
      value: 659.2,
      factors: [{ id: 'grid-vn-2023', provisional: true }],
    });
  });

  it('before the first year that is known is withheld', () => {
    expect(indicatorOf('ghg-scope-2-intensity', [power(1000, '2013-12-31'), tonne])!.withheld).toBe(
      'factor-missing',
    );
  });
});

describe('what is bought beside grid electricity', () => {
  const heat = (amount: number, unit: string, carrier?: string) =>
    metered(
      meterOf('heat', { quantity: 'heat', unit, ...(carrier === undefined ? {} : { carrier }) }),
      amount,
    );
  const sold = (amount: number, carrier: string) => metered(meterOf('sold', { carrier }), amount);

  // Origin: Circular 38/2023/TT-BCT, annex II, purchased steam: AD[t] · EF_steam; 12 t at 185.5 kgCO2e/t, by hand.
  it('counts steam by its supplier’s factor in scope 2, and never without one', () => {
    const meters = [heat(12, 't', 'steam'), tonne];
    expect(indicatorOf('ghg-scope-2-intensity', meters)).toMatchObject({
      value: null,
      withheld: 'factor-missing',
    });
    const factors = withFactors(supplied('steam', 185.5, 't'));
    expect(indicatorOf('ghg-scope-2-intensity', meters, { factors })).toMatchObject({
      value: 2226,
      factors: [{ id: 'steam-supply', version: 1, verified: true, assurance: 'text', provisional: false }],
    });
    expect(indicatorOf('ghg-scope-1-intensity', meters, { factors })).toBeUndefined();
  });

  // Origin: the same annex, TPT = sum of AD_n · EF_n over grid, self-generated and direct purchase.
  it('counts electricity by where it comes from: the grid’s factor, or that of the one who sells it', () => {
    const meters = [power(1000), sold(500, 'roof-solar'), sold(200, 'grid'), tonne];
    expect(indicatorOf('ghg-scope-2-intensity', meters)!.withheld).toBe('factor-missing');
    const factors = withFactors(supplied('roof-solar', 0.041, 'MWh', 'tCO2'));
    expect(indicatorOf('ghg-scope-2-intensity', meters, { factors })).toMatchObject({
      value: 811.54,
      factors: [{ id: 'grid-vn-2023' }, { id: 'roof-solar-supply' }],
    });
    // Whoever sells it, it is the same energy.
    expect(indicatorOf('final-energy-intensity', meters)!.value).toBe(1700 * 3.6);
    expect(indicatorOf('oil-equivalent-intensity', meters)!.value).toBeCloseTo(1700 * 0.0001543, 12);
  });

  it('counts heat in final energy as it is metered, and steam by weight by its heat', () => {
    expect(indicatorOf('final-energy-intensity', [power(1000), heat(2, 'GJ', 'steam'), tonne])!.value).toBe(
      5600,
    );
    const byWeight = [power(1000), heat(2, 't', 'steam'), tonne];
    expect(indicatorOf('final-energy-intensity', byWeight)!.withheld).toBe('factor-missing');
    const enthalpy = { ...supplied('steam', 2.76, 'kg', 'MJ'), kind: 'ncv' as const };
    expect(indicatorOf('final-energy-intensity', byWeight, { factors: withFactors(enthalpy) })!.value).toBe(
      3600 + 5520,
    );
  });

  it('leaves out the heat of a boiler of one’s own: its fuel is counted', () => {
    const without = indicatorOf('final-energy-intensity', [power(1000), tonne]);
    expect(indicatorOf('final-energy-intensity', [power(1000), heat(2, 'GJ'), tonne])).toEqual(without);
    expect(indicatorOf('ghg-scope-2-intensity', [heat(2, 'GJ'), tonne])).toBeUndefined();
  });
});

describe('a refrigerant that is topped up', () => {
  const gas = (carrier: string, amount: number, unit = 'kg') =>
    metered(meterOf('gas', { quantity: 'refrigerant', unit, carrier }), amount);

  // Origin: IPCC AR4 (2007), AR5 (2013) and AR6 (2021), WG I, potentials over 100 years.
  it.each([
    ['r-134a', [1430, 1300, 1530]],
    ['r-404a', [3922, 3943, 4728]],
    ['r-410a', [2088, 1924, 2256]],
    ['r-22', [1810, 1760, 1960]],
    ['r-32', [675, 677, 771]],
    ['sf6', [22_800, 23_500, 25_200]],
  ])('a kilogram of %s is, in AR4, AR5 and AR6, %j kgCO2e of scope 1', (carrier, values) => {
    const told = (['AR4', 'AR5', 'AR6'] as const).map((gwpSet) => {
      const indicator = indicatorOf('ghg-scope-1-intensity', [gas(carrier, 1000, 'g'), tonne], { gwpSet })!;
      expect(indicator).toMatchObject({
        gwpSet,
        factors: [{ id: `gwp-${gwpSet.toLowerCase()}-${carrier}` }],
      });
      return indicator.value;
    });
    expect(told).toEqual(values);
  });

  it('adds to what is burnt, and its potential is never guessed', () => {
    const burnt = indicatorOf('ghg-scope-1-intensity', [fuel('diesel', 1), tonne])!.value!;
    const both = [fuel('diesel', 1), gas('r-32', 2), tonne];
    expect(indicatorOf('ghg-scope-1-intensity', both)!.value).toBeCloseTo(burnt + 1354, 9);
    expect(indicatorOf('ghg-scope-1-intensity', [fuel('diesel', 1), gas('r-407c', 2), tonne])!.withheld).toBe(
      'factor-missing',
    );
  });
});

describe('final energy and oil equivalents', () => {
  it('are each made from what was metered, never from one another', () => {
    // 1,000 kWh are 3,600 MJ of final energy, and 0.1543 TOE: 6,460 MJ, of primary energy.
    const meters = [power(1000), fuel('diesel', 1, 't'), tonne];
    expect(indicatorOf('final-energy-intensity', meters)!.value).toBe(3600 + 43_000);
    expect(indicatorOf('oil-equivalent-intensity', meters)!.value).toBe(1.1743);
  });

  it.each([
    // Origin: MOIT letter 3505/BCT-KHCN.
    ['coal-cam-1-2', 't', 0.7],
    ['coal-cam-3-4', 't', 0.6],
    ['coal-cam-5-6', 't', 0.5],
    ['diesel', 'm3', 0.88],
    ['fuel-oil', 't', 0.99],
    ['fuel-oil', 'm3', 0.94],
    ['lpg', 't', 1.09],
    ['natural-gas', 'm3', 0.0009],
    ['gasoline', 't', 1.05],
    ['gasoline', 'm3', 0.83],
    ['jet-fuel', 't', 1.05],
  ])('of %s by the %s are %d TOE', (carrier, unit, toe) => {
    expect(indicatorOf('oil-equivalent-intensity', [fuel(carrier, 1, unit), tonne])!.value).toBe(toe);
  });

  it('say how sure their factors are', () => {
    const sure = (name: string) =>
      indicatorOf(name, [fuel('diesel', 1, 't'), tonne])!.factors!.map((used) => used.assurance);
    expect(sure('oil-equivalent-intensity')).toEqual(['copy']);
    expect(sure('final-energy-intensity')).toEqual(['memory']);
  });

  // cám 1 to 6 shared one heating value that its source does not have.
  it('give the fine coals no calorific value: their document has none', () => {
    expect(indicatorOf('final-energy-intensity', [fuel('coal-cam-5-6', 1, 't'), tonne])).toMatchObject({
      value: null,
      withheld: 'factor-missing',
    });
  });

  it('of litres are those of a cubic metre, a thousand times less', () => {
    expect(indicatorOf('oil-equivalent-intensity', [fuel('diesel', 500, 'L'), tonne])!.value).toBeCloseTo(
      0.44,
      14,
    );
  });

  it('of a carrier that the letter does not list are withheld', () => {
    expect(indicatorOf('oil-equivalent-intensity', [fuel('bagasse', 1, 't'), tonne])).toMatchObject({
      value: null,
      withheld: 'factor-missing',
    });
  });

  it('of a mass fuel metered by volume need its density, which is never guessed', () => {
    const litres = [fuel('diesel', 1000, 'L'), tonne];
    expect(indicatorOf('final-energy-intensity', litres)!.withheld).toBe('factor-missing');
    expect(indicatorOf('ghg-scope-1-intensity', litres)!.withheld).toBe('factor-missing');
    const { gas: _, ...ncv } = factor('ipcc-2006-diesel-ncv');
    const factors = withFactors({
      ...ncv,
      id: 'diesel-density',
      kind: 'density',
      value: 840,
      unit: 'kg',
      per: 'm3',
    });
    const indicator = indicatorOf('final-energy-intensity', litres, { factors })!;
    expect(indicator.value).toBeCloseTo(840 * 43, 9);
    expect(indicator.factors!.map(({ id }) => id)).toEqual(['diesel-density', 'ipcc-2006-diesel-ncv']);
  });

  it('of a fuel metered by volume count in emissions by its density, too', () => {
    const litres = [fuel('diesel', 1000, 'L'), tonne];
    const density = { ...factor('ipcc-2006-diesel-ncv'), id: 'diesel-density', kind: 'density' as const };
    const factors = withFactors({ ...density, value: 840, unit: 'kg', per: 'm3' });
    const byVolume = indicatorOf('ghg-scope-1-intensity', litres, { factors })!;
    const byMass = indicatorOf('ghg-scope-1-intensity', [fuel('diesel', 840), tonne])!;
    expect(byVolume.value).toBeCloseTo(byMass.value!, 9);
  });

  it('of a fuel whose carrier is not told are withheld', () => {
    const unknown = metered(meterOf('fuel', { quantity: 'fuel', unit: 't' }), 3);
    for (const name of ['final-energy-intensity', 'oil-equivalent-intensity', 'ghg-scope-1-intensity']) {
      expect(indicatorOf(name, [power(1), unknown, tonne])!.withheld).toBe('factor-missing');
    }
    // Metered in kWh it is still no electricity.
    const heat = metered(meterOf('fuel', { quantity: 'fuel', unit: 'kWh' }), 3);
    expect(indicatorOf('oil-equivalent-intensity', [heat, tonne])!.withheld).toBe('factor-missing');
  });
});

describe('gas', () => {
  const energyOf = (calorific: 'gross' | 'net' | undefined, unit = 'GJ') =>
    metered(
      meterOf('gas', {
        ...{ quantity: 'fuel', unit, carrier: 'natural-gas' },
        ...(calorific === undefined ? {} : { calorific }),
      }),
      100,
    );
  const { gas: _, ...ncv } = factor('ipcc-2006-natural-gas-ncv');
  const stated = (
    kind: 'net-of-gross' | 'gcv' | 'ncv' | 'density' | 'toe',
    value: number,
    unit: string,
    per: string,
  ) => ({ ...ncv, id: `natural-gas-${kind}-${per}`, kind, value, unit, per }) as const;
  const netOfGross = stated('net-of-gross', 0.9, 'MJ', 'MJ');
  const names = ['final-energy-intensity', 'ghg-scope-1-intensity'] as const;

  // Origin: a bill in gross gigajoules counted as net ones makes 11 % more energy and CO2 than was burnt.
  it('that is metered as energy counts by its net calorific value', () => {
    const factors = withFactors(netOfGross);
    for (const name of names) {
      const net = indicatorOf(name, [energyOf('net'), tonne], { factors })!;
      const gross = indicatorOf(name, [energyOf('gross'), tonne], { factors })!;
      expect(gross.value! / net.value!).toBeCloseTo(0.9, 12);
      expect(gross.factors!.map(({ id }) => id)).toContain('natural-gas-net-of-gross-MJ');
    }
  });

  it('that does not say which is withheld, and so is gross energy whose net share is not registered', () => {
    for (const name of names) {
      expect(indicatorOf(name, [energyOf(undefined), tonne])!.withheld).toBe('factor-missing');
      expect(indicatorOf(name, [energyOf('gross'), tonne])!.withheld).toBe('factor-missing');
      expect(indicatorOf(name, [energyOf(undefined, 'kg'), tonne])!.withheld).toBeNull();
    }
  });

  it('in Nm3 counts by a factor for Nm3, net or gross, or by a density, and never by one for m3', () => {
    const normal = [energyOf(undefined, 'Nm3'), tonne];
    const energy = (...more: readonly ReturnType<typeof stated>[]) =>
      indicatorOf('final-energy-intensity', normal, { factors: withFactors(...more) })!;
    expect(energy().withheld).toBe('factor-missing');
    expect(energy(stated('ncv', 36, 'MJ', 'm3')).withheld).toBe('factor-missing');
    expect(energy(stated('ncv', 36, 'MJ', 'Nm3')).value).toBeCloseTo(3600, 9);
    expect(energy(stated('gcv', 40, 'MJ', 'Nm3')).withheld).toBe('factor-missing');
    expect(energy(stated('gcv', 40, 'MJ', 'Nm3'), netOfGross).value).toBeCloseTo(3600, 9);
    expect(energy(stated('density', 0.75, 'kg', 'Nm3')).value).toBeCloseTo(100 * 0.75 * 48, 9);
    const toe = withFactors(stated('toe', 0.0009, 'TOE', 'Nm3'));
    expect(indicatorOf('oil-equivalent-intensity', normal, { factors: toe })!.value).toBeCloseTo(0.09, 12);
  });
});

describe('of two factors in force', () => {
  const lab = { ...factor('ipcc-2006-anthracite-ncv'), id: 'anthracite-lab', value: 24.1 };
  const coal = (date: string) => [fuel('anthracite', 1, 'kg', date), tonne];

  it('the one that came into force last is used, from that date on', () => {
    const factors = withFactors({ ...lab, validFrom: '2024-01-01' });
    const energy = (date: string) => indicatorOf('final-energy-intensity', coal(date), { factors })!.value;
    expect([energy('2023-12-31'), energy('2024-01-01')]).toEqual([26.7, 24.1]);
  });

  it('one that is for another unit is passed over', () => {
    const factors = withFactors({ ...lab, per: 'm3', validFrom: '2020-01-01' });
    expect(indicatorOf('final-energy-intensity', coal('2023-01-01'), { factors })!.value).toBe(26.7);
  });
});

describe('whatever is metered', () => {
  const carriers = ['anthracite', 'diesel', 'bagasse', 'natural-gas'] as const;
  const amounts = fc.array(
    fc.record({
      kind: fc.constantFrom('power', 'product', 'NOx', 'steam', 'r-32', ...carriers),
      amount: fc.integer({ min: 1, max: 1_000_000 }),
      share: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      order: fc.double({ noNaN: true }),
    }),
    { minLength: 1, maxLength: 8 },
  );
  const meterFor = (kind: string, id: string) => {
    if (kind === 'power') return meterOf(id);
    if (kind === 'product') return meterOf(id, { quantity: 'production', unit: 't' });
    if (kind === 'NOx') return meterOf(id, { quantity: 'pollutant', unit: 'g', substance: kind });
    if (kind === 'steam') return meterOf(id, { quantity: 'heat', unit: 'GJ', carrier: kind });
    if (kind === 'r-32') return meterOf(id, { quantity: 'refrigerant', unit: 'kg', carrier: kind });
    return meterOf(id, { quantity: 'fuel', unit: 'kg', carrier: kind });
  };

  it('the order of the meters does not matter, nor whether one is two', () => {
    let told = 0;
    fc.assert(
      fc.property(amounts, (all) => {
        const one = all.map(({ kind, amount }, i) => metered(meterFor(kind, `m${i}`), amount));
        const shuffled = all
          .map(({ order }, i) => ({ order, meter: one[i]! }))
          .toSorted((a, b) => a.order - b.order);
        const two = all.flatMap(({ kind, amount, share }, i) => [
          metered(meterFor(kind, `m${i}`), amount * share),
          metered(meterFor(kind, `other${i}`), amount * (1 - share)),
        ]);
        for (const { name } of definitionsFor(one.map(({ meter }) => meter))) {
          const indicator = indicatorOf(name, one);
          expect(
            indicatorOf(
              name,
              shuffled.map(({ meter }) => meter),
            ),
          ).toEqual(indicator);
          const split = indicatorOf(name, two);
          expect(split?.withheld).toEqual(indicator?.withheld);
          if (indicator?.value === null || indicator === undefined) continue;
          told++;
          expect(Math.abs(split!.value! / indicator.value - 1)).toBeLessThan(1e-13);
        }
      }),
    );
    expect(told).toBeGreaterThan(100);
  });
});

describe('a changed factor', () => {
  const span = (from: string, to: string) => ({ from: Date.parse(from), to: Date.parse(to) });

  it('of a carrier touches what is made from it, as far as it is in force', () => {
    const ncv = factor('ipcc-2006-diesel-ncv');
    expect(factorEffect(ncv, { ...ncv, value: 42.5 })).toEqual({
      names: [
        'final-energy-intensity',
        'ghg-scope-1-intensity',
        'ghg-scope-1-2-intensity',
        'energy-productivity',
      ],
      quantities: ['fuel', 'heat'],
      carrier: 'diesel',
      from: -Infinity,
      to: Infinity,
    });
    const dated = { ...ncv, validFrom: '2024-01-01', validTo: '2025-01-01' };
    const later = { ...dated, validFrom: '2024-03-01', validTo: '2025-03-01' };
    // From the first of either in the easternmost zone to the last of either in the westernmost.
    expect(factorEffect(dated, later)).toMatchObject(
      span('2024-01-01T00:00+14:00', '2025-03-01T00:00-12:00'),
    );
  });

  it('of the grid touches its year and the provisional ones after it', () => {
    const published = { ...factor('grid-vn-2023'), id: 'grid-vn-2024', validFrom: '2024-01-01' };
    expect(factorEffect(undefined, { ...published, validTo: '2025-01-01' })).toEqual({
      names: ['ghg-scope-2-intensity', 'ghg-scope-1-2-intensity'],
      quantities: ['electricity'],
      carrier: undefined,
      from: Date.parse('2024-01-01T00:00+14:00'),
      to: Infinity,
    });
  });

  it('in oil equivalents of electricity touches no carrier of fuel', () => {
    expect(factorEffect(factor('toe-3505-electricity-kwh'), undefined)).toMatchObject({
      names: ['oil-equivalent-intensity'],
      quantities: ['electricity'],
      carrier: undefined,
    });
  });

  it('of a supplier touches the heat and electricity that bear its name, a refrigerant’s those who top it up', () => {
    expect(factorEffect(undefined, supplied('steam', 180, 't'))).toMatchObject({
      names: ['ghg-scope-2-intensity', 'ghg-scope-1-2-intensity'],
      quantities: ['electricity', 'heat'],
      carrier: 'steam',
    });
    expect(factorEffect(factor('gwp-ar5-r-134a'), undefined)).toMatchObject({
      names: ['ghg-scope-1-intensity', 'ghg-scope-1-2-intensity'],
      quantities: ['refrigerant'],
      carrier: 'r-134a',
    });
    expect(factorEffect(factor('gwp-ar5-ch4'), undefined)).toMatchObject({
      quantities: ['fuel'],
      carrier: undefined,
    });
  });

  it('touches nothing when only its words were mended', () => {
    const ncv = factor('ipcc-2006-diesel-ncv');
    const verified = { ...ncv, name: 'DO', source: { document: 'bảng 1.2', verified: true } };
    expect(factorEffect(ncv, verified)).toBeUndefined();
  });
});

it('every delivered factor has an id of its own, says how sure it is, and none was compared with the text', () => {
  const all = factorPacks.flatMap(({ factors }) => factors);
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  expect(all.filter(({ source }) => source.verified || source.assurance === undefined)).toEqual([]);
  expect(new Set(all.filter(({ source }) => source.assurance === 'text'))).toEqual(new Set());
});

it('methane of AR6 is the non-fossil one, and says so', () => {
  expect(factor('gwp-ar6-ch4')).toMatchObject({ value: 27, name: 'GWP100 CH4 (non-fossil), AR6' });
});
