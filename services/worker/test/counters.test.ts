import { flag, rollupHours, rulesVersion, windowsBetween, type Rollup } from '@songma/domain';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  dayMs,
  hourMs,
  minuteMs,
  monday,
  openWorld,
  registerPlant,
  series,
  zone,
  type Row,
  type WorkerWorld,
} from './worker-world.ts';

let world: WorkerWorld;
let site: string;
const meter = 'works-register';
beforeAll(async () => {
  world = await openWorld();
  ({ site } = await registerPlant(world, 'works'));
});
afterAll(() => world.close());

const stepMs = 30 * minuteMs;
const spanDays = 6;
/** Runs lie apart in time, farther than any change reaches, so that all use one store and one meter. */
const runsApartMs = 40 * dayMs;
let runs = 0;

const shown = {
  true: (i: number) => 20_000 + i * 5,
  zero: () => 0,
  spike: () => 1e6,
  reset: (i: number) => i * 5,
  swapped: (i: number) => 12_000 + i * 5,
  fault: () => 0,
} as const;
type Shown = keyof typeof shown;

/** Some readings in a row, a push each: most of them as they are, and the odd ones short or long. */
const stretch = fc.record({
  first: fc.integer({ min: 0, max: (spanDays * dayMs) / stepMs - 1 }),
  count: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 50 })),
  what: fc.constantFrom<Shown>('true', 'true', 'zero', 'spike', 'reset', 'swapped', 'fault'),
  isWorked: fc.boolean(),
});
/** First what the register showed, with holes; then, in any order, what is late, odd and corrected. */
const history = fc.record({
  holes: fc.array(fc.integer({ min: 0, max: (spanDays * dayMs) / stepMs - 1 }), { maxLength: 4 }),
  stretches: fc.array(stretch, { minLength: 2, maxLength: 7 }),
  changesMax: fc.constantFrom(4, 16, 500),
});

function rowsOf(
  { first, count, what }: typeof stretch extends fc.Arbitrary<infer T> ? T : never,
  base: number,
) {
  return Array.from({ length: count }, (_, i): Row => ({
    meter,
    time: base + (first + i) * stepMs,
    value: shown[what](first + i),
    flags: what === 'fault' ? 2 : 0,
  }));
}

