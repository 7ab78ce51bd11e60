/** A column whose part that is new to the columns before is smaller than this share of it depends on them. */
const independentShareMin = 1e-10;

export interface LeastSquares {
  /** The intercept, then one per column. */
  readonly coefficients: readonly number[];
  /** Standard errors of the coefficients over the standard deviation of the residuals. */
  readonly unitErrors: readonly number[];
  /** Observed less fitted, in the order of the observations. */
  readonly residuals: readonly number[];
  /** Of the squares of `y` about its mean, and of the residuals. */
  readonly totalSquares: number;
  readonly residualSquares: number;
}

/**
 * The straight line (plane) through `y` by least squares: intercept and a slope per column. Undefined when a column
 * is constant or depends on those before it. Columns are as long as `y`, and there are fewer of them.
 *
 * Columns are centred and brought to length 1 before they are reflected into a triangle, so that a year beside a
 * head count costs no digits.
 * @see G. H. Golub, "Numerical methods for solving linear least squares problems", Numer. Math. 7 (1965)
 */
export function leastSquares(
  y: readonly number[],
  columns: readonly (readonly number[])[],
): LeastSquares | undefined {
  const n = y.length;
  const yMean = mean(y);
  const yCentred = y.map((value) => value - yMean);
  const means = columns.map(mean);
  const centred = columns.map((column, j) => column.map((value) => value - means[j]!));
  const lengths = centred.map((column) => Math.hypot(...column));
  // The rounding of a constant column's mean leaves it a length, but none that counts beside its values.
  if (lengths.some((length, j) => length <= independentShareMin * Math.abs(means[j]!))) return undefined;
  const triangle = centred.map((column, j) => column.map((value) => value / lengths[j]!));
  const rotated = [...yCentred];
  if (!reflect(triangle, rotated)) return undefined;

  const slopes = backSubstituted(triangle, rotated).map((slope, j) => slope / lengths[j]!);
  const inverse = columns.map((_, j) => inverseRow(triangle, j).map((value) => value / lengths[j]!));
  const residuals = yCentred.map((value, i) =>
    slopes.reduce((rest, slope, j) => rest - slope * centred[j]![i]!, value),
  );
  // The intercept is the fitted value at zero: as uncertain as the mean and the slopes' way from the mean to zero.
  const way = columns.map((_, k) => inverse.reduce((sum, row, j) => sum + means[j]! * row[k]!, 0));
  return {
    coefficients: [slopes.reduce((rest, slope, j) => rest - slope * means[j]!, yMean), ...slopes],
    unitErrors: [Math.sqrt(1 / n + squares(way)), ...inverse.map((row) => Math.hypot(...row))],
    residuals,
    totalSquares: squares(yCentred),
    residualSquares: squares(residuals),
  };
}

/** Reflects columns into an upper triangle, and `rhs` along with them. False when they are not independent. */
function reflect(columns: number[][], rhs: number[]): boolean {
  for (const [j, column] of columns.entries()) {
    const length = Math.hypot(...column.slice(j));
    if (length < independentShareMin) return false;
    const diagonal = column[j]! > 0 ? -length : length;
    const mirror = column.slice(j);
    mirror[0]! -= diagonal;
    const scale = 2 / squares(mirror);
    for (const other of [...columns.slice(j + 1), rhs]) {
      const share = scale * mirror.reduce((sum, value, i) => sum + value * other[i + j]!, 0);
      for (const [i, value] of mirror.entries()) other[i + j]! -= share * value;
    }
    column[j] = diagonal;
  }
  return true;
}

function backSubstituted(triangle: readonly (readonly number[])[], rhs: readonly number[]): number[] {
  const solution: number[] = [];
  for (let j = triangle.length - 1; j >= 0; j--) {
    let rest = rhs[j]!;
    for (let k = j + 1; k < triangle.length; k++) rest -= triangle[k]![j]! * solution[k]!;
    solution[j] = rest / triangle[j]![j]!;
  }
  return solution;
}

/** Row `j` of the triangle's inverse. */
function inverseRow(triangle: readonly (readonly number[])[], j: number): number[] {
  const row = triangle.map(() => 0);
  row[j] = 1 / triangle[j]![j]!;
  for (let k = j + 1; k < triangle.length; k++) {
    let rest = 0;
    for (let i = j; i < k; i++) rest -= row[i]! * triangle[k]![i]!;
    row[k] = rest / triangle[k]![k]!;
  }
  return row;
}

function mean(values: readonly number[]): number {
  const rough = values.reduce((sum, value) => sum + value, 0) / values.length;
  return rough + values.reduce((sum, value) => sum + (value - rough), 0) / values.length;
}

function squares(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}
