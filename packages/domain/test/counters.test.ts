import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  counterGapMaxMs,
  counterHoldBackMs,
  irregularReadings,
  judgeCounter,
  meterSchema,
  reachAfter,
  reachBefore,
  type CounterVerdict,
  type Meter,
  type MeterReadings,
} from '../src/index.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;
const zone = 'Asia/Ho_Chi_Minh';
const begin = Date.parse('2026-03-01T17:00:00Z');

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

function readingsAt(rows: readonly (readonly [minute: number, value: number])[]): MeterReadings {
  return {
    times: Float64Array.from(rows, ([minute]) => begin + minute * minuteMs),
    values: Float64Array.from(rows, ([, value]) => value),
    flags: new Uint8Array(rows.length),
  };
}

/** Quarter hours, one value each. */
const quarters = (...values: readonly number[]) => readingsAt(values.map((value, i) => [i * 15, value]));

/** `count` values that climb by `step` from `value` on. */
const climb = (value: number, count: number, step = 5) =>
  Array.from({ length: count }, (_, i) => value + i * step);

function judged(of: Meter, readings: MeterReadings) {
  const { verdicts, amounts, spread, confidences } = judgeCounter(of, zone, readings);
  return Array.from(amounts, (amount, i) => ({
    verdict: verdicts[i],
    amount: Number.isNaN(amount) ? null : amount,
    spread: spread[i] === 1,
    confidence: confidences[i],
  }));
}

const total = (of: Meter, readings: MeterReadings) =>
  judged(of, readings).reduce((sum, { amount }) => sum + (amount ?? 0), 0);
const verdictsOf = (of: Meter, readings: MeterReadings) => judged(of, readings).map(({ verdict }) => verdict);

