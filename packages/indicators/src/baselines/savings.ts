import { CompensatedSum, roundTo15Digits } from '@songma/domain';
import { findChangePoint, type ChangePoint } from './change-point.ts';
import { expectedAmount, type BaselineTerms, type FittedBaseline, type InputRange } from './model.ts';
import { coverageOf, leftOut, modelInputs, type BaselinePeriod, type LeftOut } from './periods.ts';

/** A change on record, in the baseline's unit; it spreads evenly over its span. */
export interface Adjustment {
  /** Epoch milliseconds, end exclusive. */
  readonly start: number;
  readonly end: number;
  readonly amount: number;
}

/**
 * - `in-baseline`: the model was fitted on this period, so it says nothing about savings and is in no total;
 * - `outside-range`: an input lies beyond 0.9 of the least or 1.1 of the greatest of the baseline;
 * - `zero-production`: nothing was made: the use counts, an intensity there is not.
 */
export const periodFlags = ['in-baseline', 'outside-range', 'zero-production'] as const;
export type PeriodFlag = (typeof periodFlags)[number];

/**
 * One period judged against the baseline, over the time in which everything that is metered is known. Amounts are in the
 * baseline's unit; null where there is none.
 */
export interface SavingPeriod {
  readonly start: number;
  readonly end: number;
  readonly actual: number | null;
  readonly production: number | null;
  /** Per unit of production; null also for zero production. */
  readonly intensity: number | null;
  /** By the model, with the adjustment. Null when the period is left out or there is no model; so also the next two. */
  readonly expected: number | null;
  /** Expected less actual: positive is saved. */
  readonly saving: number | null;
  /** Sum of actual less expected up to here: it falls while there are savings. */
  readonly cusum: number | null;
  /** What the adjustments on record add to this period. */
  readonly adjustment: number;
  readonly coverage: number;
  /** Share of the period that the amounts are of, 0 to 1; absent: all of it. */
  readonly matchedShare?: number;
  readonly leftOut: LeftOut | null;
  readonly flags: readonly PeriodFlag[];
  /** Inputs beyond the baseline's range. */
  readonly outside: readonly string[];
}

/** Over the periods that count and lie after or before the baseline; numbers are null where none does. */
export interface SavingTotals {
  readonly periods: number;
  readonly leftOut: number;
  readonly actual: number | null;
  readonly expected: number | null;
  readonly adjustment: number | null;
  readonly production: number | null;
  readonly intensity: number | null;
  readonly saving: number | null;
  /** `1 − actual/expected`; for a ratio `1 − SEC/SEC of the baseline`. Null when nothing was expected. */
  readonly savingShare: number | null;
  /** `expected/actual − 1`: how much more is made of the same; null when nothing was used. */
  readonly productivityGain: number | null;
}

export interface Savings {
  readonly periods: readonly SavingPeriod[];
  readonly totals: SavingTotals;
  /** In the residuals of the periods that count; `at` is the start of the first period after the change. */
  readonly changePoint: (ChangePoint & { readonly at: number }) | null;
}

/**
 * What was used against what the baseline expects, period by period in order of time.
 * @see ISO 50006:2014, 4.5; IPMVP Core Concepts (normalised savings, non-routine adjustments)
 */
export function computeSavings(
  fitted: FittedBaseline,
  terms: BaselineTerms,
  span: { readonly start: number; readonly end: number },
  periods: readonly BaselinePeriod[],
  adjustments: readonly Adjustment[],
): Savings {
  const inputs = modelInputs(fitted.model ?? terms.model, terms.drivers);
  const cusum = new CompensatedSum();
  const rows = periods.map((period): SavingPeriod => {
    const { start, end, resource, production, matchedShare = 1 } = period;
    const reason = leftOut(period, inputs, terms.coverageMin);
    const adjustment = adjustmentOf(period, adjustments) * matchedShare;
    const counts = reason === null && fitted.model !== null;
    const expected = counts ? roundTo15Digits(expectedAmount(fitted, terms, period) + adjustment) : null;
    const saving = expected === null ? null : roundTo15Digits(expected - resource.value!);
    if (saving !== null) cusum.add(-saving);
    const outside = counts
      ? outsideOf(
          fitted.ranges,
          inputs.map(({ of }) => of(period).value!),
        )
      : [];
    const flags: PeriodFlag[] = [];
    if (start < span.end && end > span.start) flags.push('in-baseline');
    if (outside.length > 0) flags.push('outside-range');
    if (production.value === 0) flags.push('zero-production');
    return {
      start,
      end,
      actual: resource.value,
      production: production.value,
      intensity: ratioOf(resource.value, production.value),
      expected,
      saving,
      cusum: saving === null ? null : cusum.total(),
      adjustment,
      coverage: coverageOf(period, inputs),
      matchedShare,
      leftOut: reason,
      flags,
      outside,
    };
  });
  return { periods: rows, totals: totalsOf(rows), changePoint: changePointOf(rows) };
}

function totalsOf(rows: readonly SavingPeriod[]): SavingTotals {
  const reported = rows.filter(({ flags }) => !flags.includes('in-baseline'));
  const counted = reported.filter(({ saving }) => saving !== null);
  const totalOf = (value: (row: SavingPeriod) => number | null): number | null => {
    const values = counted.map(value);
    if (values.length === 0 || values.includes(null)) return null;
    const sum = new CompensatedSum();
    for (const one of values) sum.add(one!);
    return sum.total();
  };
  const actual = totalOf((row) => row.actual);
  const expected = totalOf((row) => row.expected);
  const production = totalOf((row) => row.production);
  const used = ratioOf(actual, expected);
  const made = ratioOf(expected, actual);
  return {
    periods: counted.length,
    leftOut: reported.filter((row) => row.leftOut !== null).length,
    actual,
    expected,
    adjustment: totalOf((row) => row.adjustment),
    production,
    intensity: ratioOf(actual, production),
    saving: totalOf((row) => row.saving),
    savingShare: used === null ? null : roundTo15Digits(1 - used),
    productivityGain: made === null ? null : roundTo15Digits(made - 1),
  };
}

function changePointOf(rows: readonly SavingPeriod[]): Savings['changePoint'] {
  const counted = rows.filter(({ saving }) => saving !== null);
  const found = findChangePoint(counted.map(({ saving }) => -saving!));
  return found === undefined ? null : { ...found, at: counted[found.index]!.start };
}

function adjustmentOf(period: BaselinePeriod, adjustments: readonly Adjustment[]): number {
  const sum = new CompensatedSum();
  for (const { start, end, amount } of adjustments) {
    const sharedMs = Math.min(period.end, end) - Math.max(period.start, start);
    if (sharedMs > 0) sum.add((amount * sharedMs) / (end - start));
  }
  return sum.total();
}

/** Names of the ranges that the values, in the same order, lie beyond by more than a tenth of their edge. */
function outsideOf(ranges: readonly InputRange[], values: readonly number[]): string[] {
  return ranges
    .filter(({ min, max }, j) => {
      const value = values[j]!;
      return value < min - 0.1 * Math.abs(min) || value > max + 0.1 * Math.abs(max);
    })
    .map(({ name }) => name);
}

/** Null unless both are known and the divisor is above zero. */
function ratioOf(value: number | null, divisor: number | null): number | null {
  return value === null || divisor === null || divisor <= 0 ? null : roundTo15Digits(value / divisor);
}
