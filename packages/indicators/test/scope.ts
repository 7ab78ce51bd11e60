import { meterSchema, type IndicatorWindow, type Meter, type Rollup } from '@songma/domain';
import {
  computeIndicator,
  definitionsFor,
  FactorBook,
  factorPacks,
  type IndicatorDraft,
  type IndicatorScope,
  type ScopedMeter,
  type VersionedFactor,
} from '../src/index.ts';

export const zone = 'Asia/Ho_Chi_Minh';
const dayMs = 86_400_000;

/** The factors that are delivered, as registered once. */
export const delivered: readonly VersionedFactor[] = factorPacks.flatMap(({ factors }) =>
  factors.map((body) => ({ version: 1, body })),
);
const book = new FactorBook(delivered);

/** A quarter-hourly electricity meter in kWh, unless told. */
export function meterOf(id: string, fields: Partial<Meter> = {}): Meter {
  return meterSchema.parse({
    id,
    site: 's',
    name: id,
    quantity: 'electricity',
    kind: 'interval',
    unit: 'kWh',
    intervalMs: 900_000,
    ...fields,
  });
}

/** The meter with one rollup that begins on a date. */
export function metered(of: Meter, sum: number | null, date = '2023-03-02', coverage = 1): ScopedMeter {
  return { meter: of, zone, rollups: [rollupOf(of, sum, date, coverage)] };
}

export function rollupOf(of: Meter, sum: number | null, date: string, coverage = 1): Rollup {
  const start = Date.parse(`${date}T00:00:00+07:00`);
  return {
    site: of.site,
    meter: of.id,
    window: 'P1D',
    start,
    end: start + dayMs,
    count: 96,
    expected: 96,
    coveredMs: coverage * dayMs,
    coverage,
    sum,
    mean: null,
    min: null,
    max: null,
    calibrating: 0,
    fault: 0,
    outOfRange: 0,
    spreadMs: 0,
    irregular: 0,
    quarters: null,
    validSpanMs: null,
    calibratingMs: 0,
    faultMs: 0,
    outOfRangeMs: 0,
    belowDetection: 0,
    validMs: 0,
    revision: 1,
  };
}

/** The indicator of that name over the meters, a day of enterprise `e` unless told. */
export function indicatorOf(
  name: string,
  meters: readonly ScopedMeter[],
  scope: Partial<IndicatorScope> & { readonly window?: IndicatorWindow } = {},
): IndicatorDraft | undefined {
  const start = Date.parse('2023-03-02T00:00:00+07:00');
  return computeIndicator(
    definitionsFor(meters.map(({ meter }) => meter)).find((one) => one.name === name)!,
    {
      enterprise: 'e',
      window: 'P1D',
      start,
      end: start + dayMs,
      isFinished: true,
      meters,
      gwpSet: 'AR5',
      factors: book,
      ...scope,
    },
  );
}
