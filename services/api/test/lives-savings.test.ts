import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApi, type ApiWorld } from './api-world.ts';

/**
 * Origin: issue "Meters come and go": a second meter that is registered later, one that is replaced and one that is
 * retired withheld every saving of before and after. Each plant uses 50 kWh a tonne in 2025 and 45 since.
 */
const dayMs = 24 * 3_600_000;
const startOf = (date: string) => Date.parse(`${date}T00:00:00+07:00`);
const [begin, end] = [startOf('2025-01-01'), startOf('2026-03-01')];
const tonnes = 10;
const kwh = (time: number) => tonnes * (time < startOf('2026-01-01') ? 50 : 45);

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi();
}, 60_000);
afterAll(() => world.close());

async function put(url: string, body: unknown): Promise<void> {
  const written = await world.ask(url, { method: 'PUT', body, headers: { 'if-none-match': '*' } });
  if (written.statusCode >= 300) throw new Error(written.body);
}

interface MeterPart {
  readonly fields?: object;
  readonly from?: string;
  readonly to?: string;
  /** Of the plant's amount. */
  readonly share?: number;
}

/** A plant whose power is measured by these meters, each in its time. */
async function plant(id: string, power: Readonly<Record<string, MeterPart>>): Promise<void> {
  const meter = { site: 'mill-site', kind: 'interval', intervalMs: dayMs };
  const names = Object.keys(power).map((name) => `${id}-${name}`);
  await put(`/v1/meters/${id}-t`, { ...meter, name: 't', quantity: 'production', unit: 't' });
  await store(`${id}-t`, begin, end, () => tonnes);
  for (const [name, { fields = {}, from = '2025-01-01', to = '2026-03-01', share = 1 }] of Object.entries(
    power,
  )) {
    const of = { ...meter, name, quantity: 'electricity', unit: 'kWh', ...fields };
    await put(`/v1/meters/${id}-${name}`, of);
    await store(`${id}-${name}`, startOf(from), startOf(to), (time) => share * kwh(time));
  }
  const baseline = {
    enterprise: 'cement',
    name: id,
    resource: 'electricity',
    model: 'ratio',
    reason: 'test',
  };
  await put(`/v1/baselines/${id}`, {
    ...{ ...baseline, period: 'P1M', from: '2025-01-01', to: '2026-01-01' },
    meters: [...names, `${id}-t`],
  });
}

async function store(id: string, from: number, to: number, valueAt: (time: number) => number): Promise<void> {
  const days = Array.from({ length: Math.round((to - from) / dayMs) }, (_, i) => from + i * dayMs);
  if (days.length === 0) return;
  await world.store(
    id,
    days.map((time) => [time, valueAt(time), 0]),
  );
  await world.rollUp(id, begin, end);
}

async function savings(id: string) {
  const asked = `/v1/savings?baseline=${id}&from=2026-01-01&to=2026-03-01`;
  const response = await world.ask(asked, { as: 'analyst' });
  if (response.statusCode !== 200) throw new Error(response.body);
  return response.json<{
    items: readonly { leftOut: string | null; matchedShare: number | null }[];
    totals: Readonly<Record<string, number>>;
    model: { ratio: { intensity: number } | null };
  }>();
}

describe('Savings of meters that come and go', () => {
  it.each<[string, Readonly<Record<string, MeterPart>>]>([
    ['alone', { main: {} }],
    [
      'with-a-second-one-declared-since',
      { main: {}, second: { fields: { from: '2026-02-10T00:00:00+07:00' }, from: '2026-02-10', share: 0 } },
    ],
    ['with-one-that-never-told-anything', { main: {}, silent: { from: '2026-03-01' } }],
    [
      'with-one-that-was-retired',
      { main: {}, gone: { fields: { to: '2025-05-11T00:00:00+07:00' }, to: '2025-05-11', share: 0 } },
    ],
    [
      'replaced',
      {
        old: { fields: { to: '2025-07-11T00:00:00+07:00' }, to: '2025-07-11' },
        new: { fields: { from: '2025-07-11T00:00:00+07:00', follows: 'replaced-old' }, from: '2025-07-11' },
      },
    ],
  ])('%s are those of what was there', async (id, power) => {
    await plant(id, power);
    const { items, totals, model } = await savings(id);
    expect(model.ratio!.intensity).toBeCloseTo(50, 9);
    expect(items.map(({ leftOut }) => leftOut)).toEqual([null, null]);
    expect(totals['savingShare']).toBeCloseTo(0.1, 9);
  });

  it('lack the month in which a meter that declares no beginning tells its first, and none before', async () => {
    await plant('begun', { main: {}, second: { from: '2026-02-10', share: 0 } });
    const { items, model } = await savings('begun');
    expect(model.ratio!.intensity).toBeCloseTo(50, 9);
    expect(items.map(({ leftOut }) => leftOut)).toEqual([null, 'coverage']);
  });

  it('lack a month in which a meter that was there says nothing', async () => {
    await plant('lacking', { main: {}, second: { to: '2026-02-10', share: 0 } });
    const { items } = await savings('lacking');
    expect(items.map(({ leftOut }) => leftOut)).toEqual([null, 'coverage']);
  });

  it('lack the time between two meters of which one followed the other', async () => {
    await plant('apart', {
      old: { fields: { to: '2026-01-20T00:00:00+07:00' }, to: '2026-01-20' },
      new: { fields: { from: '2026-01-22T00:00:00+07:00', follows: 'apart-old' }, from: '2026-01-22' },
    });
    const { items, totals } = await savings('apart');
    expect(items.map(({ leftOut }) => leftOut)).toEqual([null, null]);
    expect(items[0]!.matchedShare).toBeCloseTo(29 / 31, 9);
    expect(totals['savingShare']).toBeCloseTo(0.1, 9);
  });
});
