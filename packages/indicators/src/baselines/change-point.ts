/** Where a series of residuals changes level, and how sure that is. */
export interface ChangePoint {
  /** Index of the first value after the change. */
  readonly index: number;
  /** The greatest |U|: how far the ranks before and after differ, summed over pairs. */
  readonly statistic: number;
  /** Approximate two-sided chance of as great a statistic in a series without a change; good up to one half. */
  readonly p: number;
  readonly isSignificant: boolean;
  readonly meanBefore: number;
  readonly meanAfter: number;
}

const significantP = 0.05;

/**
 * The most likely single change of level, by Pettitt's test on ranks: it asks for no distribution, and an odd day
 * weighs no more than a rank. Undefined for fewer than two values. Residuals that hang together from day to day make
 * `p` too small; monthly ones seldom do, and below eleven values no change is significant.
 * @see A. N. Pettitt, "A non-parametric approach to the change-point problem", Applied Statistics 28 (1979)
 */
export function findChangePoint(values: readonly number[]): ChangePoint | undefined {
  const n = values.length;
  if (n < 2) return undefined;
  const ranks = midRanks(values);
  let [u, statistic, index] = [0, -1, 1];
  for (let k = 1; k < n; k++) {
    u += 2 * ranks[k - 1]! - (n + 1);
    if (Math.abs(u) > statistic) [statistic, index] = [Math.abs(u), k];
  }
  const p = Math.min(1, 2 * Math.exp((-6 * statistic * statistic) / (n ** 3 + n ** 2)));
  return {
    index,
    statistic,
    p,
    isSignificant: p < significantP,
    meanBefore: mean(values.slice(0, index)),
    meanAfter: mean(values.slice(index)),
  };
}

/** From 1; equal values share the mean of their ranks. */
function midRanks(values: readonly number[]): Float64Array {
  const order = values.map((_, i) => i).toSorted((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(values.length);
  for (let first = 0; first < order.length;) {
    let after = first + 1;
    while (after < order.length && values[order[after]!] === values[order[first]!]) after++;
    for (let i = first; i < after; i++) ranks[order[i]!] = (first + 1 + after) / 2;
    first = after;
  }
  return ranks;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value / values.length, 0);
}
