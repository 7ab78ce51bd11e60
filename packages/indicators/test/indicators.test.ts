import { rulesVersion } from '@songma/domain';
import type { Indicator, Meter } from '@songma/domain';
import { describe, expect, it } from 'vitest';
import {
  definitionsFor,
  indicatorDefinitions,
  inputRole,
  isInput,
  publishIndicator,
  type ScopedMeter,
} from '../src/index.ts';
import { indicatorOf, meterOf, metered, rollupOf, zone } from './scope.ts';

const definition = indicatorDefinitions.find(({ name }) => name === 'electricity-intensity')!;
const start = Date.parse('2023-03-02T00:00:00+07:00');
const end = start + 86_400_000;

function rolledUp(of: Meter, sum: number | null, coverage = 1, revision = 1): ScopedMeter {
  const { meter, rollups } = metered(of, sum, '2023-03-02', coverage);
  return { meter, zone, rollups: rollups.map((rollup) => ({ ...rollup, revision })) };
}

const silent = (meter: Meter): ScopedMeter => ({ meter, zone, rollups: [] });
const power = meterOf('power');
const steel = meterOf('steel', { quantity: 'production', unit: 't', intervalMs: 86_400_000 });
const compute = (...meters: ScopedMeter[]) => indicatorOf('electricity-intensity', meters);

describe('the electricity intensity', () => {
  it('is the ratio of sums over all meters, in kWh per tonne', () => {
    const main = meterOf('main', { unit: 'MWh', kind: 'counter' });
    const cement = meterOf('cement', { quantity: 'production', unit: 'kg', kind: 'counter' });
    // (3,000 + 2,000) kWh / (40 + 10) t; a mean of ratios would not give 100.
    const indicator = compute(
      rolledUp(power, 3000),
      rolledUp(main, 2, 0.95, 4),
      rolledUp(steel, 40),
      rolledUp(cement, 10_000),
    );
    expect(indicator).toEqual({
      id: `e/electricity-intensity/P1D/${start}`,
      enterprise: 'e',
      name: 'electricity-intensity',
      window: 'P1D',
      start,
      end,
      value: 100,
      unit: 'kWh/t',
      coverage: 0.95,
      withheld: null,
      numerator: 5000,
      denominator: 50,
      matchedNumerator: 5000,
      matchedDenominator: 50,
      matchedShare: 0.95,
      estimatedShare: 0,
      inputs: [
        { meter: 'main', revision: 4 },
        { meter: 'power', revision: 1 },
        { meter: 'cement', revision: 1 },
        { meter: 'steel', revision: 1 },
      ],
    });
  });

  it.each([
    ['coverage', [rolledUp(power, 3000, 0.89), rolledUp(steel, 40)]],
    ['coverage', [rolledUp(power, 3000), silent(meterOf('silent')), rolledUp(steel, 40)]],
    ['coverage', [rolledUp(power, 3000), rolledUp(steel, 0, 0.5)]],
    ['zero-production', [rolledUp(power, 3000), rolledUp(steel, 0)]],
    ['no-production-reported', [rolledUp(power, 3000), rolledUp(steel, null, 0)]],
    ['no-production-reported', [rolledUp(power, 3000), silent(steel)]],
    ['no-production-reported', [rolledUp(power, 3000)]],
    ['no-energy-reported', [rolledUp(power, null, 0), rolledUp(steel, 40)]],
  ] as const)('is withheld for %s', (reason, meters) => {
    expect(compute(...meters)).toMatchObject({ value: null, withheld: reason });
  });

  it('is given at the least coverage', () => {
    expect(compute(rolledUp(power, 3000, 0.9), rolledUp(steel, 40))).toMatchObject({
      value: 75,
      withheld: null,
    });
  });

  it('does not apply to an enterprise without an electricity meter', () => {
    expect(compute(rolledUp(steel, 40))).toBeUndefined();
  });

  it('leaves out what is no active energy and what is told elsewhere', () => {
    expect(inputRole(definition, meterOf('reactive', { unit: 'kvarh' }))).toBeUndefined();
    expect(inputRole(definition, meterOf('load', { unit: 'kW', kind: 'level' }))).toBeUndefined();
    expect(inputRole(definition, { ...power, countsAs: 'part' })).toBeUndefined();
    expect(inputRole(definition, { ...steel, countsAs: 'part' })).toBeUndefined();
    expect(inputRole(definition, power)).toBe('resource');
    expect(inputRole(definition, steel)).toBe('production');
  });
});

