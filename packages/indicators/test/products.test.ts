import type { Allocation, Meter } from '@songma/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  definitionsFor,
  productsOf,
  publishIndicator,
  withdrawnIndicator,
  type IndicatorScope,
  type ScopedMeter,
} from '../src/index.ts';
import { indicatorOf, meterOf, metered, rollupOf, zone } from './scope.ts';

const source = { document: 'Quyết định 12/QĐ của công ty', verified: true };
const byMass: Allocation = { rule: 'mass', source };
const direct: Allocation = { rule: 'direct', source };
/** MJ/t of 2021–2025. @see Circular 20/2016/TT-BCT: billet of an arc furnace, hot-rolled long products */
const byNorms: Allocation = {
  rule: 'equivalent',
  weights: [
    { product: 'billet', weight: 2500 },
    { product: 'rolled', weight: 1600 },
  ],
  source: { document: 'Thông tư 20/2016/TT-BCT', verified: true },
};

const power = meterOf('power');
const makes = (product: string | undefined, id = `made-${product}`): Meter =>
  meterOf(id, { quantity: 'production', unit: 't', ...(product === undefined ? {} : { product }) });
const furnace = meterOf('furnace', { product: 'billet' });
const works = [metered(power, 66_000), metered(makes('billet'), 100), metered(makes('rolled'), 50)];

const ofProduct = (
  product: string,
  meters: readonly ScopedMeter[],
  allocation: Allocation,
  name = 'electricity-intensity',
  scope: Partial<IndicatorScope> = {},
) => indicatorOf(name, meters, { product, allocation: { version: 4, body: allocation }, ...scope });

describe('what serves several products', () => {
  // Origin: 100 t × 2,500 MJ/t and 50 t × 1,600 MJ/t are 250 and 80 GJ of equivalents; 66,000 kWh by hand.
  it('is shared by equivalent production: by tonnes times the norm of each product', () => {
    expect(ofProduct('billet', works, byNorms)).toMatchObject({
      id: `e/product=billet/electricity-intensity/P1D/${Date.parse('2023-03-02T00:00:00+07:00')}`,
      product: 'billet',
      value: 500,
      unit: 'kWh/t',
      numerator: 50_000,
      denominator: 100,
      allocation: { rule: 'equivalent', version: 4 },
      inputs: [{ meter: 'power' }, { meter: 'made-billet' }, { meter: 'made-rolled' }],
    });
    expect(ofProduct('rolled', works, byNorms)).toMatchObject({ value: 320, numerator: 16_000 });
  });

  it('is shared by mass: every tonne counts the same', () => {
    expect(ofProduct('billet', works, byMass)).toMatchObject({ value: 440, numerator: 44_000 });
    expect(ofProduct('rolled', works, byMass)).toMatchObject({ value: 440, numerator: 22_000 });
  });

  it('is told of no product where everything should be metered for one', () => {
    expect(ofProduct('billet', works, direct)).toMatchObject({
      value: null,
      withheld: 'allocation-missing',
      numerator: null,
    });
  });

  it('is told of no product where one of them has no weight, or no name', () => {
    const strange = [...works, metered(makes('wire'), 5)];
    expect(ofProduct('billet', strange, byNorms)!.withheld).toBe('allocation-missing');
    expect(ofProduct('billet', [...works, metered(makes(undefined), 5)], byMass)!.withheld).toBe(
      'allocation-missing',
    );
  });

  it('waits for what the other products made: their parts depend on it', () => {
    const silent = { meter: makes('rolled'), zone, rollups: [] };
    expect(ofProduct('billet', [...works.slice(0, 2), silent], byMass)!.withheld).toBe('coverage');
  });

  it('of a day on which nothing was made is nobody’s', () => {
    const idle = [metered(power, 66_000), metered(makes('billet'), 0), metered(makes('rolled'), 0)];
    expect(ofProduct('billet', idle, byMass)).toMatchObject({
      withheld: 'zero-production',
      numerator: null,
      denominator: 0,
    });
  });

  it('is not that of a product that was not made', () => {
    const idle = [metered(power, 66_000), metered(makes('billet'), 0), metered(makes('rolled'), 50)];
    expect(ofProduct('billet', idle, byMass)).toMatchObject({ withheld: 'zero-production', numerator: 0 });
    expect(ofProduct('rolled', idle, byMass)).toMatchObject({ value: 1320 });
  });

  it('of twelve months is shared by what was made in them together', () => {
    const parts = (of: Meter, sums: readonly number[]): ScopedMeter => ({
      meter: of,
      zone,
      rollups: sums.map((sum, i) => rollupOf(of, sum, `2023-03-0${i + 2}`)),
    });
    const start = Date.parse('2023-03-02T00:00:00+07:00');
    const twelve = { window: 'R12M', start, end: start + 2 * 86_400_000 } as const;
    const meters = [
      parts(power, [600, 0]),
      parts(makes('billet'), [10, 20]),
      parts(makes('rolled'), [0, 30]),
    ];
    expect(ofProduct('rolled', meters, byMass, undefined, twelve)).toMatchObject({
      numerator: 300,
      value: 10,
    });
  });

  it('takes with it the factors, the biomass and the pollutants that it is made of', () => {
    const husk = meterOf('husk', { quantity: 'fuel', unit: 'kg', carrier: 'rice-husk' });
    const nox = meterOf('nox', { quantity: 'pollutant', unit: 'kg', substance: 'NOx' });
    const meters = [...works, metered(husk, 3000), metered(nox, 150)];
    const whole = indicatorOf('ghg-scope-1-intensity', meters)!;
    const billet = ofProduct('billet', meters, byMass, 'ghg-scope-1-intensity')!;
    expect(billet.biogenicCo2).toBeCloseTo((whole.biogenicCo2! * 2) / 3, 9);
    expect(billet.factors).toEqual(whole.factors);
    expect(ofProduct('rolled', meters, byMass, 'pollutant-intensity:NOx')!.value).toBe(1);
  });
});

