import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  counterGapMaxMs,
  flag,
  influenceOf,
  mergeRollups,
  meterSchema,
  rollupHours,
  roundTo15Digits,
  sameRollup,
  windowsBetween,
  type Meter,
  type MeterReadings,
} from '../src/index.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;
const zone = 'Asia/Ho_Chi_Minh';
/** Midnight of 2026-03-02 in Ha Noi. */
const midnight = Date.parse('2026-03-01T17:00:00Z');

function meter(fields: Partial<Meter> & Pick<Meter, 'kind'>): Meter {
  return meterSchema.parse({
    id: 'm',
    site: 's',
    name: 'M',
    quantity: 'electricity',
    unit: 'kWh',
    intervalMs: 15 * minuteMs,
    ...fields,
  });
}

function readings(
  rows: readonly (readonly [minute: number, value: number, flags?: number])[],
): MeterReadings {
  return {
    times: Float64Array.from(rows, ([minute]) => midnight + minute * minuteMs),
    values: Float64Array.from(rows, ([, value]) => value),
    flags: Uint8Array.from(rows, ([, , flags = 0]) => flags),
  };
}

const hoursOf = (from: number, to: number) =>
  windowsBetween('PT1H', midnight + from * hourMs, midnight + to * hourMs, zone);
const dayOf = windowsBetween('P1D', midnight, midnight + dayMs, zone)[0]!;

describe('an interval meter', () => {
  it('sums a day of quarter hours to 96 of 96 at coverage 1', () => {
    const rows = Array.from({ length: 96 }, (_, i) => [i * 15, 0.1] as const);
    const hours = rollupHours(meter({ kind: 'interval' }), zone, readings(rows), hoursOf(0, 24));
    expect(hours[7]).toMatchObject({
      count: 4,
      expected: 4,
      coverage: 1,
      sum: 0.4,
      mean: 0.1,
      min: 0.1,
      max: 0.1,
    });
    const day = mergeRollups('P1D', dayOf, hours);
    expect(day).toMatchObject({
      count: 96,
      expected: 96,
      coverage: 1,
      coveredMs: dayMs,
      sum: 9.6,
      window: 'P1D',
    });
  });

  it('splits an amount over the windows that it crosses, and applies the multiplier', () => {
    const hours = rollupHours(
      meter({ kind: 'interval', intervalMs: hourMs, multiplier: 10 }),
      zone,
      readings([[45, 8]]),
      hoursOf(0, 2),
    );
    expect(hours.map((hour) => [hour.count, hour.sum, hour.coverage])).toEqual([
      [1, 20, 0.25],
      [0, 60, 0.75],
    ]);
  });

  it('spreads a day over its hours, and the day has it back', () => {
    const daily = meter({ kind: 'interval', intervalMs: dayMs, quantity: 'production', unit: 't' });
    const hours = rollupHours(daily, zone, readings([[0, 700]]), hoursOf(0, 24));
    expect(hours.every((hour) => hour.coverage === 1)).toBe(true);
    expect(hours[0]!.expected).toBe(roundTo15Digits(1 / 24));
    expect(mergeRollups('P1D', dayOf, hours)).toMatchObject({ sum: 700, count: 1, expected: 1, coverage: 1 });
  });

  it('a day of 23 hours holds the amount that was reported for it', () => {
    const berlin = 'Europe/Berlin';
    const [day] = windowsBetween(
      'P1D',
      Date.parse('2018-03-25T00:00:00Z'),
      Date.parse('2018-03-25T01:00:00Z'),
      berlin,
    );
    const times = Float64Array.of(day!.start, day!.end);
    const daily = meter({ kind: 'interval', intervalMs: dayMs });
    const given = { times, values: Float64Array.of(230, 480), flags: new Uint8Array(2) };
    const merged = mergeRollups(
      'P1D',
      day!,
      rollupHours(daily, berlin, given, windowsBetween('PT1H', day!.start, day!.end, berlin)),
    );
    expect(merged).toMatchObject({ sum: 230, coverage: 1, count: 1 });
    expect(merged.end - merged.start).toBe(23 * hourMs);
  });

  it('what overlaps is summed but covers once', () => {
    const [hour] = rollupHours(
      meter({ kind: 'interval' }),
      zone,
      readings([
        [0, 1],
        [5, 1],
        [15, 1],
      ]),
      hoursOf(0, 1),
    );
    expect(hour).toMatchObject({ sum: 3, count: 3, coveredMs: 30 * minuteMs });
  });

  it('leaves out faults and what is out of range, and keeps what a range only flags', () => {
    const rows = [
      [0, 1, flag.outOfRangeCounted],
      [10, 1, flag.outOfRange],
      [15, 2, flag.fault],
      [30, 4, flag.calibrating],
      [45, Number.NaN],
    ] as const;
    const [hour] = rollupHours(meter({ kind: 'interval' }), zone, readings(rows), hoursOf(0, 1));
    expect(hour).toMatchObject({ count: 5, sum: 1, coverage: 0.25, outOfRange: 2, fault: 1, calibrating: 1 });
  });
});

