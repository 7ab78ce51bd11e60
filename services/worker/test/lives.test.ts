import type { Indicator, IndicatorWindow } from '@songma/domain';
import { pause } from '@songma/runtime';
import { describe, expect, it } from 'vitest';
import { startWorker } from '../src/worker.ts';
import { dayMs, openWorld, registerDailyPlant, series, type Row, type WorkerWorld } from './worker-world.ts';

const site = 'mill-site';
const startOf = (date: string) => Date.parse(`${date}T00:00:00+07:00`);
const span = { from: startOf('2025-01-01'), to: startOf('2027-12-31') };
const year = startOf('2025-01-01');

/** So much of a meter on each day between two dates, the last exclusive. */
const daily = (meter: string, from: string, to: string, value = 3): Row[] =>
  series(`mill-${meter}`, startOf(from), (startOf(to) - startOf(from)) / dayMs, dayMs, () => value);

/** A world with a plant that reports once a day, whose worker looks for changed facts; tests call for the work. */
async function withWorld(test: (world: WorkerWorld) => Promise<void>): Promise<void> {
  // What is sent of a meter that is retired already is not waited for.
  const world = await openWorld({ config: { registryGraceMs: 0 } });
  try {
    await registerDailyPlant(world, 'mill');
    const { wakeUps } = world.deps;
    const asleep = { ...wakeUps, handle: async () => ({ close: async () => {} }), wake: async () => {} };
    const worker = await startWorker(
      { ...world.deps, wakeUps: asleep },
      { ...world.config, reconcileMs: dayMs },
    );
    try {
      await test(world);
    } finally {
      await worker.close();
    }
  } finally {
    await world.close();
  }
}

async function settle(world: WorkerWorld): Promise<void> {
  const { registry, seriesStore } = world.deps;
  while ((await seriesStore.markedTo()) !== registry.foldedTo()) await pause(5);
  await world.work('mill');
}

const meterFields = { site, quantity: 'water', unit: 'm3', kind: 'interval', intervalMs: dayMs };
const register = (world: WorkerWorld, name: string, fields: object = {}) =>
  world.register('meter', { ...meterFields, id: `mill-${name}`, name, ...fields } as { id: string });
const edit = (world: WorkerWorld, name: string, fields: object) =>
  world.register('meter', { ...world.deps.registry.get('meter', `mill-${name}`)!.body, ...fields });

async function retire(world: WorkerWorld, name: string): Promise<void> {
  const entity = `mill-${name}`;
  const { version } = world.deps.registry.get('meter', entity)!;
  await world.deps.registry.submit({
    kind: 'meter',
    entity,
    expectedVersion: version,
    body: null,
    by: 'test',
  });
}

const intensities = (world: WorkerWorld, window: IndicatorWindow) =>
  world.indicators('mill', { names: ['water-intensity'], window, ...span });
const valuesOf = (all: readonly Indicator[]) => all.map(({ value, withheld }) => withheld ?? value);

/** Everything that stands of the plant, but for how often it changed. */
async function standing(world: WorkerWorld): Promise<unknown> {
  const windows = ['P1D', 'P1M', 'P1Y', 'R12M'] as const;
  const found = await Promise.all(windows.map((window) => intensities(world, window)));
  return found
    .flat()
    .filter(({ withheld }) => withheld === null || !/^no-|^unfinished$|^withdrawn$/.test(withheld))
    .map(({ revision: _, publishedAt: _at, inputs: _inputs, ...one }) => one);
}

