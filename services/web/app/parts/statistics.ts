export interface LineFit {
  readonly slope: number;
  readonly intercept: number;
  /** Share of the variation of y that the line explains, 0 to 1. */
  readonly r2: number;
  readonly count: number;
}

const pointsMin = 3;

/**
 * The straight line of least squares through points.
 *
 * @returns undefined for fewer than three points, and where x does not vary
 * @see Draper, Smith: Applied Regression Analysis, 3rd edition, 1.2
 */
export function fitLine(points: readonly (readonly [x: number, y: number])[]): LineFit | undefined {
  const count = points.length;
  if (count < pointsMin) return undefined;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / count;
  let sxx = 0;
  let sxy = 0;
  let syy = 0;
  for (const [x, y] of points) {
    sxx += (x - meanX) ** 2;
    sxy += (x - meanX) * (y - meanY);
    syy += (y - meanY) ** 2;
  }
  if (sxx === 0) return undefined;
  const slope = sxy / sxx;
  const r2 = syy === 0 ? 1 : Math.min(1, (sxy * sxy) / (sxx * syy));
  return { slope, intercept: meanY - slope * meanX, r2, count };
}

/** Each value against the mean of those that are known, which is 100; null stays null. */
export function indexed(values: readonly (number | null)[]): (number | null)[] {
  const known = values.filter((value) => value !== null);
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  if (known.length === 0 || mean === 0) return values.map(() => null);
  return values.map((value) => (value === null ? null : (100 * value) / mean));
}