describe('a counter with glitches, resets and swaps', () => {
  it('comes out as its whole history at once, in whatever order it came and was corrected', async () => {
    let [irregular, spread] = [0, 0];
    await fc.assert(
      fc.asyncProperty(history, async ({ holes, stretches, changesMax }) => {
        const base = monday + runs++ * runsApartMs;
        const end = base + (spanDays + 4) * dayMs;
        const count = (spanDays * dayMs) / stepMs;
        const rows = rowsOf({ first: 0, count, what: 'true', isWorked: true }, base);
        const stands = new Map<number, Row>();
        const take = async (some: readonly Row[]) => {
          await world.push(site, some);
          for (const row of some) stands.set(row.time, row);
        };
        // A hole is six hours long.
        await take(rows.filter((_, i) => !holes.some((hole) => i >= hole && i < hole + 12)));
        await world.work('works');
        for (const one of stretches) {
          await take(rowsOf(one, base));
          // Only the oldest of what is due, so that it is computed while the rest is pending.
          if (one.isWorked) await world.work('works', { changesMax });
        }
        await world.work('works', { changesMax });

        const whole = await expectWhole(stands.values(), base, end);
        irregular += whole.filter((hour) => hour.irregular > 0).length;
        spread += whole.filter(({ spreadMs }) => spreadMs > 0).length;
      }),
      { numRuns: 40 },
    );
    expect(irregular).toBeGreaterThan(50);
    expect(spread).toBeGreaterThan(50);
  });

  it('is computed as far as a step speaks that somebody else has found mended', async () => {
    const base = monday + runs++ * runsApartMs;
    const first = base + 5 * dayMs + 8 * hourMs;
    const at = (hours: number) => first + hours * hourMs;
    const value = (time: number) => 20_000 + ((time - base) / stepMs) * 5;
    const times = Array.from({ length: (7 * dayMs) / stepMs }, (_, i) => base + i * stepMs);
    // Out of a silence of thirty hours it comes too high, and the ten hours until it is there are left out.
    const rows = times
      .filter((time) => time <= at(-30) || time >= first)
      .map((time) => ({ meter, time, value: value(time) }));
    const odd: Row[] = [
      { meter, time: at(-70.5), value: 0 },
      { meter, time: at(-30), value: value(first) + 95 },
      { meter, time: first, value: value(first) + 105 },
    ];
    const stands = new Map<number, Row>(rows.map((row) => [row.time, row]));
    const take = async (some: readonly Row[]) => {
      await world.push(site, some);
      for (const row of some) stands.set(row.time, row);
    };
    await take(rows);
    await take(odd);
    await world.work('works');
    const before = await expectWhole(stands.values(), base, base + 8 * dayMs);
    expect(before.find(({ start }) => start === at(5))?.sum).toBeLessThan(1);

    // The first is computed while the others are pending, and reaches the hour of the last, but not what follows it.
    await take([{ meter, time: at(-71), value: value(at(-71)) + 1 }]);
    await take([at(-30), first].map((time) => ({ meter, time, value: value(time) })));
    await world.work('works', { changesMax: 1 });
    const after = await expectWhole(stands.values(), base, base + 8 * dayMs);
    expect(after.find(({ start }) => start === at(5))?.sum).toBe(10);
  });

  it('is judged by whoever sees the irregular step where two changes of one piece touch the same hour', async () => {
    const base = monday + runs++ * runsApartMs;
    const reading = (hours: number, value: number, flags = 0) => {
      return { meter, time: base + hours * hourMs, value, flags };
    };
    const first = reading(13.25, 244);
    await world.push(site, [first]);
    await world.work('works');
    // The last has no value to go by; it touches the hour of the one before, and sees no farther than its neighbour.
    const rest = [reading(17, 232), reading(23.75, 341), reading(30, 411, flag.calibrating)];
    await world.push(site, rest);
    await world.work('works');
    const whole = await expectWhole([first, ...rest], base, base + 4 * dayMs);
    expect(whole.reduce((sum, hour) => sum + (hour.sum ?? 0), 0)).toBeCloseTo(341 - 244);
  });

  it('is read no farther than its neighbours while it is regular', async () => {
    const base = monday + runs++ * runsApartMs;
    await world.push(
      site,
      series(meter, base, 4 * 96, 15 * minuteMs, (i) => 1_000 + i),
    );
    await world.work('works');
    const next = base + 4 * dayMs;
    const plain = await readingsRead(() => world.push(site, [{ meter, time: next, value: 1_384 }]));
    expect(plain).toBeLessThan(30);
    const odd = await readingsRead(() => world.push(site, [{ meter, time: next, value: 0 }]));
    expect(odd).toBeGreaterThan(4 * 96);
    // Back to what it was, the surroundings are computed once more, and then no longer.
    expect(await readingsRead(() => world.push(site, [{ meter, time: next, value: 1_384 }]))).toBeGreaterThan(
      4 * 96,
    );
    expect(await readingsRead(() => world.push(site, [{ meter, time: next, value: 1_385 }]))).toBeLessThan(
      30,
    );
  });

  /** That the stored hours are those of all readings at once, which it returns. */
  async function expectWhole(rows: Iterable<Row>, base: number, end: number) {
    const ordered = [...rows].toSorted((a, b) => a.time - b.time);
    const readings = {
      times: Float64Array.from(ordered, ({ time }) => time),
      values: Float64Array.from(ordered, ({ value }) => value),
      flags: Uint8Array.from(ordered, ({ flags = 0 }) => flags),
    };
    const { meter: of } = world.deps.registry.meter(meter)!;
    const whole = rollupHours(of, zone, readings, windowsBetween('PT1H', base - dayMs, end, zone));
    const stored = await world.rollups(site, 'PT1H', base - dayMs, end);
    expect(comparable(stored)).toEqual(
      comparable(whole.map((hour) => ({ ...hour, rules: rulesVersion, revision: 0 }))),
    );
    return whole;
  }

  /** How many readings the worker reads for a change. */
  async function readingsRead(change: () => Promise<void>): Promise<number> {
    const { seriesStore } = world.deps;
    const read = seriesStore.read.bind(seriesStore);
    let count = 0;
    seriesStore.read = async function* (query) {
      for await (const chunk of read(query)) {
        count += chunk.times.length;
        yield chunk;
      }
    };
    try {
      await change();
      await world.work('works');
    } finally {
      seriesStore.read = read;
    }
    return count;
  }
});

/** Without revisions and without windows that say nothing. */
function comparable(hours: readonly Rollup[]) {
  return hours
    .filter((hour) => hour.meter === meter && (hour.count > 0 || hour.coveredMs > 0))
    .map((hour) => ({ ...hour, revision: 0 }));
}
