import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitRegression, type RegressionFit } from '../../src/index.ts';
import { longley, norris } from './nist.ts';

const names = ['a', 'b', 'c', 'd', 'e', 'f'];

function fit(y: readonly number[], xs: readonly (readonly number[])[]): RegressionFit {
  const fitted = fitRegression(y, xs, names.slice(0, xs[0]!.length));
  if (typeof fitted === 'string') throw new Error(fitted);
  return fitted;
}

/** How many significant digits two numbers share. */
function sharedDigits(value: number, certified: number): number {
  return value === certified ? 16 : -Math.log10(Math.abs((value - certified) / certified));
}

describe.each([
  ['Longley', longley],
  ['Norris', norris],
])('the regression of NIST StRD %s', (_name, certified) => {
  const fitted = fit(certified.y, certified.xs);

  it('has the certified coefficients and standard errors to ten digits', () => {
    for (const [j, { value, standardError, t }] of fitted.coefficients.entries()) {
      expect(sharedDigits(value, certified.coefficients[j]!)).toBeGreaterThan(10);
      expect(sharedDigits(standardError, certified.standardErrors[j]!)).toBeGreaterThan(10);
      const certifiedT = certified.coefficients[j]! / certified.standardErrors[j]!;
      expect(sharedDigits(t!, certifiedT)).toBeGreaterThan(10);
    }
    expect(fitted.coefficients.length).toBe(certified.coefficients.length);
  });

  it('has the certified residual deviation, R² and F to ten digits', () => {
    expect(sharedDigits(fitted.residualDeviation, certified.residualDeviation)).toBeGreaterThan(10);
    expect(sharedDigits(fitted.r2!, certified.r2)).toBeGreaterThan(10);
    expect(sharedDigits(fitted.f!, certified.f)).toBeGreaterThan(10);
  });
});

describe('a fit', () => {
  // Worked by hand: means 2.5 and 5, Sxy 9.9, Sxx 5, so 1.98 and 0.05; residuals 0.07, -0.11, 0.01, 0.03.
  const small = fit([2.1, 3.9, 6, 8], [[1], [2], [3], [4]]);

  it('is the line that a hand finds, with its residuals', () => {
    expect(small.coefficients.map(({ name, value }) => [name, Number(value.toFixed(10))])).toEqual([
      ['base-load', 0.05],
      ['a', 1.98],
    ]);
    expect(small.residuals.map((residual) => Number(residual.toFixed(10)))).toEqual([
      0.07, -0.11, 0.01, 0.03,
    ]);
    expect([small.n, small.degreesOfFreedom]).toEqual([4, 2]);
  });

  it('tells CV(RMSE) over n − p, and adjusts R² for the drivers', () => {
    expect(small.cvRmse).toBeCloseTo(Math.sqrt(0.018 / 2) / 5, 12);
    const r2 = 1 - 0.018 / 19.62;
    expect(small.r2).toBeCloseTo(r2, 12);
    expect(small.adjustedR2).toBeCloseTo(1 - (1 - r2) * (3 / 2), 12);
  });

  it('has one driver whose t is the root of F, with the same chance', () => {
    expect(small.coefficients[1]!.t! ** 2).toBeCloseTo(small.f!, 6);
    expect(small.coefficients[1]!.p).toBeCloseTo(small.fP, 12);
  });

  it('through points on a line has no residual', () => {
    const exact = fit([3, 5, 7, 9], [[1], [2], [3], [4]]);
    expect(exact.coefficients.map(({ value }) => value.toFixed(12))).toEqual([
      '1.000000000000',
      '2.000000000000',
    ]);
    expect(exact.residualDeviation).toBeLessThan(1e-14);
    expect(exact).toMatchObject({ r2: 1, f: null, fP: 0 });
    expect(exact.coefficients[1]).toMatchObject({ t: null, p: 0 });
  });

  it('of what never moves explains nothing', () => {
    expect(fit([5, 5, 5, 5], [[1], [2], [3], [4]])).toMatchObject({ r2: null, adjustedR2: null, fP: 1 });
  });

  it.each([
    ['there are no more periods than coefficients', 'too-few-periods', [1, 2], [[1], [2]]],
    ['a driver is constant', 'dependent-drivers', [1, 2, 4, 5], [[0.1], [0.1], [0.1], [0.1]]],
    [
      'a driver follows another',
      'dependent-drivers',
      [1, 2, 4, 5],
      [
        [1, 3],
        [2, 5],
        [3, 7],
        [5, 11],
      ],
    ],
  ] as const)('there is none when %s', (_when, reason, y, xs) => {
    expect(fitRegression(y, xs, names.slice(0, xs[0].length))).toBe(reason);
  });

  it('leaves residuals that stand upright on every driver, wherever it is measured from', () => {
    const value = fc.integer({ min: -1000, max: 1000 });
    const rows = fc.array(fc.tuple(value, value, value), { minLength: 6, maxLength: 40 });
    fc.assert(
      fc.property(rows, fc.constantFrom(0, 10_000, -1_000_000), (points, away) => {
        const y = points.map(([one]) => one);
        const xs = points.map(([, b, c]) => [b + away, c]);
        const fitted = fitRegression(y, xs, ['b', 'c']);
        fc.pre(typeof fitted !== 'string');
        for (const column of [xs.map(() => 1), xs.map(([b]) => b!), xs.map(([, c]) => c!)]) {
          const product = column.reduce((sum, one, i) => sum + one * fitted.residuals[i]!, 0);
          expect(Math.abs(product)).toBeLessThan(1e-11 * (1 + Math.hypot(...y)) * Math.hypot(1, ...column));
        }
      }),
    );
  });
});
