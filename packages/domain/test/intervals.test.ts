import { describe, expect, it } from 'vitest';
import {
  createStampReader,
  expectedInLife,
  expectedReadings,
  intervalStep,
  mergeRollups,
  meterSchema,
  meterSlots,
  OwedScan,
  owedReachMs,
  owedUntil,
  parseInterval,
  printedStamp,
  printInterval,
  rollupHours,
  timeZone,
  windowAt,
  windowsBetween,
  type Meter,
} from '../src/index.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

function meter(fields: Partial<Meter> = {}): Meter {
  return meterSchema.parse({
    id: 'm',
    site: 's',
    name: 'M',
    quantity: 'electricity',
    kind: 'interval',
    unit: 'kWh',
    intervalMs: 31 * dayMs,
    interval: 'P1M',
    ...fields,
  });
}

const at = (text: string) => Date.parse(text);

describe('an interval', () => {
  it.each([
    ['PT15M', 900_000],
    ['PT1H30M', 5_400_000],
    ['P1D', dayMs],
    ['P1W', 7 * dayMs],
    ['P1DT12H', 36 * hourMs],
    ['P1M', 'P1M'],
    ['P3M', 'P3M'],
    ['P12M', 'P1Y'],
    ['P1Y', 'P1Y'],
  ])('%s is read as ISO 8601 has it', (text, interval) => {
    expect(parseInterval(text)).toBe(interval);
    expect(parseInterval(printInterval(interval as number))).toBe(interval);
  });

  it.each([
    '',
    'P',
    'PT',
    '15M',
    'P1DT',
    'P0D',
    'PT0S',
    'P5M',
    'P2Y',
    '-P1D',
    'P1M1D',
    'pt15m',
    'P367D',
    'PT0.5S',
  ])('%j is none', (text) => {
    expect(parseInterval(text)).toBeUndefined();
  });

  it.each([
    ['Asia/Ho_Chi_Minh', '2026-01-01T00:00:00+07:00', '2026-02-01T00:00:00+07:00'],
    ['Asia/Ho_Chi_Minh', '2026-01-31T06:00:00+07:00', '2026-02-28T06:00:00+07:00'],
    ['Europe/Berlin', '2026-03-01T00:00:00+01:00', '2026-04-01T00:00:00+02:00'],
    ['Europe/Berlin', '2026-10-01T00:00:00+02:00', '2026-11-01T00:00:00+01:00'],
  ])('of a month goes by the clock of %s, from %s to %s', (zone, from, to) => {
    expect(intervalStep(timeZone(zone), at(from), 'P1M')).toBe(at(to));
  });
});

describe('a bill of a month', () => {
  const closes = { zone: 'Asia/Ho_Chi_Minh', stamp: 'closes', midnight: 'begins-day' } as const;

  it('is stored at the start of its month, whichever end it is stamped with', () => {
    const january = at('2026-01-01T00:00:00+07:00');
    const read = createStampReader(closes, 'P1M', 'interval');
    expect(read('2026-02-01T00:00:00')).toBe(january);
    expect(
      createStampReader({ ...closes, midnight: 'ends-day' }, 'P1M', 'interval')('2026-01-31 00:00:00'),
    ).toBe(january);
    expect(printedStamp(closes, 'P1M', 'interval', january)).toBe('2026-02-01T00:00:00');
  });

  it.each(['Asia/Ho_Chi_Minh', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'])(
    'is the sum of its month in %s: 3,100, 2,800, 3,100',
    (zone) => {
      const months = [0, 1, 2, 9].map((month) => windowAt('P1M', Date.UTC(2026, month, 15), zone));
      const bills = [3100, 2800, 3100, 3217.7];
      const readings = {
        times: Float64Array.from(months, ({ start }) => start),
        values: Float64Array.from(bills),
        flags: new Uint8Array(4),
      };
      const of = meter({ time: { zone, stamp: 'opens', midnight: 'begins-day' } });
      for (const [i, month] of months.entries()) {
        const days = windowsBetween('P1D', month.start, month.end, zone).map((day) =>
          mergeRollups(
            'P1D',
            day,
            rollupHours(of, zone, readings, windowsBetween('PT1H', day.start, day.end, zone)),
            expectedInLife(of, zone, day),
          ),
        );
        const merged = mergeRollups('P1M', month, days, expectedInLife(of, zone, month));
        expect(merged).toMatchObject({ sum: bills[i], coverage: 1, count: 1 });
        expect(merged.expected).toBeCloseTo(1, 12);
        // Hours are equal, so that a day in which the clock is moved has another share.
        expect(days.find(({ end, start }) => end - start === dayMs)?.sum).toBeCloseTo(
          (bills[i]! * dayMs) / (month.end - month.start),
          9,
        );
      }
    },
  );

  it('is expected once a month, twelve times a year and four times by the quarter', () => {
    const zone = 'Europe/Berlin';
    const year = windowAt('P1Y', Date.UTC(2026, 5, 1), zone);
    expect(expectedReadings(meter(), zone, year.start, year.end)).toBe(12);
    const quarterly = meter({ interval: 'P3M', intervalMs: 92 * dayMs });
    expect(expectedReadings(quarterly, zone, year.start, year.end)).toBe(4);
    const march = windowAt('P1M', Date.UTC(2026, 2, 15), zone);
    expect(expectedReadings(meter(), zone, march.start, march.end)).toBe(1);
    expect(expectedReadings(meter(), zone, march.start, march.start + hourMs)).toBeCloseTo(
      1 / (31 * 24 - 1),
      12,
    );
  });

  it.each([
    ['on the first', ['2026-01-01', '2026-02-01', '2026-04-01', '2026-05-01'], '2026-03-01'],
    ['on the fifteenth', ['2026-01-15', '2026-02-15', '2026-04-15', '2026-05-15'], '2026-03-15'],
    ['on the last', ['2025-12-31', '2026-01-31', '2026-03-31', '2026-04-30'], '2026-02-28'],
    ['about the fifth', ['2026-01-05', '2026-02-06', '2026-04-05', '2026-05-04'], '2026-03-05'],
  ])('that is missing is owed where the others come %s', (_, dates, owed) => {
    const zone = 'Europe/Berlin';
    const of = meter({ kind: 'counter', time: { zone, stamp: 'opens', midnight: 'begins-day' } });
    const clock = timeZone(zone);
    const times = dates.map((date) => clock.firstInstantOf(Date.parse(`${date}T00:00:00Z`)));
    const grid = meterSlots(of, times);
    const range = { from: times[0]!, to: times.at(-1)! + 1 };
    const scan = new OwedScan(of, grid, range);
    const spans = [...scan.take(Float64Array.from(times)), ...scan.end()];
    expect(spans).toHaveLength(1);
    expect(spans[0]).toMatchObject({ missing: 1, expected: 1 });
    expect(Math.abs(spans[0]!.from - clock.firstInstantOf(Date.parse(`${owed}T00:00:00Z`)))).toBeLessThan(
      3 * dayMs,
    );
    expect(owedReachMs(of)).toBeGreaterThan(31 * dayMs);
    expect(owedUntil(of, times[0]!)).toBeLessThan(times[0]!);
  });
});
