import { flag } from '@songma/domain';
import fc from 'fast-check';
import { flagsOf, lacks } from './history-lacks.ts';
import { billIntervals, monthlyMeters, monthlyRows, registerFacts, wildValue } from './history-monthly.ts';
import { dayMs, hourMs, minuteMs, monday } from './worker-world.ts';

/** Rounds in which something may happen to a plant. */
export const roundsMax = 14;
/** Readings lie in so many hours from Monday on, or a month before or after these. */
const spanMs = 30 * hourMs;
const slotMs = 5 * minuteMs;
const monthsApart = [0, 0, 0, 0, 31 * dayMs, -31 * dayMs];
const registered = ['dust', 'power', 'register', 'clinker', 'daily'] as const;
/** `second` is not there until it is added. */
const meters = [...registered, 'second'] as const;
/** Of a plant that reports once a day, so that whole years of it can be told. */
const dailyMeters = ['daily', 'output', ...monthlyMeters] as const;
type MeterName = (typeof meters)[number] | (typeof dailyMeters)[number];

/** One reading of a push. */
interface EventRow {
  readonly meter: MeterName;
  /** Epoch ms. */
  readonly time: number;
  readonly value: number;
  readonly flags: number;
}

/** How the transport treats a push: so many rounds late, then perhaps once more, so many rounds after that. */
interface Transport {
  readonly late: number;
  readonly again: number | null;
}

/** One thing that happens to a plant. `which` counts, modulo, among those that there are. */
export type PlantEvent =
  | { readonly is: 'push'; readonly rows: readonly EventRow[]; readonly transport: Transport }
  /** Rows of an earlier push, all or every second of them, with values that are `by` greater. */
  | {
      readonly is: 'correct';
      readonly which: number;
      readonly by: number;
      readonly every: number;
      readonly transport: Transport;
    }
  | { readonly is: 'void'; readonly meter: MeterName; readonly from: number; readonly to: number }
  | { readonly is: 'restore'; readonly which: number }
  /** The second meter is added, changed or retired, and then perhaps says which one it follows. */
  | { readonly is: 'second'; readonly fields: object | null; readonly follows: 'power' | 'daily' | null }
  | {
      readonly is: 'edit';
      readonly kind: EditedKind;
      /** Of the entity, without the plant's own; empty for the enterprise. */
      readonly name: string;
      readonly fields: object;
    };

/** What is edited. */
export type EditedKind = 'meter' | 'limit' | 'enterprise';

/** What happens to a plant, a round each; null: nothing. */
export type History = readonly (PlantEvent | null)[];

/**
 * A plant whose meters report through the hours of a few days, some with others derived from them, or once a day, or
 * one of them every two hours and the other once a day.
 */
export interface PlantLife {
  readonly reports: 'hourly' | 'derived' | 'daily' | 'shifts';
  readonly history: History;
}

/** Many plants that live side by side in one store. */
export interface Lives {
  readonly plants: readonly PlantLife[];
  /** Rounds after which the worker comes by. */
  readonly works: readonly number[];
  /** The national grid's emission factor, told anew in a round. */
  readonly factors: readonly { readonly round: number; readonly value: number }[];
  /** Changed hours in one piece of the worker, at most. */
  readonly changesMax: number;
}

/** @param plants how many of them, exactly */
export function lives(plants: number): fc.Arbitrary<Lives> {
  const round = fc.nat({ max: roundsMax - 1 });
  return fc.record({
    plants: fc.array(plantLife, { minLength: plants, maxLength: plants, size: 'max' }),
    works: fc.uniqueArray(round, { maxLength: 5 }),
    // Each with another value: a version that says the same restates nothing, and results name the one that they were
    // computed with.
    factors: fc.uniqueArray(fc.record({ round, value: fc.constantFrom(0.6, 0.65, 0.7) }), {
      maxLength: 2,
      selector: ({ value }) => value,
    }),
    changesMax: fc.constantFrom(60, 250, 2_000),
  });
}

