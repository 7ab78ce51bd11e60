import { roundTo15Digits } from '@songma/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

let world: WorkerWorld;
let plants = 0;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

/** An enterprise of its own for each test; the store and the log are one. */
async function openPlant() {
  const id = `plant${plants++}`;
  const { site } = await registerPlant(world, id);
  return {
    id,
    meter: (name: string) => `${id}-${name}`,
    async take(rows: Parameters<WorkerWorld['push']>[1], knownUs?: number) {
      await world.push(site, rows, knownUs);
      await world.work(id);
    },
    push: (rows: Parameters<WorkerWorld['push']>[1]) => world.push(site, rows),
    rollup: async (name: string, window: 'PT1H' | 'P1D', start: number) =>
      (await world.rollups(site, window)).find(
        (rollup) => rollup.meter === `${id}-${name}` && rollup.start === start,
      ),
    sums: async (name: string) =>
      (await world.rollups(site, 'PT1H'))
        .filter(({ meter }) => meter === `${id}-${name}`)
        .map(({ sum }) => sum),
    intensity: async () =>
      (await world.indicators(id, { names: ['electricity-intensity'] })).find(
        ({ start }) => start === monday,
      ),
    events: async () =>
      (await world.indicatorEvents()).filter(
        (event) => event.id === `${id}/electricity-intensity/P1D/${monday}`,
      ),
    steps: async () => (await world.alertSteps()).filter(({ alert }) => alert.startsWith(`${id}-limit/`)),
  };
}
type Plant = Awaited<ReturnType<typeof openPlant>>;

/** A day of 10 kWh a quarter of an hour and 2 t an hour: 960 kWh over 48 t. The register stands still. */
function dayOf(plant: Plant) {
  return [
    ...series(plant.meter('power'), monday, 96, 15 * minuteMs, () => 10),
    ...series(plant.meter('clinker'), monday, 24, hourMs, () => 2),
    ...series(plant.meter('register'), monday, 96, 15 * minuteMs, () => 5_000),
  ];
}

describe('what arrives late', () => {
  it('heals its hour, its day and the indicator, which says what it was before', async () => {
    const plant = await openPlant();
    const late = (row: { readonly meter: string; readonly time: number }) =>
      row.meter === plant.meter('power') && row.time >= monday && row.time < monday + 4 * hourMs;
    const rows = dayOf(plant);
    await plant.take(rows.filter((row) => !late(row)));
    expect(await plant.rollup('power', 'PT1H', monday)).toBeUndefined();
    expect(await plant.rollup('power', 'P1D', monday)).toMatchObject({ sum: 800, coverage: 20 / 24 });
    expect(await plant.intensity()).toMatchObject({ value: null, withheld: 'coverage', revision: 1 });

    await plant.take(rows.filter(late));
    expect(await plant.rollup('power', 'PT1H', monday)).toMatchObject({ sum: 40, coverage: 1, revision: 1 });
    expect(await plant.rollup('power', 'P1D', monday)).toMatchObject({ sum: 960, coverage: 1, revision: 2 });
    expect(await plant.intensity()).toMatchObject({
      value: 20,
      numerator: 960,
      denominator: 48,
      revision: 2,
    });
    const [, restated] = await plant.events();
    expect(restated).toMatchObject({
      before: { value: null, withheld: 'coverage', revision: 1 },
      after: { value: 20, revision: 2 },
      cause: 'readings',
    });
  });

  it('as a correction replaces what stood, once', async () => {
    const plant = await openPlant();
    await plant.take(dayOf(plant));
    await plant.take([{ meter: plant.meter('power'), time: monday + 5 * hourMs, value: 58 }]);
    expect(await plant.rollup('power', 'PT1H', monday + 5 * hourMs)).toMatchObject({ sum: 88, revision: 2 });
    expect(await plant.rollup('power', 'P1D', monday)).toMatchObject({ sum: 1008, revision: 2 });
    // Over 23 hours: the register's last quarter is not known yet.
    expect(await plant.intensity()).toMatchObject({
      ...{ numerator: 1008, denominator: 48, matchedNumerator: 968, matchedDenominator: 46 },
      ...{ value: roundTo15Digits(968 / 46), revision: 2 },
    });
    expect(await plant.events()).toHaveLength(2);
  });

  it('and was known earlier than what stands changes nothing', async () => {
    const plant = await openPlant();
    const [time, meter] = [monday + hourMs, plant.meter('power')];
    await plant.take([{ meter, time, value: 12 }], 9_000_000);
    await plant.take([{ meter, time, value: 99 }], 8_000_000);
    expect(await plant.rollup('power', 'PT1H', time)).toMatchObject({ sum: 12, revision: 1 });
  });

  it('twice makes no event and no revision', async () => {
    const plant = await openPlant();
    await plant.take(dayOf(plant));
    const before = { day: await plant.rollup('power', 'P1D', monday), intensity: await plant.intensity() };
    await plant.take(dayOf(plant));
    expect(await plant.rollup('power', 'P1D', monday)).toEqual(before.day);
    expect(await plant.intensity()).toEqual(before.intensity);
    expect(await plant.events()).toHaveLength(1);
  });
});

