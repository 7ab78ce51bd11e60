import {
  flag,
  mergeRollups,
  sameDateWindow,
  qualifiedReadings,
  meterSchema,
  rollupHours,
  rulesVersion,
  saysSomething,
  windowsBetween,
  type Indicator,
  type Meter,
  type Rollup,
  type Window,
} from '@songma/domain';
import {
  computeIndicator,
  FactorBook,
  indicatorDefinitions,
  matchedWindow,
  matchWhole,
  matchWindow,
  mergeMatched,
  type MatchedWindow,
  type ScopedMeter,
} from '@songma/indicators';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayMs, hourMs, minuteMs, openWorld, type Row, type WorkerWorld } from './worker-world.ts';
import { expectAlertsInLine } from './alert-contents.ts';

/** Around the Sunday on which Berlin puts its clocks forward. */
const begin = Date.parse('2026-03-28T12:00:00Z');
const historyMs = 40 * hourMs;

let world: WorkerWorld;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

/** An enterprise of two sites in zones of their own, with meters of every kind and a limit. */
async function registerEnterprise(id: string): Promise<Meter[]> {
  await world.register('enterprise', { id, name: id, sector: '2394' } as { id: string });
  const sites = [`${id}-berlin`, `${id}-delhi`] as const;
  const zones = ['Europe/Berlin', 'Asia/Kolkata'] as const;
  for (const [i, site] of sites.entries()) {
    await world.register('site', { id: site, enterprise: id, name: site, timeZone: zones[i] } as {
      id: string;
    });
  }
  const [berlin, delhi] = sites;
  const meters = [
    {
      site: berlin,
      id: `${id}-grid`,
      quantity: 'electricity',
      kind: 'counter',
      unit: 'kWh',
      intervalMs: 10 * minuteMs,
      multiplier: 3,
      validRange: { min: 0, max: 5_000 },
    },
    {
      site: berlin,
      id: `${id}-line`,
      quantity: 'electricity',
      kind: 'interval',
      unit: 'MWh',
      intervalMs: 15 * minuteMs,
    },
    {
      site: berlin,
      id: `${id}-dust`,
      quantity: 'concentration',
      kind: 'level',
      unit: 'mg/Nm3',
      intervalMs: 20 * minuteMs,
      validRange: { min: 0, max: 500 },
      belowDetection: { counts: 'half' },
    },
    {
      site: delhi,
      id: `${id}-steel`,
      quantity: 'production',
      kind: 'interval',
      unit: 't',
      intervalMs: dayMs,
    },
    {
      site: delhi,
      id: `${id}-flow`,
      quantity: 'flow',
      kind: 'level',
      unit: 'm3/h',
      intervalMs: 30 * minuteMs,
      validRange: { max: 500, mode: 'flag' },
    },
  ].map((fields) => meterSchema.parse({ name: fields.id, ...fields }));
  for (const meter of meters) await world.register('meter', meter);
  await world.register('limit', {
    id: `${id}-limit`,
    meter: `${id}-dust`,
    parameter: 'PM',
    averaging: 'PT1H',
    value: 50,
    validShareMin: 0.4,
    source: { document: 'test', verified: false },
    validFrom: 0,
  } as { id: string });
  return meters;
}

/** What a meter sent: which of five, the minute, the value, what its status was. */
const reading = fc.tuple(
  fc.nat({ max: 4 }),
  fc.integer({ min: 0, max: historyMs / (5 * minuteMs) }),
  fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: 0, max: 100 }) },
    { weight: 1, arbitrary: fc.constantFrom(-999, 9_999) },
  ),
  fc.constantFrom(0, 0, 0, 0, 0, flag.fault, flag.belowDetection),
);
/** Pushes in the order in which they arrive, with whether the worker comes by after each. */
const history = fc.array(
  fc.record({ readings: fc.array(reading, { minLength: 1, maxLength: 25 }), isWorked: fc.boolean() }),
  { minLength: 1, maxLength: 10 },
);