describe('a counter', () => {
  it('gives the difference of its register, spread over the time between', () => {
    const rows = [
      [-30, 100],
      [30, 110],
      [90, 130],
    ] as const;
    const hours = rollupHours(meter({ kind: 'counter', multiplier: 2 }), zone, readings(rows), hoursOf(0, 2));
    expect(hours.map((hour) => [hour.count, hour.sum, hour.coverage])).toEqual([
      [1, 10 + 20, 1],
      [1, 20, 0.5],
    ]);
    expect(hours[0]).toMatchObject({ mean: null, min: null, max: null });
  });

  it('that drops says nothing for that time while nothing tells why, and neither zero nor less', () => {
    const hours = rollupHours(
      meter({ kind: 'counter' }),
      zone,
      readings([
        [0, 500],
        [60, 3],
        [120, 8],
      ]),
      hoursOf(0, 2),
    );
    expect(hours.map((hour) => [hour.sum, hour.coverage])).toEqual([
      [null, 0],
      [5, 1],
    ]);
  });

  it('conserves energy over faults and over a gap', () => {
    const rows = [
      [0, 100],
      [60, 7, flag.fault],
      [120, Number.NaN],
      [180, 130],
    ] as const;
    const hours = rollupHours(meter({ kind: 'counter' }), zone, readings(rows), hoursOf(0, 3));
    expect(hours.map((hour) => hour.sum)).toEqual([10, 10, 10]);
  });

  it.each([
    [0, 24],
    [1, null],
  ])('bridges a silence up to its longest and not %d ms longer', (more, sum) => {
    const given: MeterReadings = {
      times: Float64Array.of(midnight, midnight + counterGapMaxMs(meter({ kind: 'counter' })) + more),
      values: Float64Array.of(1000, 1168),
      flags: new Uint8Array(2),
    };
    const day = mergeRollups(
      'P1D',
      dayOf,
      rollupHours(meter({ kind: 'counter' }), zone, given, hoursOf(0, 24)),
    );
    expect(day.sum).toBe(sum);
  });
});

describe('a level', () => {
  it('is averaged over time and not over samples', () => {
    // 10 for 45 minutes and 50 for 15: a mean over samples would give 30 (OpenEMS issue 2920).
    const level = meter({ kind: 'level', intervalMs: hourMs });
    const [hour] = rollupHours(
      level,
      zone,
      readings([
        [0, 10],
        [45, 50],
        [60, 0],
      ]),
      hoursOf(0, 1),
    );
    expect(hour).toMatchObject({ mean: 20, min: 10, max: 50, sum: null, coverage: 1 });
  });

  it('holds two intervals and no longer', () => {
    const [hour] = rollupHours(
      meter({ kind: 'level', intervalMs: 5 * minuteMs }),
      zone,
      readings([[0, 4]]),
      hoursOf(0, 1),
    );
    expect(hour).toMatchObject({ mean: 4, coveredMs: 10 * minuteMs });
    const [longer] = rollupHours(
      meter({ kind: 'level', intervalMs: 5 * minuteMs, holdMaxMs: 30 * minuteMs }),
      zone,
      readings([[0, 4]]),
      hoursOf(0, 1),
    );
    expect(longer!.coverage).toBe(0.5);
  });

  it('ends its hold at a fault', () => {
    const rows = [
      [-5, 8],
      [10, 20],
      [20, 90, flag.calibrating],
      [40, 20],
    ] as const;
    const [hour] = rollupHours(meter({ kind: 'level' }), zone, readings(rows), hoursOf(0, 1));
    expect(hour).toMatchObject({ coveredMs: 40 * minuteMs, calibrating: 1, min: 8, max: 20, mean: 17 });
  });
});

