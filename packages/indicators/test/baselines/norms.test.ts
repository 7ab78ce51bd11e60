import { isUnit } from '@songma/domain';
import { describe, expect, it } from 'vitest';
import { judgeSec, judgeTargets, judgeYears, secNorm, secNorms, targetBands } from '../../src/index.ts';
import type { SavingPeriod } from '../../src/index.ts';
import { month } from './sample.ts';

const nothingSaved = {
  intensity: null,
  expected: null,
  saving: null,
  cusum: null,
  adjustment: 0,
  coverage: 1,
  leftOut: null,
  flags: [],
  outside: [],
};

const arc = secNorm('steel-arc')!;

describe('a norm of specific energy consumption', () => {
  it.each([
    [2600, '2020-12-31', 'within', 2600],
    [2550, '2020-12-31', 'within', 2600],
    [2600.1, '2020-12-31', 'above', 2600],
    [2550, '2021-01-01', 'above', 2500],
    [2500, '2025-12-31', 'within', 2500],
  ])('judges %f MJ/t on %s as %s %f', (value, date, verdict, bound) => {
    expect(judgeSec(arc, value, 'MJ/t', date)).toMatchObject({ verdict, value, bound: { value: bound } });
  });

  it('is never extended: past its time it says when it ended', () => {
    expect(judgeSec(arc, 9999, 'MJ/t', '2026-01-01')).toEqual({
      verdict: 'none-in-force',
      value: 9999,
      bound: null,
      endedOn: '2026-01-01',
    });
    expect(judgeSec(arc, 1, 'MJ/t', '2015-12-31')).toMatchObject({ verdict: 'none-in-force', endedOn: null });
    expect(judgeSec(secNorm('paper-tissue-small')!, 1, 'MJ/t', '2020-06-01').verdict).toBe('none-in-force');
  });

  it('takes the consumption in any unit that becomes its own', () => {
    // 700 kWh are 2,520 MJ.
    expect(judgeSec(arc, 700, 'kWh/t', '2022-12-31')).toMatchObject({ verdict: 'above', value: 2520 });
    expect(judgeSec(secNorm('beer-large')!, 1.29, 'MJ/L', '2022-12-31')).toMatchObject({ value: 129 });
    expect(judgeSec(secNorm('seafood-shrimp')!, 7380, 'MJ/t', '2022-12-31').verdict).toBe('within');
    expect(judgeSec(arc, 700, 'kWh/hL', '2022-12-31')).toMatchObject({
      verdict: 'unit-incompatible',
      value: null,
    });
  });

  it('has a name of its own, a unit that is known, and bounds that follow each other', () => {
    expect(new Set(secNorms.map(({ id }) => id)).size).toBe(secNorms.length);
    for (const { id, unit, bounds, product, document } of secNorms) {
      expect([id, isUnit(unit), product.en === product.vi, document === '']).toEqual([
        id,
        true,
        false,
        false,
      ]);
      let end = '';
      for (const { validFrom, validTo } of bounds) {
        expect((validFrom ?? end) >= end && (validFrom ?? end) < validTo).toBe(true);
        end = validTo;
      }
      expect(bounds.length).toBeGreaterThan(0);
    }
  });

  it('grows stricter', () => {
    for (const { bounds } of secNorms) {
      expect(bounds.map(({ value }) => value)).toEqual(
        bounds.map(({ value }) => value).toSorted((a, b) => b - a),
      );
    }
  });
});

describe('the years of a plant', () => {
  const months = (year: number, count: number): SavingPeriod[] =>
    Array.from({ length: count }, (_, i) => month(i, 20_000, 8 + (i % 2), { year })).map(
      ({ start, end, resource, production }) => ({
        ...nothingSaved,
        start,
        end,
        actual: resource.value,
        production: production.value,
      }),
    );
  const yearOf = (time: number) => new Date(time).toISOString().slice(0, 4);

  it('are each judged by their sums and the norm at their end, with how much of them is there', () => {
    // 240,000 MJ for 6 · 8 + 6 · 9 tonnes.
    const years = judgeYears(arc, [...months(2020, 12), ...months(2021, 6)], 'MJ/t', yearOf);
    expect(years.map(({ year, energy, production, share }) => [year, energy, production, share])).toEqual([
      ['2020', 240_000, 102, 1],
      ['2021', 120_000, 51, 181 / 365],
    ]);
    const sec = 240_000 / 102;
    expect(years.map(({ judgement }) => [judgement!.verdict, judgement!.bound!.value])).toEqual([
      ['within', 2600],
      ['within', 2500],
    ]);
    expect(years[0]!.judgement!.value).toBeCloseTo(sec, 9);
  });

  it('count no month that was left out or of which production is not known', () => {
    const [first, second, third] = months(2021, 3);
    const holes = [first!, { ...second!, leftOut: 'coverage' as const }, { ...third!, production: null }];
    expect(judgeYears(arc, holes, 'MJ/t', yearOf)).toMatchObject([{ energy: 20_000, share: 31 / 365 }]);
    expect(judgeYears(arc, [{ ...first!, production: 0 }], 'MJ/t', yearOf)).toMatchObject([
      { judgement: null },
    ]);
  });
});

describe('a target band', () => {
  it.each([
    [0.0799, 'below'],
    [0.08, 'within'],
    [0.13, 'within'],
    [0.1301, 'above'],
    [null, null],
  ])('judges a saving of %f in 2018 as %s', (share, verdict) => {
    const judged = judgeTargets(share, 'energy', '2018-12-31');
    expect(judged.map((one) => [one.band.id, one.verdict, one.isCovered])).toEqual([
      ['1419-2020', verdict, true],
      ['160-thanh-hoa-2020', verdict, true],
    ]);
  });

  it.each([
    ['2009-09-06', []],
    ['2015-12-31', ['1419-2015']],
    ['2017-09-14', ['1419-2020']],
    ['2021-01-01', ['889-2025']],
    ['2026-01-01', ['889-2030']],
    ['2031-01-01', []],
  ])('is one of those in force on %s', (date, ids) => {
    expect(judgeTargets(0.1, 'material', date).map(({ band }) => band.id)).toEqual(ids);
  });

  it('says when its text does not name the resource', () => {
    expect(judgeTargets(0.1, 'water', '2018-06-01').map(({ isCovered }) => isCovered)).toEqual([
      false,
      false,
    ]);
    expect(judgeTargets(0.1, 'electricity', '2026-06-01')).toMatchObject([{ isCovered: false }]);
  });

  it('has both languages, and its ends in order', () => {
    for (const { min, max, validFrom, validTo, title } of targetBands) {
      expect([min < max, validFrom < validTo, title.en === title.vi]).toEqual([true, true, false]);
    }
  });
});
