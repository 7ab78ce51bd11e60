import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differenceOf, isRestatement, type Indicator } from '../src/index.ts';

const day = { start: 0, end: 86_400_000 };

function published(publishedAt: number): Indicator {
  return {
    id: 'steel/electricity-intensity/P1D/0',
    enterprise: 'steel',
    name: 'electricity-intensity',
    window: 'P1D',
    ...day,
    value: 1,
    unit: 'kWh/t',
    coverage: 1,
    withheld: null,
    numerator: 1,
    denominator: 1,
    revision: 1,
    inputs: [],
    publishedAt,
  };
}

describe('A restatement', () => {
  it('is what replaces numbers that were published when their window was over', () => {
    expect(isRestatement({ before: published(day.end) })).toBe(true);
  });

  it('is neither a first publication nor one that fills a window under way', () => {
    expect(isRestatement({ before: null })).toBe(false);
    expect(isRestatement({ before: published(day.end - 1) })).toBe(false);
  });
});

describe('A difference', () => {
  it.each([
    [91.3, 92.4, 1.1, 0.0120481927710843],
    [96, 90, -6, -0.0625],
    [0.1, 0.3, 0.2, 2],
    [959_636.71, 959_636.7, -0.01, -1.04206101077563e-8],
    [5, 5, 0, 0],
    [0, 5, 5, null],
    [null, 5, null, null],
    [5, null, null, null],
  ])('of %s and %s is %s, a share of %s', (before, after, value, share) => {
    expect(differenceOf({ value: before }, { value: after })).toEqual({ value, share });
  });

  it('of a first publication is unknown', () => {
    expect(differenceOf(null, { value: 5 })).toEqual({ value: null, share: null });
  });

  it('leads from one value to the other to the 15th digit of the greater, whatever their sizes', () => {
    const number = fc.double({ min: -1e15, max: 1e15, noNaN: true });
    fc.assert(
      fc.property(number, number, (before, after) => {
        const { value } = differenceOf({ value: before }, { value: after });
        const greater = Math.max(Math.abs(before), Math.abs(after));
        expect(Math.abs(before + value! - after)).toBeLessThanOrEqual(Math.max(greater * 1e-14, 1e-99));
      }),
    );
  });
});
