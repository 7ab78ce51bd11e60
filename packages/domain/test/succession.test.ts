import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  derivedFrom,
  expectedOf,
  leavesOf,
  meterSchema,
  rollupSpans,
  successionOf,
  toldByReadings,
  windowsBetween,
  withDerived,
  type DerivedMeter,
  type Meter,
} from '../src/index.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;
const zone = 'Asia/Ho_Chi_Minh';
const midnight = Date.parse('2026-03-01T17:00:00Z');

type Row = readonly [minute: number, value: number];

const meterOf = (id: string, fields: Partial<Meter> = {}): Meter =>
  meterSchema.parse({
    ...{ id, site: 's', name: id, quantity: 'concentration', kind: 'level', unit: 'mg/Nm3' },
    intervalMs: 5 * minuteMs,
    ...fields,
  });
const at = (minute: number) => midnight + minute * minuteMs;
const every = (from: number, to: number, step: number, value: number): Row[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => [from + i * step, value]);

/** The hours of the derived meter `made` over all the others. */
function hoursOf(made: Meter, given: readonly (readonly [Meter, readonly Row[]])[], hours: number) {
  const meters = new Map([...given.map(([meter]) => meter), made].map((meter) => [meter.id, meter]));
  const told = given.map(([meter, rows]) =>
    toldByReadings(meter, zone, {
      times: Float64Array.from(rows, ([minute]) => at(minute)),
      values: Float64Array.from(rows, ([, value]) => value),
      flags: new Uint8Array(rows.length),
    }),
  );
  const all = withDerived(told, derivedFrom(meters, undefined), zone);
  const { readings, spans } = all.get(made.id)!;
  return rollupSpans(made, readings, spans, windowsBetween('PT1H', midnight, at(hours * 60), zone));
}

const made = (formula: string, inputs: Record<string, string>, fields: Partial<Meter> = {}) =>
  meterOf('made', { formula, inputs, ...fields }) as DerivedMeter;

describe('readings of a derived meter', () => {
  it('are as many as of one input where two are read at different minutes', () => {
    // A reviewer's case: two analysers at five minutes, two minutes apart, gave 24 an hour for 12 expected.
    const [a, b] = [meterOf('a'), meterOf('b')];
    const sum = made('a + b', { a: 'a', b: 'b' });
    const [, hour] = hoursOf(
      sum,
      [
        [a, every(0, 120, 5, 1)],
        [b, every(2, 120, 5, 2)],
      ],
      2,
    );
    expect(hour).toMatchObject({ count: 12, expected: 12, mean: 3, coverage: 1, quarters: 0b1111 });
  });

  it('are those of the input that is read most rarely, whatever interval it states itself', () => {
    const [often, rarely] = [
      meterOf('often', { intervalMs: minuteMs }),
      meterOf('rarely', { intervalMs: 30 * minuteMs }),
    ];
    const over = made('often * rarely', { often: 'often', rarely: 'rarely' }, { unit: 'mg2/Nm3/Nm3' });
    const given = [
      [often, every(0, 120, 1, 2)],
      [rarely, every(7, 120, 30, 3)],
    ] as const;
    const [, hour] = hoursOf(over, given, 2);
    expect(hour).toMatchObject({ count: 2, expected: 2, mean: 6, coverage: 1 });
    const twice = meterOf('twice', {
      formula: 'm + often',
      inputs: { m: 'made', often: 'often' },
      unit: 'mg2/Nm3/Nm3',
    });
    expect(
      expectedOf(
        { ...twice, formula: 'm', inputs: { m: 'made' } },
        zone,
        { start: midnight, end: at(60) },
        new Map([over, often, rarely].map((meter) => [meter.id, meter])),
      ),
    ).toBe(2);
  });

  it('go by the calendar where that input does', () => {
    const bill = meterOf('bill', {
      kind: 'interval',
      unit: 'kWh',
      intervalMs: 31 * 24 * hourMs,
      interval: 'P1M',
    });
    const net = made('bill - own', { bill: 'bill', own: 'own' }, { kind: 'interval', unit: 'kWh' });
    const meters = new Map(
      [net, bill, meterOf('own', { kind: 'interval', unit: 'kWh' })].map((meter) => [meter.id, meter]),
    );
    const year = { start: Date.parse('2025-12-31T17:00:00Z'), end: Date.parse('2026-12-31T17:00:00Z') };
    expect(expectedOf(net, zone, year, meters)).toBe(12);
    expect(expectedOf({ ...net, to: Date.parse('2026-06-30T17:00:00Z') }, zone, year, meters)).toBe(6);
  });

  it('follow the readings of a counter and tell its irregular ones', () => {
    const [counter, level] = [
      meterOf('counter', { kind: 'counter', unit: 'kWh', intervalMs: 15 * minuteMs }),
      meterOf('level'),
    ];
    const over = made(
      'counter * level',
      { counter: 'counter', level: 'level' },
      { kind: 'interval', unit: 'kWh.mg/Nm3' },
    );
    const rows = every(0, 240, 15, 0).map(([minute]): Row => [minute, minute < 120 ? 500 + minute : minute]);
    const hours = hoursOf(
      over,
      [
        [counter, rows],
        [level, every(1, 240, 5, 1)],
      ],
      4,
    );
    expect(hours.map(({ expected }) => expected)).toEqual([4, 4, 4, 4]);
    expect(hours.reduce((sum, { irregular }) => sum + irregular, 0)).toBeGreaterThan(0);
    expect(hours[1]).toMatchObject({ count: 4 });
  });
});

