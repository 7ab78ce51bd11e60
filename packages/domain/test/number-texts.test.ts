import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberTexts, type DecimalMark, type NumberTextsOptions } from '../src/index.ts';

/** Reads all of them as one file. */
function readAll(texts: readonly string[], options: Partial<NumberTextsOptions> = {}) {
  const numbers = new NumberTexts({ assumed: ['dot'], all: () => texts, ...options });
  return { values: texts.map((text) => numbers.read(text)), convention: numbers.convention };
}

describe('a number that can be read in two ways', () => {
  it.each<[origin: string, texts: string[], values: unknown[], decimal: string]>([
    ['a Vietnamese spreadsheet, 1.234 beside 999,5', ['1.234', '999,5'], [1234, 999.5], 'comma'],
    ['a Vietnamese spreadsheet, 1.234 beside 1.234,5', ['1.234', '1.234,5'], [1234, 1234.5], 'comma'],
    ['a register of millions, 1.234.567', ['1.234', '1.234.567'], [1234, 1_234_567], 'comma'],
    ['the neighbour comes later', ['1.234', '2.345', '0,5'], [1234, 2345, 0.5], 'comma'],
    ['an English spreadsheet, 1,234 beside 999.5', ['1,234', '999.5'], [1234, 999.5], 'dot'],
    ['an English spreadsheet, 1,234 beside 1,234.5', ['1,234', '1,234.5'], [1234, 1234.5], 'dot'],
    ['a comma before a zero', ['1,234', '0,987'], [1.234, 0.987], 'comma'],
    ['a negative amount', ['-1.234', '-999,5'], [-1234, -999.5], 'comma'],
    ['an exponent', ['1.234', '1,5e3'], [1234, 1500], 'comma'],
  ])('is read as its neighbours are: %s', (_origin, texts, values, decimal) => {
    expect(readAll(texts)).toEqual({ values, convention: { decimal, by: 'seen' } });
  });

  it('is refused beside neighbours of both kinds, which are read', () => {
    expect(readAll(['1.234', '12,5', '12.5', '1,234'])).toEqual({
      values: ['ambiguous', 12.5, 12.5, 'ambiguous'],
      convention: { decimal: 'mixed', by: 'seen' },
    });
  });

  it('is refused beside one that has the other mark and is ambiguous too', () => {
    expect(readAll(['1.234', '1,234'], { assumed: ['dot', 'comma'] }).values).toEqual([
      'ambiguous',
      'ambiguous',
    ]);
  });

  it('alone is read as assumed, and refused where nothing is', () => {
    expect(readAll(['1.234', '7'])).toEqual({
      values: [1.234, 7],
      convention: { decimal: 'dot', by: 'assumed' },
    });
    expect(readAll(['1,234', '7']).values).toEqual(['ambiguous', 7]);
    expect(readAll(['1,234'], { assumed: ['dot', 'comma'] }).values).toEqual([1.234]);
  });

  it('alone is read as what it was taken from', () => {
    expect(readAll(['1.234'], { seen: 'comma' }).values).toEqual([1234]);
    expect(readAll(['12.5'], { seen: 'comma' }).values).toEqual([12.5]);
  });

  it('is read as declared, and what has the other mark is refused', () => {
    expect(readAll(['1.234', '1,234', '12,5', '12.5'], { declared: 'comma' })).toEqual({
      values: [1234, 1.234, 12.5, 'other-mark'],
      convention: { decimal: 'comma', by: 'declared' },
    });
  });
});

describe('a number that can be read in one way', () => {
  it.each<[text: string, value: number]>([
    ['0.234', 0.234],
    ['.234', 0.234],
    ['1234.567', 1234.567],
    ['1.2345', 1.2345],
    ['1.23', 1.23],
    ['5.', 5],
    ['+5,25', 5.25],
    ['1e3', 1000],
    ['1.234e3', 1234],
    ['1.234.567,89', 1_234_567.89],
    ['1,234,567.89', 1_234_567.89],
  ])('%s is %d', (text, value) => {
    expect(readAll([text]).values).toEqual([value]);
  });

  it.each(['.', '1.2.3', '1.23.456', '1,234.567.8', '0.123.456', '12a', '1 234', '1.234,5.6', '--1', 'e5'])(
    '%s is none',
    (text) => {
      expect(readAll([text]).values).toEqual([Number.NaN]);
    },
  );

  it('says nothing of a convention when it has no mark', () => {
    expect(readAll(['12', '', '7'])).toEqual({ values: [12, undefined, 7], convention: undefined });
  });
});

it('what a spreadsheet of either kind prints is read as what it was, or refused', () => {
  const printed = (value: number, mark: DecimalMark) =>
    new Intl.NumberFormat(mark === 'dot' ? 'en-US' : 'de-DE', { maximumFractionDigits: 3 }).format(value);
  const values = fc.array(
    fc.integer({ min: -5_000_000, max: 5_000_000 }).map((n) => n / 1000),
    { minLength: 1, maxLength: 20 },
  );
  fc.assert(
    fc.property(values, fc.constantFrom<DecimalMark>('dot', 'comma'), (numbers, mark) => {
      const texts = numbers.map((value) => printed(value, mark));
      const other = mark === 'dot' ? 'comma' : 'dot';
      const read = readAll(texts, { assumed: [] });
      const wrong = read.values.filter(
        (value, i) => value !== 'ambiguous' && Math.abs(Number(value) - numbers[i]!) > 1e-9,
      );
      expect(wrong).toEqual([]);
      expect(read.convention?.decimal).not.toBe(other);
      expect(readAll(texts, { declared: mark }).values.map((value) => Number(value) + 0)).toEqual(
        numbers.map((value) => value + 0),
      );
    }),
  );
});
