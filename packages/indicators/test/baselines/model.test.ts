import { describe, expect, it } from 'vitest';
import { fitBaseline, type BaselinePeriod, type BaselineTerms, type Criterion } from '../../src/index.ts';
import { measured, month, plant, ratio, regression, tonnes } from './sample.ts';

const verdicts = (criteria: readonly Criterion[]) =>
  criteria.map(({ name, passed }) => (passed ? name : `not ${name}`));

describe('a ratio', () => {
  it('is a ratio of sums, not a mean of ratios', () => {
    const fitted = fitBaseline(ratio, [month(0, 1000, 10), month(1, 3000, 90)]);
    expect(fitted.ratio).toEqual({ resource: 4000, production: 100, intensity: 40 });
    expect(fitted).toMatchObject({ model: 'ratio', isRefused: false, periods: 2, regression: null });
  });

  it('of less than a year is used, and says that it is not accepted', () => {
    const fitted = fitBaseline(ratio, plant.slice(0, 11));
    expect(fitted).toMatchObject({ model: 'ratio', isAccepted: false });
    expect(fitted.criteria).toEqual([
      { name: 'span-days', value: 334, bound: 365, is: 'at-least', passed: false },
    ]);
    expect(fitBaseline(ratio, plant)).toMatchObject({ isAccepted: true });
  });

  it('counts a month in which nothing was made, and leaves out one of which that is not known', () => {
    const fitted = fitBaseline(ratio, [month(0, 1000, 20), month(1, 200, 0), month(2, 1100, null)]);
    expect(fitted.ratio).toEqual({ resource: 1200, production: 20, intensity: 60 });
    expect(fitted.leftOut).toEqual([
      { start: Date.UTC(2025, 2, 1), end: Date.UTC(2025, 3, 1), reason: 'production-missing' },
    ]);
  });

  it.each<[string, BaselinePeriod, string]>([
    ['nothing was reported', month(0, null, 10), 'resource-missing'],
    ['production was not', month(0, 1000, null), 'production-missing'],
    ['too little is known', month(0, 1000, 10, { coverage: 0.899 }), 'coverage'],
    [
      'too little is known of production',
      { ...month(0, 1000, 10), production: measured(10, 0.5) },
      'coverage',
    ],
  ])('leaves out a month where %s', (_what, period, reason) => {
    const fitted = fitBaseline(ratio, [period, month(1, 1000, 10)]);
    expect(fitted.leftOut.map((left) => left.reason)).toEqual([reason]);
    expect(fitted.periods).toBe(1);
  });

  it('takes a month at the least coverage', () => {
    expect(fitBaseline(ratio, [month(0, 1000, 10, { coverage: 0.9 })]).leftOut).toEqual([]);
  });

  it.each([
    ['no period counts', [month(0, null, 10)], 'no-baseline-periods'],
    ['there is none at all', [], 'no-baseline-periods'],
    ['no period tells what was made', [month(0, 1000, null)], 'no-production-reported'],
    ['nothing was made', [month(0, 1000, 0)], 'zero-production'],
  ] as const)('is withheld when %s', (_when, periods, withheld) => {
    expect(fitBaseline(ratio, periods)).toMatchObject({ model: null, withheld, ratio: null });
  });
});

describe('a regression', () => {
  it('finds base load and slope, and is accepted with every criterion named', () => {
    const fitted = fitBaseline(regression, plant);
    expect(fitted).toMatchObject({ model: 'regression', isAccepted: true, isRefused: false, ratio: null });
    const [base, slope] = fitted.regression!.coefficients;
    expect(base!.value).toBeCloseTo(2000, -2);
    expect(slope!.value).toBeCloseTo(50, 0);
    expect(verdicts(fitted.criteria)).toEqual([
      'span-days',
      'degrees-of-freedom',
      'independent-drivers',
      'r2',
      'cv-rmse',
      'f-p',
      'driver-p',
    ]);
    expect(fitted.ranges).toEqual([{ name: 'production', min: 85, max: 140 }]);
  });

  it('counts months of zero production: they show the base load', () => {
    const stopped = plant.map((period, i) => (i === 3 ? month(3, 2005, 0) : period));
    const fitted = fitBaseline(regression, stopped);
    expect(fitted.periods).toBe(12);
    expect(fitted.ranges[0]!.min).toBe(0);
  });

  const noisy = tonnes.map((made, i) => month(i, 7000 + 400 * ((3 * i) % 7), made));
  const second = (value: (i: number) => number) =>
    plant.map((period, i) => ({ ...period, drivers: [...period.drivers, measured(value(i))] }));
  const two: BaselineTerms = { ...regression, drivers: ['production', 'temperature'] };
  it.each<[string, string[], BaselineTerms, readonly BaselinePeriod[]]>([
    ['it spans less than a year', ['span-days'], regression, plant.slice(0, 11)],
    ['production explains nothing', ['r2', 'f-p', 'driver-p'], regression, noisy],
    [
      'it is off by more than the bound',
      ['cv-rmse'],
      { ...regression, acceptance: { ...ratio.acceptance, cvRmseMax: 0.001 } },
      plant,
    ],
    ['a driver has no effect', ['driver-p'], two, second((i) => 20 + ((i * 5) % 7))],
    ['a driver follows another', ['independent-drivers'], two, second((i) => 2 * tonnes[i]!)],
    ['a driver never moves', ['independent-drivers'], two, second(() => 25)],
    ['there are too few months', ['span-days', 'degrees-of-freedom'], regression, plant.slice(0, 2)],
  ])('gives way to the ratio when %s, with the line still shown', (_when, failed, terms, periods) => {
    const fitted = fitBaseline(terms, periods);
    expect(verdicts(fitted.criteria).filter((name) => name.startsWith('not '))).toEqual(
      failed.map((name) => `not ${name}`),
    );
    expect(fitted).toMatchObject({ model: 'ratio', isRefused: true, isAccepted: false });
    expect(fitted.ratio!.intensity).toBeGreaterThan(0);
    expect(fitted.regression === null).toBe(
      failed.includes('independent-drivers') || failed.includes('degrees-of-freedom'),
    );
  });

  it('takes what is at the bound, and nothing beyond it', () => {
    const { r2 } = fitBaseline(regression, plant).regression!;
    const asking = (r2Min: number) =>
      fitBaseline({ ...regression, acceptance: { ...ratio.acceptance, r2Min } }, plant).model;
    expect(asking(r2!)).toBe('regression');
    expect(asking(r2! + 1e-12)).toBe('ratio');
  });

  it('leaves out months of which a driver is not known, and names production apart', () => {
    const holes = second((i) => 20 + ((i * 5) % 7)).map((period, i) => {
      const [made, warmth] = period.drivers;
      if (i === 2) return { ...period, drivers: [made!, measured(null, 0)] };
      if (i === 5) return { ...period, drivers: [measured(null, 0), warmth!] };
      return i === 7 ? { ...period, drivers: [made!, measured(20, 0.2)] } : period;
    });
    const loose = { ...two, acceptance: { ...ratio.acceptance, driverPMax: 1 } };
    const fitted = fitBaseline(loose, holes);
    expect(fitted.model).toBe('regression');
    expect(fitted.leftOut.map(({ reason }) => reason)).toEqual([
      'driver-missing',
      'production-missing',
      'coverage',
    ]);
  });
});
