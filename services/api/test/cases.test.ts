import { acknowledgeToken, openDeskKey } from '@songma/channels';
import { alertId, type Alert, type EntityKind } from '@songma/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  noon,
  openApi,
  raised,
  refusalOf,
  type Answered,
  type ApiWorld,
  type Asked,
  type KeyName,
} from './api-world.ts';

const hour = 3_600_000;
const deskKey = 'ab'.repeat(32);

interface Case {
  readonly id: string;
  readonly response: string;
  readonly attention: string;
  readonly needsAttention: boolean;
  readonly acknowledged: { by: string; until: string | null } | null;
  readonly question: { dueAt: string } | null;
  readonly answer: { cause: string; by: string } | null;
  readonly shelf: object | null;
  readonly assignee: string | null;
  readonly timeline: { what: string; by: string | null; text: string | null; via: string | null }[];
}

let world: ApiWorld;
beforeAll(async () => {
  world = await openApi({ DESK_KEY: deskKey });
  const persons = [
    { id: 'cuc', name: 'Đỗ Cúc', role: 'plant', enterprise: 'cement', mail: 'cuc@example.vn' },
    { id: 'chief', name: 'Lý Dũng', role: 'admin', mail: 'dung@example.vn' },
  ];
  const roster = {
    id: 'centre',
    name: 'Trực',
    layers: [{ from: '2026-01-05', persons: ['le-binh'], days: 7 }],
    last: 'chief',
  };
  const policy = {
    id: 'kiln',
    name: 'Lò',
    select: { territory: { kind: 'site', name: 'mill-site' } },
    steps: [{ afterMin: 0, to: [{ kind: 'plant' }, { kind: 'roster', id: 'centre' }] }],
    ackLapseMin: 60,
  };
  for (const person of persons) await register('person', person);
  await register('roster', roster);
  await register('policy', policy);
});
afterAll(() => world.close());

async function register(kind: EntityKind, body: { readonly id: string }): Promise<void> {
  const result = await world.registry.submit({ kind, entity: body.id, expectedVersion: 0, body, by: 'test' });
  if (!result.ok) throw new Error(JSON.stringify(result));
}

/** A case of its own for a test, whose alert was raised so many hours before noon. */
async function raise(hoursAgo: number, changes: Parameters<typeof raised>[1] = {}): Promise<string> {
  // Each of a limit of its own: those of one limit would be of one episode.
  const alert = ofOwnLimit(raised(hoursAgo, changes));
  await world.alert(alert);
  await expect
    .poll(() => world.book.facts.alert(alert.id)?.revision, { timeout: 10_000 })
    .toBe(alert.revision);
  return alert.id;
}

const ofOwnLimit = (alert: Alert): Alert => {
  const limit = `limit-${alert.since}`;
  return { ...alert, limit, id: alertId({ limit, origin: alert.origin, generation: 1 }) };
};
const path = (id: string) => `/v1/cases/${encodeURIComponent(id)}`;
/** The case and its timeline as one. */
const caseOf = (answer: Answered): Case => {
  const { case: told, timeline } = answer.json<{
    case: Omit<Case, 'timeline'>;
    timeline: Case['timeline'];
  }>();
  return { ...told, timeline };
};
const act = (id: string, body: object, as: KeyName | 'none' = 'officer') =>
  world.ask(`${path(id)}/steps`, { method: 'POST', as, body });
const read = async (id: string, as: KeyName = 'officer') => caseOf(await world.ask(path(id), { as }));
const list = async (query = '', asked: Asked = { as: 'officer' }) =>
  (await world.ask(`/v1/cases${query}`, asked)).json<{ items: Case[]; next: string | null }>();
const ids = ({ items }: { items: Case[] }) => items.map(({ id }) => id);

