import { readAlertStep, type Alert } from '@songma/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noon, openApi, raised, refusalOf, type ApiWorld } from './api-world.ts';

const hourMs = 3_600_000;
let world: ApiWorld;
const open = raised(5, { windows: 3 });
const resolved = raised(9, { state: 'resolved', until: noon - 7 * hourMs, resolvedAt: noon - hourMs });
const voided = raised(13, { state: 'voided', cause: 'correction' });
const replaced = raised(14, { state: 'replaced', replacedBy: voided.id });

/** The next revision of an alert. */
function revised(before: Alert, fields: Partial<Alert>): Alert {
  return { ...before, revision: before.revision + 1, changedAt: before.changedAt + 1_000, ...fields };
}

beforeAll(async () => {
  world = await openApi();
  await world.alert(open, resolved, voided, replaced);
});
afterAll(() => world.close());

async function listed(query = ''): Promise<{ items: Record<string, unknown>[]; next: string | null }> {
  return (await world.ask(`/v1/alerts${query}`)).json();
}
async function idsOf(query = ''): Promise<unknown[]> {
  return (await listed(query)).items.map(({ id }) => id);
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
      if (key === id) steps.push(readAlertStep(JSON.parse(new TextDecoder().decode(value))));
  });
  await following.caughtUp;
  await following.close();
  return steps;
}

describe('alerts', () => {
  it('are listed with the latest condition first, or the earliest', async () => {
    const ids = [open.id, resolved.id, voided.id, replaced.id];
    expect(await idsOf()).toEqual(ids);
    expect(await idsOf('?order=asc')).toEqual(ids.toReversed());
  });

  it.each([
    ['state=open', [open.id]],
    ['state=resolved', [resolved.id]],
    ['state=resolved,voided', [resolved.id, voided.id]],
    ['state=replaced', [replaced.id]],
    ['state=acknowledged', []],
    ['enterprise=sugar', []],
    ['site=mill-site&state=open', [open.id]],
    ['kind=exceedance&limitId=kiln-dust&state=open', [open.id]],
    ['parameter=SO2', []],
    ['severity=from-1.1,from-10&state=open', [open.id]],
    ['severity=from-10', []],
    // The open one goes on; the resolved one ended at five.
    ['from=2026-11-23T06:00:00%2B07:00', [open.id]],
    ['to=2026-11-23T04:00:00%2B07:00&from=2026-11-23', [resolved.id]],
    ['from=2026-11-22&to=2026-11-23', [voided.id, replaced.id]],
  ])('are listed by %s', async (query, ids) => {
    expect(await idsOf(`?${query}`)).toEqual(ids);
  });

  it('are paged in the same order, also where states are told apart by people', async () => {
    const first = await listed('?limit=2');
    expect(first.items).toHaveLength(2);
    expect(await idsOf(`?limit=2&cursor=${first.next}`)).toEqual([voided.id, replaced.id]);
    const some = await listed('?state=acknowledged,voided,replaced&limit=1');
    expect(some.items.map(({ id }) => id)).toEqual([voided.id]);
    const rest = await listed(`?state=acknowledged,voided,replaced&limit=1&cursor=${some.next}`);
    expect(rest.items.map(({ id }) => id)).toEqual([replaced.id]);
  });

  it('tell what was exceeded, by which law, until when it is known, and whether that was verified', async () => {
    const window = {
      start: '2026-11-23T07:00:00+07:00',
      end: '2026-11-23T08:00:00+07:00',
      mean: 123.4,
      limitValue: 100,
      ratio: 1.234,
      severity: 'from-1.1',
      validHours: null,
    };
    expect((await world.ask(addressOf(open.id))).json()).toMatchObject({
      id: open.id,
      kind: 'exceedance',
      state: 'open',
      since: '2026-11-23T07:00:00+07:00',
      until: null,
      knownUntil: '2026-11-23T08:00:00+07:00',
      stale: false,
      windows: 3,
      mean: 123.4,
      limitValue: 100,
      first: window,
      peak: window,
      latest: window,
      document: 'QCVN 23:2009/BTNMT',
      verified: false,
      assurance: 'memory',
      revision: 1,
      cause: 'readings',
      replaces: [],
      replacedBy: null,
      acknowledged: null,
      voided: null,
    });
    expect((await world.ask(addressOf(replaced.id))).json()).toMatchObject({
      state: 'replaced',
      replacedBy: voided.id,
    });
    expect((await world.ask(addressOf(voided.id))).json()).toMatchObject({
      voided: { reason: 'correction' },
    });
  });

  it('are answered as they were said at a past time, with their history', async () => {
    const first = raised(30);
    const second = revised(first, { state: 'resolved', until: first.knownUntil });
    const third = revised(second, { state: 'voided', cause: 'void' });
    await world.alert(first, second, third);
    const at = (time: number) => encodeURIComponent(new Date(time).toISOString());
    const one = `${addressOf(first.id)}?asOf=`;
    expect((await world.ask(one + at(first.changedAt))).json()).toMatchObject({ state: 'open', revision: 1 });
    expect((await world.ask(one + at(second.changedAt))).json()).toMatchObject({ state: 'resolved' });
    expect(refusalOf(await world.ask(one + at(first.changedAt - 1)))).toEqual([404, 'not_found']);
    const then = await listed(
      `?limitId=kiln-dust&to=2026-11-22T07:00:00%2B07:00&asOf=${at(second.changedAt)}`,
    );
    expect(then.items).toMatchObject([{ id: first.id, state: 'resolved' }]);
    const history = `${addressOf(first.id)}/history`;
    const page = (await world.ask(`${history}?limit=2`)).json<{ items: object[]; next: string }>();
    expect(page.items).toMatchObject([
      { revision: 1, state: 'open', cause: 'readings' },
      { revision: 2, state: 'resolved' },
    ]);
    expect((await world.ask(`${history}?limit=2&cursor=${page.next}`)).json()).toMatchObject({
      items: [{ revision: 3, state: 'voided', cause: 'void' }],
      next: null,
    });
    expect(refusalOf(await world.ask('/v1/alerts/kiln-dust%2F1/history'))).toEqual([404, 'not_found']);
  });

  it('can be had as a table', async () => {
    const csv = (await world.ask('/v1/alerts?format=csv&state=open')).body.split('\n');
    expect(csv[0]).toContain('id,kind,state,enterprise');
    expect(csv[1]).toContain(open.id);
  });
});