function rowsOf(
  meters: readonly Meter[],
  readings: readonly (readonly [number, number, number, number])[],
): Map<string, Row[]> {
  const sites = new Map<string, Row[]>();
  const seen = new Set<string>();
  for (const [index, slot, value, flags] of readings) {
    const meter = meters[index]!;
    const time = begin + slot * 5 * minuteMs;
    // One push has one value of a meter and time: the door sees to that.
    if (seen.has(`${index} ${time}`)) continue;
    seen.add(`${index} ${time}`);
    const rows = sites.get(meter.site) ?? [];
    sites.set(meter.site, rows);
    rows.push({ meter: meter.id, time, value: meter.kind === 'counter' ? value + slot : value, flags });
  }
  return sites;
}

/** All rollups of a meter from all its readings at once, by kind and start, without those that say nothing. */
function atOnce(meter: Meter, zone: string, rows: readonly Row[]): Map<string, Omit<Rollup, 'revision'>> {
  const last = new Map(rows.filter((row) => row.meter === meter.id).map((row) => [row.time, row]));
  const ordered = [...last.values()].toSorted((a, b) => a.time - b.time);
  const readings = {
    times: Float64Array.from(ordered, ({ time }) => time),
    values: Float64Array.from(ordered, ({ value }) => value),
    flags: Uint8Array.from(ordered, ({ flags = 0 }) => flags),
  };
  const windows = windowsBetween('PT1H', begin - dayMs, begin + historyMs + 2 * dayMs, zone);
  const hours = rollupHours(meter, zone, qualifiedReadings(meter, readings), windows).filter(saysSomething);
  const rules = rulesVersion;
  const rollups = new Map<string, Omit<Rollup, 'revision'>>(
    hours.map((hour) => [`PT1H ${hour.start}`, { ...hour, rules }]),
  );
  for (const day of windowsBetween('P1D', begin - dayMs, begin + historyMs + 2 * dayMs, zone)) {
    const parts = hours.filter(({ start }) => start >= day.start && start < day.end);
    if (parts.length > 0) rollups.set(`P1D ${day.start}`, { ...mergeRollups('P1D', day, parts), rules });
  }
  return rollups;
}

async function storedOf(meter: Meter): Promise<Map<string, Omit<Rollup, 'revision'>>> {
  const ranges = [
    { site: meter.site, meters: [meter.id], from: begin - 3 * dayMs, to: begin + historyMs + 3 * dayMs },
  ];
  const all = [
    ...(await world.deps.seriesStore.rollups({ ranges, window: 'PT1H' })),
    ...(await world.deps.seriesStore.rollups({ ranges, window: 'P1D' })),
  ];
  // What was known once and is not any more stays as a rollup that says nothing.
  const speaking = all.filter(saysSomething);
  return new Map(speaking.map(({ revision: _, ...rollup }) => [`${rollup.window} ${rollup.start}`, rollup]));
}

let enterprises = 0;

describe('whatever arrives, in whatever order, late, twice or corrected', () => {
  it('comes out as if all had been there at once: hours, days, indicators, alerts', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (pushes) => {
        const id = `e${enterprises++}`;
        const meters = await registerEnterprise(id);
        const sent: Row[] = [];
        for (const { readings, isWorked } of pushes) {
          for (const [site, rows] of rowsOf(meters, readings)) {
            await world.push(site, rows);
            sent.push(...rows);
          }
          if (isWorked) await world.work(id, { changesMax: 7 });
        }
        await world.work(id);

        for (const meter of meters) {
          const zone = world.deps.registry.meter(meter.id)!.site.timeZone;
          expect(await storedOf(meter)).toEqual(atOnce(meter, zone, sent));
        }
        await expectIndicators(id, meters);
        await expectAlertsInLine(world, `${id}-dust`, `${id}-limit`);
      }),
      { numRuns: 10 },
    );
  });
});