describe('a meter that took over', () => {
  const old = meterOf('old', { to: at(60) });
  const next = meterOf('next', { from: at(60), follows: 'old' });

  it('is read in place of the input that it follows, in that one’s unit', () => {
    const grams = { ...next, unit: 'g/Nm3' };
    const hours = hoursOf(
      made('2 * a', { a: 'old' }),
      [
        [old, [...every(0, 60, 5, 10), [65, 99]]],
        [grams, [[30, 9], ...every(60, 120, 5, 0.02)]],
      ],
      2,
    );
    expect(hours).toMatchObject([
      { mean: 20, count: 12, expected: 12, coverage: 1 },
      { mean: 40, count: 12, expected: 12, coverage: 1 },
    ]);
  });

  it('is expected as often as it is read itself', () => {
    const faster = { ...next, intervalMs: minuteMs, from: at(90) };
    const gone = { ...old, to: at(90) };
    const hours = hoursOf(
      made('a', { a: 'old' }),
      [
        [gone, every(0, 90, 5, 1)],
        [faster, every(90, 180, 1, 2)],
      ],
      3,
    );
    expect(hours.map(({ count, expected, mean }) => [count, expected, mean])).toEqual([
      [12, 12, 1],
      [36, 36, 1.5],
      [60, 60, 2],
    ]);
  });

  it('tells with its predecessor what one meter would have told', () => {
    const one = meterOf('old');
    const third = meterOf('third', { from: at(120), follows: 'next' });
    const line = [old, { ...next, to: at(120) }, third];
    const rows = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 239 }), fc.integer({ min: 0, max: 99 })), {
      selector: ([minute]) => minute,
      maxLength: 60,
    });
    fc.assert(
      fc.property(rows, (list) => {
        const all: Row[] = [...list].toSorted(([a], [b]) => a - b);
        // A level ends with its meter: one reading at each beginning makes the two alike.
        const whole = [...new Map([...all, [60, 1] as const, [120, 2] as const])].toSorted(
          ([a], [b]) => a - b,
        );
        const parts = line.map((meter, i) => {
          const of = whole.filter(([minute]) => minute >= 60 * i && (i === 2 || minute < 60 * (i + 1)));
          return [meter, of] as const;
        });
        const sum = made('3 * a', { a: 'old' });
        expect(hoursOf(sum, parts, 4)).toEqual(hoursOf(sum, [[one, whole]], 4));
      }),
      { numRuns: 200 },
    );
  });

  it.each<[string, Partial<Meter>]>([
    ['another kind of number', { kind: 'interval' }],
    ['another measure', { unit: 'kWh' }],
    ['a state of the gas that does not convert', { unit: 'mg/m3' }],
  ])('takes no place in a formula where it is %s', (_title, fields) => {
    const meters = new Map([old, { ...next, ...fields }].map((meter) => [meter.id, meter]));
    expect(successionOf(meters)('old')).toBeUndefined();
  });

  it('is no part of a total where it is a total by itself', () => {
    const amount = { kind: 'interval', unit: 'kWh', quantity: 'electricity' } as const;
    const part = { ...old, ...amount, countsAs: 'part' as const };
    const total = { ...next, ...amount };
    const of = (meters: readonly Meter[]) =>
      successionOf(new Map(meters.map((meter) => [meter.id, meter])))('old')?.id;
    expect(of([part, total])).toBeUndefined();
    expect(of([part, { ...total, countsAs: 'part' }])).toBe('next');
  });

  it('is one of those that what is derived rests on', () => {
    const sum = made('a', { a: 'old' });
    const meters = new Map([sum, old, next].map((meter) => [meter.id, meter]));
    expect(derivedFrom(meters, new Set(['next'])).map(({ id }) => id)).toEqual(['made']);
    expect([...leavesOf(meters, ['made'])]).toEqual(['old', 'next']);
  });
});