// "a second meter that is registered after 400 complete days and sends 15".
describe('a second meter that is registered after 400 complete days and sends 15', () => {
  const complete = [
    ...daily('daily', '2025-01-01', '2026-02-05'),
    ...daily('output', '2025-01-01', '2026-02-05', 10),
  ];

  it(
    'withholds nothing of before its first reading, also where that is corrected afterwards',
    () =>
      withWorld(async (world) => {
        await world.push(site, complete);
        await settle(world);
        await register(world, 'second');
        await settle(world);
        expect(valuesOf(await intensities(world, 'P1Y'))).toEqual([0.3, 'unfinished']);
        await world.push(site, [
          ...daily('second', '2026-02-05', '2026-02-20', 1),
          ...daily('daily', '2026-02-05', '2026-02-20'),
          ...daily('output', '2026-02-05', '2026-02-20', 10),
        ]);
        await settle(world);
        expect(valuesOf(await intensities(world, 'P1Y'))).toEqual([0.3, 'unfinished']);
        expect(valuesOf((await intensities(world, 'P1M')).slice(0, 13))).toEqual(Array(13).fill(0.3));
        expect(valuesOf((await intensities(world, 'P1D')).slice(398, 402))).toEqual([0.3, 0.3, 0.4, 0.4]);

        await world.push(site, [{ meter: 'mill-daily', time: startOf('2025-03-10'), value: 34 }]);
        await settle(world);
        expect(valuesOf((await intensities(world, 'P1M')).slice(1, 4))).toEqual([0.3, 0.4, 0.3]);
        expect((await intensities(world, 'P1Y'))[0]).toMatchObject({ withheld: null, coverage: 1 });
      }),
    60_000,
  );

  it(
    'is expected from an earlier day on once an earlier reading comes, on the days between too',
    () =>
      withWorld(async (world) => {
        await register(world, 'second');
        await world.push(site, [...complete, ...daily('second', '2026-02-01', '2026-02-05', 1)]);
        await settle(world);
        expect(valuesOf((await intensities(world, 'P1M')).slice(0, 13))).toEqual(Array(13).fill(0.3));
        await world.push(site, daily('second', '2025-11-30', '2025-12-01', 1));
        await settle(world);
        const months = valuesOf(await intensities(world, 'P1M'));
        expect(months.slice(9, 13)).toEqual([0.3, 'coverage', 'coverage', 'coverage']);
        const days = await intensities(world, 'P1D');
        const at = days.findIndex(({ start }) => start === startOf('2025-11-29'));
        expect(valuesOf(days.slice(at, at + 4))).toEqual([0.3, 0.4, 'coverage', 'coverage']);
        expect(valuesOf(await intensities(world, 'P1Y'))[0]).toBe('coverage');
      }),
    60_000,
  );
});

// "replacing a meter on 1 July withholds every month".
describe('a meter that is replaced on 1 July', () => {
  const readings = [
    ...daily('daily', '2025-01-01', '2025-07-01'),
    ...daily('new', '2025-07-01', '2026-01-03', 3),
    ...daily('output', '2025-01-01', '2026-01-03', 10),
  ];
  const july = startOf('2025-07-01');
  const replace = async (world: WorkerWorld, from = july) => {
    await edit(world, 'daily', { to: july });
    await register(world, 'new', { from, follows: 'mill-daily' });
  };

  it(
    'adds up with the one that follows it: every month and the year are told',
    () =>
      withWorld(async (world) => {
        await replace(world);
        await world.push(site, readings);
        await settle(world);
        expect(valuesOf((await intensities(world, 'P1M')).slice(0, 12))).toEqual(Array(12).fill(0.3));
        expect((await intensities(world, 'P1Y'))[0]).toMatchObject({
          value: 0.3,
          coverage: 1,
          numerator: 1095,
        });
      }),
    60_000,
  );

  it(
    'comes out the same when it is told a year later',
    () =>
      withWorld(async (world) => {
        await world.push(
          site,
          readings.filter(({ meter }) => meter !== 'mill-new'),
        );
        await settle(world);
        expect(valuesOf(await intensities(world, 'P1Y'))[0]).toBe('coverage');
        await replace(world);
        await settle(world);
        await world.push(
          site,
          readings.filter(({ meter }) => meter === 'mill-new'),
        );
        await settle(world);
        const late = await standing(world);
        await withWorld(async (clean) => {
          await replace(clean);
          await clean.push(site, readings);
          await settle(clean);
          expect(late).toEqual(await standing(clean));
        });
      }),
    60_000,
  );

  it(
    'misses the days between the two, since the flow went on',
    () =>
      withWorld(async (world) => {
        await replace(world, startOf('2025-08-10'));
        await world.push(site, readings);
        await settle(world);
        const months = valuesOf(await intensities(world, 'P1M'));
        expect(months.slice(5, 9)).toEqual([0.3, 'no-water-reported', 'coverage', 0.3]);
        expect(valuesOf(await intensities(world, 'P1Y'))[0]).toBe('coverage');
      }),
    60_000,
  );

  it(
    'is expected no more from its end on, and what it sends after it is kept and does not count',
    () =>
      withWorld(async (world) => {
        await register(world, 'old', { to: july });
        await world.push(site, [
          ...daily('daily', '2025-01-01', '2026-01-03'),
          ...daily('output', '2025-01-01', '2026-01-03', 10),
          ...daily('old', '2025-01-01', '2025-07-20', 1),
        ]);
        await settle(world);
        expect(valuesOf((await intensities(world, 'P1M')).slice(4, 9))).toEqual([0.4, 0.4, 0.3, 0.3, 0.3]);
        expect((await intensities(world, 'P1Y'))[0]).toMatchObject({ coverage: 1, numerator: 365 * 3 + 181 });
        const ofOld = (await world.rollups(site, 'P1Y', year, year + 1)).find(
          ({ meter }) => meter === 'mill-old',
        );
        expect(ofOld).toMatchObject({ expected: 181, count: 181, coverage: 1, sum: 181 });
      }),
    60_000,
  );
});

