import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  dayMs,
  minuteMs,
  monday,
  openWorld,
  registerPlant,
  type Row,
  type WorkerWorld,
} from './worker-world.ts';

let world: WorkerWorld;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const quarterMs = 15 * minuteMs;
const amounts = [25, 20, 25, 20];

it('a register that shows 429,496,728.2 at its midnight reset moves no day and no intensity, at any time', async () => {
  const { site } = await registerPlant(world, 'works');
  const rows = amounts.flatMap((amount, day) =>
    Array.from({ length: 96 }, (_, i): Row => ({
      meter: 'works-register',
      time: monday + day * dayMs + i * quarterMs,
      value: i === 0 && day > 0 ? 429_496_728.2 : Math.round((amount * i * 1000) / 96) / 1000,
    })),
  );
  const clinker = Array.from({ length: amounts.length * 24 }, (_, i): Row => ({
    meter: 'works-clinker',
    time: monday + i * 4 * quarterMs,
    value: 1,
  }));
  // Each push ends with what was read at midnight, at six, at noon or at six in the evening.
  for (let from = 0; from < rows.length; from += 24) {
    const some = from === 0 ? rows.slice(0, 25) : rows.slice(from + 1, from + 25);
    const until = some.at(-1)!.time;
    await world.push(site, [
      ...some,
      ...clinker.filter(({ time }) => time < until && time >= some[0]!.time - quarterMs),
    ]);
    await world.work('works');
    const days = (await world.rollups(site, 'P1D')).filter(({ meter }) => meter === 'works-register');
    for (const { start, sum } of days) {
      expect(sum ?? 0).toBeLessThanOrEqual(amounts[Math.round((start - monday) / dayMs)]!);
    }
    const told = (await world.indicators('works')).filter(({ name }) => name === 'electricity-intensity');
    for (const { value } of told) expect(value ?? 0).toBeLessThanOrEqual(25 / 24 + 0.1);
  }
  const days = (await world.rollups(site, 'P1D')).filter(({ meter }) => meter === 'works-register');
  expect(days.map(({ sum }) => Math.round(sum!))).toEqual([25, 20, 25, 20]);
  const intensities = (await world.indicators('works')).filter(
    ({ name }) => name === 'electricity-intensity',
  );
  expect(intensities.filter(({ value }) => value !== null).length).toBeGreaterThanOrEqual(3);
});
