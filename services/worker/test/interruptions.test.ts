import { shardOf } from '@songma/domain';
import { UnavailableError } from '@songma/runtime';
import { readThrough } from '@songma/series-store';
import { expect, it } from 'vitest';
import { startWorker } from '../src/worker.ts';
import {
  dayMs,
  hourMs,
  minuteMs,
  monday,
  openWorld,
  registerPlant,
  series,
  type WorkerWorld,
  type WorldOptions,
} from './worker-world.ts';

async function withWorld(options: WorldOptions, work: (world: WorkerWorld) => Promise<void>): Promise<void> {
  const world = await openWorld(options);
  try {
    await registerPlant(world, 'mill');
    await work(world);
  } finally {
    await world.close();
  }
}

const dusty = (value: number) => series('mill-dust', monday, 12, 5 * minuteMs, () => value);
const busy = [
  ...series('mill-power', monday, 96, 15 * minuteMs, () => 10),
  ...series('mill-clinker', monday, 24, hourMs, () => 2),
  ...dusty(150),
];

/** A settle that fails in this call. */
function failingOnce() {
  const fault = { isArmed: false };
  const aroundStore: WorldOptions['aroundStore'] = (store) => ({
    ...readThrough(store, (chunk) => chunk),
    async settle(shard, mark, results) {
      if (fault.isArmed) {
        fault.isArmed = false;
        throw new UnavailableError('store_unreachable', 'the test took it away');
      }
      await store.settle(shard, mark, results);
    },
  });
  return { fault, aroundStore };
}

