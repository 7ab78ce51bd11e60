import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstKnownUs, noon, openApi, refusalOf, type ApiWorld } from './api-world.ts';

const from = Date.parse('2026-11-20T00:00:00+07:00');
const minuteMs = 60_000;
const corrected = {
  ...{ site: 'mill-site', name: 'Bụi ở 10 % O2', quantity: 'concentration', kind: 'level', unit: 'mg/Nm3' },
  ...{
    intervalMs: 300_000,
    formula: 'atReferenceOxygen(c, o2, 10)',
    inputs: { c: 'kiln-pm', o2: 'kiln-o2' },
  },
};
const oxygen = {
  ...{ site: 'mill-site', name: 'O2', quantity: 'oxygen', kind: 'level', unit: '%' },
  ...{ intervalMs: 300_000, holdMaxMs: 3_600_000 },
};

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi();
  await put('kiln-o2', oxygen);
});
afterAll(() => world.close());

const put = (id: string, body: object, headers: Record<string, string> = { 'if-none-match': '*' }) =>
  world.ask(`/v1/meters/${id}`, { as: 'chief', method: 'PUT', headers, body });

const series = async (query: string) => {
  const response = await world.ask(`/v1/series?${query}&from=2026-11-20&to=2026-11-21`, { as: 'analyst' });
  expect(response.statusCode).toBe(200);
  return response.json<{ items: Record<string, unknown>[]; meters: unknown[] }>();
};

describe('a derived meter', () => {
  it('is registered with its formula, answered with it, and refused with the place in it that is wrong', async () => {
    const made = await put('kiln-pm-ref', corrected);
    expect(made.statusCode).toBe(201);
    expect(made.json()).toMatchObject({ formula: corrected.formula, inputs: corrected.inputs });
    const wrong = await put('wrong', { ...corrected, formula: 'c ++ o2' });
    expect(wrong.json()).toMatchObject({
      code: 'entity_invalid',
      errors: [
        { path: '/body/formula', problem: expect.stringMatching(/^at character 4: expected/) as string },
      ],
    });
  });

  it('has windows but no raw readings, and no feed', async () => {
    await world.store('kiln-pm', [
      [from, 100],
      [from + 5 * minuteMs, 60],
    ]);
    await world.store('kiln-o2', [
      [from, 10],
      [from + 5 * minuteMs, 15.45],
    ]);
    const { items } = await series('meter=kiln-pm-ref&window=PT15M');
    // 100 for five minutes, then 60 · 10.9 / 5.45 = 120 for the ten that it holds.
    expect(items).toMatchObject([{ coverage: 1, min: 100, max: 120, unit: 'mg/Nm3' }]);
    expect(items[0]!['mean']).toBeCloseTo((5 * 100 + 10 * 120) / 15, 9);

    const raw = await world.ask('/v1/series?meter=kiln-pm-ref&from=2026-11-20', { as: 'analyst' });
    expect(refusalOf(raw)).toEqual([400, 'meter_derived']);
    expect(raw.body).toContain('kiln-pm, kiln-o2');
    for (const path of ['/v1/feeds?site=mill-site', '/v1/owed?site=mill-site&from=2026-11-20']) {
      const { items: fed } = (await world.ask(path, { as: 'analyst' })).json<{
        items: { meter: string }[];
      }>();
      expect(fed.map(({ meter }) => meter)).not.toContain('kiln-pm-ref');
      expect(fed.map(({ meter }) => meter)).toContain('kiln-o2');
    }
  });

  it('is answered as it was: readings, formula and inputs of then', async () => {
    const known = firstKnownUs + 60_000_000;
    await world.store('kiln-o2', [[from, 5]], known);
    const { items } = await series('meter=kiln-pm-ref&window=PT1H');
    expect(items).toEqual([]);
    const hourAt = async (us: number) => {
      const asOf = new Date(us / 1_000).toISOString();
      return (await series(`meter=kiln-pm-ref&window=PT1H&asOf=${asOf}`)).items[0]?.['min'];
    };
    expect(await hourAt(known - 1_000_000)).toBe(100);
    // From now on 5 % of oxygen are known: 100 · 10.9 / 15.9.
    expect(await hourAt(known)).toBeCloseTo(68.553, 3);
    const standing = await world.ask('/v1/meters/kiln-pm-ref', { as: 'analyst' });
    const etag = `"${standing.json<{ version: number }>().version}"`;
    const doubled = { ...corrected, formula: '2 * c', inputs: { c: 'kiln-pm' } };
    expect((await put('kiln-pm-ref', doubled, { 'if-match': etag })).statusCode).toBe(200);
    expect(await hourAt(noon * 1_000 + 3_600_000_000)).toBe(120);
  });
});
