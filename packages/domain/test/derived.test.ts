import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  deriveMeter,
  derivedFrom,
  flag,
  influenceOf,
  isDerived,
  leavesOf,
  meterSchema,
  reachMs,
  rollupHours,
  rollupSpans,
  toldByReadings,
  windowsBetween,
  withDerived,
  withParts,
  type DerivedMeter,
  type Meter,
  type MeterReadings,
  type RollupDraft,
  type Window,
} from '../src/index.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;
const zone = 'Asia/Ho_Chi_Minh';
/** Midnight of 2026-03-02 in Ha Noi. */
const midnight = Date.parse('2026-03-01T17:00:00Z');

type Row = readonly [minute: number, value: number, flags?: number];

function meter(id: string, fields: Partial<Meter> & Pick<Meter, 'kind'>): Meter {
  return meterSchema.parse({
    id,
    site: 's',
    name: id,
    quantity: 'electricity',
    unit: fields.kind === 'level' ? 'mg/Nm3' : 'kWh',
    intervalMs: 15 * minuteMs,
    ...fields,
  });
}

function derived(formula: string, inputs: readonly Meter[], fields: Partial<Meter> & Pick<Meter, 'kind'>) {
  const named = Object.fromEntries(inputs.map(({ id }) => [id, id]));
  const made = meter('derived', { ...fields, formula, inputs: named });
  if (!isDerived(made)) throw new Error('is derived');
  return made;
}

function readings(rows: readonly Row[]): MeterReadings {
  return {
    times: Float64Array.from(rows, ([minute]) => midnight + minute * minuteMs),
    values: Float64Array.from(rows, ([, value]) => value),
    flags: Uint8Array.from(rows, ([, , flags = 0]) => flags),
  };
}

const hoursOf = (from: number, to: number, kind: 'PT1H' | 'PT15M' = 'PT1H') =>
  windowsBetween(kind, midnight + from * hourMs, midnight + to * hourMs, zone);

function hoursOfDerived(
  of: DerivedMeter,
  given: readonly (readonly [Meter, readonly Row[]])[],
  windows: readonly Window[],
  kind: 'PT1H' | 'PT15M' = 'PT1H',
) {
  const told = new Map(given.map(([one, rows]) => [one.id, toldByReadings(one, zone, readings(rows))]));
  const { readings: own, spans } = deriveMeter(of, told);
  return rollupSpans(of, own, spans, windows, kind);
}

const steps = (from: number, to: number, step: number, valueAt: (minute: number) => number): Row[] =>
  Array.from({ length: (to - from) / step }, (_, i) => [from + i * step, valueAt(from + i * step)]);