describe('a register that reads false for a while', () => {
  it('a register that reads 0 for a moment does not book itself on return (evcc 53.7 MWh)', () => {
    const given = quarters(...climb(53_700, 8), 0, ...climb(53_745, 8));
    expect(judged(meter(), given)[8]).toMatchObject({ verdict: 'glitch', amount: null });
    expect(judged(meter(), given)[9]).toEqual({
      verdict: 'bridged',
      amount: 10,
      spread: true,
      confidence: 'medium',
    });
    expect(total(meter(), given)).toBe(80);
  });

  it.each([
    ['in the first readings of all', quarters(53_700, 0, 53_705, 53_710)],
    ['of a plant that stands still', quarters(...climb(53_700, 8, 0), 0, 0, 53_710, 53_710, 53_710)],
    ['twice', quarters(...climb(53_690, 3), 0, 53_705, 0, 53_710)],
    ['with what the register had for a moment', quarters(...climb(53_685, 4), 12, 12.5, 53_710)],
  ])('nor does one %s', (_, given) => {
    const { values } = given;
    expect(total(meter(), given)).toBe(values.at(-1)! - values[0]!);
  });

  it('twelve hours of zero and back end as a glitch, also after they had been taken for a reset', () => {
    const before = climb(53_700, 20);
    const zeros = climb(0, 48, 0);
    const during = judged(meter(), quarters(...before, ...zeros));
    expect(during[20]).toMatchObject({ verdict: 'reset', amount: 0 });
    expect(during[67]).toMatchObject({ verdict: 'normal', amount: 0 });
    const given = quarters(...before, ...zeros, ...climb(54_040, 4));
    const after = judged(meter(), given);
    expect(after.slice(20, 68).every(({ verdict }) => verdict === 'glitch')).toBe(true);
    expect(after[68]).toMatchObject({ verdict: 'bridged', amount: 54_040 - 53_795, spread: true });
  });

  it('two days of zero and back book nothing for the return, but no whole register either', () => {
    const zeros = climb(0, 192, 0);
    const given = quarters(...climb(53_700, 20), ...zeros, ...climb(54_700, 8));
    expect(judged(meter(), given)[212]).toMatchObject({ verdict: 'swap-undeclared', amount: null });
    expect(total(meter(), given)).toBe(19 * 5 + 7 * 5);
  });

  it('a full register after a first 0 is not consumption: nothing shows that the meter moves so fast', () => {
    expect(judged(meter(), quarters(0, 53_700))[1]).toMatchObject({ verdict: 'held', amount: null });
    const later = quarters(0, ...climb(53_700, 6));
    expect(judged(meter(), later)[1]).toMatchObject({ verdict: 'swap-undeclared', amount: null });
  });

  it('a new meter that begins at 0 counts from there', () => {
    expect(total(meter(), quarters(...climb(0, 6)))).toBe(25);
  });

  it('a spike is left out, also when it is some readings long', () => {
    const given = quarters(...climb(800, 8), 1_000_000, 990_000, 1_000_005, ...climb(855, 8));
    expect(verdictsOf(meter(), given).slice(8, 12)).toEqual(['glitch', 'glitch', 'glitch', 'bridged']);
    expect(total(meter(), given)).toBe(90);
  });

  it('a spike into a zero is left out with it', () => {
    const given = quarters(...climb(800, 8), 1_000_000, 0, ...climb(850, 8));
    expect(verdictsOf(meter(), given).slice(8, 11)).toEqual(['glitch', 'glitch', 'bridged']);
  });

  it.each([
    ['dips', [...climb(53_700, 6), 100, 53_735, 101, 53_745, ...climb(53_750, 6)], 75],
    ['spikes', [...climb(800, 6), 1e6, 835, 1e6 + 1, 845, ...climb(850, 6)], 75],
  ])('of %s with one true reading between, that one is kept', (_, values, sum) => {
    const given = quarters(...values);
    expect(verdictsOf(meter(), given).slice(6, 10)).toEqual(['glitch', 'bridged', 'glitch', 'bridged']);
    expect(total(meter(), given)).toBe(sum);
  });

  it('a register that trembles by a digit keeps its total', () => {
    const given = quarters(1000.1, 1000.2, 1000.1, 1000.2, 1000.3, 1000.2, 1000.4);
    expect(total(meter(), given)).toBeCloseTo(0.3, 9);
  });

  it('readings that come out of order give what they give in order', () => {
    const all = climb(53_700, 30);
    for (let late = 1; late < 29; late++) {
      const rows = all.map((value, i) => [i * 15, value] as const).filter((_, i) => i !== late);
      expect(total(meter(), readingsAt(rows))).toBe(total(meter(), quarters(...all)));
    }
  });
});