describe('an acknowledgement', () => {
  it('counts once, the first, however often it comes', async () => {
    const taken = raised(20);
    await world.alert(taken);
    const first = await acknowledge(taken.id, { note: 'Đã gọi cho nhà máy' });
    expect(first.statusCode).toBe(200);
    const expected = {
      state: 'acknowledged',
      acknowledged: { at: '2026-11-23T12:00:00+07:00', by: 'officer', note: 'Đã gọi cho nhà máy' },
    };
    expect(first.json()).toMatchObject(expected);
    const again = await acknowledge(taken.id, { note: 'Tôi nữa' }, 'chief');
    expect(again.statusCode).toBe(200);
    expect(again.json()).toEqual(first.json());
    expect(await stepsOf(taken.id)).toHaveLength(2);
    expect(await idsOf('?state=acknowledged')).toEqual([taken.id]);
    expect(await idsOf('?state=open')).not.toContain(taken.id);
    expect(await idsOf('?state=acknowledged,open')).toContain(taken.id);
  });

  it('stays when the alert is revised', async () => {
    const taken = raised(22);
    await world.alert(taken);
    await acknowledge(taken.id);
    await world.alert(revised(taken, { state: 'resolved', until: taken.knownUntil, windows: 2 }));
    expect((await world.ask(addressOf(taken.id))).json()).toMatchObject({
      state: 'resolved',
      windows: 2,
      acknowledged: { by: 'officer' },
    });
  });

  it('needs no body', async () => {
    const taken = raised(21);
    await world.alert(taken);
    const answer = await acknowledge(taken.id);
    expect([answer.statusCode, answer.json<{ acknowledged: object }>().acknowledged]).toMatchObject([
      200,
      { by: 'officer', note: null },
    ]);
  });

  it('of a voided alert is refused', async () => {
    const refused = await acknowledge(voided.id);
    expect(refusalOf(refused)).toEqual([409, 'alert_voided']);
  });

  it('of an alert that never was is refused', async () => {
    const refused = await acknowledge('kiln-dust/1');
    expect(refusalOf(refused)).toEqual([404, 'not_found']);
  });
});
