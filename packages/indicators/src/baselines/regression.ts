import { fisherUpperP, studentTwoSidedP } from './distributions.ts';
import { leastSquares } from './least-squares.ts';

/** One coefficient with how sure it is. */
export interface Coefficient {
  /** `base-load` for the intercept, else the driver. */
  readonly name: string;
  /** Per unit of the driver; the base load is an amount per period. */
  readonly value: number;
  readonly standardError: number;
  /** Null where the fit leaves no residual to measure it against. */
  readonly t: number | null;
  /** Two-sided chance of such a coefficient when the true one is zero. */
  readonly p: number;
}

export interface RegressionFit {
  /** The base load first, then the drivers in their order. */
  readonly coefficients: readonly Coefficient[];
  readonly n: number;
  readonly degreesOfFreedom: number;
  /** Share of the variance that is explained; null when there is none to explain. */
  readonly r2: number | null;
  readonly adjustedR2: number | null;
  /** Standard deviation of the residuals, and its share of the mean: null when the mean is not above zero. */
  readonly residualDeviation: number;
  readonly cvRmse: number | null;
  /** Null where the fit leaves no residual. */
  readonly f: number | null;
  readonly fP: number;
  /** Observed less fitted, in the order of the observations. */
  readonly residuals: readonly number[];
}

/** What is smaller than this share of the values is their rounding, and nothing to test against. */
const roundingShare = 1e-13;

/** Why there is no line to speak of. */
export type NoFit = 'too-few-periods' | 'dependent-drivers';

/**
 * `y = b0 + b1·x1 + …` by least squares, with what tells whether to believe it. `drivers` has at least one name,
 * and `xs` its value per observation.
 * @see ASHRAE Guideline 14-2014, 4.3.2.2 and Annex D (CV(RMSE) with n − p degrees of freedom, p counting the base load)
 */
export function fitRegression(
  y: readonly number[],
  xs: readonly (readonly number[])[],
  drivers: readonly string[],
): RegressionFit | NoFit {
  const n = y.length;
  const degreesOfFreedom = n - drivers.length - 1;
  if (degreesOfFreedom < 1) return 'too-few-periods';
  const columns = drivers.map((_, j) => xs.map((row) => row[j]!));
  const line = leastSquares(y, columns);
  if (line === undefined) return 'dependent-drivers';

  const { totalSquares, residualSquares } = line;
  const residualDeviation = Math.sqrt(residualSquares / degreesOfFreedom);
  const rounding = roundingShare ** 2 * y.reduce((sum, value) => sum + value * value, 0);
  const isConstant = totalSquares <= rounding;
  const isExact = residualSquares <= rounding;
  const coefficients = line.coefficients.map((value, j) => {
    const standardError = residualDeviation * line.unitErrors[j]!;
    const t = isExact ? null : value / standardError;
    const p = t === null ? Number(isConstant) : studentTwoSidedP(t, degreesOfFreedom);
    return { name: j === 0 ? baseLoad : drivers[j - 1]!, value, standardError, t, p };
  });
  const explained = Math.max(0, totalSquares - residualSquares);
  const f = isExact ? null : explained / drivers.length / (residualSquares / degreesOfFreedom);
  const r2 = isConstant ? null : 1 - residualSquares / totalSquares;
  const yMean = y.reduce((sum, value) => sum + value / n, 0);
  return {
    coefficients,
    n,
    degreesOfFreedom,
    r2,
    adjustedR2: r2 === null ? null : 1 - ((1 - r2) * (n - 1)) / degreesOfFreedom,
    residualDeviation,
    cvRmse: yMean > 0 ? residualDeviation / yMean : null,
    f,
    fP: f === null ? Number(isConstant) : fisherUpperP(f, drivers.length, degreesOfFreedom),
    residuals: line.residuals,
  };
}

/** Name of the intercept: what is used when every driver is zero. */
export const baseLoad = 'base-load';
