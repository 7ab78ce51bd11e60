import { roundTo15Digits } from './sums.ts';
import type { Indicator, IndicatorEvent } from './topics.ts';

/** By how much an indicator moved; both null where one side has no value. */
export interface Difference {
  /** After less before, in the indicator's unit. */
  readonly value: number | null;
  /** The same as a share of the value before; null where that is zero. */
  readonly share: number | null;
}

/** A number that has stood so long after the end of its window is taken for finished, whatever is reported since. */
export const standingMs = 86_400_000;

/**
 * Whether a publication restates: numbers had been published as finished, and now they are others. A window that fills
 * is published again and again, live or while its history is imported, which corrects nothing.
 *
 * What was published before this was told restates when its window was over by the clock.
 */
export function isRestatement({ before, restates }: Pick<IndicatorEvent, 'before' | 'restates'>): boolean {
  return restates ?? (before !== null && before.publishedAt >= before.end);
}

/**
 * Whether what was published last counts as finished at `at` (epoch milliseconds), when it is replaced. It told its
 * sums, and one of:
 *
 * - nothing of the window was missing;
 * - `isFollowed`: each of its inputs had told something from after the window's end, so that what came later was late;
 * - it has stood for a day after the window's end: whoever asked was given it.
 *
 * None of them rests on how fast data come: a history that is imported in order, meter by meter or all together,
 * publishes each window while nothing follows it.
 */
export function wasFinished(before: Indicator, isFollowed: boolean, at: number): boolean {
  if (before.numerator === null) return false;
  return before.coverage >= 1 || isFollowed || at - Math.max(before.publishedAt, before.end) >= standingMs;
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
