import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noon, openApi, refusalOf, type ApiWorld } from './api-world.ts';

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi();
  const times = [0, 1, 2, 3].map((i) => [noon - 7_200_000 + i * 900_000, 10 + i]);
  await world.store('mill-power', times);
});
afterAll(() => world.close());

const create = { 'if-none-match': '*' };
const range = { from: '2026-11-23T10:15:00+07:00', to: '2026-11-23T10:45:00+07:00' };
const declared = { meter: 'mill-power', ...range, reason: 'đồng hồ bị tháo' };
const raw = '/v1/series?meter=mill-power&from=2026-11-23T10:00:00%2B07:00&to=2026-11-23T11:00:00%2B07:00';

const statuses = async (url: string) =>
  (await world.ask(url)).json<{ items: { status: string }[] }>().items.map(({ status }) => status);
const sums = async (url: string) =>
  (await world.ask(`${url}&window=PT15M`))
    .json<{ items: { sum: number | null }[] }>()
    .items.map(({ sum }) => sum);

describe('a range that a plant declares void', () => {
  it('is shown with its readings, which count for nothing, and the past answers as before', async () => {
    const before = [await statuses(raw), await sums(raw)];
    const made = await world.ask('/v1/voids/taken-out', {
      method: 'PUT',
      as: 'cement',
      body: declared,
      headers: create,
    });
    expect([made.statusCode, made.json()]).toMatchObject([
      201,
      { ...declared, changedBy: 'cement', version: 1 },
    ]);
    expect(await statuses(raw)).toEqual(['measured', 'voided', 'voided', 'measured']);
    expect(await sums(raw)).toEqual([20, null, null, 26]);
    const asOf = '&asOf=2026-11-23T11:30:00%2B07:00';
    expect([await statuses(raw + asOf), await sums(raw + asOf)]).toEqual(before);
  });

  it('is refused for a meter of somebody else, and cannot be taken back by them', async () => {
    const foreign = { ...declared, meter: 'sugar-power' };
    const asked = { method: 'PUT', as: 'cement', headers: create } as const;
    expect(refusalOf(await world.ask('/v1/voids/theirs', { ...asked, body: foreign }))).toEqual([
      404,
      'not_found',
    ]);
    const theft = { method: 'DELETE', as: 'sugar', headers: { 'if-match': '"1"' } } as const;
    expect(refusalOf(await world.ask('/v1/voids/taken-out', theft))).toEqual([404, 'not_found']);
    const moved = { method: 'PUT', as: 'sugar', headers: { 'if-match': '"1"' }, body: foreign } as const;
    expect(refusalOf(await world.ask('/v1/voids/taken-out', moved))).toEqual([404, 'not_found']);
  });

  it('stays as it was declared, and can be taken back', async () => {
    const wider = { ...declared, to: '2026-11-23T11:00:00+07:00' };
    const edit = { method: 'PUT', as: 'analyst', headers: { 'if-match': '"1"' }, body: wider } as const;
    expect(refusalOf(await world.ask('/v1/voids/taken-out', edit))).toEqual([422, 'entity_invalid']);
    const back = { method: 'DELETE', as: 'cement', headers: { 'if-match': '"1"' } } as const;
    expect((await world.ask('/v1/voids/taken-out', back)).statusCode).toBe(204);
    expect(await statuses(raw)).toEqual(['measured', 'measured', 'measured', 'measured']);
  });
});