describe('a register that is set back', () => {
  it('a real reset survives: what it shows was consumed since (home-assistant issue 182493)', () => {
    const given = quarters(...climb(5_400, 20), 3, ...climb(8, 20));
    expect(judged(meter(), given)[20]).toEqual({
      verdict: 'reset',
      amount: 3,
      spread: false,
      confidence: 'medium',
    });
    expect(total(meter(), given)).toBe(19 * 5 + 3 + 20 * 5);
  });

  it('a register that begins again every midnight is reset, though it grows past its old value within the day', () => {
    const day = (per: number) => [0, ...climb(per, 95, per)];
    const given = quarters(...day(5), ...day(6), ...day(7));
    expect(total(meter(), given)).toBe(95 * 5 + 95 * 6 + 95 * 7);
    expect(verdictsOf(meter(), given).filter((verdict) => verdict === 'reset')).toHaveLength(2);
  });

  it('a reset while a plant runs is believed, though it stands by most of the time', () => {
    const standby = climb(5_000, 70, 1);
    const given = quarters(...standby, ...climb(5_269, 20, 200), 150, ...climb(350, 4, 200));
    expect(judged(meter(), given)[90]).toMatchObject({ verdict: 'reset', amount: 150 });
  });

  it('a drop is held until two readings follow', () => {
    const before = climb(5_400, 20);
    const last = (values: readonly number[]) => judged(meter(), quarters(...before, ...values))[20]!.verdict;
    expect(last([3])).toBe('held');
    expect(last([3, 8])).toBe('held');
    expect(last([3, 8, 13])).toBe('reset');
  });

  it('a meter that was swapped for another in use is no consumption of -5,422 kWh, and none of its register', () => {
    const given = quarters(...climb(11_000, 20), ...climb(5_673, 20));
    expect(judged(meter(), given)[20]).toMatchObject({ verdict: 'swap-undeclared', amount: null });
    expect(total(meter(), given)).toBe(190);
  });

  it.each<[string, Omit<NonNullable<Meter['swaps']>[number], 'at'>, number | null]>([
    ['both registers', { finalOld: 11_098, initialNew: 5_670 }, 6],
    ['the old one', { finalOld: 11_098 }, 3],
    ['the new one', { initialNew: 5_670 }, 3],
    ['neither', {}, null],
    ['an old one below what was read', { finalOld: 11_090, initialNew: 5_670 }, null],
  ])('a declared swap that tells %s books what is known', (_, registers, amount) => {
    const swaps = [{ at: begin + 20 * 15 * minuteMs, ...registers }];
    const given = quarters(...climb(11_000, 20), ...climb(5_673, 20));
    expect(judged(meter({ swaps }), given)[20]).toMatchObject({ verdict: 'swap-declared', amount });
  });

  it('a register that runs over its width books what it ran', () => {
    const given = quarters(...climb(999_907, 19), ...climb(2, 20));
    const [of, wide] = [meter({ multiplier: 40 }), meter({ multiplier: 40, registerWidth: 1e6 })];
    expect(judged(wide, given)[19]).toMatchObject({ verdict: 'rollover', amount: 5 * 40, spread: false });
    expect(judged(of, given)[19]).toMatchObject({ verdict: 'reset', amount: 2 * 40 });
  });

  it('a reset in the middle of the register is no rollover', () => {
    const given = quarters(...climb(500_000, 19), ...climb(2, 20));
    expect(judged(meter({ registerWidth: 1e6 }), given)[19]).toMatchObject({ verdict: 'reset', amount: 2 });
  });
});

describe('a meter with a rating', () => {
  const rated = meter({ ratePerHourMax: 100, multiplier: 2 });

  it('is believed up to it, and nothing is booked beyond', () => {
    // 12.5 register units are 25 kWh in a quarter of an hour, and the last digit turns at once.
    const upTo = quarters(100, 110, 120, 133, 140, 150);
    expect(verdictsOf(rated, upTo)).toEqual(['start', 'normal', 'normal', 'normal', 'normal', 'normal']);
    const beyond = quarters(100, 110, 120, 134, 140, 150, 160);
    expect(judged(rated, beyond)[3]).toMatchObject({ verdict: 'swap-undeclared', amount: null });
  });

  it('does not take a jump for consumption before what follows is known', () => {
    expect(verdictsOf(rated, quarters(100, 110, 1e6))[2]).toBe('held');
    expect(verdictsOf(rated, quarters(100, 110, 1e6, 120))).toEqual(['start', 'normal', 'glitch', 'bridged']);
  });

  it('is believed though it never moved so fast before: no cap is built in (emoncms: 60 kW)', () => {
    const idle = climb(1_000, 20, 0);
    const given = quarters(...idle, 0, 20_000, 40_000, 60_000);
    expect(total(meter({ ratePerHourMax: 200_000 }), given)).toBe(60_000);
  });
});

describe('a gap', () => {
  it('is spread from one and a half intervals on', () => {
    const given = readingsAt([
      [0, 10],
      [22.5, 11],
      [46, 12],
    ]);
    expect(judged(meter(), given).map(({ spread }) => spread)).toEqual([false, false, true]);
  });

  it('longer than is bridged begins anew', () => {
    const given = readingsAt([
      [0, 10],
      [counterGapMaxMs(meter()) / minuteMs + 1, 20],
    ]);
    expect(judged(meter(), given)[1]).toMatchObject({ verdict: 'start', amount: null });
  });

  it('a daily register is judged over days', () => {
    const daily = meter({ intervalMs: dayMs });
    const given = readingsAt([700, 1400, 2100, 2800, 0, 700, 1400].map((value, i) => [i * 1440, value]));
    expect(judged(daily, given)[4]).toMatchObject({ verdict: 'reset', amount: 0 });
    expect(total(daily, given)).toBe(5 * 700);
  });
});

