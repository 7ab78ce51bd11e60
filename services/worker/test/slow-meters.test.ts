import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayMs, hourMs, openWorld, registerPlant, type Row, type WorkerWorld } from './worker-world.ts';

let world: WorkerWorld;
let site: string;
beforeAll(async () => {
  world = await openWorld();
  ({ site } = await registerPlant(world, 'works'));
});
afterAll(() => world.close());

const from = Date.parse('2025-01-01T00:00:00+07:00');
const to = Date.parse('2026-01-01T00:00:00+07:00');

async function register(id: string, fields: object): Promise<void> {
  const body = { id, site, name: id, quantity: 'electricity', unit: 'kWh', ...fields };
  await world.register('meter', body);
}

async function rollupsOf(meter: string, window: 'P1D' | 'P1M' | 'P1Y') {
  return (await world.rollups(site, window, from - 40 * dayMs, to + 40 * dayMs)).filter(
    (rollup) => rollup.meter === meter,
  );
}

describe('meters that are read rarely', () => {
  it.each(['in order', 'backwards'])(
    'a counter that is read every thirty days books its consumption, pushed %s, and its year is known',
    async (order) => {
      const meter = `every-thirty-days-${order === 'in order' ? 'a' : 'b'}`;
      await register(meter, { kind: 'counter', intervalMs: 30 * dayMs });
      const rows = Array.from({ length: 14 }, (_, i): Row => ({
        meter,
        time: from + (i * 30 - 10) * dayMs,
        value: 5000 + i * 720,
      }));
      for (const row of order === 'in order' ? rows : rows.toReversed()) {
        await world.push(site, [row]);
        await world.work('works');
      }
      const [year] = (await rollupsOf(meter, 'P1Y')).filter(({ start }) => start === from);
      // An hour is a kWh.
      expect(year).toMatchObject({ sum: 365 * 24, coverage: 1, spreadMs: 0, irregular: 0, count: 12 });
      const days = await rollupsOf(meter, 'P1D');
      expect(days.filter(({ sum }) => sum === 24).length).toBeGreaterThanOrEqual(365);
    },
  );

  it('a counter that is read once a week bridges a missed reading, and says so', async () => {
    const meter = 'every-week';
    await register(meter, { kind: 'counter', intervalMs: 7 * dayMs });
    const weeks = [0, 1, 2, 4, 5];
    await world.push(
      site,
      weeks.map((week) => ({ meter, time: from + week * 7 * dayMs, value: 100 + week * 168 })),
    );
    await world.work('works');
    const days = await rollupsOf(meter, 'P1D');
    // The day of the last reading holds that reading and nothing after it.
    expect(days.map(({ sum }) => sum)).toEqual([...Array.from({ length: 35 }, () => 24), null]);
    expect(days.filter(({ spreadMs }) => spreadMs === 24 * hourMs)).toHaveLength(14);
  });

  it('monthly bills are the sums of their months, corrected and late alike', async () => {
    const meter = 'bills';
    await register(meter, { kind: 'interval', intervalMs: 31 * dayMs, interval: 'P1M' });
    const bills = [3100, 2800, 3100, 3000, 3333.3, 2950, 3100, 3217, 3001, 3100, 2999, 3100];
    const rows = bills.map((value, month): Row => ({
      meter,
      time: Date.UTC(2025, month, 1) - 7 * hourMs,
      value,
    }));
    await world.push(site, [rows[2]!, rows[0]!, ...rows.slice(3)]);
    await world.work('works');
    await world.push(site, [{ ...rows[0]!, value: 9999 }, rows[1]!]);
    await world.work('works');
    await world.push(site, [rows[0]!]);
    await world.work('works');
    const months = await rollupsOf(meter, 'P1M');
    expect(months.map(({ sum }) => sum)).toEqual(bills);
    expect(months.map(({ coverage, expected, count }) => [coverage, expected, count])).toEqual(
      bills.map(() => [1, 1, 1]),
    );
    const [year] = await rollupsOf(meter, 'P1Y');
    expect(year).toMatchObject({ coverage: 1, expected: 12, count: 12 });
    expect(year!.sum).toBeCloseTo(36_800.3, 6);
  });
});
