import { flag, roundTo15Digits, saysSomething } from '@songma/domain';
import { describe, expect, it } from 'vitest';
import { pause } from '@songma/runtime';
import { readThrough } from '@songma/series-store';
import { startWorker } from '../src/worker.ts';
import {
  dayMs,
  hourMs,
  minuteMs,
  monday,
  openWorld,
  registerPlant,
  series,
  type Row,
  type WorkerWorld,
} from './worker-world.ts';
import { isStanding } from '@songma/limits';
import { saidBy } from './alert-contents.ts';

const site = 'mill-site';
const day = [
  ...series('mill-power', monday, 96, 15 * minuteMs, () => 10),
  ...series('mill-register', monday, 96, 15 * minuteMs, (i) => 500 + 3 * i),
  ...series('mill-clinker', monday, 24, hourMs, () => 2),
  ...series('mill-dust', monday, 288, 5 * minuteMs, (i) => (i >= 120 && i < 132 ? 150 : 80)),
  { meter: 'mill-dust', time: monday + dayMs, value: NaN, flags: flag.belowDetection },
  { meter: 'mill-dust', time: monday + dayMs + 5 * minuteMs, value: 2, flags: flag.belowDetection },
];

/**
 * kWh a tonne over the hours in which everything is known: of the interval meter so much, and what the register climbed.
 * The day's last quarter is not on it yet.
 */
const intensity = (powerKwh: number, hours = 23) => roundTo15Digits((powerKwh + hours * 4 * 3) / (hours * 2));

interface Change {
  readonly name: string;
  /** What is registered after the readings were computed, or before they come. */
  readonly facts: (world: WorkerWorld) => Promise<void>;
  /** Whether the rollups must move; else only what stands on them. */
  readonly moves: 'rollups' | 'alerts';
  readonly readings?: readonly Row[];
}

const edit = async (world: WorkerWorld, kind: 'meter' | 'limit', id: string, fields: object) =>
  world.register(kind, { ...world.deps.registry.get(kind, id)!.body, ...fields });

const changes: readonly Change[] = [
  {
    name: 'a multiplier of a counter',
    facts: (world) => edit(world, 'meter', 'mill-register', { multiplier: 40 }),
    moves: 'rollups',
  },
  {
    name: 'an interval, and with it how much is expected',
    facts: (world) => edit(world, 'meter', 'mill-power', { intervalMs: 5 * minuteMs }),
    moves: 'rollups',
  },
  {
    name: 'a hold that becomes longer',
    facts: (world) => edit(world, 'meter', 'mill-dust', { holdMaxMs: 5 * hourMs }),
    moves: 'rollups',
  },
  {
    name: 'a hold that becomes shorter',
    facts: async (world) => {
      await edit(world, 'meter', 'mill-dust', { holdMaxMs: 5 * hourMs });
      await settle(world);
      await edit(world, 'meter', 'mill-dust', { holdMaxMs: 5 * minuteMs });
    },
    moves: 'rollups',
  },
  {
    name: 'a valid range that leaves out what counted',
    facts: (world) => edit(world, 'meter', 'mill-dust', { validRange: { min: 0, max: 100 } }),
    moves: 'rollups',
  },
  {
    name: 'a valid range of what a register can show',
    facts: (world) => edit(world, 'meter', 'mill-register', { validRange: { max: 600 } }),
    moves: 'rollups',
  },
  {
    name: 'a valid range that only flags what it left out',
    facts: async (world) => {
      await edit(world, 'meter', 'mill-dust', { validRange: { max: 70 } });
      await settle(world);
      await edit(world, 'meter', 'mill-dust', { validRange: { max: 70, mode: 'flag' } });
    },
    moves: 'rollups',
  },
  {
    name: 'how what is below detection counts',
    facts: (world) => edit(world, 'meter', 'mill-dust', { belowDetection: { counts: 'half', limit: 4 } }),
    moves: 'rollups',
  },
  {
    name: 'a limit that was stricter than was thought',
    facts: (world) => edit(world, 'limit', 'mill-limit', { value: 70 }),
    moves: 'alerts',
  },
  {
    name: 'a limit that was laxer than was thought',
    facts: (world) => edit(world, 'limit', 'mill-limit', { value: 200 }),
    moves: 'alerts',
  },
  {
    name: 'a limit that was in force later only',
    facts: (world) => edit(world, 'limit', 'mill-limit', { validFrom: monday + 11 * hourMs }),
    moves: 'alerts',
  },
];