describe('a derived meter', () => {
  const c = meter('c', { kind: 'level' });
  const q = meter('q', { kind: 'level', unit: 'Nm3/h', intervalMs: 30 * minuteMs });
  const mass = derived('c * q', [c, q], { kind: 'interval', unit: 'kg', quantity: 'material' });

  it('is a mass load from concentration and flow, each as long as it holds', () => {
    // C: 100, from 00:15 on 200, until it no longer holds at 01:00 (two intervals after 00:30); Q: 50,000, from 00:30
    // on 80,000.
    const [hour, next] = hoursOfDerived(
      mass,
      [
        [
          c,
          [
            [0, 100],
            [15, 200],
            [30, 200],
          ],
        ],
        [
          q,
          [
            [0, 50_000],
            [30, 80_000],
          ],
        ],
      ],
      hoursOf(0, 2),
    );
    const kg = (100 * 50_000 * 0.25 + 200 * 50_000 * 0.25 + 200 * 80_000 * 0.5) / 1e6;
    expect(hour).toMatchObject({ sum: kg, coverage: 1, mean: null, min: null, max: null });
    expect(next).toMatchObject({ sum: null, coverage: 0 });
  });

  it('covers the time on which everything is known, and no other', () => {
    const [hour] = hoursOfDerived(
      mass,
      [
        [
          c,
          [
            [0, 100],
            [15, 100],
            [30, 100],
            [45, 100, flag.calibrating],
            [50, Number.NaN, flag.fault],
          ],
        ],
        [q, [[20, 60_000]]],
      ],
      hoursOf(0, 1),
    );
    expect(hour).toMatchObject({
      coveredMs: 25 * minuteMs,
      sum: 2.5,
      calibratingMs: 5 * minuteMs,
      faultMs: 10 * minuteMs,
    });
  });

  it('normalises before it averages', () => {
    const o2 = meter('o2', { kind: 'level', unit: '%' });
    const [hour] = hoursOfDerived(
      derived('atReferenceOxygen(c, o2, 7)', [c, o2], { kind: 'level' }),
      [
        [
          c,
          [
            [0, 100],
            [30, 50],
          ],
        ],
        [
          o2,
          [
            [0, 7],
            [30, 13.95],
          ],
        ],
      ],
      hoursOf(0, 1),
    );
    // 100 at 7 %, 50 · 13.9 / 6.95 = 100 at 13.95 %: the mean of each corrected apart from its oxygen would be 104.
    expect(hour).toMatchObject({ mean: 100, min: 100, max: 100, coverage: 1 });
  });

  it('knows nothing where its oxygen is beyond the guard, and tells how often that was', () => {
    const o2 = meter('o2', { kind: 'level', unit: '%' });
    const [hour] = hoursOfDerived(
      derived('atReferenceOxygen(c, o2, 7)', [c, o2], { kind: 'level' }),
      [
        [c, steps(0, 60, 15, () => 100)],
        [
          o2,
          [
            [0, 7],
            [15, 20],
            [30, 20.9],
            [45, 18.7],
          ],
        ],
      ],
      hoursOf(0, 1),
    );
    expect(hour).toMatchObject({
      coveredMs: 30 * minuteMs,
      outOfRange: 2,
      outOfRangeMs: 30 * minuteMs,
      count: 4,
      min: 100,
      quarters: 0b1001,
    });
    expect(hour!.max).toBeCloseTo(631.8, 1);
  });

  it('sums children of different intervals, each amount spread over its own', () => {
    const fast = meter('fast', { kind: 'interval' });
    const slow = meter('slow', { kind: 'interval', unit: 'MWh', intervalMs: 2 * hourMs });
    const register = meter('register', { kind: 'counter' });
    const total = derived('sum(fast, slow, register)', [fast, slow, register], { kind: 'interval' });
    const hours = hoursOfDerived(
      total,
      [
        [fast, [...steps(0, 60, 15, () => 10), [75, 10], [90, 10], [105, 10]]],
        [slow, [[0, 0.8]]],
        [
          register,
          [
            [0, 1000],
            [45, 1090],
            [120, 1240],
          ],
        ],
      ],
      hoursOf(0, 2),
    );
    // The register climbs 2 a minute. Of the second hour the fast child has a gap of a quarter.
    expect(hours[0]).toMatchObject({ sum: 40 + 400 + 120, coverage: 1 });
    expect(hours[1]).toMatchObject({ sum: 30 + 300 + 90, coverage: 0.75 });
  });

  it('is a ratio of amounts over the same time', () => {
    const kwh = meter('kwh', { kind: 'interval' });
    const tonnes = meter('tonnes', { kind: 'interval', unit: 't', intervalMs: hourMs });
    const [hour, next] = hoursOfDerived(
      derived('kwh / tonnes', [kwh, tonnes], { kind: 'level', unit: 'kWh/t' }),
      [
        [kwh, steps(0, 120, 15, (minute) => (minute < 30 ? 10 : 20))],
        [
          tonnes,
          [
            [0, 2],
            [60, 0],
          ],
        ],
      ],
      hoursOf(0, 2),
    );
    expect(hour).toMatchObject({ mean: 30, min: 20, max: 40, coverage: 1 });
    expect(next).toMatchObject({ mean: null, coverage: 0, outOfRange: 1, outOfRangeMs: hourMs });
    expect(next).toMatchObject({ count: 1 });
  });

  it('tells what is spread and what was irregular', () => {
    const register = meter('register', { kind: 'counter' });
    const rows: Row[] = [
      ...steps(0, 120, 15, (minute) => 500 + minute),
      [300, 800],
      [315, 3],
      [330, 5],
      [345, 8],
    ];
    const own = rollupHours(register, zone, readings(rows), hoursOf(0, 6));
    const same = hoursOfDerived(
      derived('register', [register], { kind: 'interval' }),
      [[register, rows]],
      hoursOf(0, 6),
    );
    expect(own.some(({ irregular }) => irregular > 0)).toBe(true);
    expect(own.some(({ spreadMs }) => spreadMs > 0)).toBe(true);
    const told = (hours: readonly RollupDraft<'PT15M' | 'PT1H'>[]) =>
      hours.map(({ sum, coveredMs, spreadMs, irregular }) => ({ sum, coveredMs, spreadMs, irregular }));
    expect(told(same)).toEqual(told(own));
  });

  it('may be an input, and comes after its inputs', () => {
    const twice = { ...mass, id: 'twice', formula: '2 * m', inputs: { m: 'derived' } };
    const meters = new Map<string, Meter>([twice, mass, c, q].map((one) => [one.id, one]));
    expect(derivedFrom(meters, new Set(['q'])).map(({ id }) => id)).toEqual(['derived', 'twice']);
    expect(derivedFrom(meters, new Set(['twice'])).map(({ id }) => id)).toEqual(['twice']);
    expect(derivedFrom(meters, new Set(['else']))).toEqual([]);
    expect([...leavesOf(meters, ['twice'])]).toEqual(['c', 'q']);
    expect([...withParts((id) => meters.get(id), ['twice'])]).toEqual(['twice', 'derived', 'c', 'q']);
    const told = [
      toldByReadings(c, zone, readings([[0, 100]])),
      toldByReadings(q, zone, readings([[0, 50_000]])),
    ];
    const all = withDerived(told, derivedFrom(meters, undefined), zone);
    const { readings: own, spans } = all.get('twice')!;
    expect(rollupSpans(twice, own, spans, hoursOf(0, 1))).toMatchObject([
      { sum: 5, coveredMs: 30 * minuteMs },
    ]);
  });
});