describe('the quarters of an hour', () => {
  const level = meter({ kind: 'level', intervalMs: 5 * minuteMs });

  it('are those in which a valid reading lies, not those that one from before holds into', () => {
    // 45 good minutes: the second quarter is held over from the first, and no point lies in it.
    const list = [0, 5, 10, 30, 35, 40, 45, 50, 55].map((minute) => [minute, 1] as const);
    const [hour] = rollupHours({ ...level, holdMaxMs: 20 * minuteMs }, zone, readings(list), hoursOf(0, 1));
    expect(hour).toMatchObject({ coverage: 1, quarters: 0b1101, validSpanMs: 55 * minuteMs });
  });

  it('count neither faults nor calibration nor what is out of range or has no value', () => {
    const rows = [
      [0, 1, flag.calibrating],
      [20, 1, flag.fault],
      [30, 1, flag.outOfRangeCounted],
      [44, 1],
      [46, 1, flag.outOfRange],
      [50, Number.NaN],
    ] as const;
    const [hour, next] = rollupHours(level, zone, readings(rows), hoursOf(0, 2));
    expect(hour).toMatchObject({ quarters: 0b0100, validSpanMs: 14 * minuteMs });
    expect(next).toMatchObject({ quarters: 0, validSpanMs: 0 });
  });

  it('are counted from the start of an hour that the clock has cut short', () => {
    // Lord Howe Island puts its clock forward by half an hour at two: what follows is an hour of thirty minutes.
    const zoneOf = 'Australia/Lord_Howe';
    const start = Date.parse('2026-10-03T15:30:00Z');
    const [hour] = windowsBetween('PT1H', start, start + 1, zoneOf);
    expect(hour!.end - hour!.start).toBe(30 * minuteMs);
    const given = { times: Float64Array.of(start, start + 20 * minuteMs), values: Float64Array.of(1, 1) };
    const [rollup] = rollupHours(level, zoneOf, { ...given, flags: new Uint8Array(2) }, [hour!]);
    expect(rollup!.quarters).toBe(0b0011);
  });

  it('are told by hours alone', () => {
    const hours = rollupHours(level, zone, readings([[0, 1]]), hoursOf(0, 24));
    expect(mergeRollups('P1D', dayOf, hours)).toMatchObject({ quarters: null, validSpanMs: null });
  });
});

describe('the time of a status', () => {
  const rows = [
    [0, 1],
    [10, 1, flag.calibrating],
    [15, 1, flag.calibrating | flag.fault],
    [20, Number.NaN, flag.fault],
    [50, 1],
  ] as const;

  it('lasts until the next reading, as long at most as a level holds', () => {
    const level = meter({ kind: 'level', intervalMs: 5 * minuteMs });
    const [hour] = rollupHours(level, zone, readings(rows), hoursOf(0, 1));
    expect(hour).toMatchObject({
      calibratingMs: 5 * minuteMs,
      faultMs: 15 * minuteMs,
      coveredMs: 20 * minuteMs,
    });
  });

  it('goes on into the next hour, and hours add up to their day', () => {
    const level = meter({ kind: 'level', intervalMs: 30 * minuteMs });
    const hours = rollupHours(level, zone, readings([[45, 1, flag.fault]]), hoursOf(0, 24));
    expect(hours.slice(0, 3).map(({ faultMs }) => faultMs / minuteMs)).toEqual([15, 45, 0]);
    expect(mergeRollups('P1D', dayOf, hours).faultMs).toBe(60 * minuteMs);
  });

  it('is an interval at most for what has no hold', () => {
    for (const kind of ['interval', 'counter'] as const) {
      const of = meter({ kind, intervalMs: 5 * minuteMs });
      const [hour] = rollupHours(of, zone, readings(rows), hoursOf(0, 1));
      expect(hour).toMatchObject({ calibratingMs: 5 * minuteMs, faultMs: 10 * minuteMs });
    }
  });

  it('is nobody’s where the reading is declared void', () => {
    const level = meter({ kind: 'level', intervalMs: 5 * minuteMs });
    const [hour] = rollupHours(level, zone, readings([[0, 1, flag.fault | flag.voided]]), hoursOf(0, 1));
    expect(hour).toMatchObject({ calibratingMs: 0, faultMs: 0, fault: 1, quarters: 0 });
  });
});

