import {
  indicatorWindows,
  rollupHours,
  rulesVersion,
  saysSomething,
  windowKinds,
  windowsBetween,
  type Indicator,
  type Meter,
  type MeterReadings,
  type Rollup,
} from '@songma/domain';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  dayMs,
  hourMs,
  minuteMs,
  monday,
  openWorld,
  registerPlant,
  zone,
  type Row,
  type WorkerWorld,
} from './worker-world.ts';
import { expectAlertsInLine } from './alert-contents.ts';

const spanDays = 24;
/** Runs lie apart in time, farther than any meter reaches, so that all use one store and the same meters. */
const runsApartMs = 40 * dayMs;

const stepsOf = { dust: 5, power: 15, register: 15, clinker: 60, daily: 24 * 60 } as const;
type MeterName = keyof typeof stepsOf;

interface Reading {
  readonly meter: MeterName;
  /** Milliseconds from the beginning of the run. */
  readonly time: number;
  readonly value: number;
  readonly flags: number;
}

/** Readings crowd in a few stretches with silences between that a counter bridges, or that are too long for it. */
const stretchHours = [0, 20, 52, 120, 190, 300, 480];
const place = fc
  .tuple(
    fc.constantFrom<MeterName>('dust', 'dust', 'power', 'power', 'register', 'register', 'clinker', 'daily'),
    fc.constantFrom(...stretchHours),
    fc.integer({ min: 0, max: 8 * 60 - 1 }),
  )
  .map(([meter, stretch, minute]) => {
    const step = stepsOf[meter] * minuteMs;
    return { meter, time: Math.floor((stretch * hourMs + minute * minuteMs) / step) * step };
  });
/** What a register shows that climbs by ten an hour, and what it shows instead. */
const shown = {
  true: (time: number) => 20_000 + (time / hourMs) * 10,
  trembling: (time: number) => 20_000 + Math.round(time / hourMs) * 10 + ((time / minuteMs) % 7),
  zero: () => 0,
  spike: () => 1e6,
  reset: (time: number) => (time / hourMs) * 10,
} as const;
const oddity = fc.constantFrom<keyof typeof shown>('true', 'true', 'trembling', 'zero', 'spike', 'reset');
const row = fc
  .tuple(place, fc.integer({ min: 0, max: 240 }), fc.constantFrom(0, 0, 0, 0, 0, 1, 2, 16), oddity)
  .map(([at, noise, flags, odd]) => ({
    ...at,
    flags,
    value: at.meter === 'register' ? shown[odd](at.time) : noise,
  }));
/** A stretch without gaps, so that hours are full enough to be judged and to make an indicator. */
const run = fc
  .tuple(place, fc.integer({ min: 1, max: 30 }), fc.integer({ min: 40, max: 160 }), oddity)
  .map(([{ meter, time }, count, level, odd]) =>
    Array.from({ length: meter === 'daily' ? Math.min(count, 3) : count }, (_, i) => {
      const at = time + i * stepsOf[meter] * minuteMs;
      return { meter, time: at, flags: 0, value: meter === 'register' ? shown[odd](at) : level };
    }),
  );

/** A push: its place in the list is when it became known. */
const push: fc.Arbitrary<Reading[]> = fc.oneof(fc.array(row, { minLength: 1, maxLength: 12 }), run);
const pushes = fc.array(push, {
  minLength: 1,
  maxLength: 7,
});
const scenario = pushes.chain((all) =>
  fc.record({
    pushes: fc.constant(all),
    /** Which push comes next, some more than once; what never comes is appended. */
    order: fc.array(fc.nat({ max: all.length - 1 }), { maxLength: all.length }),
    /** After which deliveries the worker gets to work. */
    works: fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
    splits: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
    changesMax: fc.constantFrom(3, 20, 500),
  }),
);

