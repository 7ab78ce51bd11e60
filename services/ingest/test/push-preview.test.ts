import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDataDir, openDoor, push, type DoorWorld } from './door-world.ts';

let world: DoorWorld;
let dir: Awaited<ReturnType<typeof makeDataDir>>;
beforeAll(async () => {
  dir = await makeDataDir();
  world = await openDoor({ dataDir: dir.path });
});
afterAll(async () => {
  await world.close();
  await dir.remove();
});

describe('a push with dryRun', () => {
  it('tells the rows as they would be stored and what would be refused, and keeps nothing', async () => {
    const lines = [
      'meter;time;value;unit;status',
      'kiln-pm;2026-11-23T10:00:00;0,0385;g/Nm3;',
      'kiln-pm;2026-11-23T10:05:00;<2,5;;',
      'kiln-pm;2026-11-23T10:10:00;---;;fault',
      'nobody;2026-11-23T10:15:00;1,5;;',
    ];
    const answer = await push(world, lines.join('\n'), { type: 'text/csv', query: '?dryRun=true' });
    expect(answer.statusCode).toBe(200);
    const row = { meter: 'kiln-pm', unit: 'mg/Nm3' };
    expect(answer.json()).toEqual({
      rows: 4,
      accepted: 3,
      numbers: { decimal: 'comma', by: 'seen' },
      refused: [{ row: 3, code: 'meter_unknown', reason: expect.stringContaining('nobody') }],
      first: [
        { ...row, row: 0, time: '2026-11-23T03:00:00.000Z', value: 38.5, status: 'measured' },
        { ...row, row: 1, time: '2026-11-23T03:05:00.000Z', value: 2.5, status: 'below-detection' },
        { ...row, row: 2, time: '2026-11-23T03:10:00.000Z', value: null, status: 'fault' },
      ],
    });
    expect(await world.blocks()).toEqual([]);
    const headers = { authorization: `Bearer ${world.tokens.admin}` };
    const quarantine = await world.app.inject({ url: '/v1/quarantine?state=all', headers });
    expect(quarantine.json()).toEqual({ items: [], next: null });
  });

  it('shows the first twenty rows of many', async () => {
    const lines = Array.from({ length: 50 }, (_line, minute) => {
      return `kiln-pm,2026-11-23T09:${String(minute).padStart(2, '0')}:00,1`;
    });
    const body = ['meter,time,value', ...lines].join('\n');
    const answer = await push(world, body, { type: 'text/csv', query: '?dryRun=true' });
    const preview = answer.json<{ accepted: number; first: { row: number }[] }>();
    expect(preview.accepted).toBe(50);
    expect(preview.first.map(({ row }) => row)).toEqual(Array.from({ length: 20 }, (_row, row) => row));
  });

  it('refuses a whole push as pushing does', async () => {
    const answer = await push(world, 'no header of ours\n1\n', { type: 'text/csv', query: '?dryRun=true' });
    expect(answer.statusCode).toBe(400);
  });
});
