import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differenceOf, isRestatement, standingMs, wasFinished, type Indicator } from '../src/index.ts';

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
  it('is what says so itself', () => {
    expect(isRestatement({ before: published(day.end), restates: false })).toBe(false);
    expect(isRestatement({ before: published(day.end - 1), restates: true })).toBe(true);
  });

  it('was, before publications said so, what replaces numbers of a window that was over', () => {
    expect(isRestatement({ before: published(day.end) })).toBe(true);
    expect(isRestatement({ before: null })).toBe(false);
    expect(isRestatement({ before: published(day.end - 1) })).toBe(false);
  });
});

describe('Numbers had been published as finished', () => {
  const filling = { ...published(day.end + 1), coverage: 0.96 };
  const [soon, dayLater] = [day.end + 2, day.end + 1 + standingMs];

  it.each([
    ['when nothing of their window was missing', published(day.end + 1), false, soon, true],
    ['not while their window filled', filling, false, soon, false],
    ['when every input had told something from after the window', filling, true, soon, true],
    ['when they had stood for a day', filling, false, dayLater, true],
    ['not when they had stood for less', filling, false, dayLater - 1, false],
    [
      'never when no sums were told',
      { ...filling, numerator: null, withheld: 'coverage' },
      true,
      dayLater,
      false,
    ],
  ] as const)('%s', (_, before, isFollowed, at, expected) => {
    expect(wasFinished(before as Indicator, isFollowed, at)).toBe(expected);
  });

  it('by the clock no earlier than a day after the end of a window that was published under way', () => {
    const early = { ...filling, publishedAt: day.start };
    expect(wasFinished(early, false, day.end + standingMs - 1)).toBe(false);
    expect(wasFinished(early, false, day.end + standingMs)).toBe(true);
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