describe('what names its product on the meter', () => {
  it('is wholly that product’s, whatever the rule; the rest is shared', () => {
    const meters = [...works, metered(furnace, 20_000)];
    expect(ofProduct('billet', meters, byMass)).toMatchObject({ numerator: 64_000, value: 640 });
    expect(ofProduct('rolled', meters, byMass)).toMatchObject({ numerator: 22_000, value: 440 });
  });

  it('needs no other product to be known when nothing is shared', () => {
    const silent = { meter: makes('rolled'), zone, rollups: [] };
    expect(ofProduct('billet', [metered(furnace, 20_000), works[1]!, silent], direct)).toMatchObject({
      value: 200,
      inputs: [{ meter: 'furnace' }, { meter: 'made-billet' }],
      allocation: { rule: 'direct', version: 4 },
    });
  });

  it('of a product that nobody reports is withheld, not lost', () => {
    const typo = meterOf('mill', { product: 'roled' });
    expect(ofProduct('roled', [...works, metered(typo, 5)], byMass)!.withheld).toBe('no-production-reported');
  });

  it('does not make an indicator of a product that nothing serves', () => {
    const meters = [metered(furnace, 20_000), ...works.slice(1)];
    expect(ofProduct('rolled', meters, byMass)).toBeUndefined();
  });
});

