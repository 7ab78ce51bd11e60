import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isValid,
  judgeCounter,
  meterSchema,
  reachAfter,
  reachBefore,
  registerDoubts,
  type Meter,
  type MeterReadings,
} from '../src/index.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;
const zone = 'Asia/Ho_Chi_Minh';
/** A midnight that begins a month. */
const begin = Date.parse('2026-03-01T00:00:00+07:00');

function meter(fields: Partial<Meter> = {}): Meter {
  return meterSchema.parse({
    id: 'm',
    site: 's',
    name: 'M',
    quantity: 'electricity',
    kind: 'counter',
    unit: 'kWh',
    intervalMs: 15 * minuteMs,
    ...fields,
  });
}

function readingsAt(rows: readonly (readonly [hour: number, value: number])[]): MeterReadings {
  return {
    times: Float64Array.from(rows, ([hour]) => begin + hour * hourMs),
    values: Float64Array.from(rows, ([, value]) => value),
    flags: new Uint8Array(rows.length),
  };
}

const quarters = (...values: readonly number[]) => readingsAt(values.map((value, i) => [i / 4, value]));
const climb = (value: number, count: number, step = 5) =>
  Array.from({ length: count }, (_, i) => value + i * step);

function judged(of: Meter, readings: MeterReadings) {
  const { verdicts, amounts, confidences } = judgeCounter(of, zone, readings);
  return Array.from(amounts, (amount, i) => ({
    verdict: verdicts[i],
    amount: Number.isNaN(amount) ? null : amount,
    confidence: confidences[i],
  }));
}

const total = (of: Meter, readings: MeterReadings) =>
  judged(of, readings).reduce((sum, { amount }) => sum + (amount ?? 0), 0);

describe('a register that is declared to reset daily', () => {
  const daily = meter({ intervalMs: hourMs, resets: 'daily' });
  const hoursOfDays = (...amounts: readonly number[]) =>
    amounts.flatMap((amount, day) =>
      Array.from({ length: 24 }, (_, hour) => [day * 24 + hour, (amount * hour) / 24] as const),
    );

  it('is booked at once, with high confidence: nothing has to follow', () => {
    const rows = hoursOfDays(24, 48).slice(0, 26);
    expect(judged(daily, readingsAt(rows))[24]).toEqual({ verdict: 'reset', amount: 0, confidence: 'high' });
    expect(judged(daily, readingsAt(rows))[25]).toMatchObject({ amount: 2 });
    expect(judged(meter({ intervalMs: hourMs }), readingsAt(rows.slice(0, 25)))[24]).toMatchObject({
      verdict: 'held',
    });
  });

  it('counts what was consumed since midnight where readings are missing and it stands higher than before', () => {
    const rows = hoursOfDays(24, 72).filter(([hour]) => hour <= 2 || hour >= 34);
    const at = rows.findIndex(([hour]) => hour === 34);
    // From 2 at two o'clock to 30 at ten of the next day: 30 since midnight, not 28.
    expect(judged(daily, readingsAt(rows))[at]).toMatchObject({ verdict: 'reset', amount: 30 });
    expect(judged(meter({ intervalMs: hourMs }), readingsAt(rows))[at]?.amount).not.toBe(30);
  });

  it('does not count the days of which nothing was read', () => {
    const rows = hoursOfDays(24, 24, 24, 24).filter(([hour]) => hour <= 2 || hour >= 82);
    const at = rows.findIndex(([hour]) => hour === 82);
    expect(judged(daily, readingsAt(rows))[at]).toEqual({
      verdict: 'reset',
      amount: null,
      confidence: 'low',
    });
  });

  it.each([429_496_728.2, 6553.5])('leaves out %s at midnight, and holds it until more is known', (shown) => {
    const rows = hoursOfDays(25, 20, 25).map(([hour, value]) => [hour, hour === 24 ? shown : value] as const);
    const found = judged(daily, readingsAt(rows));
    expect(found[24]).toMatchObject({ verdict: 'glitch', amount: null });
    expect(found[25]).toMatchObject({ verdict: 'reset', confidence: 'high' });
    expect(judged(daily, readingsAt(rows.slice(0, 25)))[24]).toMatchObject({ verdict: 'held', amount: null });
    // Without the reading at midnight it is the first after it.
    const missing = rows.filter(([hour]) => hour !== 24).map(([h, v]) => [h, h === 25 ? shown : v] as const);
    expect(total(daily, readingsAt(missing))).toBeLessThanOrEqual(70);
  });

  it('that is read once a day at midnight tells each day', () => {
    const of = meter({ intervalMs: dayMs, resets: 'daily' });
    const rows = [25, 20, 26, 18, 25, 20].map((value, day) => [24 * (day + 1), value] as const);
    expect(judged(of, readingsAt(rows)).map(({ amount }) => amount)).toEqual([null, 20, 26, 18, 25, 20]);
  });

  it('that resets monthly is booked at the beginning of the month only', () => {
    const of = meter({ intervalMs: dayMs, resets: 'monthly' });
    const rows = Array.from(
      { length: 62 },
      (_, day) => [day * 24 + 12, (day < 31 ? day : day - 31) * 10 + 5] as const,
    );
    const found = judged(of, readingsAt(rows));
    expect(found.filter(({ verdict }) => verdict === 'reset')).toHaveLength(1);
    expect(found[31]).toMatchObject({ verdict: 'reset', amount: 5, confidence: 'high' });
  });
});

