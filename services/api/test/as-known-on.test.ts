import type { EntityKind } from '@songma/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { noon, openApi, refusalOf, type ApiWorld } from './api-world.ts';

const hourMs = 3_600_000;
const quarterMs = hourMs / 4;
/** Before anything below was changed in the registry, and after it. */
const yesterday = encodeURIComponent(new Date(noon + hourMs).toISOString());
const today = encodeURIComponent(new Date(noon + 3 * hourMs).toISOString());

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi();
  const from = Date.parse('2026-11-22T00:00:00+07:00');
  const quarters = Array.from({ length: 96 }, (_, i) => [from + i * quarterMs, 1]);
  await world.store('mill-power', quarters);
  await world.store('sugar-power', quarters);
  await world.store('kiln-pm', [[from, 50]]);
});
afterAll(() => world.close());

/** Changes an entity two hours after noon; null retires it. */
async function change(kind: EntityKind, entity: string, fields: object | null): Promise<void> {
  const standing = world.registry.get(kind, entity)!;
  const command = {
    id: `${kind}-${entity}-${standing.version}`,
    kind,
    entity,
    expectedVersion: standing.version,
    body: fields === null ? null : { ...standing.body, ...fields },
    by: 'test',
    at: noon + 2 * hourMs,
  };
  const value = new TextEncoder().encode(JSON.stringify(command));
  await world.eventLog.append('registry', [{ key: `${kind}/${entity}`, value }]);
  await until(`the change of ${entity}`, async () =>
    world.registry.get(kind, entity) === standing ? undefined : true,
  );
}

async function series(query: string) {
  const answer = await world.ask(`/v1/series?${query}&from=2026-11-22&to=2026-11-23`, { as: 'analyst' });
  expect(answer.statusCode, answer.body).toBe(200);
  const { items, meters } = answer.json<{ items: Record<string, unknown>[]; meters: object[] }>();
  return { items, meters };
}

describe('A series as known on a date', () => {
  it('is computed with the multiplier that was registered then', async () => {
    const query = 'meter=mill-power&window=P1D';
    const before = await series(`${query}&asOf=${today}`);
    expect(before.items).toMatchObject([{ sum: 192, coverage: 1 }]);
    await change('meter', 'mill-power', { multiplier: 5 });
    expect(await series(`${query}&asOf=${yesterday}`)).toEqual(before);
    expect((await series(`${query}&asOf=${today}`)).items).toMatchObject([{ sum: 480, coverage: 1 }]);
    const raw = await series(`meter=mill-power&asOf=${yesterday}`);
    expect(raw.meters).toMatchObject([{ multiplier: 2 }]);
  });

  it('leaves out what the valid range of then leaves out', async () => {
    const query = 'meter=kiln-pm&window=PT1H';
    const before = await series(`${query}&asOf=${today}`);
    expect(before.items).toMatchObject([{ mean: 50, outOfRange: 0 }]);
    await change('meter', 'kiln-pm', { validRange: { max: 40 } });
    expect(await series(`${query}&asOf=${yesterday}`)).toEqual(before);
    expect((await series(`${query}&asOf=${today}`)).items).toMatchObject([{ mean: null, outOfRange: 1 }]);
    const flags = async (at: string) =>
      (await series(`meter=kiln-pm&asOf=${at}`)).items.map(({ flags: told }) => told);
    expect(await flags(yesterday)).toEqual([[]]);
    expect(await flags(today)).toEqual([['out-of-range']]);
  });

  it('expects as much as the interval of then lets expect', async () => {
    const query = 'meter=sugar-power&window=PT1H';
    const before = await series(`${query}&asOf=${today}`);
    expect(before.items[0]).toMatchObject({ start: '2026-11-22T00:00:00+07:00', expected: 4 });
    await change('meter', 'sugar-power', { intervalMs: 2 * quarterMs });
    expect(await series(`${query}&asOf=${yesterday}`)).toEqual(before);
    const { items } = await series(`${query}&asOf=${today}`);
    expect(items[0]).toMatchObject({ start: '2026-11-22T00:00:00+07:00', expected: 2 });
  });

  it('is there also when its meter has been retired since, and to whom it belonged only', async () => {
    await change('limit', 'kiln-dust', null);
    await change('meter', 'kiln-pm', null);
    expect((await series(`meter=kiln-pm&asOf=${yesterday}`)).items).toMatchObject([{ value: 50 }]);
    const url = '/v1/series?meter=kiln-pm&from=2026-11-22';
    expect(refusalOf(await world.ask(url))).toEqual([404, 'not_found']);
    expect((await world.ask(`${url}&asOf=${yesterday}`, { as: 'cement' })).statusCode).toBe(200);
    const foreign = await world.ask(`${url}&asOf=${yesterday}`, { as: 'sugar' });
    expect(refusalOf(foreign)).toEqual([404, 'not_found']);
  });
});
