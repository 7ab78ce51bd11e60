import { afterAll, beforeAll, expect, it } from 'vitest';
import { openApi, type ApiWorld } from './api-world.ts';

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi();
});
afterAll(() => world.close());

interface Page {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly next: string | null;
}
const norms = async (query: string) =>
  (await world.ask(`/v1/limit-norms?${query}`, { as: 'cement' })).json<Page>();

it('values of regulations are told with their document, and whether they are verified', async () => {
  const { items } = await norms('medium=effluent&parameter=pH');
  expect(items).toEqual([
    {
      id: 'qcvn-40-2011-a-ph',
      medium: 'effluent',
      document: 'QCVN 40:2011/BTNMT, bảng 1',
      column: 'A',
      parameter: 'pH',
      parameterCode: 'ph',
      condition: null,
      unit: '[pH]',
      gasState: null,
      gasStateAssurance: null,
      value: null,
      range: { min: 6, max: 9 },
      factors: [],
      verified: false,
      assurance: 'memory',
      lastDate: '2031-12-31',
      lastDateVerified: false,
      lastDateAssurance: 'press',
    },
    expect.objectContaining({ id: 'qcvn-40-2011-b-ph', range: { min: 5.5, max: 9 } }),
  ]);
});

it('the state of the gas is told where that of the document is known', async () => {
  const { items } = await norms('medium=stack&parameter=SO2');
  expect(items.map(({ id, gasState, gasStateAssurance }) => [id, gasState, gasStateAssurance])).toEqual([
    ['qcvn-19-2009-b-so2', { temperatureC: 25, pressureKpa: 101.325 }, 'memory'],
    ['qcvn-22-2009-b-so2-coal', null, null],
    ['qcvn-22-2009-b-so2-gas', null, null],
    ['qcvn-23-2009-b2-so2', null, null],
  ]);
});

it('a limit made from one is taken by the registry', async () => {
  const { items } = await norms('medium=stack&parameter=PM&column=B2');
  const { document, column, parameter, value, verified } = items[0]!;
  const answer = await world.ask('/v1/limits/kiln-dust-day', {
    method: 'PUT',
    headers: { 'if-none-match': '*' },
    body: {
      meter: 'kiln-pm',
      parameter,
      averaging: 'P1D',
      value,
      factors: { kp: 1, kv: 1 },
      source: { document: `${String(document)}, ${String(column)}`, verified },
      validFrom: '2015-01-01T00:00:00+07:00',
      validTo: '2032-01-01T00:00:00+07:00',
    },
  });
  expect(answer.statusCode).toBe(201);
  expect(world.registry.get('limit', 'kiln-dust-day')?.body).toMatchObject({ value: 100, averaging: 'P1D' });
});

it('they come in pages', async () => {
  const first = await norms('limit=50');
  const second = await norms(`limit=50&cursor=${first.next}`);
  const ids = [...first.items, ...second.items].map(({ id }) => String(id));
  expect(ids).toEqual(ids.toSorted());
  expect(ids.length).toBeGreaterThan(90);
});