describe('whatever is made and metered', () => {
  const products = ['billet', 'rolled', 'wire'] as const;
  const rules: Allocation[] = [
    byMass,
    { ...byNorms, weights: [...byNorms.weights!, { product: 'wire', weight: 700 }] },
  ];
  const amount = fc.integer({ min: 0, max: 1_000_000 });
  const scenario = fc.record({
    rule: fc.constantFrom(...rules),
    shared: fc.array(amount, { minLength: 1, maxLength: 3 }),
    own: fc.array(fc.tuple(fc.constantFrom(...products), amount), { maxLength: 4 }),
    made: fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 3, maxLength: 3 }),
    diesel: amount,
    split: fc.double({ min: 0.1, max: 0.9, noNaN: true }),
  });
  const metersOf = ({
    shared,
    own,
    made,
    diesel,
  }: typeof scenario extends fc.Arbitrary<infer T> ? T : never) => [
    ...shared.map((kwh, i) => metered(meterOf(`shared-${i}`), kwh)),
    ...own.map(([product, kwh], i) => metered(meterOf(`own-${i}`, { product }), kwh)),
    ...products.map((product, i) => metered(makes(product), made[i]!)),
    metered(meterOf('diesel', { quantity: 'fuel', unit: 'kg', carrier: 'diesel' }), diesel),
  ];
  const near = (a: number, b: number) => Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(a), Math.abs(b));

  it('the parts of the products make the whole', () => {
    let told = 0;
    fc.assert(
      fc.property(scenario, (what) => {
        const meters = metersOf(what);
        for (const { name, form } of definitionsFor(meters.map(({ meter }) => meter))) {
          const whole = indicatorOf(name, meters);
          if (whole === undefined || whole.withheld !== null || form !== 'intensity') continue;
          const parts = products.map((product) => ofProduct(product, meters, what.rule, name)!);
          expect(
            near(
              parts.reduce((sum, { numerator }) => sum + numerator!, 0),
              whole.numerator!,
            ),
          ).toBe(true);
          expect(
            near(
              parts.reduce((sum, { denominator }) => sum + denominator!, 0),
              whole.denominator!,
            ),
          ).toBe(true);
          told++;
        }
      }),
    );
    expect(told).toBeGreaterThan(300);
  });

  it('an enterprise of one product gives its numbers for it, by every rule', () => {
    fc.assert(
      fc.property(scenario, fc.constantFrom(byMass, byNorms, direct), (what, rule) => {
        const meters = metersOf({ ...what, own: what.own.map(([, kwh]) => ['billet', kwh]) }).filter(
          ({ meter }) => meter.product === undefined || meter.product === 'billet',
        );
        for (const { name } of definitionsFor(meters.map(({ meter }) => meter))) {
          const whole = indicatorOf(name, meters);
          const only = ofProduct('billet', meters, rule, name);
          const bare = only && { ...only, id: whole?.id, product: undefined, allocation: undefined };
          expect(bare).toEqual(whole);
        }
      }),
    );
  });

  it('the order of the meters does not matter, nor whether one is two', () => {
    fc.assert(
      fc.property(scenario, (what) => {
        const meters = metersOf(what);
        const two = meters.flatMap(({ meter, rollups: [rollup] }) => [
          metered(meter, rollup!.sum! * what.split),
          metered({ ...meter, id: `${meter.id}-2` }, rollup!.sum! * (1 - what.split)),
        ]);
        for (const product of products) {
          const told = ofProduct(product, meters, what.rule)!;
          expect(ofProduct(product, meters.toReversed(), what.rule)).toEqual(told);
          const split = ofProduct(product, two, what.rule)!;
          expect(near(split.numerator!, told.numerator!)).toBe(true);
        }
      }),
    );
  });
});

it('the products are those that some meter names', () => {
  expect(productsOf([power, makes('rolled'), makes('billet'), furnace, makes(undefined)])).toEqual([
    'billet',
    'rolled',
  ]);
});

describe('a publication of a product', () => {
  const first = publishIndicator(ofProduct('billet', works, byMass)!, undefined, 'readings', 5)!.after;

  it('is none when the enterprise was edited and its allocation was not', () => {
    const later = { allocation: { version: 9, body: byMass } };
    expect(
      publishIndicator(
        indicatorOf('electricity-intensity', works, { product: 'billet', ...later })!,
        first,
        'registry',
        6,
      ),
    ).toBeUndefined();
  });

  it('restates under another rule', () => {
    expect(publishIndicator(ofProduct('billet', works, byNorms)!, first, 'registry', 6)).toMatchObject({
      before: { value: 440, allocation: { rule: 'mass' } },
      after: { value: 500, allocation: { rule: 'equivalent' }, revision: 2 },
    });
  });

  it('of which nothing is left is withdrawn once', () => {
    const withdrawn = publishIndicator(withdrawnIndicator(first), first, 'registry', 6)!;
    expect(withdrawn.after).toMatchObject({
      id: first.id,
      product: 'billet',
      value: null,
      withheld: 'withdrawn',
      inputs: [],
      revision: 2,
    });
    expect(
      publishIndicator(withdrawnIndicator(withdrawn.after), withdrawn.after, 'registry', 7),
    ).toBeUndefined();
  });
});
