import { describe, expect, it } from 'vitest';
import { fisherUpperP, regularisedBeta, studentTwoSidedP } from '../../src/baselines/distributions.ts';

describe('the chance of a Student t', () => {
  // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2: critical values of Student's t, 0.975 and 0.995.
  it.each([
    [12.706, 1, 0.05],
    [4.303, 2, 0.05],
    [2.228, 10, 0.05],
    [2.042, 30, 0.05],
    [63.657, 1, 0.01],
    [3.169, 10, 0.01],
    [2.626, 100, 0.01],
  ])('beyond %f with %i degrees of freedom is that of the printed table', (t, df, p) => {
    expect(studentTwoSidedP(t, df)).toBeCloseTo(p, 4);
    expect(studentTwoSidedP(-t, df)).toBe(studentTwoSidedP(t, df));
  });

  it('is that of Cauchy with one degree of freedom, and closed with two', () => {
    for (const t of [0, 0.01, 0.5, 1, 3, 50]) {
      expect(studentTwoSidedP(t, 1)).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(t), 12);
      expect(studentTwoSidedP(t, 2)).toBeCloseTo(1 - t / Math.sqrt(2 + t * t), 12);
    }
  });

  it('is told far out, where its complement is one', () => {
    // By the incomplete beta function to 30 digits (mpmath 1.3): 1.37260451944064e-27.
    expect(studentTwoSidedP(40, 30) / 1.37260451944064e-27).toBeCloseTo(1, 10);
  });
});

describe('the chance of a Fisher F', () => {
  // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.3: upper critical values of F, 5 % and 10 %.
  it.each([
    [161.448, 1, 1, 0.05],
    [3.326, 5, 10, 0.05],
    [2.348, 10, 20, 0.05],
    [2.522, 5, 10, 0.1],
  ])('beyond %f with %i and %i degrees of freedom is that of the printed table', (f, a, b, p) => {
    expect(fisherUpperP(f, a, b)).toBeCloseTo(p, 4);
  });

  it('is closed with two degrees of freedom above', () => {
    for (const f of [0, 0.2, 1, 4, 30]) {
      expect(fisherUpperP(f, 2, 9)).toBeCloseTo((1 + (2 * f) / 9) ** -4.5, 12);
    }
  });

  it('is told for Longley, far out', () => {
    // By the incomplete beta function to 30 digits (mpmath 1.3): 4.98403052872481e-10.
    expect(fisherUpperP(330.285339234588, 6, 9) / 4.98403052872481e-10).toBeCloseTo(1, 10);
  });
});

describe('the incomplete beta function', () => {
  it('mirrors itself, and is a power where one parameter is one', () => {
    for (const x of [0, 0.001, 0.3, 0.5, 0.77, 0.999, 1]) {
      expect(regularisedBeta(x, 3.5, 1)).toBeCloseTo(x ** 3.5, 12);
      expect(regularisedBeta(x, 40, 7) + regularisedBeta(1 - x, 7, 40)).toBeCloseTo(1, 12);
    }
  });
});
