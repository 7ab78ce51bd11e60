import { flag } from '@songma/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noon, openApi, type ApiWorld } from './api-world.ts';

/**
 * Origin: the saving that a programme asks for (5 to 8 %) made of silence: gaps and statuses on one side. The plant uses
 * 100 kWh an hour and 50 kWh a tonne all the time, so that it saves nothing, whatever is missing of either side.
 */
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const from = Date.parse('2025-01-01T00:00:00+07:00');
const hours = 424 * 24;
/** Tonnes of an hour: more by day, and every day another amount. */
const made = (hour: number) =>
  2 + Math.round(10 * Math.sin(((hour % 24) / 24) * Math.PI)) / 10 + (hour % 37) / 37;
const used = (hour: number) => 100 + 50 * made(hour);
const lacks = {
  // A morning hour of every other day was never sent; an evening hour of each third day is calibrating.
  kwh: (hour: number) => (hour % 48 === 9 ? 'gap' : hour % 72 === 20 ? 'status' : undefined),
  tonnes: (hour: number) => (hour % 120 === 14 ? 'gap' : undefined),
};

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi();
  const meter = { site: 'mill-site', kind: 'interval', intervalMs: hourMs };
  await put('/v1/meters/gappy-kwh', { ...meter, name: 'kWh', quantity: 'electricity', unit: 'kWh' });
  await put('/v1/meters/gappy-tonnes', { ...meter, name: 't', quantity: 'production', unit: 't' });
  for (const [id, valueOf, lack] of [
    ['gappy-kwh', used, lacks.kwh],
    ['gappy-tonnes', made, lacks.tonnes],
  ] as const) {
    const rows = Array.from({ length: hours }, (_, hour) => hour)
      .filter((hour) => lack(hour) !== 'gap')
      .map((hour) => [from + hour * hourMs, valueOf(hour), lack(hour) === 'status' ? flag.calibrating : 0]);
    await world.store(id, rows);
    await world.rollUp(id, from, from + hours * hourMs);
  }
  const baseline = {
    ...{ enterprise: 'cement', name: 'b', resource: 'electricity', meters: ['gappy-kwh', 'gappy-tonnes'] },
    ...{ from: '2025-01-01', to: '2026-01-01', reason: 'test' },
  };
  await put('/v1/baselines/by-month', { ...baseline, period: 'P1M', model: 'ratio' });
  const line = { model: 'regression', drivers: ['production'] };
  await put('/v1/baselines/by-day', { ...baseline, ...line, period: 'P1D' });
}, 60_000);
afterAll(() => world.close());

async function put(url: string, body: unknown): Promise<void> {
  const written = await world.ask(url, { method: 'PUT', body, headers: { 'if-none-match': '*' } });
  if (written.statusCode >= 300) throw new Error(written.body);
}

interface Row {
  readonly start: string;
  readonly end: string;
  readonly matchedShare: number;
  readonly leftOut: string | null;
  readonly [number: string]: number | string | null;
}
interface Answer {
  readonly items: readonly Row[];
  readonly totals: Readonly<Record<string, number>>;
  readonly model: { readonly kind: string; readonly ratio: { readonly intensity: number } | null };
}

async function answer(query: string): Promise<Answer> {
  const response = await world.ask(`/v1/savings?${query}`, { as: 'analyst' });
  if (response.statusCode !== 200) throw new Error(response.body);
  return response.json<Answer>();
}

/** Over the hours of a span in which both are known, by a loop over them. */
function common(start: number, end: number) {
  let [share, kwh, tonnes] = [0, 0, 0];
  for (let hour = (start - from) / hourMs; hour < (end - from) / hourMs; hour++) {
    if (lacks.kwh(hour) !== undefined || lacks.tonnes(hour) !== undefined) continue;
    share += hourMs / (end - start);
    kwh += used(hour);
    tonnes += made(hour);
  }
  return { share, kwh, tonnes };
}

describe('Savings on data that lack something of one side', () => {
  it('are those of the time in common, month by month', async () => {
    const { items, totals, model } = await answer('baseline=by-month&from=2026-01-01&to=2026-03-01');
    const year = common(from, from + 365 * dayMs);
    expect(model.ratio!.intensity).toBeCloseTo(year.kwh / year.tonnes, 9);
    expect(items).toHaveLength(2);
    for (const item of items) {
      const { share, kwh, tonnes } = common(Date.parse(item.start), Date.parse(item.end));
      expect(item.leftOut).toBeNull();
      expect(item.matchedShare).toBeCloseTo(share, 12);
      expect(item.matchedShare).toBeLessThan(0.98);
      expect(item['actual']).toBeCloseTo(kwh, 6);
      expect(item['production']).toBeCloseTo(tonnes, 6);
      expect(item['expected']).toBeCloseTo((tonnes * year.kwh) / year.tonnes, 5);
    }
    expect(totals['savingShare']).toBeCloseTo(0, 3);
  });

  it('against a line with a base load are none where nothing is saved, whatever is missing', async () => {
    const { items, model, totals } = await answer('baseline=by-day&from=2026-01-01&to=2026-03-01');
    expect(model.kind).toBe('regression');
    expect(items.length).toBe(59);
    expect(new Set(items.map(({ matchedShare }) => matchedShare)).size).toBeGreaterThan(2);
    for (const item of items) expect(item['saving']).toBeCloseTo(0, 6);
    expect(totals['savingShare']).toBeCloseTo(0, 9);
  });

  it('are the same as known on a date', async () => {
    const asOf = encodeURIComponent(new Date(noon).toISOString());
    const query = 'baseline=by-month&from=2026-01-01&to=2026-03-01';
    expect((await answer(`${query}&asOf=${asOf}`)).items).toEqual((await answer(query)).items);
  });
});