async function expectIndicators(id: string, meters: readonly Meter[]): Promise<void> {
  const span = { window: 'P1D', from: begin - 3 * dayMs, to: begin + historyMs + 3 * dayMs } as const;
  const stored = await world.deps.seriesStore.indicators({ enterprises: [id], ...span });
  const events = (await world.indicatorEvents()).filter(
    ({ after }) => after.enterprise === id && after.site === undefined && after.window === 'P1D',
  );
  // What is stored is what was published last, and each publication says what stood before it.
  const published = new Map<string, Indicator>();
  for (const event of events) {
    expect(event.before).toEqual(published.get(event.id) ?? null);
    published.set(event.id, event.after);
  }
  expect(new Map(stored.map((indicator) => [indicator.id, indicator]))).toEqual(published);

  const inputs = meters.filter(({ quantity }) => quantity === 'electricity' || quantity === 'production');
  const definitions = new Map(indicatorDefinitions.map((definition) => [definition.name, definition]));
  const storedRollups = new Map(
    await Promise.all(inputs.map(async (meter) => [meter.id, await storedOf(meter)] as const)),
  );
  for (const { enterprise, name, window, start, end, ...numbers } of stored) {
    const scoped = inputs.map((meter) => {
      const { timeZone: zone } = world.deps.registry.meter(meter.id)!.site;
      const rollups = storedRollups.get(meter.id)!;
      // The same date in Delhi, four and a half hours earlier (three and a half in summer).
      const own = sameDateWindow('P1D', start, 'Europe/Berlin', zone);
      const ofDay = rollups.get(`P1D ${own.start}`);
      // Of a meter that has told nothing up to the end of the day nothing is expected.
      const hasBegun = [...rollups.values()].some((rollup) => rollup.start < own.end);
      return {
        ...{ meter, zone, hasBegun, window: own },
        rollups: ofDay === undefined ? [] : [{ ...ofDay, revision: 1 }],
      };
    });
    const { inputs: _, ...draft } = computeIndicator(definitions.get(name)!, {
      ...{ enterprise, window, start, end, meters: scoped },
      ...{ isFinished: true, gwpSet: 'AR5', factors: new FactorBook([]) },
      match: ({ coverageMin }, asked) => matchedByHours(asked, { start, end }, coverageMin, storedRollups),
    })!;
    const { value, coverage, withheld, numerator, denominator } = draft;
    expect(numbers).toMatchObject({ value, coverage, withheld, numerator, denominator });
    const { matchedShare, matchedNumerator, matchedDenominator } = draft;
    const { matchedShare: share, matchedNumerator: above, matchedDenominator: below } = numbers;
    expect([share, above, below]).toEqual([matchedShare, matchedNumerator, matchedDenominator]);
  }
}

/** The time that the inputs that have begun have in common, by the hour from the beginning of each one's day. */
function matchedByHours(
  inputs: readonly ScopedMeter[],
  day: Window,
  shareMin: number,
  rollups: ReadonlyMap<string, ReadonlyMap<string, Omit<Rollup, 'revision'>>>,
): MatchedWindow {
  const begun = inputs.filter(({ hasBegun }) => hasBegun);
  const hours = begun.map(({ meter, zone, window: own }) =>
    windowsBetween('PT1H', own!.start, own!.end, zone).map((hour) => ({
      windowMs: hour.end - hour.start,
      told: rollups.get(meter.id)!.get(`PT1H ${hour.start}`),
    })),
  );
  const count = Math.min(...hours.map(({ length }) => length));
  const parts = Array.from({ length: count }, (_, i) => ({
    ...matchWindow(
      hours.map((of) => of[i]!.told),
      shareMin,
    ),
    windowMs: hours[0]![i]!.windowMs,
  }));
  const matched =
    matchWhole(begun.map((input) => input.rollups[0])) ??
    mergeMatched(parts, begun.length, { isStep: false, shareMin });
  const sums = inputs.map((input) => matched.sums[begun.indexOf(input)] ?? 0);
  return matchedWindow([{ ...matched, sums, date: '2026-03-28' }], day);
}