describe('a meter without a rating', () => {
  const days = [25, 20, 26, 18, 25, 20];
  /** Days of these amounts, evenly, each begun at 0; `shown` is what the register shows at the midnights named. */
  function resetting(minutes: number, shown: number, isWild: (night: number) => boolean, first = 0) {
    const perDay = 1440 / minutes;
    const rows: (readonly [number, number])[] = [];
    for (const [day, amount] of days.entries()) {
      for (let i = day === 0 ? first : 0; i < perDay; i++) {
        const value = Math.round((amount * i * 1000) / perDay) / 1000;
        rows.push([day * 1440 + i * minutes, i === 0 && day > 0 && isWild(day) ? shown : value]);
      }
    }
    return rows;
  }
  const whole = days.reduce((sum, amount) => sum + amount, 0);

  it.each(
    [429_496_728.2, 6553.5, 99.9, -999].flatMap((shown) =>
      [15, 60].flatMap((minutes) =>
        ['every', 'every second'].map((which) => [shown, minutes, which] as const),
      ),
    ),
  )(
    'does not book %s that it shows at its reset, read every %i minutes, at %s midnight',
    (shown, minutes, which) => {
      const of = meter({ intervalMs: minutes * minuteMs });
      const rows = resetting(minutes, shown, (night) => which === 'every' || night % 2 === 0);
      const found = judged(of, readingsAt(rows));
      const sum = found.reduce((all, { amount }) => all + (amount ?? 0), 0);
      // What was used up to the reset and is not shown any more is not known.
      expect(sum).toBeLessThanOrEqual(whole);
      expect(sum).toBeGreaterThan(0.9 * whole);
      const verdicts = found.filter((_one, i) => rows[i]![1] === shown).map(({ verdict }) => verdict);
      expect(new Set(verdicts)).toEqual(new Set(['glitch']));
    },
  );

  it.each([15, 60])(
    'books no wild value at any time while its readings come in, every %i minutes',
    (minutes) => {
      const of = meter({ intervalMs: minutes * minuteMs });
      const rows = resetting(minutes, 429_496_728.2, (night) => night % 2 === 0);
      for (let count = 1; count <= Math.min(rows.length, 4 * 96); count++) {
        expect(total(of, readingsAt(rows.slice(0, count)))).toBeLessThanOrEqual(whole);
      }
    },
  );

  it('books no wild value of a register that begins again every hour', () => {
    const rows = Array.from({ length: 96 }, (_, i): [number, number] => {
      const quarter = i % 4;
      return [i * 15, quarter === 3 && i % 8 === 7 ? 6553.5 : quarter * 0.5 + 0.25];
    });
    const sum = total(meter(), readingsAt(rows));
    expect(sum).toBeGreaterThan(24);
    expect(sum).toBeLessThanOrEqual(48);
  });

  it('holds a register that jumps and stays, and books nothing for it (1110 to 500120 in an hour)', () => {
    const hourly = meter({ intervalMs: hourMs });
    const before = climb(1000, 12, 10);
    const after = climb(500_120, 12, 10);
    const at = (count: number) =>
      judged(
        hourly,
        readingsAt([...before, ...after.slice(0, count)].map((value, i) => [i * 60, value])),
      )[12];
    expect(at(1)).toEqual({ verdict: 'held', amount: null, spread: false, confidence: 'low' });
    expect(at(2)).toMatchObject({ verdict: 'held', amount: null });
    expect(at(12)).toMatchObject({ verdict: 'swap-undeclared', amount: null });
  });

  it.each([
    ['two readings', [1110, 500_120], 0],
    ['two, and one that follows', [1110, 500_120, 500_130], 10],
    ['a meter that stands still', [1110, 1110, 1110, 500_120, 500_120, 500_120, 500_120], 0],
  ])('nor does it book the jump of %s', (_, values, sum) => {
    expect(total(meter({ intervalMs: hourMs }), readingsAt(values.map((v, i) => [i * 60, v])))).toBe(sum);
  });

  it('holds the start of a furnace until what follows supports it, and loses none of it', () => {
    const standby = climb(1000, 12, 1);
    const running = climb(1211, 12, 200);
    const at = (count: number) => judged(meter(), quarters(...standby, ...running.slice(0, count)));
    expect(at(1)[12]).toEqual({ verdict: 'held', amount: null, spread: false, confidence: 'low' });
    for (const count of [3, 12]) {
      expect(at(count)[12]).toEqual({ verdict: 'normal', amount: 200, spread: false, confidence: 'high' });
    }
    expect(total(meter(), quarters(...standby, ...running))).toBe(11 + 12 * 200);
  });

  it('believes a load that grows tenfold and stays at once', () => {
    const given = quarters(...climb(1000, 12, 5), ...climb(1105, 12, 50));
    expect(verdictsOf(meter(), given).slice(1)).toEqual(
      given.times.slice(1).reduce<string[]>((all) => [...all, 'normal'], []),
    );
    expect(total(meter(), given)).toBe(11 * 5 + 12 * 50);
  });

  it('believes a single burst within reason once two readings stand by it, and says that it is not sure', () => {
    const given = [...climb(1000, 12, 1), ...climb(1061, 12, 1)];
    expect(judged(meter(), quarters(...given.slice(0, 13)))[12]).toMatchObject({ verdict: 'held' });
    expect(judged(meter(), quarters(...given))[12]).toMatchObject({
      verdict: 'normal',
      amount: 50,
      confidence: 'low',
    });
  });

  it('believes bursts that come again and again', () => {
    // A pump that runs once an hour.
    const values = Array.from({ length: 96 }, (_, i) => 5000 + Math.floor(i / 4) * 40);
    const found = judged(meter(), quarters(...values));
    expect(total(meter(), quarters(...values))).toBe(23 * 40);
    expect(found.slice(8, 80).every(({ confidence }) => confidence === 'high')).toBe(true);
  });
});

