import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { QuarantinePage } from '../src/routes/quarantine.ts';
import {
  makeDataDir,
  openDoor,
  pushed,
  reading,
  type DoorWorld,
  type KeyName,
  type PushOptions,
} from './door-world.ts';

let world: DoorWorld;
let dir: Awaited<ReturnType<typeof makeDataDir>>;
beforeEach(async () => {
  dir = await makeDataDir();
  world = await openDoor({ dataDir: dir.path });
});
afterEach(async () => {
  await world.close();
  await dir.remove();
});

async function list(key: KeyName = 'cement', query = '', language = 'en') {
  const answer = await world.app.inject({
    url: `/v1/quarantine${query}`,
    headers: { authorization: `Bearer ${world.tokens[key]}`, 'accept-language': language },
  });
  if (answer.statusCode !== 200) throw new Error(answer.body);
  return answer.json<QuarantinePage>();
}

/** The page as soon as it has this many rows: the door folds quarantine from the log. */
async function listed(count: number, ...query: Parameters<typeof list>): Promise<QuarantinePage> {
  for (;;) {
    const page = await list(...query);
    if (page.items.length === count) return page;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Batches of the rows that a key sees, the oldest first. */
async function batchesSeenBy(key: KeyName): Promise<string[]> {
  return (await list(key)).items.map(({ batch }) => batch).toReversed();
}

function replay(id: string, body?: unknown, key: KeyName = 'cement') {
  return world.app.inject({
    method: 'POST',
    url: `/v1/quarantine/${id}/replay`,
    headers: { authorization: `Bearer ${world.tokens[key]}` },
    ...(body === undefined ? {} : { payload: body as object }),
  });
}

/** The id of the one row that this push leaves in quarantine. */
async function quarantined(body: Parameters<typeof pushed>[1], options?: PushOptions): Promise<string> {
  await pushed(world, body, options);
  return (await listed(1)).items[0]!.id;
}

describe('quarantine', () => {
  it('lists refused rows as they came, with code and reason', async () => {
    await pushed(world, [reading({ meter: 'kiln-dust' })], { batch: 'b-1' });
    const { items, next } = await listed(1, 'cement', '', 'vi');
    expect(next).toBeNull();
    expect(items[0]).toMatchObject({
      batch: 'b-1',
      row: 0,
      code: 'meter_unknown',
      reason:
        'Chưa đăng ký công tơ "kiln-dust". Hãy đăng ký, sửa mã hoặc dùng khóa của nhà máy sở hữu, rồi gửi lại dòng này.',
      format: 'json',
      raw: JSON.stringify(reading({ meter: 'kiln-dust' })),
    });
  });

  it('is paged from the newest to the oldest, and filtered by batch', async () => {
    const rows = Array.from({ length: 5 }, (_, i) => reading({ meter: `nowhere-${i}` }));
    await pushed(world, rows, { batch: 'five' });
    await pushed(world, [reading({ meter: 'nowhere' })], { batch: 'one' });
    await listed(6);
    const seen: string[] = [];
    let query = '?limit=4';
    for (;;) {
      const page = await list('cement', query);
      seen.push(...page.items.map(({ batch, row }) => `${batch} ${row}`));
      if (page.next === null) break;
      query = `?limit=4&cursor=${page.next}`;
    }
    expect(seen).toEqual(['one 0', 'five 4', 'five 3', 'five 2', 'five 1', 'five 0']);
    expect((await list('cement', '?batch=one')).items).toHaveLength(1);
  });

  it('has one entry for a refusal that is sent twice', async () => {
    await pushed(world, [reading({ meter: 'nowhere' })], { batch: 'b-1' });
    await world.eventLog.append('quarantine', [
      {
        key: 'cement',
        value: new TextEncoder().encode(JSON.stringify((await world.records('quarantine'))[0])),
      },
    ]);
    await pushed(world, [reading({ meter: 'other' })], { batch: 'b-2' });
    expect((await listed(2)).items.map(({ batch }) => batch)).toEqual(['b-2', 'b-1']);
  });

  it('shows a plant its own enterprise, a bound key its sites and what it sent itself, an administrator all', async () => {
    await pushed(world, [reading({ value: 'x' })], { batch: 'kiln' });
    await pushed(world, [{ meter: 'mill-register', time: 'x', value: 1 }], { batch: 'mill' });
    await pushed(world, [reading({ meter: 'nowhere' })], { batch: 'by-mill-key', key: 'mill' });
    await pushed(world, [reading()], { batch: 'foreign', key: 'sugar' });
    await listed(4, 'admin');
    expect(await batchesSeenBy('cement')).toEqual(['kiln', 'mill', 'by-mill-key']);
    expect(await batchesSeenBy('mill')).toEqual(['mill', 'by-mill-key']);
    expect(await batchesSeenBy('sugar')).toEqual(['foreign']);
    expect(await batchesSeenBy('admin')).toEqual(['kiln', 'mill', 'by-mill-key', 'foreign']);
  });

  it.each(['?limit=0', '?limit=501', '?cursor=x', '?state=lost'])('refuses the query %s', async (query) => {
    await expect(list('cement', query)).rejects.toThrow('invalid_request');
  });
});

describe('a row in quarantine', () => {
  it('is taken as it came, once what was missing is registered', async () => {
    const row = { meter: 'mill-heat', time: '2026-11-23T11:45:00', value: 7 };
    const id = await quarantined([row]);
    expect((await replay(id)).json()).toMatchObject({ code: 'replay_refused', status: 422 });
    const [registered] = world.registry.metersOfSite('mill-site');
    await world.register('meter', 'mill-heat', { ...registered, id: 'mill-heat' });

    const answer = await replay(id);
    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toMatchObject({ rows: 1, accepted: 1, refused: [] });
    const { block } = (await world.blocks()).at(-1)!;
    expect([block.meters, [...block.values]]).toEqual([['mill-heat'], [7]]);
    await listed(0);
    const { items } = await listed(1, 'cement', '?state=replayed');
    expect(items[0]?.replayed?.batch).toBe(answer.json<{ batch: string }>().batch);
    expect((await replay(id)).json()).toMatchObject({ code: 'already_replayed', status: 409 });
  });

  const csv = { type: 'text/csv' };
  const csvHeader = 'meter;time;value';
  const file = { type: 'text/plain', query: '?file=TH_BSON_KHILO9__20261123115500.txt' };
  const line = 'PM\t38,21\tmg/Nm3\t20261123115500\t00';

  it.each<[title: string, body: string | unknown[], options: PushOptions, mended: unknown]>([
    ['as a reading', [reading({ meter: 'kiln-dust' })], {}, { reading: reading() }],
    ['as a line of JSON', '{"meter":', { type: 'application/x-ndjson' }, { raw: JSON.stringify(reading()) }],
    [
      'as a line of CSV',
      `${csvHeader}\nkiln-pm;2026-11-23T11:55:00;38,2x\n`,
      csv,
      { raw: 'kiln-pm;2026-11-23T11:55:00;38,2' },
    ],
    ['as a reading instead of a line', `${csvHeader}\nkiln-pm;x;1\n`, csv, { reading: reading() }],
    [
      'as a line of a file',
      line.replace('PM', 'SO2'),
      { ...file, query: '?file=TH_BSON_KHILO2.txt' },
      { raw: line },
    ],
    ['by another file name', line, file, { context: 'TH_BSON_KHILO2__20261123115500.txt' }],
  ])('may be mended %s', async (_title, body, options, mended) => {
    const id = await quarantined(body, options);
    expect((await replay(id, mended)).json()).toMatchObject({ accepted: 1 });
    const { block } = (await world.blocks()).at(-1)!;
    expect([block.meters, block.times[0]]).toEqual([['kiln-pm'], Date.parse('2026-11-23T11:55:00+07:00')]);
  });

  it('counts once when it is replayed twice at once', async () => {
    const id = await quarantined([reading({ meter: 'kiln-dust' })]);
    const blocks = (await world.blocks()).length;
    const answers = await Promise.all([1, 2].map(() => replay(id, { reading: reading() })));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([202, 202]);
    expect(await world.blocks()).toHaveLength(blocks + 1);
  });

  it.each<[title: string, body: unknown, code: string]>([
    ['still wrong', { reading: reading({ value: 'x' }) }, 'replay_refused'],
    ['two lines', { raw: '{}\n{}' }, 'invalid_request'],
    ['empty', { raw: '' }, 'invalid_request'],
    ['blank', { raw: '  ' }, 'no_rows'],
    ['both a reading and a line', { reading: reading(), raw: '{}' }, 'invalid_request'],
    ['of an unknown form', { row: reading() }, 'invalid_request'],
  ])('stays there when what is sent for it is %s', async (_title, body, code) => {
    const id = await quarantined([reading({ meter: 'kiln-dust' })]);
    expect((await replay(id, body)).json()).toMatchObject({ code });
    expect((await list()).items).toHaveLength(1);
    expect(await world.records('quarantine')).toHaveLength(1);
  });

  it('is not there for the key of another enterprise', async () => {
    const id = await quarantined([reading({ meter: 'kiln-dust' })]);
    expect((await replay(id, undefined, 'sugar')).json()).toMatchObject({ code: 'quarantine_unknown' });
    expect((await replay('no-such-id')).json()).toMatchObject({ code: 'quarantine_unknown' });
  });
});