describe('an indicator over a longer window', () => {
  const month = { window: 'P1M', start, end: start + 31 * 86_400_000 } as const;

  it('tells nothing until something is reported from after its end', () => {
    const meters = [rolledUp(power, 3000, 0.957), rolledUp(steel, 40)];
    expect(indicatorOf('electricity-intensity', meters, { ...month, isFinished: false })).toMatchObject({
      value: null,
      withheld: 'unfinished',
      coverage: 0,
      numerator: null,
      denominator: null,
    });
    expect(indicatorOf('electricity-intensity', meters, month)).toMatchObject({ value: 75, coverage: 0.957 });
  });

  it('of twelve months is the ratio of their sums, by the time that they cover together', () => {
    const parts = (of: Meter, sums: readonly number[]): ScopedMeter => ({
      meter: of,
      zone,
      rollups: sums.map((sum, i) => rollupOf(of, sum, `2023-03-0${i + 2}`)),
    });
    const twelve = { window: 'R12M', start, end: start + 2 * 86_400_000 } as const;
    const meters = [parts(power, [3000, 1000]), parts(steel, [10, 30])];
    expect(indicatorOf('electricity-intensity', meters, twelve)).toMatchObject({
      id: `e/electricity-intensity/R12M/${start}`,
      value: 100,
      coverage: 1,
      inputs: [
        { meter: 'power', revision: 2 },
        { meter: 'steel', revision: 2 },
      ],
    });
    // Half of the time is missing: the mean of what is there is not told for the whole.
    const half = [parts(power, [3000, 1000]), parts(steel, [40])];
    expect(indicatorOf('electricity-intensity', half, twelve)).toMatchObject({
      withheld: 'coverage',
      coverage: 0.5,
    });
  });
});

describe('the indicators of resources', () => {
  const water = meterOf('water', { quantity: 'water', unit: 'm3', kind: 'counter' });
  const waste = meterOf('waste', { quantity: 'waste-water', unit: 'L' });
  const clinker = meterOf('clinker', { quantity: 'material', unit: 'kg' });
  const meters = [
    rolledUp(water, 120),
    rolledUp(waste, 60_000),
    rolledUp(clinker, 36_000),
    rolledUp(steel, 40),
  ];

  it.each([
    ['water-intensity', 3, 'm3/t'],
    ['waste-water-intensity', 1.5, 'm3/t'],
    ['material-intensity', 0.9, 't/t'],
    ['water-productivity', 0.333333333333333, 't/m3'],
  ])('%s is %d %s', (name, value, unit) => {
    expect(indicatorOf(name, meters)).toMatchObject({ value, unit, withheld: null });
  });

  it('energy productivity is the inverse of the final energy intensity', () => {
    const energy = [rolledUp(power, 1000), rolledUp(steel, 36)];
    expect(indicatorOf('final-energy-intensity', energy)!.value).toBe(100);
    expect(indicatorOf('energy-productivity', energy)!.value).toBe(0.01);
  });

  it('scopes 1 and 2 together ask for a meter of each: unmetered fuel is not no fuel', () => {
    const diesel = meterOf('diesel', { quantity: 'fuel', unit: 'kg', carrier: 'diesel' });
    const both = [rolledUp(power, 1000), rolledUp(diesel, 1), rolledUp(steel, 1)];
    const [one, two, together] = ['1', '2', '1-2'].map(
      (scopes) => indicatorOf(`ghg-scope-${scopes}-intensity`, both)!.value!,
    );
    expect(together).toBeCloseTo(one! + two!, 9);
    expect(
      indicatorOf('ghg-scope-1-2-intensity', [rolledUp(power, 1000), rolledUp(steel, 1)]),
    ).toBeUndefined();
    expect(
      indicatorOf('ghg-scope-1-2-intensity', [
        rolledUp(power, 1),
        rolledUp(diesel, null, 0),
        rolledUp(steel, 1),
      ]),
    ).toMatchObject({ value: null, withheld: 'coverage' });
  });

  it.each([
    ['water-productivity', [rolledUp(water, 0), rolledUp(steel, 1)], 'zero-resource'],
    ['water-productivity', [rolledUp(water, 5), rolledUp(steel, 0)], 'zero-production'],
    ['water-intensity', [rolledUp(water, null), rolledUp(steel, 1)], 'no-water-reported'],
    ['waste-water-intensity', [rolledUp(waste, null), rolledUp(steel, 1)], 'no-waste-water-reported'],
    ['material-intensity', [silent(clinker), rolledUp(steel, 1)], 'no-material-reported'],
    ['ghg-scope-2-intensity', [silent(power), rolledUp(steel, 1)], 'no-energy-reported'],
  ] as const)('%s of %o is withheld for %s', (name, inputs, reason) => {
    expect(indicatorOf(name, inputs)).toMatchObject({ value: null, withheld: reason });
  });

  it('no water for what was made is an intensity of zero', () => {
    expect(indicatorOf('water-intensity', [rolledUp(water, 0), rolledUp(steel, 1)])!.value).toBe(0);
  });

  it('of a site bear the site', () => {
    expect(indicatorOf('water-intensity', meters, { site: 's' })).toMatchObject({
      id: `e/s/water-intensity/P1D/${start}`,
      enterprise: 'e',
      site: 's',
    });
  });
});