const slot = fc.integer({ min: 0, max: spanMs / slotMs });
/** Mostly a measurement; sometimes what a logger writes in place of one, or below detection without a limit. */
const sent = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 100 }) },
  { weight: 1, arbitrary: fc.constantFrom(-999, 9_999, Number.NaN) },
);
const transport: fc.Arbitrary<Transport> = fc.record({
  late: fc.constantFrom(0, 0, 0, 1, 2, roundsMax),
  again: fc.constantFrom(null, null, null, 0, 1, 3),
});

/** A push of a few meters; the rows of some are a day's run of them, so that windows become complete. */
const push = fc
  .record({
    apart: fc.constantFrom(...monthsApart),
    scattered: fc.array(fc.tuple(fc.constantFrom(...meters), slot, sent, status()), {
      minLength: 1,
      maxLength: 20,
    }),
    run: fc.option(
      fc.record({ from: fc.nat({ max: 24 }), hours: fc.integer({ min: 1, max: 24 }), lacks: lacks(24) }),
      { freq: 3 },
    ),
    transport,
  })
  .map(({ apart, scattered, run, transport: by }): PlantEvent => {
    const rows = new Map<string, EventRow>();
    const put = (meter: MeterName, at: number, value: number, flags: number) => {
      const time = monday + apart + (meter === 'daily' ? Math.floor(at / 288) * dayMs : at * slotMs);
      // A register climbs, over the month too.
      const climbed = meter !== 'register' ? value : value > 95 ? wildValue : value + at + apart / hourMs;
      rows.set(`${meter} ${time}`, { meter, time, value: climbed, flags });
    };
    if (run !== null) {
      for (let hour = run.from; hour < run.from + run.hours; hour++) {
        const [ofClinker, ofPower] = flagsOf(run.lacks, hour - run.from);
        if (ofClinker !== null) put('clinker', hour * 12, 2 + (hour % 3), ofClinker);
        if (ofPower === null) continue;
        for (const quarter of [0, 3, 6, 9]) put('power', hour * 12 + quarter, 10 + (hour % 7), ofPower);
        if (hour % 2 === 0) put('second', hour * 12, 1, 0);
      }
    }
    for (const [meter, at, value, flags] of scattered) put(meter, at, value, flags);
    return { is: 'push', rows: [...rows.values()], transport: by };
  });

function status() {
  return fc.constantFrom(0, 0, 0, 0, 0, 0, flag.fault, flag.calibrating, flag.belowDetection);
}

const event: fc.Arbitrary<PlantEvent> = fc.oneof(
  { weight: 6, arbitrary: push },
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant('correct' as const),
      which: fc.nat({ max: 20 }),
      by: fc.constantFrom(0, 1, 7),
      every: fc.constantFrom(1, 2),
      transport,
    }),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ meter: fc.constantFrom(...registered), from: slot, slots: fc.integer({ min: 1, max: 40 }) })
      .map(({ meter, from, slots }): PlantEvent => {
        const start = monday + from * slotMs;
        return { is: 'void', meter, from: start, to: start + slots * slotMs };
      }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ is: fc.constant('restore' as const), which: fc.nat({ max: 20 }) }),
  },
  {
    weight: 1,
    arbitrary: edit(
      'meter',
      fc.constantFrom('power', 'register'),
      fc.constantFrom(1, 2, 40).map((multiplier) => ({ multiplier })),
    ),
  },
  {
    weight: 1,
    arbitrary: edit(
      'meter',
      fc.constant('dust'),
      fc.constantFrom(5, 10, 90).map((minutes) => ({ holdMaxMs: minutes * minuteMs })),
    ),
  },
  { weight: 1, arbitrary: edit('meter', fc.constantFrom('dust', 'power', 'register'), validRange()) },
  { weight: 1, arbitrary: edit('meter', fc.constantFrom('dust', 'power'), belowDetection()) },
  {
    weight: 1,
    arbitrary: edit(
      'limit',
      fc.constant('limit'),
      fc
        .record({ value: fc.constantFrom(20, 50, 80), hours: fc.constantFrom(0, 7) })
        .map(({ value, hours }) => ({ value, validFrom: monday + hours * hourMs })),
    ),
  },
  { weight: 1, arbitrary: allocation() },
  { weight: 1, arbitrary: product(['clinker', 'power']) },
  {
    weight: 1,
    arbitrary: life(['dust', 'power', 'register', 'clinker'], [-20 * dayMs, 6 * hourMs], [20 * hourMs]),
  },
  { weight: 1, arbitrary: part(['power', 'register']) },
  { weight: 1, arbitrary: second('power', [undefined, 0, 3 * hourMs]) },
  { weight: 1, arbitrary: edit('meter', fc.constant('register'), registerFacts) },
);

