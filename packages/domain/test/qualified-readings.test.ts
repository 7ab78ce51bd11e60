import { describe, expect, it } from 'vitest';
import {
  deriveMeter,
  flag,
  isDerived,
  meterSchema,
  qualifiedReadings,
  rollupHours,
  rollupSpans,
  toldByReadings,
  windowsBetween,
  type Meter,
  type MeterReadings,
} from '../src/index.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const zone = 'Asia/Ho_Chi_Minh';
const midnight = Date.parse('2026-11-23T00:00:00+07:00');
const [firstHour] = windowsBetween('PT1H', midnight, midnight + hourMs, zone);

type Row = readonly [minute: number, value: number, flags?: number];

function meterOf(fields: Partial<Meter> = {}): Meter {
  return meterSchema.parse({
    ...{ id: 'm', site: 's', name: 'M', quantity: 'concentration', kind: 'level', unit: 'mg/Nm3' },
    ...{ intervalMs: 5 * minuteMs, ...fields },
  });
}

function readings(rows: readonly Row[]): MeterReadings {
  return {
    times: Float64Array.from(rows, ([minute]) => midnight + minute * minuteMs),
    values: Float64Array.from(rows, ([, value]) => value),
    flags: Uint8Array.from(rows, ([, , flags = 0]) => flags),
  };
}

/** An hour at five minutes: `value` but for what stands at some of its places. */
function hourOf(value: number, others: Readonly<Record<number, number>>, flags = 0): Row[] {
  return Array.from({ length: 12 }, (_, i) => [i * 5, others[i] ?? value, i in others ? flags : 0] as const);
}

function rollupOf(meter: Meter, rows: readonly Row[]) {
  return rollupHours(meter, zone, qualifiedReadings(meter, readings(rows)), [firstHour!])[0]!;
}