/** Until no fact waits to be looked at and nothing is due. */
async function settle(world: WorkerWorld): Promise<void> {
  const { registry, seriesStore } = world.deps;
  while ((await seriesStore.markedTo()) !== registry.foldedTo()) await pause(5);
  await world.work('mill');
}

/** A world whose worker looks for changed facts; the tests call for the work itself. */
async function withWorld(test: (world: WorkerWorld) => Promise<void>): Promise<void> {
  const world = await openWorld();
  try {
    await registerPlant(world, 'mill');
    const worker = await startWorker(
      {
        ...world.deps,
        wakeUps: {
          ...world.deps.wakeUps,
          handle: async () => ({ close: async () => {} }),
          wake: async () => {},
        },
      },
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

/** Everything that was computed, but for what tells how often it was. */
async function results(world: WorkerWorld): Promise<unknown> {
  const [hours, days] = [await world.rollups(site, 'PT1H'), await world.rollups(site, 'P1D')];
  const indicators = await world.indicators('mill');
  return {
    rollups: [...hours, ...days].filter(saysSomething).map(({ revision: _revision, ...rollup }) => rollup),
    indicators: indicators.map(({ revision: _revision, publishedAt: _at, inputs: _inputs, ...one }) => one),
    alerts: (await world.alerts())
      .filter(isStanding)
      .map(saidBy)
      .toSorted((a, b) => a.since - b.since),
  };
}

describe('a fact that changes after the readings came', () => {
  it.for(changes)('$name: what stands on it is as if it had been known before', async ({ facts, moves }) => {
    let after: unknown;
    await withWorld(async (world) => {
      await world.push(site, day);
      await settle(world);
      const before = (await results(world)) as { rollups: unknown; alerts: unknown };
      await facts(world);
      await settle(world);
      after = await results(world);
      expect(after).not.toEqual(before);
      const { rollups } = after as { rollups: unknown };
      expect(JSON.stringify(rollups) === JSON.stringify(before.rollups)).toBe(moves === 'alerts');
    });
    await withWorld(async (world) => {
      await facts(world);
      await world.push(site, day);
      await settle(world);
      expect(after).toEqual(await results(world));
    });
  });

  it('a range that is declared void counts for nothing, what is pushed for it later counts, and all of it can be taken back', () =>
    withWorld(async (world) => {
      const clean = day.filter(({ meter, time }) => meter !== 'mill-power' || time !== monday + 5 * hourMs);
      const wrong = { meter: 'mill-power', time: monday + 5 * hourMs, value: 99_999 };
      await world.push(site, [...clean, wrong]);
      await settle(world);
      const before = await results(world);
      const [withWrong] = await world.indicators('mill', { names: ['electricity-intensity'] });
      expect(withWrong).toMatchObject({ value: intensity(91 * 10 + 99_999) });

      const declared = {
        id: 'wrong',
        meter: 'mill-power',
        from: wrong.time,
        to: wrong.time + 1,
        reason: 'swap',
      };
      await world.register('void', declared);
      await settle(world);
      const [withheld] = await world.indicators('mill', { names: ['electricity-intensity'] });
      expect(withheld).toMatchObject({ value: intensity(88 * 10, 22) });
      const events = await world.indicatorEvents();
      expect(events.findLast(({ id }) => id === withWrong!.id)).toMatchObject({
        cause: 'registry',
        before: { value: withWrong!.value },
      });

      const known = Math.floor(world.deps.now()) * 1_000 + 5_000;
      await world.push(site, [{ ...wrong, value: 10 }], known);
      await settle(world);
      expect(await world.indicators('mill', { names: ['electricity-intensity'] })).toMatchObject([
        { value: intensity(92 * 10) },
      ]);

      const { version } = world.deps.registry.get('void', 'wrong')!;
      await world.deps.registry.submit({
        kind: 'void',
        entity: 'wrong',
        expectedVersion: version,
        body: null,
        by: 'test',
      });
      await world.push(site, [wrong], known + 1);
      await settle(world);
      expect(await results(world)).toEqual(before);
    }));

  it('a range that is declared void stays so when its readings were sent again, in whatever order the two arrive', () =>
    withWorld(async (world) => {
      const from = monday + 5 * hourMs;
      const wrong = { meter: 'mill-power', time: from, value: 99_999 };
      const clean = day.filter(({ meter, time }) => meter !== 'mill-power' || time !== from);
      const declaredMs = Math.floor(world.deps.now());
      await world.push(site, clean);
      await world.push(site, [wrong], (declaredMs + 60_000) * 1000);
      await world.push(site, [wrong], (declaredMs - 60_000) * 1000);
      const declared = { id: 'wrong', meter: 'mill-power', from, to: from + 1, reason: 'swap' };
      await world.register('void', declared);
      await settle(world);
      expect(await world.indicators('mill', { names: ['electricity-intensity'] })).toMatchObject([
        { value: intensity(88 * 10, 22) },
      ]);
    }));

  it('an alert of a limit that is withdrawn is voided and says why', () =>
    withWorld(async (world) => {
      await world.push(site, day);
      await settle(world);
      expect(await world.alerts()).toMatchObject([{ state: 'resolved' }]);
      const { version } = world.deps.registry.get('limit', 'mill-limit')!;
      await world.deps.registry.submit({
        kind: 'limit',
        entity: 'mill-limit',
        expectedVersion: version,
        body: null,
        by: 'test',
      });
      await settle(world);
      expect(await world.alerts()).toMatchObject([{ state: 'voided', cause: 'limit' }]);
    }));

  it('an alert whose readings are declared void is voided and says why', () =>
    withWorld(async (world) => {
      await world.push(site, day);
      await settle(world);
      const [from, to] = [monday + 10 * hourMs, monday + 11 * hourMs];
      await world.register('void', { id: 'dusty', meter: 'mill-dust', from, to, reason: 'probe' } as {
        id: string;
      });
      await settle(world);
      expect(await world.alerts()).toMatchObject([{ state: 'voided', cause: 'void' }]);
    }));

  it('that changes nothing publishes nothing and computes nothing', () =>
    withWorld(async (world) => {
      await world.push(site, day);
      await settle(world);
      const [hours, events] = [await world.rollups(site, 'PT1H'), await world.indicatorEvents()];
      await edit(world, 'meter', 'mill-register', { name: 'Công tơ tổng' });
      await settle(world);
      expect(await world.rollups(site, 'PT1H')).toEqual(hours);
      expect(await world.indicatorEvents()).toEqual(events);
    }));
});

it('what changed while no worker ran is found when one starts', async () => {
  const world = await openWorld();
  try {
    await registerPlant(world, 'mill');
    const start = () => startWorker({ ...world.deps }, { ...world.config, reconcileMs: dayMs });
    let worker = await start();
    await world.push(site, day);
    await settle(world);
    await worker.close();
    await edit(world, 'meter', 'mill-power', { multiplier: 2 });
    worker = await start();
    await settle(world);
    await worker.close();
    expect(await world.indicators('mill', { names: ['electricity-intensity'] })).toMatchObject([
      { value: intensity(92 * 20) },
    ]);
  } finally {
    await world.close();
  }
});

it('what changes while a new store is asked how far facts were looked at is not overlooked', async () => {
  const gate = Promise.withResolvers<void>();
  const world = await openWorld({
    aroundStore: (store) => ({
      ...readThrough(store, (chunk) => chunk),
      markedTo: async (marker) => {
        // Before a worker starts it asks about rules, and that is not what waits here.
        if (marker === undefined) await gate.promise;
        return store.markedTo(marker);
      },
    }),
  });
  try {
    await registerPlant(world, 'mill');
    const worker = await startWorker(world.deps, { ...world.config, reconcileMs: dayMs });
    await world.push(site, day);
    await world.work('mill');
    await edit(world, 'meter', 'mill-power', { multiplier: 2 });
    gate.resolve();
    await settle(world);
    await worker.close();
    const [intensityOf] = await world.indicators('mill', { names: ['electricity-intensity'] });
    expect(intensityOf).toMatchObject({ value: intensity(92 * 20) });
  } finally {
    await world.close();
  }
});