describe('a counter', () => {
  it('whose readings lie across the hour gives each hour its share, and nothing is lost', async () => {
    const plant = await openPlant();
    const from = monday + 50 * minuteMs;
    await plant.take(series(plant.meter('register'), from, 5, 20 * minuteMs, (i) => 1_000 + 8 * i));
    expect(await plant.sums('register')).toEqual([4, 24, 4]);
  });

  it('that was silent for two days gives its difference to the hours between, whatever the order', async () => {
    for (const order of [
      [0, 1, 2],
      [2, 0, 1],
      [1, 2, 0],
    ]) {
      const plant = await openPlant();
      const rows = [0, 2 * dayMs, 2 * dayMs + 30 * minuteMs].map((after, i) => ({
        meter: plant.meter('register'),
        time: monday + 10 * minuteMs + after,
        value: 1_000 + [0, 96, 97][i]!,
      }));
      for (const i of order) await plant.take([rows[i]!]);
      const sums = await plant.sums('register');
      expect(sums).toHaveLength(49);
      expect(sums.reduce<number>((total, sum) => total + sum!, 0)).toBeCloseTo(97, 9);
      expect(sums[24]).toBeCloseTo(2, 9);
    }
  });

  it('that drops leaves the time missing, not zero and not negative', async () => {
    const plant = await openPlant();
    const values = [700, 710, 3, 9];
    await plant.take(series(plant.meter('register'), monday, 4, hourMs, (i) => values[i]!));
    expect(await plant.sums('register')).toEqual([10, null, 6, null]);
  });
});

it('a level holds into the next hour for as long as it may, and a later reading cuts it short', async () => {
  const plant = await openPlant();
  const next = monday + hourMs;
  await plant.take([{ meter: plant.meter('dust'), time: next - 2 * minuteMs, value: 80 }]);
  expect(await plant.rollup('dust', 'PT1H', next)).toMatchObject({
    count: 0,
    coveredMs: 8 * minuteMs,
    mean: 80,
  });
  await plant.take([{ meter: plant.meter('dust'), time: next + 4 * minuteMs, value: 10 }]);
  expect(await plant.rollup('dust', 'PT1H', next)).toMatchObject({
    count: 1,
    coveredMs: 14 * minuteMs,
    mean: (80 * 4 + 10 * 10) / 14,
  });
});

describe('a limit', () => {
  const hourOf = (plant: Plant, hour: number, value: number) =>
    series(plant.meter('dust'), monday + hour * hourMs, 12, 5 * minuteMs, () => value);

  it('that is passed raises one alert, which is resolved once by the first hour below', async () => {
    const plant = await openPlant();
    for (const [hour, value] of [80, 120, 130, 125, 90, 85].entries()) {
      await plant.take(hourOf(plant, hour, value));
      await plant.take(hourOf(plant, hour, value));
    }
    const steps = await plant.steps();
    expect(steps.map(({ change }) => change)).toEqual(['raised', 'revised', 'revised', 'resolved']);
    expect(steps.at(-1)!.after).toMatchObject({
      since: monday + hourMs,
      until: monday + 4 * hourMs,
      first: { mean: 120, limitValue: 100, coverage: 1 },
      peak: { mean: 130, start: monday + 2 * hourMs },
      latest: { mean: 125 },
      windows: 3,
    });
  });

  it('that a correction shows was never passed has its alert voided', async () => {
    const plant = await openPlant();
    await plant.take(hourOf(plant, 0, 150));
    await plant.take(hourOf(plant, 0, 15));
    await plant.take(hourOf(plant, 1, 20));
    const steps = await plant.steps();
    expect(steps.map(({ change }) => change)).toEqual(['raised', 'voided']);
    expect(steps[1]).toMatchObject({ alert: steps[0]!.alert, after: { cause: 'correction' } });
  });

  it('is not judged on an hour of which too little is known', async () => {
    const plant = await openPlant();
    await plant.take(hourOf(plant, 0, 150).slice(0, 6));
    expect(await plant.steps()).toEqual([]);
    await plant.take(hourOf(plant, 0, 150).slice(6));
    expect((await plant.steps()).map(({ change }) => change)).toEqual(['raised']);
  });
});