/** A month's worth of irregular minutes in little: what each minute says, one after the other. */
function byMinute(of: Meter, given: MeterReadings, from: number, to: number) {
  const { times, values, flags } = given;
  const valid = (i: number) =>
    (flags[i]! & (flag.fault | flag.calibrating | flag.outOfRange)) === 0 && !Number.isNaN(values[i]!);
  let [covered, sum, area, calibrating, fault, outOfRange, quarters] = [0, 0, 0, 0, 0, 0, 0];
  for (let time = from; time < to; time += minuteMs) {
    let isCovered = false;
    const newest = times.findLastIndex((at) => at <= time);
    const speaksMs = of.intervalMs * (of.kind === 'level' ? 2 : 1);
    if (newest >= 0 && time < times[newest]! + speaksMs) {
      if ((flags[newest]! & flag.fault) !== 0) fault++;
      else if ((flags[newest]! & flag.calibrating) !== 0) calibrating++;
      else if ((flags[newest]! & flag.outOfRange) !== 0) outOfRange++;
    }
    if (times[newest] === time && valid(newest)) quarters |= 1 << ((time - from) / (15 * minuteMs));
    for (let i = 0; i < times.length; i++) {
      if (!valid(i) || times[i]! > time) continue;
      if (of.kind === 'interval' && time < times[i]! + of.intervalMs) {
        sum += (values[i]! * minuteMs) / of.intervalMs;
        isCovered = true;
      } else if (of.kind === 'level') {
        const isNewest = i + 1 === times.length || times[i + 1]! > time;
        if (isNewest && time < times[i]! + 2 * of.intervalMs) {
          area += values[i]!;
          isCovered = true;
        }
      } else if (of.kind === 'counter') {
        let next = i + 1;
        while (next < times.length && !valid(next)) next++;
        if (next < times.length && times[next]! > time) {
          sum += ((values[next]! - values[i]!) * minuteMs) / (times[next]! - times[i]!);
          isCovered = true;
        }
      }
    }
    if (isCovered) covered++;
  }
  const [calibratingMs, faultMs] = [calibrating * minuteMs, fault * minuteMs];
  const outOfRangeMs = outOfRange * minuteMs;
  const mean = covered === 0 ? null : area / covered;
  return { coveredMs: covered * minuteMs, sum, mean, calibratingMs, faultMs, outOfRangeMs, quarters };
}

const kinds = fc.constantFrom<Meter['kind']>('interval', 'counter', 'level');
const rows = fc
  .uniqueArray(
    fc.tuple(
      fc.integer({ min: -120, max: 600 }),
      fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 0, max: 1000 }) },
        { weight: 1, arbitrary: fc.constant(Number.NaN) },
      ),
      fc.constantFrom(0, 0, 0, 0, flag.fault, flag.calibrating, flag.outOfRange),
    ),
    { selector: ([minute]) => minute, maxLength: 30 },
  )
  .map((list) => list.toSorted((a, b) => a[0] - b[0]));

/** The same places, with a register that climbs by what the values say: what is irregular has a test of its own. */
function climbing(list: readonly (readonly [number, number, number])[]) {
  let register = 1;
  return list.map(([minute, rise, flags]) => {
    if (!Number.isNaN(rise)) register += rise;
    return [minute, Number.isNaN(rise) ? rise : register, flags] as const;
  });
}