/** What can have been measured: of a register too, whose readings beyond are left out. */
function validRange(): fc.Arbitrary<object> {
  const ranges = [
    undefined,
    { min: 0 },
    { min: 0, max: 60 },
    { min: 0, max: 400 },
    { max: 60, mode: 'flag' },
  ];
  return fc.constantFrom(...ranges).map((stated) => ({ validRange: stated }));
}

function belowDetection(): fc.Arbitrary<object> {
  const rules = [undefined, { counts: 'zero' }, { counts: 'half' }, { counts: 'half', limit: 8 }];
  return fc.constantFrom(...rules).map((stated) => ({ belowDetection: stated }));
}

/** How products share is stated, changed and taken back. */
function allocation(): fc.Arbitrary<PlantEvent> {
  const source = { document: 'test', verified: false };
  const rules = [undefined, { rule: 'mass', source }, { rule: 'direct', source }];
  const fields = fc.constantFrom(...rules).map((stated) => ({ allocation: stated }));
  return edit('enterprise', fc.constant(''), fields);
}

/** A meter's life is declared, changed and taken back. Times are from Monday on. */
function life(
  names: readonly string[],
  begins: readonly number[],
  ends: readonly number[],
): fc.Arbitrary<PlantEvent> {
  const at = (times: readonly number[]) => fc.constantFrom(undefined, ...times.map((time) => monday + time));
  return edit('meter', fc.constantFrom(...names), fc.record({ from: at(begins), to: at(ends) }));
}

/** A meter becomes a part of what another tells, and a total again. */
function part(names: readonly string[]): fc.Arbitrary<PlantEvent> {
  const fields = fc.constantFrom('part', 'total').map((countsAs) => ({ countsAs }));
  return edit('meter', fc.constantFrom(...names), fields);
}

/** The second meter is added, changed, retired, or follows another one that ends where it begins. */
function second(
  follows: 'power' | 'daily',
  begins: readonly (number | undefined)[],
): fc.Arbitrary<PlantEvent> {
  return fc.record({
    is: fc.constant('second' as const),
    fields: fc.option<object>(
      fc.constantFrom(...begins.map((from) => (from === undefined ? {} : { from: monday + from }))),
      { freq: 4 },
    ),
    follows: fc.constantFrom(null, null, follows),
  });
}

/** A meter is said to serve or to make another product, or none. */
function product(names: readonly string[]): fc.Arbitrary<PlantEvent> {
  const fields = fc.constantFrom('a', 'b', undefined).map((named) => ({ product: named }));
  return edit('meter', fc.constantFrom(...names), fields);
}

function edit(
  kind: EditedKind,
  name: fc.Arbitrary<string>,
  fields: fc.Arbitrary<object>,
): fc.Arbitrary<PlantEvent> {
  return fc.record({ is: fc.constant('edit' as const), kind: fc.constant(kind), name, fields });
}