describe('a value outside of the valid range', () => {
  // loggers write -999 for a measurement that failed, and 9999 for one that ran over.
  it('does not hide an exceedance: -999 twice an hour leaves the mean of the others, 250', () => {
    const hour = rollupOf(meterOf({ validRange: { min: 0, max: 500 } }), hourOf(250, { 3: -999, 8: -999 }));
    expect(hour).toMatchObject({ mean: 250, min: 250, count: 12, outOfRange: 2 });
    expect(hour).toMatchObject({ outOfRangeMs: 10 * minuteMs, validMs: 50 * minuteMs, coverage: 10 / 12 });
  });

  it('makes no false alert: 9999 once in an hour of 100 leaves 100', () => {
    const hour = rollupOf(meterOf({ validRange: { min: 0, max: 500 } }), hourOf(100, { 6: 9999 }));
    expect(hour).toMatchObject({ mean: 100, max: 100, outOfRange: 1, outOfRangeMs: 5 * minuteMs });
  });

  it('gives a derived meter nothing: 300 at an oxygen of -999 is not 4.4', () => {
    const c = meterOf({ id: 'c' });
    const o2 = meterOf({ id: 'o2', quantity: 'oxygen', unit: '%', validRange: { min: 0, max: 25 } });
    const made = meterOf({
      id: 'corrected',
      formula: 'atReferenceOxygen(c, o2, 7)',
      inputs: { c: 'c', o2: 'o2' },
    });
    if (!isDerived(made)) throw new Error('is derived');
    const told = new Map(
      [[c, hourOf(300, {})] as const, [o2, hourOf(7, { 2: -999, 3: -999 })] as const].map(([meter, rows]) => [
        meter.id,
        toldByReadings(meter, zone, qualifiedReadings(meter, readings(rows))),
      ]),
    );
    const { readings: own, spans } = deriveMeter(made, told);
    const [hour] = rollupSpans(made, own, spans, [firstHour!]);
    expect(hour).toMatchObject({ mean: 300, min: 300, max: 300, coveredMs: 50 * minuteMs });
    expect(hour).toMatchObject({ outOfRange: 2, outOfRangeMs: 10 * minuteMs, validMs: 50 * minuteMs });
  });

  it('counts for nothing in a sum of intervals, and in a counter is a reading that was left out', () => {
    const amounts = meterOf({ kind: 'interval', unit: 'kWh', validRange: { min: 0 } });
    expect(rollupOf(amounts, hourOf(2, { 4: -999 }))).toMatchObject({
      ...{ sum: 22, coverage: 11 / 12, outOfRangeMs: 5 * minuteMs },
    });
    // 65535 is what a register of sixteen bits shows that was not read.
    const register = meterOf({ kind: 'counter', unit: 'kWh', validRange: { max: 60_000 } });
    const rows = Array.from({ length: 13 }, (_, i): Row => [i * 5, i === 5 ? 65_535 : 1000 + i]);
    expect(rollupOf(register, rows)).toMatchObject({ sum: 12, coverage: 1, outOfRange: 1, irregular: 0 });
  });

  it('is inside at the bound itself', () => {
    const meter = meterOf({ validRange: { min: 0, max: 500 } });
    const { flags } = qualifiedReadings(
      meter,
      readings([
        [0, 0],
        [5, 500],
        [10, -0.001],
        [15, 500.001],
        [20, Number.NaN, flag.fault],
      ]),
    );
    expect([...flags]).toEqual([0, 0, flag.outOfRange, flag.outOfRange, flag.fault]);
  });

  it('counts where the range only flags', () => {
    const meter = meterOf({ validRange: { min: 0, max: 500, mode: 'flag' } });
    const hour = rollupOf(meter, hourOf(100, { 6: 1300 }));
    expect(hour).toMatchObject({ mean: 200, max: 1300, outOfRange: 1, outOfRangeMs: 0, coverage: 1 });
  });

  it('is told by the range of now, whatever was flagged by one of before', () => {
    const rows = readings([
      [0, 700, flag.outOfRange],
      [5, 700],
    ]);
    expect([...qualifiedReadings({}, rows).flags]).toEqual([0, 0]);
    const both = [flag.outOfRange, flag.outOfRange];
    expect([...qualifiedReadings({ validRange: { max: 600 } }, rows).flags]).toEqual(both);
    // What has nothing to say about them leaves them as they are.
    const plain = readings([[0, 700]]);
    expect(qualifiedReadings({ validRange: { max: 800 } }, plain)).toBe(plain);
  });

  it('says that it speaks until the next reading, like a fault, and a fault is a fault', () => {
    const meter = meterOf({ validRange: { max: 500 } });
    const hour = rollupOf(meter, [
      [0, 1],
      [5, 9999],
      [25, 9999, flag.fault],
      [30, 1],
    ]);
    expect(hour).toMatchObject({
      ...{ coveredMs: 15 * minuteMs, outOfRangeMs: 10 * minuteMs, faultMs: 5 * minuteMs },
      ...{ outOfRange: 2, fault: 1 },
    });
  });
});

describe('a value below detection', () => {
  it.each([
    ['zero', 0],
    ['half', 0.25],
    ['whole', 0.5],
  ] as const)('counts as the meter says: %s of 0.5 is %d', (counts, value) => {
    const rows = hourOf(0.5, Object.fromEntries(Array.from({ length: 12 }, (_, i) => [i, 0.5])), 16);
    const level = rollupOf(meterOf({ belowDetection: { counts } }), rows);
    expect(level).toMatchObject({ mean: value, min: value, max: value, coverage: 1, belowDetection: 12 });
    const amounts = meterOf({ kind: 'interval', unit: 'g', belowDetection: { counts }, multiplier: 2 });
    expect(rollupOf(amounts, rows)).toMatchObject({ sum: 24 * value, belowDetection: 12 });
  });

  it('counts as the limit itself where the meter says nothing, so that nothing is hidden', () => {
    expect(rollupOf(meterOf(), hourOf(1, { 0: 0.4 }, flag.belowDetection))).toMatchObject({
      ...{ min: 0.4, belowDetection: 1, coverage: 1 },
    });
  });

  it('without a limit counts by that of the meter, and not at all where nobody tells one', () => {
    const rows = hourOf(1, { 0: Number.NaN }, flag.belowDetection);
    const stated = meterOf({ belowDetection: { counts: 'half', limit: 0.4 } });
    expect(rollupOf(stated, rows)).toMatchObject({ min: 0.2, coverage: 1, belowDetection: 1 });
    const zero = meterOf({ belowDetection: { counts: 'zero' } });
    expect(rollupOf(zero, rows)).toMatchObject({ min: 0, coverage: 1, belowDetection: 1 });
    for (const meter of [meterOf(), meterOf({ belowDetection: { counts: 'half' } })])
      expect(rollupOf(meter, rows)).toMatchObject({ min: 1, coverage: 11 / 12, belowDetection: 1 });
  });

  it('is no value out of range because it is small, but because its limit is large', () => {
    const meter = meterOf({ validRange: { min: 1, max: 100 } });
    const rows = readings([
      [0, 0.5, flag.belowDetection],
      [5, 9999, flag.belowDetection],
    ]);
    expect([...qualifiedReadings(meter, rows).flags]).toEqual([16, 16 | flag.outOfRange]);
  });

  it('goes into what is derived from it as it counts, and is told there', () => {
    const c = meterOf({ id: 'c', belowDetection: { counts: 'half' } });
    const made = meterOf({ id: 'twice', formula: '2 * c', inputs: { c: 'c' } });
    if (!isDerived(made)) throw new Error('is derived');
    const rows = readings(hourOf(1, { 0: 0.4 }, flag.belowDetection));
    const { readings: own, spans } = deriveMeter(made, new Map([['c', toldByReadings(c, zone, rows)]]));
    const [hour] = rollupSpans(made, own, spans, [firstHour!]);
    expect(hour).toMatchObject({ min: 0.4, max: 2, belowDetection: 1 });
  });
});