describe('resets that are not declared', () => {
  const hourly = meter({ intervalMs: hourMs });
  const daysOf = (count: number, valueAt: (hour: number, day: number) => number) =>
    readingsAt(
      Array.from({ length: count * 24 }, (_, i) => [i, valueAt(i % 24, Math.floor(i / 24))] as const),
    );

  it('are suspected where they come with the day, with false values too, and change nothing by that', () => {
    const daily = daysOf(10, (hour, day) => (hour === 0 && day % 2 === 1 ? 6553.5 : hour));
    expect(registerDoubts(hourly, zone, daily)).toMatchObject({ suspectedResets: 'daily', glitches: 5 });
    expect(
      registerDoubts(meter({ intervalMs: hourMs, resets: 'daily' }), zone, daily)?.suspectedResets,
    ).toBeNull();
  });

  it('are suspected where the only one comes with the month', () => {
    const monthly = daysOf(45, (hour, day) => (day < 31 ? day * 24 + hour : (day - 31) * 24 + hour));
    expect(registerDoubts(hourly, zone, monthly)?.suspectedResets).toBe('monthly');
  });

  it('are not suspected where there are none, or at any hour', () => {
    expect(
      registerDoubts(
        hourly,
        zone,
        daysOf(10, (hour, day) => day * 24 + hour),
      )?.suspectedResets,
    ).toBeNull();
    const afternoon = daysOf(10, (hour, day) => (hour >= 15 ? hour - 15 : day * 100 + 500 + hour));
    expect(registerDoubts(hourly, zone, afternoon)?.suspectedResets).toBeNull();
    expect(
      registerDoubts(
        meter({ kind: 'interval' }),
        zone,
        daysOf(1, () => 1),
      ),
    ).toBeUndefined();
  });
});

describe('a register that counts down', () => {
  const down = meter({ direction: 'down' });

  it('is consumed by what it falls', () => {
    expect(total(down, quarters(1000, 995, 990.5, 985))).toBe(15);
  });

  it('that reads 0 for a moment is left out, and so is one that is recharged: its consumption is not known', () => {
    expect(total(down, quarters(...climb(1000, 8, -5), 0, ...climb(955, 8, -5)))).toBe(80);
    const recharged = quarters(...climb(100, 12, -5), ...climb(1000, 12, -5));
    expect(judged(down, recharged)[12]).toMatchObject({ verdict: 'swap-undeclared', amount: null });
    expect(total(down, recharged)).toBe(22 * 5);
  });

  it('runs under zero by its width, and is swapped by declaration', () => {
    const wide = meter({ direction: 'down', registerWidth: 1e6, multiplier: 40 });
    const given = quarters(...climb(58, 12, -5), ...climb(999_998, 12, -5));
    expect(judged(wide, given)[12]).toMatchObject({ verdict: 'rollover', amount: 5 * 40 });
    const swapped = meter({
      direction: 'down',
      swaps: [{ at: begin + 3 * hourMs, finalOld: 43, initialNew: 1002 }],
    });
    const recharged = quarters(...climb(100, 12, -5), ...climb(1000, 12, -5));
    expect(judged(swapped, recharged)[12]).toMatchObject({ verdict: 'swap-declared', amount: 4 });
  });
});