it.for(['goes on', 'starts again'] as const)(
  'a worker that was broken off between publishing and settling and %s says the same again and settles it',
  (how) => {
    const { fault, aroundStore } = failingOnce();
    return withWorld({ aroundStore }, async (world) => {
      await world.push('mill-site', busy);
      fault.isArmed = true;
      await expect(world.work('mill')).rejects.toThrow(UnavailableError);
      expect(await world.rollups('mill-site', 'PT1H')).toEqual([]);
      const published = await world.indicatorEvents();
      if (how === 'starts again') await world.restart();
      await world.work('mill');

      const events = await world.indicatorEvents();
      expect(events.length).toBe(2 * published.length);
      const facts = ({ id, before, after }: (typeof events)[number]) => ({
        id,
        before,
        after: { ...after, publishedAt: 0 },
      });
      expect(events.slice(published.length).map(facts)).toEqual(published.map(facts));
      // The store has the later of the two, once.
      for (const event of events.slice(published.length)) {
        const of = event.after;
        expect(await world.deps.seriesStore.history({ of, afterRevision: 0, limit: 10 })).toEqual([event]);
      }
      // So are alerts: the same revision of the same one.
      const steps = await world.alertSteps();
      expect(steps.map(({ change, alert, after }) => `${change} ${alert} ${after.revision}`)).toEqual(
        Array(2).fill(`raised mill-limit/${monday} 1`),
      );
      expect(await world.alerts()).toEqual([steps[1]!.after]);
      const { mark } = await world.deps.seriesStore.due(shardOf('mill'), 1);
      expect(mark).toBeNull();
      const stored = await world.indicators('mill');
      const days = events.filter(({ after }) => after.window === 'P1D' && after.site === undefined);
      const again = days.slice(days.length / 2).map(({ after }) => after);
      expect(stored).toEqual(again.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
    });
  },
);

it('a wake-up brings the shard up to date, and a lost one is made up for by looking', () =>
  withWorld({ config: { reconcileMs: 300 } }, async (world) => {
    await world.push('mill-site', dusty(150));
    const worker = await startWorker(world.deps, world.config);
    try {
      // Nobody woke it for what was there before it came.
      await expect.poll(() => world.rollups('mill-site', 'P1D')).toHaveLength(1);

      await world.push('mill-site', dusty(50));
      await expect.poll(async () => (await world.rollups('mill-site', 'P1D'))[0]?.mean).toBe(50);
      await expect
        .poll(async () => (await world.alertSteps()).map(({ change }) => change))
        .toEqual(['raised', 'voided']);
    } finally {
      await worker.close();
    }
    await worker.closed;
  }));

it('a woken worker does not wait for its own look around', () =>
  withWorld({ config: { reconcileMs: 3_600_000 } }, async (world) => {
    const worker = await startWorker(world.deps, world.config);
    try {
      await world.push('mill-site', dusty(150));
      await world.deps.wakeUps.wake('rollups', [shardOf('mill')]);
      await expect.poll(() => world.rollups('mill-site', 'PT1H')).not.toEqual([]);
    } finally {
      await worker.close();
    }
  }));

it('a rest is over soon after the last reading came, however long it was to be', () => {
  const restful = { reconcileMs: 3_600_000, refillShareMax: 1e-6, restMsMax: 3_600_000 };
  return withWorld({ config: restful }, async (world) => {
    const worker = await startWorker(world.deps, world.config);
    const mean = async () => (await world.rollups('mill-site', 'PT1H'))[0]?.mean;
    try {
      for (const value of [150, 50]) {
        await world.push('mill-site', dusty(value));
        await world.deps.wakeUps.wake('rollups', [shardOf('mill')]);
        await expect.poll(mean).toBe(value);
      }
    } finally {
      await worker.close();
    }
  });
});

it('readings of a meter that the registry does not know yet are waited for, and computed when it does', () =>
  withWorld({}, async (world) => {
    await world.push('mill-site', [{ meter: 'mill-new', time: monday, value: 7 }]);
    await expect(world.work('mill')).rejects.toThrow(UnavailableError);
    const meter = { id: 'mill-new', site: 'mill-site', name: 'new', unit: 'm3', intervalMs: 15 * minuteMs };
    await world.register('meter', { ...meter, quantity: 'water', kind: 'interval' } as { id: string });
    await world.work('mill');
    expect(await world.rollups('mill-site', 'PT1H')).toMatchObject([{ meter: 'mill-new', sum: 7 }]);
  }));

it('a live hour is computed beside an import of older ones that is put off, and both come out right', () =>
  withWorld({ config: { restMsMax: 1_000, backlogRestMsMax: 600_000, reconcileMs: 200 } }, async (world) => {
    const worker = await startWorker(world.deps, world.config);
    // The world's clock begins thirty days after that Monday.
    const live = monday + 30 * dayMs - hourMs;
    const [from, hours] = [monday - 60 * dayMs, 60 * 24];
    const ofClinker = async (start: number, end: number) =>
      (await world.rollups('mill-site', 'PT1H', start, end)).filter(({ meter }) => meter === 'mill-clinker');
    const enough = new AbortController();
    const importing = (async () => {
      // Again and again with other values, so that no month becomes quiet.
      for (let round = 1; ; round++) {
        await world.push(
          'mill-site',
          series('mill-clinker', from, hours, hourMs, () => round),
        );
        if (enough.signal.aborted) return round;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    })();
    try {
      await world.push('mill-site', [{ meter: 'mill-clinker', time: live, value: 7 }]);
      await expect.poll(() => ofClinker(live, live + hourMs)).toMatchObject([{ sum: 7 }]);
      expect(await ofClinker(from, monday)).toEqual([]);
      expect((await world.deps.seriesStore.due(shardOf('mill'), 1)).mark).not.toBeNull();
      enough.abort();
      const sum = await importing;
      const last = async () => (await ofClinker(monday - hourMs, monday))[0]?.sum;
      await expect.poll(last, { timeout: 20_000 }).toBe(sum);
      expect(await ofClinker(from, monday)).toHaveLength(hours);
      await expect.poll(async () => (await world.deps.seriesStore.due(shardOf('mill'), 1)).mark).toBeNull();
    } finally {
      enough.abort();
      await importing;
      await worker.close();
    }
  }));

it('a shard that is filled all the time does not keep another one waiting', () =>
  withWorld({ config: { concurrency: 1, restMsMax: 20 } }, async (world) => {
    const other = Array.from({ length: 100 }, (_, i) => `mill-${i}`).find(
      (id) => shardOf(id) !== shardOf('mill'),
    )!;
    await registerPlant(world, other);
    const worker = await startWorker(world.deps, world.config);
    const enough = new AbortController();
    let pushed = 0;
    const filling = (async () => {
      while (!enough.signal.aborted) {
        await world.push('mill-site', [
          { meter: 'mill-power', time: monday + pushed++ * minuteMs, value: 1 },
        ]);
        await world.deps.wakeUps.wake('rollups', [shardOf('mill')]);
      }
    })();
    try {
      await expect.poll(() => world.rollups('mill-site', 'PT1H')).not.toEqual([]);
      await world.push(`${other}-site`, [{ meter: `${other}-power`, time: monday, value: 1 }]);
      await world.deps.wakeUps.wake('rollups', [shardOf(other)]);
      await expect.poll(() => world.rollups(`${other}-site`, 'PT1H')).toHaveLength(1);
    } finally {
      enough.abort();
      await filling;
      await worker.close();
    }
  }));
