import { CompensatedSum, roundTo15Digits, type Baseline } from '@songma/domain';
import { regressionCriteria, spanCriterion, type Criterion } from './acceptance.ts';
import {
  leftOut,
  modelInputs,
  paceOf,
  type BaselinePeriod,
  type LeftOut,
  type ModelInput,
} from './periods.ts';
import { fitRegression, type RegressionFit } from './regression.ts';

/** What a baseline says about how to fit it. */
export type BaselineTerms = Pick<Baseline, 'model' | 'drivers' | 'coverageMin' | 'acceptance'>;

/** Sums over the baseline's periods, and their ratio: a ratio of sums, never a mean of ratios. */
export interface RatioFit {
  readonly resource: number;
  readonly production: number;
  readonly intensity: number;
}

/** The least and greatest value that an input had in the periods that were fitted. */
export interface InputRange {
  readonly name: string;
  readonly min: number;
  readonly max: number;
}

/** Why there is no model: no period of the span counts, none tells what was made, or nothing was. */
export const baselineWithheld = ['no-baseline-periods', 'no-production-reported', 'zero-production'] as const;
export type BaselineWithheld = (typeof baselineWithheld)[number];

export interface FittedBaseline {
  /** What savings are measured against; null: nothing, and `withheld` tells why. */
  readonly model: 'ratio' | 'regression' | null;
  readonly withheld: BaselineWithheld | null;
  /** A regression was asked for and failed a criterion: the ratio stands in for it, which knows no base load. */
  readonly isRefused: boolean;
  /** What the model that was asked for must reach. A ratio that fails is used all the same: nothing simpler is left. */
  readonly criteria: readonly Criterion[];
  readonly isAccepted: boolean;
  /** The line that was asked for, also when it was refused; null when there is none. */
  readonly regression: RegressionFit | null;
  /** Null unless the ratio is in use. */
  readonly ratio: RatioFit | null;
  /** How many periods the model stands on, and those left out of it. */
  readonly periods: number;
  readonly leftOut: readonly { readonly start: number; readonly end: number; readonly reason: LeftOut }[];
  /** By input of the model in use. */
  readonly ranges: readonly InputRange[];
}

const dayMs = 86_400_000;

/** Fits a baseline to every period of its span, in order of time; those that do not count are named. */
export function fitBaseline(terms: BaselineTerms, periods: readonly BaselinePeriod[]): FittedBaseline {
  const spanMs = periods.length === 0 ? 0 : periods.at(-1)!.end - periods[0]!.start;
  const span = spanCriterion(Math.round(spanMs / dayMs));
  if (terms.model === 'ratio') return ratioBaseline(terms, periods, [span], null);

  const inputs = modelInputs('regression', terms.drivers);
  const { counted, left } = sorted(periods, inputs, terms.coverageMin);
  const xs = counted.map((period) => inputs.map(({ of }) => of(period).value!));
  const ys = counted.map((period) => paceOf(period.resource, period).value!);
  const fit = fitRegression(ys, xs, terms.drivers);
  const criteria = [span, ...regressionCriteria(fit, ys.length, terms.drivers, terms.acceptance)];
  const regression = typeof fit === 'string' ? null : fit;
  if (!criteria.every(({ passed }) => passed)) return ratioBaseline(terms, periods, criteria, regression);
  return {
    model: 'regression',
    withheld: null,
    isRefused: false,
    criteria,
    isAccepted: true,
    regression,
    ratio: null,
    periods: counted.length,
    leftOut: left,
    ranges: rangesOf(inputs, counted),
  };
}

/** What the model expects of a period that counts, in its matched time. */
export function expectedAmount(fitted: FittedBaseline, terms: BaselineTerms, period: BaselinePeriod): number {
  if (fitted.model === 'ratio') return roundTo15Digits(fitted.ratio!.intensity * period.production.value!);
  const [base, ...slopes] = fitted.regression!.coefficients;
  const inputs = modelInputs('regression', terms.drivers);
  const sum = new CompensatedSum();
  sum.add(base!.value);
  for (const [j, { value }] of slopes.entries()) sum.add(value * inputs[j]!.of(period).value!);
  const { matchedShare = 1 } = period;
  return matchedShare === 1 ? sum.total() : roundTo15Digits(sum.exact() * matchedShare);
}

function ratioBaseline(
  terms: BaselineTerms,
  periods: readonly BaselinePeriod[],
  criteria: readonly Criterion[],
  regression: RegressionFit | null,
): FittedBaseline {
  const inputs = modelInputs('ratio', terms.drivers);
  const { counted, left } = sorted(periods, inputs, terms.coverageMin);
  const resource = sumOf(counted.map((period) => period.resource.value!));
  const production = sumOf(counted.map((period) => period.production.value!));
  const withheld = withheldOf(counted.length, production, left);
  return {
    model: withheld === null ? 'ratio' : null,
    withheld,
    isRefused: terms.model === 'regression',
    criteria,
    isAccepted: criteria.every(({ passed }) => passed),
    regression,
    ratio:
      withheld === null ? { resource, production, intensity: roundTo15Digits(resource / production) } : null,
    periods: counted.length,
    leftOut: left,
    ranges: rangesOf(inputs, counted),
  };
}

function withheldOf(
  counted: number,
  production: number,
  left: FittedBaseline['leftOut'],
): BaselineWithheld | null {
  if (counted > 0) return production > 0 ? null : 'zero-production';
  return left.some(({ reason }) => reason === 'production-missing')
    ? 'no-production-reported'
    : 'no-baseline-periods';
}

function sorted(periods: readonly BaselinePeriod[], inputs: readonly ModelInput[], coverageMin: number) {
  const judged = periods.map((period) => ({ period, reason: leftOut(period, inputs, coverageMin) }));
  return {
    counted: judged.filter(({ reason }) => reason === null).map(({ period }) => period),
    left: judged.flatMap(({ period: { start, end }, reason }) =>
      reason === null ? [] : [{ start, end, reason }],
    ),
  };
}

function rangesOf(inputs: readonly ModelInput[], counted: readonly BaselinePeriod[]): InputRange[] {
  if (counted.length === 0) return [];
  return inputs.map(({ name, of }) => {
    const values = counted.map((period) => of(period).value!);
    return {
      name,
      min: values.reduce((least, value) => Math.min(least, value)),
      max: values.reduce((most, value) => Math.max(most, value)),
    };
  });
}

function sumOf(values: readonly number[]): number {
  const sum = new CompensatedSum();
  for (const value of values) sum.add(value);
  return sum.total();
}