describe('the time that readings speak for', () => {
  const level = meterOf();
  const minutes = (list: readonly number[], meter = level) =>
    rollupOf(
      meter,
      list.map((minute) => [minute, 1] as const),
    ).validMs / minuteMs;

  // 75 % of an hour passed with 5 of 12 readings, because each is held for two intervals.
  it('is an interval for each: 5 of 12 readings are 25 minutes, though they cover 50', () => {
    expect(minutes([0, 10, 20, 30, 40])).toBe(25);
    expect(
      rollupOf(
        level,
        [0, 10, 20, 30, 40].map((minute) => [minute, 1]),
      ),
    ).toMatchObject({
      coveredMs: 50 * minuteMs,
    });
    expect(minutes([0, 5, 10, 15, 20, 25, 30, 35, 40])).toBe(45);
  });

  it('is not longer where a level is held for longer', () => {
    expect(minutes([0], meterOf({ holdMaxMs: hourMs }))).toBe(5);
  });

  it('is whole where readings come a little early or late', () => {
    expect(minutes([0, 5.1, 9.9, 16, 20, 24.9, 31, 35, 40.2, 45, 49, 55])).toBe(60);
  });

  it('is no longer for many readings at once', () => {
    expect(minutes([0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5])).toBe(10.5);
  });

  it('reaches into the next hour, and whole hours where the interval is a longer one', () => {
    const [, second] = windowsBetween('PT1H', midnight, midnight + 2 * hourMs, zone);
    const meter = meterOf({ intervalMs: 3 * hourMs });
    expect(rollupHours(meter, zone, readings([[0, 1]]), [second!])[0]).toMatchObject({ validMs: hourMs });
    expect(rollupHours(level, zone, readings([[57, 1]]), [second!])[0]).toMatchObject({
      ...{ validMs: 2 * minuteMs, coveredMs: 7 * minuteMs },
    });
  });

  it('is that of all inputs together for what is derived', () => {
    const o2 = meterOf({ id: 'o2' });
    const c = meterOf({ id: 'c' });
    const made = meterOf({ id: 'sum', formula: 'c + o2', inputs: { c: 'c', o2: 'o2' } });
    if (!isDerived(made)) throw new Error('is derived');
    const every = hourOf(1, {});
    const told = new Map([
      ['c', toldByReadings(c, zone, readings(every))],
      ['o2', toldByReadings(o2, zone, readings(every.filter((_, i) => i % 2 === 0 && i < 10)))],
    ]);
    const { readings: own, spans } = deriveMeter(made, told);
    const [hour] = rollupSpans(made, own, spans, [firstHour!]);
    expect(hour).toMatchObject({ coveredMs: 50 * minuteMs, validMs: 25 * minuteMs });
  });
});