describe('any order, split and repetition of pushes', () => {
  let world: WorkerWorld;
  let runs = 0;

  beforeAll(async () => {
    // Every window of every run is over.
    let clock = monday + 60 * runsApartMs;
    world = await openWorld({ now: () => clock++ });
    await registerPlant(world, 'clean');
    await registerPlant(world, 'rough');
  });
  afterAll(() => world.close());

  it('gives the same hours, days, indicators and alerts as clean input in order', async () => {
    const seen = { P1D: 0, P1M: 0, P1Y: 0, R12M: 0, alerts: 0, hours: 0, irregular: 0, spread: 0 };
    await fc.assert(
      fc.asyncProperty(scenario, async (what) => {
        const base = monday + runs++ * runsApartMs;
        const end = base + spanDays * dayMs;
        const finals = standing(what.pushes);

        await pushRoughly(what, base);
        for (let day = 0; day < spanDays; day++) {
          const rows = finals.filter(({ time }) => Math.floor(time / dayMs) === day);
          if (rows.length === 0) continue;
          await world.push('clean-site', rowsOf('clean', rows, base), (runs * 1_000 + day) * 1_000);
          await world.work('clean');
        }

        for (const window of windowKinds) {
          const rough = await world.rollups('rough-site', window, base - dayMs, end);
          const clean = await world.rollups('clean-site', window, base - dayMs, end);
          expect(comparable(rough, 'rough')).toEqual(comparable(clean, 'clean'));
          if (window !== 'PT1H') continue;
          // And as the whole series gives them at once, without a worker.
          expect(comparable(rough, 'rough')).toEqual(expectedHours(finals, base, end));
          seen.hours += clean.length;
          seen.irregular += clean.filter(({ irregular }) => irregular > 0).length;
          seen.spread += clean.filter(({ spreadMs }) => spreadMs > 0).length;
        }
        for (const window of indicatorWindows) {
          // Longer windows are finished by later runs, and hold what earlier ones told.
          const from = window === 'P1D' ? base - dayMs : 0;
          for (const ofSite of [false, true]) {
            const of = (plant: string) =>
              world.indicators(plant, {
                window,
                from,
                to: end,
                ...(ofSite ? { sites: [`${plant}-site`] } : {}),
              });
            const rough = published(await of('rough'));
            expect(rough).toEqual(published(await of('clean')));
            seen[window] += rough.length;
          }
        }
      }),
      { numRuns: 50, seed: 20_260_105 },
    );
    seen.alerts += await expectAlertsOfBoth();
    expect(seen.hours).toBeGreaterThan(1_000);
    expect(seen.irregular).toBeGreaterThan(20);
    expect(seen.spread).toBeGreaterThan(20);
    expect(seen.alerts).toBeGreaterThan(0);
    for (const window of indicatorWindows) expect(seen[window]).toBeGreaterThan(0);

    const last = new Map<string, number>();
    for (const { id, after } of await world.indicatorEvents()) {
      expect(after.revision).toBe((last.get(id) ?? 0) + 1);
      last.set(id, after.revision);
    }
  });

  async function pushRoughly(what: typeof scenario extends fc.Arbitrary<infer T> ? T : never, base: number) {
    const order = [...what.order, ...what.pushes.keys()];
    for (const [turn, index] of order.entries()) {
      const rows = rowsOf('rough', what.pushes[index]!, base);
      const knownUs = (runs * 1_000 + index + 1) * 1_000;
      const isSplit = what.splits[turn % what.splits.length]!;
      const cut = isSplit ? Math.floor(rows.length / 2) : 0;
      for (const part of [rows.slice(0, cut), rows.slice(cut)]) {
        if (part.length > 0) await world.push('rough-site', part, knownUs);
      }
      if (what.works[turn % what.works.length]) await world.work('rough', { changesMax: what.changesMax });
    }
    await world.work('rough', { changesMax: what.changesMax });
  }

  /** The alerts of both plants say what is stored. */
  async function expectAlertsOfBoth(): Promise<number> {
    let count = 0;
    for (const plant of ['clean', 'rough']) {
      count += await expectAlertsInLine(world, `${plant}-dust`, `${plant}-limit`);
    }
    return count;
  }

  function expectedHours(finals: readonly Reading[], base: number, end: number) {
    const drafts = Object.keys(stepsOf).flatMap((name) => {
      const meter: Meter = world.deps.registry.meter(`rough-${name}`)!.meter;
      const rows = finals.filter((reading) => reading.meter === name);
      const readings: MeterReadings = {
        times: Float64Array.from(rows, ({ time }) => base + time),
        values: Float64Array.from(rows, ({ value }) => value),
        flags: Uint8Array.from(rows, ({ flags }) => flags),
      };
      const windows = windowsBetween('PT1H', base - dayMs, end, zone);
      return rollupHours(meter, zone, readings, windows).map((draft) => ({
        ...draft,
        rules: rulesVersion,
        revision: 1,
      }));
    });
    return comparable(drafts, 'rough');
  }
});

/** What stands of all pushes: of two rows of one place the later push's, and within a push the later row. */
function standing(all: readonly (readonly Reading[])[]): Reading[] {
  const rows = new Map<string, Reading>();
  for (const reading of all.flatMap(firstOfEach)) rows.set(`${reading.meter}/${reading.time}`, reading);
  return [...rows.values()].toSorted((a, b) => a.time - b.time);
}

/** A push says one thing of a place: which of two would stand is a question to the store. */
function firstOfEach(rows: readonly Reading[]): Reading[] {
  return [
    ...new Map(rows.toReversed().map((reading) => [`${reading.meter}/${reading.time}`, reading])).values(),
  ];
}

function rowsOf(plant: string, rows: readonly Reading[], base: number): Row[] {
  return firstOfEach(rows).map(({ meter, time, value, flags }) => ({
    meter: `${plant}-${meter}`,
    time: base + time,
    value,
    flags,
  }));
}

/** Without revisions and without windows that a correction has emptied: they say what no window says. */
function comparable(rollups: readonly Rollup[], plant: string) {
  return rollups
    .filter(saysSomething)
    .map((rollup) => ({ ...rollup, revision: 0, site: '', meter: rollup.meter.replace(plant, '') }))
    .toSorted((a, b) => (a.meter === b.meter ? a.start - b.start : a.meter < b.meter ? -1 : 1));
}

/**
 * Without revisions and inputs: how often a number was restated depends on the way. Nor those of which nothing is
 * covered: where a correction took away the last, the way is told from one on which nothing ever was.
 */
function published(indicators: readonly Indicator[]) {
  return indicators
    .filter(({ coverage }) => coverage > 0)
    .map(
      ({ name, start, end, value, coverage, withheld, numerator, denominator }) =>
        [name, { start, end, coverage, withheld }, { value, numerator, denominator }] as const,
    );
}