describe('cases', () => {
  it('are listed, the last raised first, by who needs to look and by what they are about', async () => {
    const [first, second] = [
      await raise(100, { raisedAt: noon - 3 * hour }),
      await raise(90, { raisedAt: noon - hour }),
    ];
    expect(ids(await list('?limit=2'))).toEqual([second, first]);
    expect(ids(await list('?view=attention'))).toEqual(expect.arrayContaining([first, second]));
    expect(ids(await list('?limitId=sugar-limit'))).toEqual([]);
    expect(ids(await list('?severityMin=from-10'))).toEqual([]);
    expect(ids(await list('?territoryKind=site&territory=mill-site&kind=exceedance'))).toContain(first);
    const page = await list('?limit=1');
    expect(ids(await list(`?limit=1&cursor=${page.next}`))).toEqual([first]);
    const csv = await world.ask('/v1/cases?format=csv', { as: 'officer' });
    expect(csv.body.split('\n')[0]).toContain('needsAttention');
  });

  it('are acknowledged by the person of the key, for as long as the policy says, and their alerts too', async () => {
    const id = await raise(80);
    const after = caseOf(await act(id, { step: 'acknowledged', note: 'Đã gọi' }));
    expect(after).toMatchObject({
      response: 'acknowledged',
      needsAttention: false,
      acknowledged: { by: 'le-binh' },
      timeline: [{ what: 'acknowledged', by: 'le-binh', text: 'Đã gọi', via: 'api' }],
    });
    const alert = (await world.ask(`/v1/alerts/${encodeURIComponent(id)}`)).json<{ state: string }>();
    expect(alert.state).toBe('acknowledged');
    expect(ids(await list('?view=mine'))).toContain(id);
    world.setClock(noon + 4 * 24 * hour);
    expect(await read(id)).toMatchObject({ response: 'new', needsAttention: true });
    world.setClock(noon);
  });

  it('are asked about and answered by the plant, which sees no office comment', async () => {
    const id = await raise(70);
    await act(id, { step: 'asked', dueAt: '2026-11-24T12:00:00+07:00', text: 'Vì sao?' });
    await act(id, { step: 'commented', text: 'Nội bộ' });
    await act(id, { step: 'commented', text: 'Gửi nhà máy', visibility: 'plant' });
    const answered = await act(id, { step: 'answered', cause: 'process', text: 'Đã chỉnh lò' }, 'cement');
    expect(answered.statusCode).toBe(200);
    const seen = await read(id, 'cement');
    expect(seen.timeline.map(({ what, text }) => [what, text])).toEqual([
      ['asked', 'Vì sao?'],
      ['commented', 'Gửi nhà máy'],
      ['answered', 'Đã chỉnh lò'],
    ]);
    expect((await read(id)).timeline.map(({ text }) => text)).toContain('Nội bộ');
    expect(seen.answer).toMatchObject({ cause: 'process' });
  });

  it('are shelved, which ends by itself, and no longer than one officer may', async () => {
    const id = await raise(60);
    const shelve = (until: string, more = {}) =>
      act(id, { step: 'shelved', until, reason: 'calibration', ...more });
    expect(refusalOf(await shelve('2026-11-25T12:00:00+07:00'))).toEqual([422, 'shelf_too_long']);
    expect(refusalOf(await shelve('2026-11-22T12:00:00+07:00'))).toEqual([422, 'time_passed']);
    expect(caseOf(await shelve('2026-11-25T12:00:00+07:00', { second: 'chief' })).attention).toBe('shelved');
    expect(caseOf(await act(id, { step: 'unshelved' }))).toMatchObject({
      attention: expect.not.stringMatching('shelved') as string,
      shelf: null,
    });
    await shelve('2026-11-23T18:00:00+07:00');
    world.setClock(noon + 7 * hour);
    expect((await read(id)).shelf).toBeNull();
    world.setClock(noon);
  });

  it('are closed and opened again', async () => {
    const id = await raise(50);
    expect(caseOf(await act(id, { step: 'closed', conclusion: 'explained' })).response).toBe('closed');
    expect(refusalOf(await act(id, { step: 'acknowledged' }))).toEqual([409, 'case_closed']);
    expect(caseOf(await act(id, { step: 'reopened' })).response).toBe('new');
  });

  it('are assigned to persons of the office only', async () => {
    const id = await raise(40);
    expect(caseOf(await act(id, { step: 'assigned', to: 'chief' })).assignee).toBe('chief');
    expect(refusalOf(await act(id, { step: 'assigned', to: 'cuc' }))).toEqual([422, 'person_unknown']);
    expect(refusalOf(await act(id, { step: 'assigned', to: 'nobody' }))).toEqual([422, 'person_unknown']);
  });

  it('do not exist for another plant, and a plant does what is a plant’s', async () => {
    const id = await raise(30);
    expect(refusalOf(await world.ask(path(id), { as: 'sugar' }))).toEqual([404, 'not_found']);
    expect(refusalOf(await act(id, { step: 'answered', cause: 'other', text: 'x' }, 'sugar'))).toEqual([
      404,
      'not_found',
    ]);
    expect(ids(await list('', { as: 'sugar' }))).toEqual([]);
    expect(refusalOf(await act(id, { step: 'acknowledged' }, 'cement'))).toEqual([403, 'role_forbidden']);
    expect(refusalOf(await act(id, { step: 'answered', cause: 'other', text: 'x' }))).toEqual([
      403,
      'role_forbidden',
    ]);
    expect(refusalOf(await act(id, { step: 'closed', conclusion: 'explained' }, 'analyst'))).toEqual([
      403,
      'role_forbidden',
    ]);
  });

  it('of which nothing stands are not taken up', async () => {
    const id = await raise(20, { state: 'voided', cause: 'correction' });
    expect(refusalOf(await act(id, { step: 'acknowledged' }))).toEqual([409, 'case_voided']);
    expect((await act(id, { step: 'commented', text: 'x' })).statusCode).toBe(200);
  });

  it('are one with what replaces them, under the id of either', async () => {
    const [old, young] = [ofOwnLimit(raised(15)), ofOwnLimit(raised(16))];
    await raise(15);
    await raise(16, { replaces: [old.id], raisedAt: noon - 30_000 });
    expect((await read(young.id)).id).toBe(old.id);
    expect((await read(old.id)).id).toBe(old.id);
  });
});