/** A register that climbs, idles, falls silent and is set back, over some days. */
const history = fc
  .record({
    steps: fc.array(
      fc.tuple(
        fc.oneof(
          { weight: 12, arbitrary: fc.constantFrom(15, 15, 15, 30) },
          { weight: 1, arbitrary: fc.integer({ min: 60, max: 40 * 60 }) },
          { weight: 1, arbitrary: fc.integer({ min: 40 * 60, max: 8 * 24 * 60 }) },
        ),
        fc.oneof(
          { weight: 8, arbitrary: fc.constantFrom(0, 1, 4, 5, 6) },
          { weight: 1, arbitrary: fc.constantFrom(200, -3, -100) },
        ),
        fc.oneof(
          { weight: 20, arbitrary: fc.constant('true') },
          { weight: 2, arbitrary: fc.constantFrom('zero', 'spike', 'reset', 'lower', 'fault') },
        ),
        fc.integer({ min: 1, max: 30 }),
      ),
      { minLength: 20, maxLength: 160 },
    ),
    begin: fc.constantFrom(0, 500, 53_700),
  })
  .map(({ steps, begin: register }) => {
    const rows: (readonly [number, number, number])[] = [];
    let [minute, value, left, what] = [0, register as number, 0, 'true'];
    for (const [minutes, rise, event, length] of steps) {
      minute += minutes;
      value = Math.max(0, value + rise);
      if (left > 0) left--;
      else [what, left] = [event, length];
      if (what === 'reset') [value, what] = [0, 'true'];
      const shown =
        what === 'zero' ? 0 : what === 'spike' ? 1e6 + rise : what === 'lower' ? value / 2 : value;
      rows.push([minute, shown, what === 'fault' ? 2 : 0]);
    }
    return rows;
  });
const meters = fc.constantFrom(
  meter(),
  meter({ ratePerHourMax: 100 }),
  meter({ registerWidth: 1e5 }),
  meter({ swaps: [{ at: begin + 30 * hourMs, finalOld: 53_900 }] }),
);