const rows = fc
  .uniqueArray(
    fc.tuple(
      fc.integer({ min: -60, max: 600 }),
      fc.integer({ min: 0, max: 1000 }),
      fc.constantFrom(0, 0, 0, 0, 0, flag.fault, flag.calibrating, flag.outOfRange, flag.belowDetection),
    ),
    { selector: ([minute]) => minute, maxLength: 30 },
  )
  .map((list) => list.toSorted((a, b) => a[0] - b[0]));
const kinds = fc.constantFrom<Meter['kind'][]>('counter', 'interval', 'level');

/** The same places, with a register that climbs by what the values say. */
function rowsFor(kind: Meter['kind'], list: readonly (readonly [number, number, number])[]): readonly Row[] {
  let register = 1;
  return kind === 'counter'
    ? list.map(([minute, rise, flags]) => [minute, (register += rise), flags] as const)
    : list;
}

/** Those that do not overlap: where they do, the same amounts are added in another order. */
function apart(list: readonly Row[], minutes: number): Row[] {
  let free = -Infinity;
  return list.filter(([minute]) => {
    if (minute < free) return false;
    free = minute + minutes;
    return true;
  });
}

/** Formulas over inputs a (of any kind) and b, c (levels and intervals), each as its result is. */
const formulas = fc.constantFrom(
  { text: 'a + b', kinds: ['interval', 'interval', 'level'], kind: 'interval' },
  { text: 'a + b', kinds: ['counter', 'interval', 'level'], kind: 'interval' },
  { text: 'a * c * 1', kinds: ['interval', 'interval', 'level'], kind: 'interval', unit: 'kWh.mg/Nm3' },
  { text: 'a / b', kinds: ['counter', 'interval', 'level'], kind: 'level', unit: '1' },
  { text: 'a * c', kinds: ['level', 'interval', 'level'], kind: 'level', unit: 'mg2/Nm3/Nm3' },
  { text: 'max(a, c)', kinds: ['level', 'interval', 'level'], kind: 'interval', unit: 'mg.h/Nm3' },
) as fc.Arbitrary<{ text: string; kinds: Meter['kind'][]; kind: Meter['kind']; unit?: string }>;

