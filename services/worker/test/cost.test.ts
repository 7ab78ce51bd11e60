import { readThrough, type Results, type SeriesStore } from '@songma/series-store';
import { afterEach, expect, it } from 'vitest';
import {
  dayMs,
  hourMs,
  minuteMs,
  monday,
  openWorld,
  registerPlant,
  series,
  type WorkerWorld,
} from './worker-world.ts';

let world: WorkerWorld | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

/** What was read and kept of the store. */
interface Cost {
  readings: number;
  rollupsRead: number;
  rollupsKept: number;
}

/** Counts what goes through the store. */
function counting(cost: Cost) {
  return (store: SeriesStore): SeriesStore => ({
    ...readThrough(store, (chunk) => {
      cost.readings += chunk.times.length;
      return chunk;
    }),
    async settle(shard, mark, results) {
      cost.rollupsKept += results.rollups.length;
      await store.settle(shard, mark, results);
    },
    async keep(results) {
      cost.rollupsKept += results.rollups.length;
      await store.keep(results);
    },
    async rollups(query) {
      const found = await store.rollups(query);
      cost.rollupsRead += found.length;
      return found;
    },
  });
}

/** Of so many days of history the cost of correcting one reading in their middle. */
async function costOfCorrection(days: number): Promise<Cost> {
  const cost: Cost = { readings: 0, rollupsRead: 0, rollupsKept: 0 };
  world = await openWorld({ aroundStore: counting(cost), config: { changesMax: 10_000 } });
  const { site } = await registerPlant(world, 'mill');
  const from = monday - days * 24 * hourMs;
  await world.push(site, [
    ...series('mill-power', from, days * 24, hourMs, (i) => 10 + (i % 7)),
    ...series('mill-register', from, days * 24, hourMs, (i) => 3 * i),
    ...series('mill-clinker', from, days * 24, hourMs, () => 2),
  ]);
  await world.work('mill');
  Object.assign(cost, { readings: 0, rollupsRead: 0, rollupsKept: 0 });
  const time = from + Math.floor(days / 2) * 24 * hourMs + 5 * hourMs;
  await world.push(site, [{ meter: 'mill-power', time, value: 11.5 + minuteMs / hourMs }]);
  await world.work('mill');
  await world.close();
  world = undefined;
  return cost;
}

it('a correction costs what it touches, and as much in ten years of history as in one month', async () => {
  const [month, decade] = [await costOfCorrection(30), await costOfCorrection(3_650)];
  expect({ ...decade, rollupsRead: 0 }).toEqual({ ...month, rollupsRead: 0 });
  // Which months, years and twelve months are over is told by the months after them: twelve a year and meter.
  expect(decade.rollupsRead - month.rollupsRead).toBeLessThan(10 * 12 * 3);
  // The meter's hour and day; and what it rests on: some readings around the hour, some days' rollups.
  expect(month.rollupsKept).toBeLessThanOrEqual(6);
  expect(month.readings).toBeLessThan(100);
  expect(month.rollupsRead).toBeLessThan(300);
});

/** Counts how often each rollup came out otherwise. */
function countingRollups(times: Map<string, number>) {
  const count = ({ rollups }: Results) => {
    for (const { meter, window, start } of rollups) {
      const key = `${window} ${meter} ${start}`;
      times.set(key, (times.get(key) ?? 0) + 1);
    }
  };
  return (store: SeriesStore): SeriesStore => ({
    ...readThrough(store, (chunk) => chunk),
    async settle(shard, mark, results) {
      count(results);
      await store.settle(shard, mark, results);
    },
    async keep(results) {
      count(results);
      await store.keep(results);
    },
  });
}

it('a year that is pushed day by day costs each day and month one or two computations', async () => {
  const times = new Map<string, number>();
  world = await openWorld({ aroundStore: countingRollups(times) });
  const { site } = await registerPlant(world, 'mill');
  // From the first of January, in the site's zone, so that months and year are whole.
  const from = Date.parse('2025-01-01T00:00:00+07:00');
  for (let day = 0; day < 365; day++) {
    const start = from + day * dayMs;
    await world.push(site, [
      ...series('mill-power', start, 96, 15 * minuteMs, (i) => 10 + (i % 7)),
      ...series('mill-clinker', start, 24, hourMs, () => 2),
    ]);
  }
  await world.work('mill');
  const computed = (window: string) => countsOf(times, window);
  expect(computed('P1D')).toHaveLength(2 * 365);
  expect(computed('P1M')).toHaveLength(2 * 12);
  expect(computed('P1Y')).toHaveLength(2);
  // Pieces of 500 and then up to 4,000 changed hours, 166 days: a year of 8,760 hours lies in four.
  expect(Math.max(...computed('P1D'))).toBeLessThanOrEqual(2);
  expect(sum(computed('P1D'))).toBeLessThanOrEqual(2 * (365 + 3));
  expect(Math.max(...computed('P1M'))).toBeLessThanOrEqual(3);
  expect(sum(computed('P1M'))).toBeLessThanOrEqual(2 * (12 + 3));
  expect(Math.max(...computed('P1Y'))).toBeLessThanOrEqual(18);
});

const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b);

function countsOf(times: ReadonlyMap<string, number>, window: string): number[] {
  return [...times].filter(([key]) => key.startsWith(window)).map(([, count]) => count);
}

it('two years that are pushed shuffled cost each hour, day and month hardly more than one computation', async () => {
  const times = new Map<string, number>();
  world = await openWorld({ aroundStore: countingRollups(times) });
  const { site } = await registerPlant(world, 'mill');
  const from = Date.parse('2023-01-01T00:00:00+07:00');
  const hours = 2 * 365 * 24;
  // Every hour once, in an order that has nothing to do with time: 7,919 is a prime and no divisor of the hours.
  const order = Array.from({ length: hours }, (_, i) => (i * 7_919) % hours);
  for (let at = 0; at < hours; at += 1_000) {
    const some = order.slice(at, at + 1_000);
    await world.push(site, [
      ...some.map((hour) => ({ meter: 'mill-register', time: from + hour * hourMs, value: 3 * hour })),
      ...some.map((hour) => ({ meter: 'mill-clinker', time: from + hour * hourMs, value: 2 })),
    ]);
  }
  await world.work('mill');
  // Pieces end within a day, a month and a year; each of them is then computed once more.
  const pieces = Math.ceil(hours / 4_000) + 1;
  expect(countsOf(times, 'PT1H')).toHaveLength(2 * hours);
  expect(sum(countsOf(times, 'PT1H'))).toBeLessThanOrEqual(2 * (hours + pieces));
  expect(sum(countsOf(times, 'P1D'))).toBeLessThanOrEqual(2 * (2 * 365 + pieces));
  expect(sum(countsOf(times, 'P1M'))).toBeLessThanOrEqual(2 * (2 * 12 + pieces));
  expect(sum(countsOf(times, 'P1Y'))).toBeLessThanOrEqual(2 * (2 + pieces));
});