describe('the mass of a pollutant for what was made', () => {
  const emitted = (substance: string, amount: number, unit: string, id = substance.toLowerCase()) =>
    rolledUp(meterOf(id, { quantity: 'pollutant', unit, substance }), amount);

  // Origin: mass load of GRI 305-7 over product (RECP primer, pollution intensity): 84 kg and 1.6 t of 40 t, by hand.
  it('is one indicator a substance, in kg per tonne', () => {
    const meters = [
      emitted('NOx', 84, 'kg'),
      emitted('SO2', 1.5, 't', 'kiln'),
      emitted('SO2', 100_000, 'g', 'mill'),
      rolledUp(steel, 40),
    ];
    expect(indicatorOf('pollutant-intensity:NOx', meters)).toMatchObject({
      id: `e/pollutant-intensity:NOx/P1D/${start}`,
      name: 'pollutant-intensity:NOx',
      value: 2.1,
      unit: 'kg/t',
      numerator: 84,
    });
    expect(indicatorOf('pollutant-intensity:SO2', meters)).toMatchObject({
      value: 40,
      inputs: [{ meter: 'kiln' }, { meter: 'mill' }, { meter: 'steel' }],
    });
  });

  it('is that of no other substance, and none of a concentration', () => {
    const names = (...meters: readonly Meter[]) =>
      definitionsFor(meters)
        .filter((one) => meters.some((meter) => inputRole(one, meter) === 'resource'))
        .map(({ name }) => name);
    const cod = meterOf('cod', { quantity: 'pollutant', unit: 'kg', substance: 'COD' });
    expect(names(cod, steel)).toEqual(['pollutant-intensity:COD']);
    expect(names(meterOf('c', { quantity: 'concentration', unit: 'mg/m3', kind: 'level' }))).toEqual([]);
    expect(isInput(cod)).toBe(true);
    expect(isInput({ ...cod, unit: 'm3' })).toBe(false);
  });

  it('is withheld when the meter is silent', () => {
    const dust = silent(meterOf('dust', { quantity: 'pollutant', unit: 'kg', substance: 'dust' }));
    expect(indicatorOf('pollutant-intensity:dust', [dust, rolledUp(steel, 40)])!.withheld).toBe(
      'no-pollutant-reported',
    );
  });
});

describe('the estimated share', () => {
  const spread = (of: ScopedMeter, ...spreadMs: number[]): ScopedMeter => ({
    ...of,
    rollups: spreadMs.map((ms) => ({ ...of.rollups[0]!, spreadMs: ms })),
  });
  const hourMs = 3_600_000;

  it('is the greatest of the inputs, by the time whose amounts are spread', () => {
    const meters = [spread(rolledUp(power, 3000), 6 * hourMs), spread(rolledUp(steel, 40), 3 * hourMs)];
    expect(compute(...meters)!.estimatedShare).toBe(0.25);
    expect(compute(...meters.toReversed())!.estimatedShare).toBe(0.25);
  });

  it('is of the covered time, of twelve months together', () => {
    const half = spread(rolledUp(power, 3000, 0.96), 0.24 * 86_400_000);
    expect(compute(half, rolledUp(steel, 40))!.estimatedShare).toBe(0.25);
    const twelve = { window: 'R12M', start, end: start + 2 * 86_400_000 } as const;
    const meters = [spread(rolledUp(power, 10), 12 * hourMs, 0), spread(rolledUp(steel, 1), 0, 0)];
    expect(indicatorOf('electricity-intensity', meters, twelve)!.estimatedShare).toBe(0.25);
  });

  it('is not told while the sums are not', () => {
    const little = spread(rolledUp(power, 3000, 0.5), 6 * hourMs);
    expect(compute(little, rolledUp(steel, 40))).not.toHaveProperty('estimatedShare');
  });

  it('restates when it changes, but not what was published before it was told', () => {
    const draft = compute(spread(rolledUp(power, 3000), 6 * hourMs), rolledUp(steel, 40))!;
    const { estimatedShare: _, ...older } = publishIndicator(draft, undefined, 'readings', 5)!.after;
    expect(publishIndicator(draft, older, 'readings', 6)).toBeUndefined();
    expect(publishIndicator(draft, { ...older, estimatedShare: 0 }, 'readings', 6)).toMatchObject({
      after: { estimatedShare: 0.25, revision: 2 },
    });
  });
});

