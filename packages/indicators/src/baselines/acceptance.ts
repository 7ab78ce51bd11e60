import type { Baseline } from '@songma/domain';
import type { NoFit, RegressionFit } from './regression.ts';

/** One thing that a model must reach, and whether it did. */
export interface Criterion {
  readonly name: CriterionName;
  /** The driver that a `driver-p` is about; absent for the others. */
  readonly driver?: string;
  /** Null where there is nothing to compute it from; then it is not passed. */
  readonly value: number | null;
  readonly bound: number;
  /** Whether the value must be at least, at most or below the bound. */
  readonly is: 'at-least' | 'at-most' | 'below';
  readonly passed: boolean;
}

/**
 * - `span-days`: the baseline spans a year;
 * - `degrees-of-freedom`: more periods than coefficients;
 * - `independent-drivers`: how many drivers move, and not just with each other;
 * - `r2`, `cv-rmse`: how much is explained, and how far off the fit is, as a share of the mean;
 * - `f-p`, `driver-p`: the chance that all drivers, or this one, have no effect.
 */
export const criterionNames = [
  'span-days',
  'degrees-of-freedom',
  'independent-drivers',
  'r2',
  'cv-rmse',
  'f-p',
  'driver-p',
] as const;
export type CriterionName = (typeof criterionNames)[number];

/** Least length of a baseline: a year holds every season. @see ISO 50006:2014, 4.4.2 */
export const spanDaysMin = 365;
const fPMax = 0.1;

/** The criterion that every model must reach. */
export function spanCriterion(spanDays: number): Criterion {
  return atLeast('span-days', spanDays, spanDaysMin);
}

/**
 * Whether the regression may be used; all of these must be passed. Without a fit, what stood in its way.
 * @see Superior Energy Performance Measurement and Verification Protocol; IPMVP Core Concepts; ASHRAE Guideline 14
 */
export function regressionCriteria(
  fit: RegressionFit | NoFit,
  observations: number,
  drivers: readonly string[],
  { r2Min, cvRmseMax, driverPMax }: Baseline['acceptance'],
): Criterion[] {
  const freedom = atLeast('degrees-of-freedom', observations - drivers.length - 1, 1);
  if (fit === 'too-few-periods') return [freedom];
  if (fit === 'dependent-drivers') {
    const { length } = drivers;
    return [
      freedom,
      { name: 'independent-drivers', value: null, bound: length, is: 'at-least', passed: false },
    ];
  }
  return [
    freedom,
    atLeast('independent-drivers', drivers.length, drivers.length),
    atLeast('r2', fit.r2, r2Min),
    {
      name: 'cv-rmse',
      value: fit.cvRmse,
      bound: cvRmseMax,
      is: 'at-most',
      passed: fit.cvRmse !== null && fit.cvRmse <= cvRmseMax,
    },
    { name: 'f-p', value: fit.fP, bound: fPMax, is: 'below', passed: fit.fP < fPMax },
    ...fit.coefficients.slice(1).map(({ name, p }): Criterion => ({
      name: 'driver-p',
      driver: name,
      value: p,
      bound: driverPMax,
      is: 'below',
      passed: p < driverPMax,
    })),
  ];
}

function atLeast(name: CriterionName, value: number | null, bound: number): Criterion {
  return { name, value, bound, is: 'at-least', passed: value !== null && value >= bound };
}