describe('derived rollups', () => {
  it('of one meter alone are its own, to the digit', () => {
    fc.assert(
      fc.property(kinds, fc.constantFrom(1, 15, 45, 90), rows, (kind, minutes, list) => {
        const one = meter('one', { kind, intervalMs: minutes * minuteMs, multiplier: 3 });
        const given = kind === 'interval' ? apart(list, minutes) : rowsFor(kind, list);
        const alone = derived('one', [one], {
          kind: kind === 'level' ? 'level' : 'interval',
          intervalMs: one.intervalMs,
        });
        for (const cut of ['PT1H', 'PT15M'] as const) {
          const own = rollupHours(one, zone, readings(given), hoursOf(0, 10, cut), cut);
          const same = hoursOfDerived(alone, [[one, given]], hoursOf(0, 10, cut), cut);
          const told = (drafts: readonly RollupDraft<'PT15M' | 'PT1H'>[]) =>
            drafts.map(({ coveredMs, coverage, sum, spreadMs, ...rest }) => ({
              ...{ coveredMs, coverage, sum, spreadMs },
              ...(kind === 'level' ? { ...rest, meter: '' } : {}),
            }));
          expect(told(same)).toEqual(told(own));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('add up whatever the time is cut into', () => {
    fc.assert(
      fc.property(formulas, rows, rows, ({ text, kinds: of, kind, unit }, listA, listB) => {
        const meters = ['a', 'b', 'c'].map((id, k) => meter(id, { kind: of[k]! }));
        const used = meters.filter(({ id }) => text.includes(id === 'a' ? 'a' : id));
        const made = derived(
          text,
          used.filter(({ id }) => new RegExp(`\\b${id}\\b`).test(text)),
          { kind, ...(unit === undefined ? {} : { unit }) },
        );
        const given = meters.map((one, k) => [one, rowsFor(of[k]!, k === 0 ? listA : listB)] as const);
        const quarters = hoursOfDerived(made, given, hoursOf(0, 10, 'PT15M'), 'PT15M');
        for (const hour of hoursOfDerived(made, given, hoursOf(0, 10))) {
          const inside = quarters.filter(({ start }) => start >= hour.start && start < hour.end);
          const total = (
            field: 'coveredMs' | 'count' | 'outOfRange' | 'faultMs' | 'outOfRangeMs' | 'validMs',
          ) => inside.reduce((sum, one) => sum + one[field], 0);
          const sum = inside.reduce((all, one) => all + (one.sum ?? 0), 0);
          expect(total('coveredMs')).toBe(hour.coveredMs);
          expect(total('count')).toBe(hour.count);
          expect(total('outOfRange')).toBe(hour.outOfRange);
          expect(total('faultMs')).toBe(hour.faultMs);
          expect(total('outOfRangeMs')).toBe(hour.outOfRangeMs);
          expect(total('validMs')).toBe(hour.validMs);
          expect(sum).toBeCloseTo(hour.sum ?? 0, 6);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('are untouched outside of the influence of what changed of an input', () => {
    fc.assert(
      fc.property(
        formulas,
        rows,
        rows,
        rows,
        fc.integer({ min: -1, max: 9 }),
        fc.nat(2),
        ({ text, kinds: of, kind, unit }, listA, listB, changes, hour, which) => {
          const meters = ['a', 'b', 'c'].map((id, k) => meter(id, { kind: of[k]! }));
          const used = meters.filter(({ id }) => new RegExp(`\\b${id}\\b`).test(text));
          const made = derived(text, used, { kind, ...(unit === undefined ? {} : { unit }) });
          const k = which % used.length;
          const from = midnight + hour * hourMs;
          const before = used.map((one, i) => [one, rowsFor(one.kind, i === 0 ? listA : listB)] as const);
          const changed = rowsFor(used[k]!.kind, changes).filter(
            ([minute]) => Math.floor(minute / 60) === hour,
          );
          const merged = [...new Map([...before[k]![1], ...changed].map((row) => [row[0], row])).values()];
          const after = before.map((pair, i) =>
            i === k ? ([pair[0], merged.toSorted((x, y) => x[0] - y[0])] as const) : pair,
          );
          const span = influenceOf(used[k]!, zone, readings(after[k]![1]), from, from + hourMs, true);
          const windows = hoursOf(-2, 12);
          const isUntouched = (rollup: { start: number; end: number }) =>
            span === undefined || rollup.start >= span.end || rollup.end <= span.start;
          expect(hoursOfDerived(made, after, windows).filter(isUntouched)).toEqual(
            hoursOfDerived(made, before, windows).filter(isUntouched),
          );
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('of an hour need only what tells within twice the reach of each input', () => {
    const [a, b] = [
      meter('a', { kind: 'interval' }),
      meter('b', { kind: 'interval', intervalMs: 90 * minuteMs }),
    ];
    const total = derived('a + b', [a, b], { kind: 'interval' });
    const near = (one: Meter, list: readonly Row[], hour: Window) =>
      list.filter(([minute]) => {
        const time = midnight + minute * minuteMs;
        return time >= hour.start - 2 * reachMs(one) && time < hour.end;
      });
    fc.assert(
      fc.property(rows, rows, fc.integer({ min: 0, max: 9 }), (listA, listB, index) => {
        const hour = hoursOf(0, 10)[index]!;
        expect(
          hoursOfDerived(
            total,
            [
              [a, near(a, listA, hour)],
              [b, near(b, listB, hour)],
            ],
            [hour],
          ),
        ).toEqual(
          hoursOfDerived(
            total,
            [
              [a, listA],
              [b, listB],
            ],
            [hour],
          ),
        );
      }),
      { numRuns: 500 },
    );
  });
});
