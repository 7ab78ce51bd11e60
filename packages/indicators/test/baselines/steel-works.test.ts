import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { computeSavings, fitBaseline, type BaselinePeriod, type BaselineTerms } from '../../src/index.ts';
import { measured, regression } from './sample.ts';

/**
 * A year of a real steel works by quarter hours: V. E. Sathishkumar, C. Shin, Y. Cho, "Steel Industry Energy
 * Consumption", UCI Machine Learning Repository (2021), CC BY 4.0. The file is not carried here.
 */
const root = join(import.meta.dirname, '..', '..', '..', '..');
const file = process.env['STEEL_WORKS_CSV'] ?? join(root, '..', 'shared', 'data', 'steel-industry-2018.csv');
const isThere = existsSync(file);
const skipped = isThere ? '' : ' (skipped: STEEL_WORKS_CSV names no file, and none lies beside the project)';

interface Day {
  readonly date: string;
  readonly month: number;
  readonly kwh: number;
  /** Lagging reactive energy, kvarh: motors that run. The file tells no production. */
  readonly reactive: number;
}

/** By printed date: the stamp closes its quarter hour, and `0:00` comes last in the day that it is printed with. */
function readDays(): Day[] {
  const days = new Map<string, Day>();
  for (const line of readFileSync(file, 'utf8').trimEnd().split(/\r?\n/).slice(1)) {
    const cells = line.split(',');
    const date = cells[0]!.split(' ')[0]!;
    const day = days.get(date) ?? { date, month: Number(date.split('/')[1]), kwh: 0, reactive: 0 };
    days.set(date, {
      ...day,
      kwh: day.kwh + Number(cells.at(-1)),
      reactive: day.reactive + Number(cells[1]),
    });
  }
  return [...days.values()];
}

/** The line through points by the textbook's sums, and the running sum of what lies above it. */
function byHand(points: readonly (readonly [x: number, y: number])[]) {
  const n = points.length;
  const sum = (of: (x: number, y: number) => number) => points.reduce((all, [x, y]) => all + of(x, y), 0);
  const slope =
    (n * sum((x, y) => x * y) - sum((x) => x) * sum((_, y) => y)) /
    (n * sum((x) => x * x) - sum((x) => x) ** 2);
  const base = (sum((_, y) => y) - slope * sum((x) => x)) / n;
  let running = 0;
  const cusum = points.map(([x, y]) => (running += y - base - slope * x));
  const squares = sum((x, y) => (y - base - slope * x) ** 2);
  const mean = sum((_, y) => y) / n;
  const r2 = 1 - squares / sum((_, y) => (y - mean) ** 2);
  return { slope, base, cusum, r2, cvRmse: Math.sqrt(squares / (n - 2)) / mean };
}

function periodOf(start: number, end: number, kwh: number, reactive: number): BaselinePeriod {
  const drivers = [measured(reactive)];
  return { start, end, resource: measured(kwh), production: measured(null, 0), drivers };
}

describe.skipIf(!isThere)(`the year of a steel works${skipped}`, () => {
  const days = isThere ? readDays() : [];
  const year = { start: Date.UTC(2018, 0, 1), end: Date.UTC(2019, 0, 1) };
  const terms: BaselineTerms = { ...regression, drivers: ['reactive'] };
  const daily = days.map(({ kwh, reactive }, i) =>
    periodOf(Date.UTC(2018, 0, 1 + i), Date.UTC(2018, 0, 2 + i), kwh, reactive),
  );
  const months = Array.from({ length: 12 }, (_, i) => days.filter(({ month }) => month === i + 1));
  const total = (of: readonly Day[], field: 'kwh' | 'reactive') =>
    of.reduce((sum, day) => sum + day[field], 0);
  const monthly = months.map((of, i) =>
    periodOf(Date.UTC(2018, i, 1), Date.UTC(2018, i + 1, 1), total(of, 'kwh'), total(of, 'reactive')),
  );

  it('has the kilowatt hours of the file, month by month', () => {
    expect(days.length).toBe(365);
    expect(total(days, 'kwh')).toBeCloseTo(959_636.71, 6);
    const { periods } = computeSavings(fitBaseline(terms, monthly), terms, year, monthly, []);
    expect(periods.map(({ actual }) => actual!.toFixed(2))).toEqual([
      '126238.29',
      '91497.34',
      '80230.41',
      '78769.80',
      '79059.28',
      '65404.64',
      '81674.41',
      '68559.43',
      '57883.07',
      '84665.65',
      '86217.61',
      '59436.78',
    ]);
  });

  it('follows its reactive energy day by day closely enough to be measured against, and its CUSUM turns in April', () => {
    const fitted = fitBaseline(terms, daily);
    const hand = byHand(days.map(({ reactive, kwh }) => [reactive, kwh]));
    expect(fitted.model).toBe('regression');
    const [base, slope] = fitted.regression!.coefficients;
    expect(base!.value / hand.base).toBeCloseTo(1, 9);
    expect(slope!.value / hand.slope).toBeCloseTo(1, 9);
    expect(fitted.regression!.r2).toBeCloseTo(hand.r2, 9);
    expect(fitted.regression!.cvRmse).toBeCloseTo(hand.cvRmse, 9);

    const { periods, changePoint } = computeSavings(fitted, terms, year, daily, []);
    for (const [i, { cusum }] of periods.entries()) expect(cusum).toBeCloseTo(hand.cusum[i]!, 5);
    const peak = hand.cusum.indexOf(Math.max(...hand.cusum));
    expect(days[peak]!.date).toBe('28/04/2018');
    expect(periods[peak]!.cusum).toBeCloseTo(48_380.15, 2);
    expect(changePoint!.isSignificant).toBe(true);
    expect(changePoint!.meanAfter).toBeLessThan(changePoint!.meanBefore);
  });

  it('does not by the month: twelve sums explain too little, and a lower bar on record lets them', () => {
    const refused = fitBaseline(terms, monthly);
    expect(refused).toMatchObject({ isRefused: true, model: null, withheld: 'no-production-reported' });
    expect(refused.criteria.filter(({ passed }) => !passed).map(({ name }) => name)).toEqual(['r2']);

    const lower = { ...terms, acceptance: { ...terms.acceptance, r2Min: 0.6 } };
    const { periods } = computeSavings(fitBaseline(lower, monthly), lower, year, monthly, []);
    const hand = byHand(months.map((of) => [total(of, 'reactive'), total(of, 'kwh')]));
    expect(hand.r2).toBeCloseTo(0.642, 3);
    for (const [i, { cusum }] of periods.entries()) expect(cusum).toBeCloseTo(hand.cusum[i]!, 4);
    expect(periods[3]!.cusum).toBeCloseTo(48_080.89, 2);
  });
});
