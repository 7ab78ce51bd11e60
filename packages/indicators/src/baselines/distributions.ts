/**
 * Chance that a Student t of `df` degrees of freedom lies at least as far from zero as `t`. 1 at zero, 0 at infinity.
 * @see NIST Digital Library of Mathematical Functions, 8.17 (incomplete beta functions)
 */
export function studentTwoSidedP(t: number, df: number): number {
  return regularisedBeta(df / (df + t * t), df / 2, 0.5);
}

/** Chance that an F of `dfNumerator` and `dfDenominator` degrees of freedom is at least `f`, which is not negative. */
export function fisherUpperP(f: number, dfNumerator: number, dfDenominator: number): number {
  return regularisedBeta(
    dfDenominator / (dfDenominator + dfNumerator * f),
    dfDenominator / 2,
    dfNumerator / 2,
  );
}

const termsMax = 1000;
/** Stands in for a zero denominator of the continued fraction. */
const tiny = 1e-300;

/**
 * The regularised incomplete beta function I_x(a, b), for x in 0 to 1 and positive a, b; about 13 digits.
 * @see DLMF 8.17.22 (continued fraction), 8.17.4 (symmetry)
 */
export function regularisedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast below this; above it the symmetric one does.
  if (x > (a + 1) / (a + b + 2)) return 1 - regularisedBeta(1 - x, b, a);
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b)) / a;
  // Lentz's evaluation of the fraction.
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= termsMax; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) return front * fraction;
  }
  throw new Error(`the incomplete beta function of ${x}, ${a}, ${b} did not converge`);
}

function awayFromZero(value: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

const lanczosG = 7;
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/**
 * Natural logarithm of the gamma function for arguments from one half up.
 * @see C. Lanczos, "A precision approximation of the gamma function", SIAM J. Numer. Anal. 1 (1964);
 *   coefficients for g = 7
 */
function logGamma(x: number): number {
  const z = x - 1;
  const [first, ...rest] = lanczos;
  const series = rest.reduce<number>((sum, coefficient, i) => sum + coefficient / (z + i + 1), first);
  const base = z + lanczosG + 0.5;
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(base) - base + Math.log(series);
}