function slice({ times, values, flags }: MeterReadings, from: number, to: number): MeterReadings {
  return { times: times.slice(from, to), values: values.slice(from, to), flags: flags.slice(from, to) };
}

describe('a judgement', () => {
  it('depends on nothing farther off than its reach', () => {
    let judgedRows = 0;
    const seen = new Set<CounterVerdict | undefined>();
    fc.assert(
      fc.property(meters, history, fc.nat(), fc.nat(), (of, rows, start, length) => {
        const all = {
          ...readingsAt(rows.map(([m, v]) => [m, v])),
          flags: Uint8Array.from(rows, (r) => r[2]),
        };
        const whole = judged(of, all);
        const at = start % rows.length;
        const until = Math.min(rows.length - 1, at + (length % 20));
        const isValid = (i: number) => all.flags[i] === 0;
        // The steps around, then those within the reach of their ends.
        let first = at - 1;
        while (first > 0 && !isValid(first)) first--;
        const early = reachBefore(of, all, all.times[Math.max(0, first)]!);
        while (first > 0 && all.times[first]! > early) first--;
        let last = until + 1;
        while (last < rows.length - 1 && !isValid(last)) last++;
        const late = reachAfter(of, all, all.times[Math.min(rows.length - 1, last)]!);
        while (last < rows.length - 1 && all.times[last]! < late) last++;
        first = Math.max(0, first);
        const part = judged(of, slice(all, first, last + 1));
        expect(part.slice(at - first, until + 1 - first)).toEqual(whole.slice(at, until + 1));
        judgedRows += until + 1 - at;
        for (const { verdict } of whole) seen.add(verdict);
      }),
      { numRuns: 3_000 },
    );
    expect(judgedRows).toBeGreaterThan(10_000);
    for (const verdict of ['bridged', 'reset', 'swap-undeclared', 'held', 'glitch'] as const) {
      expect(seen).toContain(verdict);
    }
  });

  it('is that of the plain register where nothing is irregular within the hold-back', () => {
    fc.assert(
      fc.property(meters, history, (of, rows) => {
        const all = {
          ...readingsAt(rows.map(([m, v]) => [m, v])),
          flags: Uint8Array.from(rows, (r) => r[2]),
        };
        const marks = irregularReadings(of, zone, all);
        const { verdicts, begins } = judgeCounter(of, zone, all);
        const calm = verdicts.filter((verdict, i) => {
          const from = begins[i] === -1 ? i : begins[i]!;
          const isNear = marks.some(
            (mark, k) =>
              mark === 1 &&
              all.times[k]! >= all.times[from]! - counterHoldBackMs(of) &&
              all.times[k]! <= all.times[i]! + counterHoldBackMs(of),
          );
          return !isNear && verdict !== undefined;
        });
        expect(calm.filter((verdict) => verdict !== 'normal' && verdict !== 'start')).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('conserves what was consumed, whatever glitches there are between readings that are true', () => {
    const glitch = fc.tuple(
      fc.integer({ min: 8, max: 30 }),
      fc.constantFrom(0, 17, 1e6, 99_999_999),
      fc.integer({ min: 1, max: 7 }),
    );
    fc.assert(
      fc.property(
        fc.array(glitch, { minLength: 1, maxLength: 12 }),
        fc.infiniteStream(fc.constantFrom(0, 1, 4, 5, 6)),
        fc.integer({ min: 2_000, max: 50_000 }),
        (glitches, rises, register) => {
          const values: number[] = [];
          let value = register;
          const next = () => (value += rises.next().value as number);
          for (const [clean, shown, length] of glitches) {
            for (let i = 0; i < clean; i++) values.push(next());
            for (let i = 0; i < length; i++) {
              next();
              values.push(shown);
            }
          }
          for (let i = 0; i < 8; i++) values.push(next());
          expect(total(meter(), quarters(...values))).toBe(values.at(-1)! - values[0]!);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