type Act = (world: WorkerWorld) => Promise<unknown>;

it.for<readonly [string, Act, Act]>([
  [
    'a meter that is expected since before its first reading',
    () => Promise.resolve(),
    (world) => edit(world, 'second', { from: startOf('2025-02-10') }),
  ],
  [
    'a life that is taken back',
    (world) => edit(world, 'second', { from: startOf('2025-03-05'), to: startOf('2025-03-10') }),
    (world) => edit(world, 'second', { from: undefined, to: undefined }),
  ],
  [
    'a life that begins later in a month of which nothing else changes',
    () => Promise.resolve(),
    (world) => edit(world, 'second', { from: startOf('2025-03-02') }),
  ],
  [
    'a meter that becomes a part',
    () => Promise.resolve(),
    (world) => edit(world, 'second', { countsAs: 'part' }),
  ],
  ['a meter that is retired', () => Promise.resolve(), (world) => retire(world, 'second')],
])('%s comes out as if it had always been known', { timeout: 60_000 }, async ([, before, change]) => {
  const readings = [
    ...daily('daily', '2025-01-01', '2025-05-03'),
    ...daily('output', '2025-01-01', '2025-05-03', 10),
    ...daily('second', '2025-03-02', '2025-03-20', 1),
  ];
  let late: unknown;
  await withWorld(async (world) => {
    await register(world, 'second');
    await before(world);
    await world.push(site, readings);
    await settle(world);
    const then = await standing(world);
    await change(world);
    await settle(world);
    late = await standing(world);
    expect(late).not.toEqual(then);
  });
  await withWorld(async (world) => {
    await register(world, 'second');
    await before(world);
    await change(world);
    await world.push(site, readings);
    await settle(world);
    expect(late).toEqual(await standing(world));
  });
});

it(
  'a side that is metered for a part of the time has no window in which the other is metered longer',
  () =>
    withWorld(async (world) => {
      await edit(world, 'daily', { from: startOf('2025-02-15') });
      await world.push(site, [
        ...daily('daily', '2025-02-15', '2025-04-02'),
        ...daily('output', '2025-01-01', '2025-04-02', 10),
      ]);
      await settle(world);
      expect(valuesOf((await intensities(world, 'P1M')).slice(0, 3))).toEqual([
        'no-water-reported',
        'coverage',
        0.3,
      ]);
      await edit(world, 'output', { from: startOf('2025-02-15') });
      await settle(world);
      expect(valuesOf((await intensities(world, 'P1M')).slice(1, 3))).toEqual([0.3, 0.3]);
    }),
  60_000,
);