describe('a publication', () => {
  const draft = compute(rolledUp(power, 3000), rolledUp(steel, 40))!;
  const first = publishIndicator(draft, undefined, 'readings', 5)!;

  it('is the first revision when nothing was published', () => {
    expect(first).toEqual({
      id: draft.id,
      before: null,
      after: { ...draft, revision: 1, rules: rulesVersion, publishedAt: 5 },
      cause: 'readings',
    });
  });

  it('is none when the numbers are as they were', () => {
    const recounted = compute(rolledUp(power, 3000, 1, 2), rolledUp(steel, 40))!;
    expect(publishIndicator(recounted, first.after, 'readings', 6)).toBeUndefined();
  });

  it('is none when there is one more input that tells nothing, or one less', () => {
    const before = { ...first.after, matchedShare: 1 };
    const [one, two] = [draft, { ...draft, inputs: [...draft.inputs, { meter: 'spare', revision: 1 }] }];
    for (const [then, now] of [
      [one, two],
      [two, one],
    ] as const) {
      const published = { ...before, inputs: then.inputs };
      expect(publishIndicator({ ...now, matchedShare: 1 }, published, 'registry', 6)).toBeUndefined();
    }
  });

  it('is a new one when an input told otherwise in the time that all have in common', () => {
    const told = (tonnes: number) => ({
      ...draft,
      matchedShare: 0.95,
      inputs: [
        { meter: 'power', revision: 1, matched: 2900 },
        { meter: 'steel', revision: 1, matched: tonnes },
      ],
    });
    const before: Indicator = { ...first.after, ...told(39) };
    expect(publishIndicator(told(39), before, 'readings', 6)).toBeUndefined();
    expect(publishIndicator(told(38), before, 'readings', 6)).toMatchObject({ after: { revision: 2 } });
  });

  it('is a new one when a provisional factor became the official one, though the numbers are as they were', () => {
    const scope2 = (year: string) =>
      indicatorOf('ghg-scope-2-intensity', [metered(power, 1, year), metered(steel, 1, year)])!;
    const [official, provisional] = [scope2('2023-03-02'), scope2('2024-03-02')];
    const before = publishIndicator(provisional, undefined, 'readings', 5)!.after;
    expect(
      publishIndicator({ ...provisional, factors: official.factors! }, before, 'registry', 6),
    ).toMatchObject({
      before: { value: 0.6592, factors: [{ provisional: true }] },
      after: { value: 0.6592, factors: [{ provisional: false }] },
    });
    const [used] = provisional.factors!;
    const renamed = { ...provisional, factors: [{ ...used!, version: 2 }] };
    expect(publishIndicator(renamed, before, 'registry', 6)).toBeUndefined();
  });

  it('restates what changed, with before, after and cause', () => {
    const after = compute(rolledUp(power, 3100), rolledUp(steel, 40))!;
    const event = publishIndicator(after, first.after, 'registry', 6)!;
    expect(event).toMatchObject({
      cause: 'registry',
      before: { value: 75, revision: 1 },
      after: { value: 77.5, revision: 2 },
    });
    const withheld: Indicator = {
      ...first.after,
      ...compute(rolledUp(power, null, 0), rolledUp(steel, 40))!,
    };
    expect(publishIndicator(after, withheld, 'readings', 7)?.after.withheld).toBeNull();
  });

  it('comes after what it restates, also by a clock that was set back', () => {
    const after = compute(rolledUp(power, 3100), rolledUp(steel, 40))!;
    const publishedAt = (at: number) =>
      publishIndicator(after, first.after, 'readings', at)!.after.publishedAt;
    expect([4, 5, 6].map(publishedAt)).toEqual([6, 6, 6]);
    expect(publishedAt(7)).toBe(7);
  });
});
