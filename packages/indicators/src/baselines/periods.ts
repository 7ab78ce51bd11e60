import { productionDriver, roundTo15Digits } from '@songma/domain';

/**
 * A number of a period with how much of what was expected is there, 0 to 1. Null: nothing was reported. Zero is zero.
 */
export interface Measured {
  readonly value: number | null;
  readonly coverage: number;
  /** Something was reported that no factor in force values. */
  readonly isFactorMissing?: true;
}

/** What is known of one day or month of a baseline's scope. */
export interface BaselinePeriod {
  /** Epoch milliseconds, end exclusive. */
  readonly start: number;
  readonly end: number;
  /** In the baseline's unit, over the matched time. */
  readonly resource: Measured;
  /** In the baseline's unit of production, over the matched time. */
  readonly production: Measured;
  /** In the order of the baseline's drivers; amounts as {@link paceOf} the matched time. */
  readonly drivers: readonly Measured[];
  /** Share of the period in which everything that is metered is known; absent: all of it. */
  readonly matchedShare?: number;
}

/**
 * What an amount of the matched time makes in the whole period: only so do periods compare, whose base loads last for
 * the whole of them.
 */
export function paceOf(
  measured: Measured,
  { matchedShare = 1 }: Pick<BaselinePeriod, 'matchedShare'>,
): Measured {
  const { value } = measured;
  return value === null || matchedShare === 1 || matchedShare === 0
    ? measured
    : { ...measured, value: roundTo15Digits(value / matchedShare) };
}

/** Why a period does not count. */
export const leftOutReasons = [
  'resource-missing',
  'production-missing',
  'driver-missing',
  'factor-missing',
  'coverage',
] as const;
export type LeftOut = (typeof leftOutReasons)[number];

/** The numbers that a model needs of a period beside the resource, with their names. */
export interface ModelInput {
  readonly name: string;
  readonly of: (period: BaselinePeriod) => Measured;
}

const production: ModelInput = { name: productionDriver, of: (period) => paceOf(period.production, period) };

/** A ratio stands on production, a regression on its drivers. */
export function modelInputs(model: 'ratio' | 'regression', drivers: readonly string[]): ModelInput[] {
  if (model === 'ratio') return [production];
  return drivers.map((name, j) => ({ name, of: (period) => period.drivers[j]! }));
}

/** The least of what is known of the resource and the inputs. */
export function coverageOf(period: BaselinePeriod, inputs: readonly ModelInput[]): number {
  return Math.min(period.resource.coverage, ...inputs.map(({ of }) => of(period).coverage));
}

/** Why the period does not count, or null when it does. Zero production counts; unreported production does not. */
export function leftOut(
  period: BaselinePeriod,
  inputs: readonly ModelInput[],
  coverageMin: number,
): LeftOut | null {
  if (period.resource.isFactorMissing === true) return 'factor-missing';
  if (period.resource.value === null) return 'resource-missing';
  const missing = inputs.find(({ of }) => of(period).value === null);
  if (missing !== undefined) {
    return missing.name === productionDriver ? 'production-missing' : 'driver-missing';
  }
  const { matchedShare = 1 } = period;
  return Math.min(matchedShare, coverageOf(period, inputs)) < coverageMin ? 'coverage' : null;
}