describe('a meter that runs both ways', () => {
  const both = meter({ direction: 'both' });

  it('tells what is fed back as a negative amount', () => {
    const given = quarters(1000, 1005, 1010, 1007, 1001, 995, 996, 1002);
    const found = judged(both, given);
    expect(found.map(({ amount }) => amount)).toEqual([null, 5, 5, -3, -6, -6, 1, 6]);
    expect(
      found.slice(1).every(({ verdict, confidence }) => verdict === 'normal' && confidence === 'high'),
    ).toBe(true);
  });

  it.each([0, 1e6, 53_700 * 2])('leaves out a false %d, and books nothing for it', (shown) => {
    const given = quarters(...climb(53_700, 8), shown, ...climb(53_735, 8, -5));
    const found = judged(both, given);
    expect(found[8]).toMatchObject({ verdict: 'glitch' });
    expect(found[9]).toMatchObject({ verdict: 'bridged', amount: 0 });
    expect(total(both, given)).toBe(0);
  });

  it('holds a jump that stays, and books nothing for it', () => {
    const given = [...climb(1000, 12), ...climb(500_120, 12, -4)];
    expect(judged(both, quarters(...given.slice(0, 13)))[12]).toMatchObject({
      verdict: 'held',
      amount: null,
    });
    expect(judged(both, quarters(...given))[12]).toMatchObject({ verdict: 'swap-undeclared', amount: null });
  });

  it('runs over its width in both directions', () => {
    const wide = meter({ direction: 'both', registerWidth: 1e5 });
    expect(total(wide, quarters(...climb(99_970, 6), ...climb(0, 6)))).toBe(55);
    expect(total(wide, quarters(...climb(25, 6, -5), ...climb(99_995, 6, -5)))).toBe(-55);
  });
});

/** Registers that climb or fall, show false values, fall silent and are set back. */
const history = fc
  .array(
    fc.record({
      minutes: fc.oneof(
        { weight: 12, arbitrary: fc.constantFrom(15, 15, 30) },
        { weight: 1, arbitrary: fc.integer({ min: 60, max: 8 * 24 * 60 }) },
      ),
      rise: fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom(-5, -1, 0, 1, 5, 6) },
        { weight: 1, arbitrary: fc.constantFrom(300, -300) },
      ),
      shown: fc.oneof(
        { weight: 20, arbitrary: fc.constant('true') },
        { weight: 2, arbitrary: fc.constantFrom('zero', 'spike', 'reset', 'fault') },
      ),
    }),
    { minLength: 20, maxLength: 160 },
  )
  .map((steps) => {
    const rows: (readonly [number, number, number])[] = [];
    let [minute, value] = [0, 5000];
    for (const { minutes, rise, shown } of steps) {
      minute += minutes;
      value = shown === 'reset' ? 0 : Math.max(0, value + rise);
      rows.push([minute, shown === 'zero' ? 0 : shown === 'spike' ? 1e6 : value, shown === 'fault' ? 2 : 0]);
    }
    return rows;
  });

describe('a judgement of what is declared', () => {
  it('depends on nothing farther off than its reach', () => {
    const meters = fc.constantFrom(
      meter({ resets: 'daily' }),
      meter({ resets: 'monthly', intervalMs: hourMs }),
      meter({ direction: 'down' }),
      meter({ direction: 'down', registerWidth: 1e5 }),
      meter({ direction: 'both' }),
      meter({ direction: 'both', ratePerHourMax: 100, registerWidth: 1e5 }),
    );
    fc.assert(
      fc.property(meters, history, fc.nat(), fc.nat({ max: 19 }), (of, rows, start, length) => {
        const all = {
          times: Float64Array.from(rows, ([minute]) => begin + minute * minuteMs),
          values: Float64Array.from(rows, ([, value]) => value),
          flags: Uint8Array.from(rows, ([, , flags]) => flags),
        };
        const at = start % rows.length;
        const until = Math.min(rows.length - 1, at + length);
        let first = at - 1;
        while (first > 0 && !isValid(all, first)) first--;
        const early = reachBefore(of, all, all.times[Math.max(0, first)]!);
        while (first > 0 && all.times[first]! > early) first--;
        let last = until + 1;
        while (last < rows.length - 1 && !isValid(all, last)) last++;
        const late = reachAfter(of, all, all.times[Math.min(rows.length - 1, last)]!);
        while (last < rows.length - 1 && all.times[last]! < late) last++;
        first = Math.max(0, first);
        const part = {
          times: all.times.slice(first, last + 1),
          values: all.values.slice(first, last + 1),
          flags: all.flags.slice(first, last + 1),
        };
        expect(judged(of, part).slice(at - first, until + 1 - first)).toEqual(
          judged(of, all).slice(at, until + 1),
        );
      }),
      { numRuns: 2_000 },
    );
  });
});
