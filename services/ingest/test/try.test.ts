import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDataDir, openDoor, type DoorWorld, type KeyName } from './door-world.ts';

let world: DoorWorld;
let dir: Awaited<ReturnType<typeof makeDataDir>>;
beforeAll(async () => {
  dir = await makeDataDir();
  world = await openDoor({ dataDir: dir.path });
  await world.register('mapping', 'quality', {
    id: 'quality',
    enterprise: 'bim-son-cement',
    door: 'line-protocol',
    match: { field: 'Quality' },
    ignore: true,
  });
});
afterAll(async () => {
  await world.close();
  await dir.remove();
});

const lines = 'text/vnd.influxdata.line-protocol';
const mapping = {
  door: 'line-protocol',
  match: { measurement: 'plc', field: '{what}_kwh' },
  meter: 'mill-{what}',
  unit: 'MWh',
};

function ask(body: Record<string, unknown>, key: KeyName = 'cement') {
  return world.app.inject({
    method: 'POST',
    url: '/v1/readings/try',
    headers: { authorization: `Bearer ${world.tokens[key]}` },
    payload: body,
  });
}

describe('rows that are tried', () => {
  it('are told by source which meter they would be, and nothing is taken', async () => {
    const body = 'plc register_kwh=1,Quality="Good",other=2 1763873700\nplc register_kwh=2 1763873760';
    const answer = await ask({ contentType: lines, body, precision: 's', mapping });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      rows: 3,
      accepted: 2,
      sources: [
        {
          origin: { measurement: 'plc', field: 'register_kwh' },
          outcome: 'meter',
          meter: 'mill-register',
          unit: 'MWh',
          mapping: 'tried',
        },
        { origin: { field: 'Quality' }, outcome: 'ignored', mapping: 'quality' },
        { origin: { field: 'other' }, outcome: 'refused' },
      ],
      refused: [{ row: 1, code: 'source_unmapped', raw: 'plc other=2 1763873700' }],
    });
    expect(await world.blocks()).toEqual([]);
    expect(await world.records('quarantine')).toEqual([]);
  });

  it('are tried by what is registered when no mapping is given', async () => {
    const answer = await ask({ contentType: 'text/csv', body: 'time;kiln-pm\n2026-11-23T11:45:00;1' });
    expect(answer.json()).toMatchObject({
      rows: 1,
      accepted: 1,
      sources: [{ meter: 'kiln-pm' }],
      refused: [],
    });
  });

  it('are not of another plant, whatever the mapping says', async () => {
    const tried = { ...mapping, enterprise: 'bim-son-cement' };
    const answer = await ask({ contentType: lines, body: 'plc register_kwh=1', mapping: tried }, 'sugar');
    expect(answer.json()).toMatchObject({ accepted: 0, refused: [{ code: 'mapped_meter_unknown' }] });
    const admin = await ask({ contentType: lines, body: 'plc register_kwh=1', mapping: tried }, 'admin');
    expect(admin.json()).toMatchObject({ accepted: 1 });
  });

  it.each([
    [{ ...mapping, meter: '{nothing}' }, 'meter: {nothing} is neither'],
    [{ ...mapping, colour: 'red' }, 'colour'],
    [{ ...mapping, door: 'window' }, 'door'],
    [{ ...mapping, match: { topic: 'a' } }, 'match.topic'],
  ])('need a mapping that can be followed: %o', async (wrong, told) => {
    const answer = await ask({ contentType: lines, body: 'x', mapping: wrong });
    const { code, detail } = answer.json<{ code: string; detail: string }>();
    expect([answer.statusCode, code]).toEqual([400, 'mapping_invalid']);
    expect(detail).toContain(told);
  });

  it('are as few as are looked at by people', async () => {
    const answer = await ask({ contentType: lines, body: 'x'.repeat(300 * 1024) });
    expect(answer.statusCode).toBe(400);
    expect((await ask({ contentType: 'text/html', body: 'x' })).statusCode).toBe(415);
  });
});
