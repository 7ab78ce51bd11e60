import { alertStepSchema } from '@songma/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noon, openApi, raised, refusalOf, untilListed, type ApiWorld } from './api-world.ts';

const hourMs = 3_600_000;
let world: ApiWorld;
const open = raised(5);
const resolved = raised(9);
const voided = raised(13);

beforeAll(async () => {
  world = await openApi();
  await world.step(open, resolved, voided);
  await world.step(
    { step: 'resolved', alert: resolved.alert, at: noon, until: noon - 7 * hourMs, mean: 150 },
    { step: 'voided', alert: voided.alert, at: noon, reason: 'corrected' },
  );
  await untilListed(world, voided.alert, '?state=voided');
});
afterAll(() => world.close());

async function idsOf(query = ''): Promise<string[]> {
  const { items } = (await world.ask(`/v1/alerts${query}`)).json<{ items: { id: string }[] }>();
  return items.map(({ id }) => id);
}

const addressOf = (id: string) => `/v1/alerts/${encodeURIComponent(id)}`;

function acknowledge(id: string, body?: unknown, as: 'officer' | 'chief' = 'officer') {
  return world.ask(`${addressOf(id)}/acknowledge`, { method: 'POST', as, body });
}

/** The steps of an alert in the log. */
async function stepsOf(id: string) {
  const steps: unknown[] = [];
  const following = await world.eventLog.follow({ topic: 'alerts' }, async (records) => {
    for (const { key, value } of records)
      if (key === id) steps.push(alertStepSchema.parse(JSON.parse(new TextDecoder().decode(value))));
  });
  await following.caughtUp;
  await following.close();
  return steps;
}

describe('alerts', () => {
  it('are listed with the latest condition first', async () => {
    expect(await idsOf()).toEqual([open.alert, resolved.alert, voided.alert]);
  });

  it.each([
    ['open', [open.alert]],
    ['resolved', [resolved.alert]],
    ['resolved,voided', [resolved.alert, voided.alert]],
    ['acknowledged', []],
  ])('are listed by state %s', async (state, ids) => {
    expect(await idsOf(`?state=${state}`)).toEqual(ids);
  });

  it('are paged in the same order', async () => {
    const first = (await world.ask('/v1/alerts?limit=2')).json<{ items: object[]; next: string }>();
    expect(first.items.length).toBe(2);
    expect(await idsOf(`?limit=2&cursor=${first.next}`)).toEqual([voided.alert]);
  });

  it('tell what was exceeded, by which law, and whether that was verified', async () => {
    expect((await world.ask(addressOf(open.alert))).json()).toMatchObject({
      id: open.alert,
      state: 'open',
      since: '2026-11-23T07:00:00+07:00',
      until: null,
      mean: 123.4,
      limitValue: 100,
      document: 'QCVN 23:2009/BTNMT',
      verified: false,
      acknowledged: null,
      voided: null,
    });
  });
});

describe('an acknowledgement', () => {
  it('counts once, the first, however often it comes', async () => {
    const taken = raised(20);
    await world.step(taken);
    await untilListed(world, taken.alert);
    const first = await acknowledge(taken.alert, { note: 'Đã gọi cho nhà máy' });
    expect(first.statusCode).toBe(200);
    const expected = {
      state: 'acknowledged',
      acknowledged: { at: '2026-11-23T12:00:00+07:00', by: 'officer', note: 'Đã gọi cho nhà máy' },
    };
    expect(first.json()).toMatchObject(expected);
    const again = await acknowledge(taken.alert, { note: 'Tôi nữa' }, 'chief');
    expect(again.statusCode).toBe(200);
    expect(again.json()).toEqual(first.json());
    expect(await stepsOf(taken.alert)).toHaveLength(2);
    expect(await idsOf('?state=acknowledged')).toEqual([taken.alert]);
  });

  it('needs no body', async () => {
    const taken = raised(21);
    await world.step(taken);
    await untilListed(world, taken.alert);
    const answer = await acknowledge(taken.alert);
    expect([answer.statusCode, answer.json<{ acknowledged: object }>().acknowledged]).toMatchObject([
      200,
      { by: 'officer', note: null },
    ]);
  });

  it('of a voided alert is refused', async () => {
    const refused = await acknowledge(voided.alert);
    expect(refusalOf(refused)).toEqual([409, 'alert_voided']);
  });

  it('of an alert that never was is refused', async () => {
    const refused = await acknowledge('kiln-dust/1');
    expect(refusalOf(refused)).toEqual([404, 'not_found']);
  });
});