describe('the link of a message', () => {
  const post = (token: string) =>
    world.ask('/v1/acknowledge', { method: 'POST', as: 'none', body: { token } });

  it('acknowledges once by its button, and a GET changes nothing', async () => {
    const id = await raise(10);
    const key = await openDeskKey({ deskKey, dataDir: '' });
    const token = acknowledgeToken(key, { notice: 'n', case: id, person: 'le-binh', expiresAt: noon + hour });
    const got = await world.ask('/v1/acknowledge', { as: 'none' });
    expect(got.statusCode).toBe(405);
    expect((await read(id)).response).toBe('new');
    expect((await post(token)).json()).toEqual({ case: id, person: 'le-binh', name: 'Lê Bình' });
    expect((await post(token)).statusCode).toBe(200);
    const after = await read(id);
    expect(after.timeline.filter(({ what }) => what === 'acknowledged')).toMatchObject([
      { by: 'le-binh', via: 'link' },
    ]);
    expect(refusalOf(await post(`${token.slice(0, -1)}x`))).toEqual([403, 'link_invalid']);
    world.setClock(noon + 2 * hour);
    expect(refusalOf(await post(token))).toEqual([410, 'link_expired']);
    world.setClock(noon);
  });

  it('takes nothing up for a person of a plant', async () => {
    const id = await raise(9);
    const key = await openDeskKey({ deskKey, dataDir: '' });
    const token = acknowledgeToken(key, { notice: 'm', case: id, person: 'cuc', expiresAt: noon + hour });
    expect(refusalOf(await post(token))).toEqual([403, 'link_invalid']);
  });
});

describe('the desk', () => {
  it('tells who would be told, by which rule and way', async () => {
    const route = (await world.ask('/v1/desk/route?site=mill-site', { as: 'officer' })).json<{
      policy: string;
      steps: object[];
    }>();
    expect(route.policy).toBe('kiln@1');
    expect(route.steps).toMatchObject([
      {
        afterMin: 0,
        told: expect.arrayContaining([
          { person: 'cuc', name: 'Đỗ Cúc', why: 'plant', ways: ['mail'] },
          { person: 'le-binh', name: 'Lê Bình', why: 'roster centre', ways: ['mail'] },
        ]) as unknown[],
      },
    ]);
    const other = (await world.ask('/v1/desk/route?site=sugar-site', { as: 'officer' })).json<{
      policy: string;
    }>();
    expect(other.policy).toBe('default');
    expect(refusalOf(await world.ask('/v1/desk/route?site=x', { as: 'officer' }))).toEqual([
      404,
      'not_found',
    ]);
  });

  it('tells how it is doing, and who was told of what', async () => {
    const id = await raise(8);
    await world.book.appendNotices([
      {
        step: 'planned',
        notice: 'first',
        at: noon,
        person: 'le-binh',
        channel: 'mail',
        address: { kind: 'mail', mail: 'binh@example.vn' },
        language: 'vi',
        purpose: 'raised',
        items: [{ key: 'k', case: id, purpose: 'raised', severity: null }],
        subject: 's',
        text: 't',
      },
      { step: 'dead', notice: 'first', at: noon, attempt: 1, code: 'mail_refused' },
    ]);
    expect((await world.ask('/v1/desk/health', { as: 'officer' })).json()).toMatchObject({
      dead: 1,
      persons: [{ person: 'le-binh', lastHour: 1, lastDay: 1, peakTenMinutes: 1 }],
      unreachable: [],
    });
    const { items } = (await world.ask('/v1/notices?state=dead', { as: 'officer' })).json<{
      items: object[];
    }>();
    expect(items).toMatchObject([{ id: 'first', cases: [id], state: 'dead', code: 'mail_refused' }]);
    expect((await read(id)).timeline.map(({ what }) => what)).toContain('notice');
  });

  it('gives a roster as a calendar', async () => {
    const answer = await world.ask('/v1/rosters/centre/calendar.ics', { as: 'officer' });
    expect(answer.headers['content-type']).toContain('text/calendar');
    expect(answer.body).toContain('BEGIN:VEVENT');
    expect(answer.body).toContain('SUMMARY:Lê Bình');
    expect(refusalOf(await world.ask('/v1/rosters/x/calendar.ics', { as: 'officer' }))).toEqual([
      404,
      'not_found',
    ]);
  });
});
