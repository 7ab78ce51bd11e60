import { roundTo15Digits } from './sums.ts';
import type { Indicator, IndicatorEvent } from './topics.ts';

/** By how much an indicator moved; both null where one side has no value. */
export interface Difference {
  /** After less before, in the indicator's unit. */
  readonly value: number | null;
  /** The same as a share of the value before; null where that is zero. */
  readonly share: number | null;
}

/**
 * Whether a publication restates: the window was over when its numbers were published, and now they are others. A
 * window that is still under way is published again and again while it fills, which corrects nothing.
 */
export function isRestatement({ before }: Pick<IndicatorEvent, 'before'>): boolean {
  return before !== null && before.publishedAt >= before.end;
}

/** By how much the value moved with a publication. */
export function differenceOf(
  before: Pick<Indicator, 'value'> | null,
  after: Pick<Indicator, 'value'>,
): Difference {
  const earlier = before?.value ?? null;
  if (earlier === null || after.value === null) return { value: null, share: null };
  const value = decimalDifference(after.value, earlier);
  return { value, share: earlier === 0 ? null : roundTo15Digits(value / earlier) };
}

/** With no more decimals than 15 digits of the greater number have: 92.4 - 91.3 is 1.1, not 1.1000000000000085. */
function decimalDifference(later: number, earlier: number): number {
  const greater = Math.max(Math.abs(later), Math.abs(earlier));
  const digits = greater === 0 ? 1 : Math.floor(Math.log10(greater)) + 1;
  const decimals = Math.min(100, Math.max(0, 15 - digits));
  return Number((later - earlier).toFixed(decimals));
}