describe('rollups', () => {
  it('are what a count minute by minute gives', () => {
    fc.assert(
      fc.property(kinds, fc.constantFrom(1, 15, 45, 90), rows, (kind, minutes, list) => {
        const of = meter({
          kind,
          intervalMs: minutes * minuteMs,
          // So that no rise is doubted.
          ...(kind === 'counter' ? { ratePerHourMax: 1e9 } : {}),
        });
        const given = readings(kind === 'counter' ? climbing(list) : list);
        for (const hour of rollupHours(of, zone, given, hoursOf(0, 10))) {
          const plain = byMinute(of, given, hour.start, hour.end);
          const { coveredMs, calibratingMs, faultMs, outOfRangeMs, quarters } = plain;
          expect(hour).toMatchObject({ coveredMs, calibratingMs, faultMs, outOfRangeMs, quarters });
          expect(hour.validMs).toBeLessThanOrEqual(hour.coveredMs);
          expect(kind === 'interval' ? hour.validMs : hour.coveredMs).toBe(hour.coveredMs);
          expect(hour.sum ?? 0).toBeCloseTo(plain.sum, 6);
          if (kind !== 'level') continue;
          expect(hour.mean ?? 0).toBeCloseTo(plain.mean ?? 0, 6);
          expect(hour.min ?? 0).toBeLessThanOrEqual(hour.mean ?? 0);
          expect(hour.max ?? 0).toBeGreaterThanOrEqual(hour.mean ?? 0);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('of an hour need only the readings that reach it', () => {
    fc.assert(
      fc.property(kinds, rows, fc.integer({ min: 0, max: 9 }), (kind, list, index) => {
        const of = meter({ kind });
        const all = rollupHours(of, zone, readings(list), hoursOf(0, 10));
        expect(rollupHours(of, zone, readings(list), [hoursOf(0, 10)[index]!])).toEqual([all[index]]);
      }),
    );
  });

  it('are untouched outside of the influence of what changed', () => {
    fc.assert(
      fc.property(kinds, rows, rows, fc.integer({ min: -2, max: 9 }), (kind, before, changes, hour) => {
        const of = meter({ kind });
        const from = midnight + hour * hourMs;
        const changed = changes.filter(([minute]) => Math.floor(minute / 60) === hour);
        const after = new Map([...before, ...changed].map((row) => [row[0], row]));
        const list = [...after.values()].toSorted((a, b) => a[0] - b[0]);
        const span = influenceOf(of, zone, readings(list), from, from + hourMs, true);
        const windows = hoursOf(-2, 10);
        const old = rollupHours(of, zone, readings(before), windows);
        const isUntouched = (rollup: { start: number; end: number }) =>
          span === undefined || rollup.start >= span.end || rollup.end <= span.start;
        const now = rollupHours(of, zone, readings(list), windows);
        expect(now.filter(isUntouched)).toEqual(old.filter(isUntouched));
      }),
      { numRuns: 1000 },
    );
  });

  it('merge to the same day in whatever order the hours come, and over half days', () => {
    const of = meter({ kind: 'interval', intervalMs: 7 * minuteMs });
    fc.assert(
      fc.property(rows, fc.infiniteStream(fc.nat()), (list, order) => {
        const hours = rollupHours(of, zone, readings(list), hoursOf(0, 24));
        const day = mergeRollups('P1D', dayOf, hours);
        const shuffled = hours
          .map((hour) => [order.next().value as number, hour] as const)
          .toSorted((a, b) => a[0] - b[0]);
        expect(
          mergeRollups(
            'P1D',
            dayOf,
            shuffled.map(([, hour]) => hour),
          ),
        ).toEqual(day);
        const middle = midnight + 12 * hourMs;
        const halves = [
          mergeRollups('PT1H', { start: midnight, end: middle }, hours.slice(0, 12)),
          mergeRollups('PT1H', { start: middle, end: dayOf.end }, hours.slice(12)),
        ];
        const again = mergeRollups('P1D', dayOf, halves);
        expect({ ...again, sum: null, mean: null, expected: 0 }).toEqual({
          ...day,
          sum: null,
          mean: null,
          expected: 0,
        });
        expect(again.sum ?? 0).toBeCloseTo(day.sum ?? 0, 9);
      }),
    );
  });

  it('a missing hour counts as expected and absent', () => {
    const list = Array.from({ length: 96 }, (_, i) => [i * 15, 1] as const);
    const hours = rollupHours(meter({ kind: 'interval' }), zone, readings(list), hoursOf(0, 24));
    expect(mergeRollups('P1D', dayOf, hours.slice(6))).toMatchObject({
      count: 72,
      expected: 96,
      coverage: 0.75,
      sum: 72,
    });
    expect(() => mergeRollups('P1D', dayOf, [])).toThrow('nothing to merge');
  });

  it('are the same when their numbers are', () => {
    const [hour] = rollupHours(meter({ kind: 'interval' }), zone, readings([[0, 1]]), hoursOf(0, 1));
    expect(sameRollup(hour!, { ...hour! })).toBe(true);
    expect(sameRollup(hour!, { ...hour!, sum: 2 })).toBe(false);
  });

  it('quarter hours are cut alike', () => {
    const quarters = rollupHours(
      meter({ kind: 'level', intervalMs: minuteMs }),
      zone,
      readings([
        [0, 1],
        [1, 3],
      ]),
      windowsBetween('PT15M', midnight, midnight + hourMs, zone),
      'PT15M',
    );
    expect(quarters.map((quarter) => [quarter.window, quarter.count, quarter.coveredMs])).toEqual([
      ['PT15M', 2, 3 * minuteMs],
      ['PT15M', 0, 0],
      ['PT15M', 0, 0],
      ['PT15M', 0, 0],
    ]);
  });

  it('a sum of a year of hundredths prints as a calculator has it', () => {
    const list = Array.from({ length: 960 }, (_, i) => [i, 0.01 + (i % 7) / 100] as const);
    const of = meter({ kind: 'interval', intervalMs: minuteMs });
    const day = mergeRollups('P1D', dayOf, rollupHours(of, zone, readings(list), hoursOf(0, 24)));
    const hundredths = list.reduce((sum, [, value]) => sum + Math.round(value * 100), 0);
    expect(day.sum).toBe(hundredths / 100);
  });
});
