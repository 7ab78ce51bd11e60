import type { Indicator } from '@songma/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noon, openApi, raised, type ApiWorld } from './api-world.ts';

/** Alerts and indicators moved by a void did not say who had declared it. */

let world: ApiWorld;
let clock = noon;
const tick = () => {
  clock += 60_000;
  world.setClock(clock);
  return clock;
};
const dust = raised(5, { knownUntil: noon - 3 * 3_600_000 });
const text = (time: number) => `${new Date(time + 7 * 3_600_000).toISOString().slice(0, 19)}+07:00`;

beforeAll(async () => {
  world = await openApi();
  await world.store('mill-power', [[noon - 3_600_000, 1]]);
  await world.alert(dust);
  await world.keepIndicators('cement', [indicatorOf()]);
});
afterAll(() => world.close());

function indicatorOf(changes: Partial<Indicator> = {}): Indicator {
  const start = Date.parse('2026-11-23T00:00:00+07:00');
  return {
    ...{
      id: `cement/electricity-intensity/P1D/${start}`,
      enterprise: 'cement',
      name: 'electricity-intensity',
    },
    ...{ window: 'P1D', start, end: start + 86_400_000, value: 92.4, unit: 'kWh/t', coverage: 1 },
    ...{ withheld: null, numerator: 924, denominator: 10, revision: 1 },
    inputs: [{ meter: 'mill-power', revision: 1 }],
    publishedAt: noon - 1000,
    ...changes,
  };
}

async function declare(id: string, as: 'cement' | 'analyst', meter: string, from: number, to: number) {
  tick();
  const answer = await world.ask(`/v1/voids/${id}`, {
    ...{ method: 'PUT', as, headers: { 'if-none-match': '*' } },
    body: { meter, from: text(from), to: text(to), reason: 'đầu đo bị bẩn' },
  });
  expect(answer.statusCode, answer.body).toBe(201);
}

const alertUrl = `/v1/alerts/${encodeURIComponent(dust.id)}`;
interface Shown {
  readonly state: string;
  readonly voids: { readonly id: string; readonly declaredBy: string; readonly role: string | null }[];
  readonly contested: { readonly id: string; readonly declaredBy: string; readonly reason: string } | null;
}
const shown = async (url = alertUrl) => (await world.ask(url)).json<Shown>();

describe('an alert', () => {
  it('names what was declared void of its time when it was revised, and by whom', async () => {
    expect(await shown()).toMatchObject({ voids: [], contested: null });
    await declare('elsewhere', 'cement', 'kiln-pm', noon - 48 * 3_600_000, noon - 24 * 3_600_000);
    await declare('early', 'cement', 'kiln-pm', dust.since - 900_000, dust.since + 900_000);
    // Nothing has moved yet.
    expect(await shown()).toMatchObject({ voids: [] });
    const after = { ...dust, since: dust.since + 3_600_000, revision: 2, cause: 'void' as const };
    await world.alert({ ...after, changedAt: tick() });
    expect(await shown()).toMatchObject({
      voids: [{ id: 'early', declaredBy: 'cement', role: 'plant' }],
      contested: null,
    });
    const csv = (await world.ask('/v1/alerts?format=csv')).body;
    for (const part of ['"early"', 'đầu đo bị bẩn', '"cement"'])
      expect(csv.replaceAll('""', '"')).toContain(part);
  });

  it('says loudly that a plant declared void what an officer had acknowledged, live and in its history', async () => {
    tick();
    const taken = await world.ask(`${alertUrl}/acknowledge`, { method: 'POST', as: 'officer' });
    expect(taken.json<Shown>()).toMatchObject({ state: 'acknowledged', contested: null });
    const live = await world.stream('/v1/events?types=alert', { as: 'officer' });
    await declare('after', 'analyst', 'kiln-pm', dust.since + 3_600_000, dust.since + 4_500_000);
    await world.alert({ ...dust, revision: 3, cause: 'void', changedAt: tick() });
    expect(await shown()).toMatchObject({ contested: null });
    await declare('cleaned', 'cement', 'kiln-pm', dust.since, noon);
    await world.alert({ ...dust, state: 'voided', revision: 4, cause: 'void', changedAt: tick() });
    const contested = { id: 'cleaned', declaredBy: 'cement', role: 'plant', reason: 'đầu đo bị bẩn' };
    expect(await shown()).toMatchObject({ state: 'voided', contested });

    const history = (await world.ask(`${alertUrl}/history`)).json<{ items: Shown[] }>().items;
    expect(history.map((one) => one.contested?.id ?? null)).toEqual([null, null, null, 'cleaned']);
    let told = '';
    for await (const part of live.stream() as AsyncIterable<Buffer>) {
      told += part.toString();
      if (told.includes('"revision":4')) break;
    }
    expect(told).toContain('"contested":{"id":"cleaned"');
    expect(told).not.toContain('"contested":{"id":"after"');

    const of = async (wanted: boolean) =>
      (await world.ask(`/v1/alerts?contested=${wanted}`)).json<{ items: { id: string }[] }>().items;
    expect([(await of(true)).map(({ id }) => id), await of(false)]).toEqual([[dust.id], []]);
  });

  it('names who declared it also when that is taken back, in what was said before', async () => {
    tick();
    const headers = { 'if-match': '"1"' };
    expect((await world.ask('/v1/voids/cleaned', { method: 'DELETE', headers })).statusCode).toBe(204);
    await world.alert({ ...dust, revision: 5, cause: 'registry', changedAt: tick() });
    const history = (await world.ask(`${alertUrl}/history`)).json<{ items: Shown[] }>().items;
    expect(history.slice(3).map(({ voids }) => voids.some(({ id }) => id === 'cleaned'))).toEqual([
      true,
      false,
    ]);
  });
});

describe('an indicator', () => {
  it('names what had been declared void of its inputs, and what it restates does not', async () => {
    const before = indicatorOf();
    await declare('counter', 'cement', 'mill-power', noon - 3_600_000, noon);
    const after = indicatorOf({ revision: 2, value: 90, publishedAt: tick() });
    await world.publish({ id: after.id, before, after, cause: 'registry', restates: true });
    const one = (await world.ask('/v1/indicators?enterprise=cement')).json<{ items: Shown[] }>().items[0]!;
    expect(one.voids).toMatchObject([{ id: 'counter', declaredBy: 'cement', role: 'plant' }]);
    const { items } = (await world.ask('/v1/restatements')).json<{
      items: { before: Partial<Shown>; after: Partial<Shown> }[];
    }>();
    expect([items[0]!.before.voids, items[0]!.after.voids?.map(({ id }) => id)]).toEqual([
      undefined,
      ['counter'],
    ]);
    for (const list of ['indicators', 'restatements']) {
      const csv = (await world.ask(`/v1/${list}?format=csv`)).body;
      expect(csv).toMatch(/counter: cement 2026-11-23T\S+: đầu đo bị bẩn/);
    }
  });
});