/** Most days of some months, of both meters, one of which tells so many times a day; each lacks something of its own. */
const dailyPush = (timesADay: number, longest: number) =>
  fc
    .record({
      fromMonth: fc.integer({ min: -13, max: 0 }),
      months: fc.constantFrom(1, 1, 2, longest),
      without: fc.nat({ max: 60 }),
      lacks: lacks(60 * timesADay),
      value: fc.integer({ min: 1, max: 9 }),
      withSecond: fc.boolean(),
      transport,
    })
    .map(({ fromMonth, months, without, lacks: some, value, withSecond, transport: by }): PlantEvent => {
      const rows: EventRow[] = [];
      const first = fromMonth * 30;
      for (let at = 0; at < months * 30 * timesADay; at++) {
        const day = first + Math.floor(at / timesADay);
        if (day - first === without) continue;
        const time = monday + first * dayMs + (at * dayMs) / timesADay;
        const [ofDaily, ofOutput] = flagsOf(some, at);
        if (ofDaily !== null) rows.push({ meter: 'daily', time, value: value + (day & 3), flags: ofDaily });
        if (at % timesADay !== 0) continue;
        if (withSecond) rows.push({ meter: 'second', time, value: 1, flags: 0 });
        if (ofOutput === null) continue;
        rows.push({ meter: 'output', time, value: 10 + (day & 1), flags: ofOutput });
      }
      rows.push(...monthlyRows(fromMonth, months, { without, value }));
      return { is: 'push', rows, transport: by };
    });

const dailyEvent = (timesADay: number, longest: number): fc.Arbitrary<PlantEvent> =>
  fc.oneof(
    { weight: 1, arbitrary: allocation() },
    { weight: 1, arbitrary: product(['daily', 'output']) },
    { weight: 1, arbitrary: life(['daily', 'output'], [-200 * dayMs, -90 * dayMs], [-60 * dayMs, 0]) },
    { weight: 1, arbitrary: part(['daily']) },
    { weight: 2, arbitrary: second('daily', [undefined, -150 * dayMs, -60 * dayMs]) },
    { weight: 4, arbitrary: dailyPush(timesADay, longest) },
    {
      weight: 1,
      arbitrary: fc
        .record({
          meter: fc.constantFrom(...dailyMeters),
          from: fc.integer({ min: -390, max: 30 }),
          days: fc.integer({ min: 1, max: 40 }),
        })
        .map(({ meter, from, days }): PlantEvent => {
          const start = monday + from * dayMs;
          return { is: 'void', meter, from: start, to: start + days * dayMs };
        }),
    },
    {
      weight: 1,
      arbitrary: edit(
        'meter',
        fc.constantFrom(...dailyMeters),
        fc.constantFrom(1, 2, 40).map((multiplier) => ({ multiplier })),
      ),
    },
    { weight: 1, arbitrary: edit('meter', fc.constant('bill'), billIntervals) },
  );

function historyOf(one: fc.Arbitrary<PlantEvent>): fc.Arbitrary<History> {
  return fc.array(fc.option(one, { freq: 4 }), { minLength: 3, maxLength: roundsMax, size: 'max' });
}

const formulaEdit = edit(
  'meter',
  fc.constant('total'),
  fc.constantFrom('power + register', 'max(power, 2 * register)').map((formula) => ({ formula })),
);
const derivedEvent = fc.oneof({ weight: 12, arbitrary: event }, { weight: 1, arbitrary: formulaEdit });

const plantLife: fc.Arbitrary<PlantLife> = fc.oneof(
  {
    weight: 28,
    arbitrary: fc.record({ reports: fc.constant('hourly' as const), history: historyOf(event) }),
  },
  {
    weight: 12,
    arbitrary: fc.record({ reports: fc.constant('derived' as const), history: historyOf(derivedEvent) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      reports: fc.constant('daily' as const),
      history: historyOf(dailyEvent(1, 14)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      reports: fc.constant('shifts' as const),
      history: historyOf(dailyEvent(12, 2)),
    }),
  },
);
