import { productionDriver } from '@songma/domain';

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
  /** In the baseline's unit. */
  readonly resource: Measured;
  /** In the baseline's unit of production. */
  readonly production: Measured;
  /** In the order of the baseline's drivers. */
  readonly drivers: readonly Measured[];
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

const production: ModelInput = { name: productionDriver, of: (period) => period.production };

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
  return coverageOf(period, inputs) < coverageMin ? 'coverage' : null;
}
