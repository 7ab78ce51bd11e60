import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  makeDataDir,
  openDoor,
  push,
  pushed,
  quarantinedOf,
  type DoorWorld,
  type PushOptions,
} from './door-world.ts';

let world: DoorWorld;
let dir: Awaited<ReturnType<typeof makeDataDir>>;
beforeAll(async () => {
  dir = await makeDataDir();
  world = await openDoor({ dataDir: dir.path });
});
afterEach(async () => {
  for (const { id } of world.registry.list('mapping')) await world.register('mapping', id, null);
});
afterAll(async () => {
  await world.close();
  await dir.remove();
});

const noonAt = (minute: number) => Date.parse(`2026-11-23T11:${minute}:00+07:00`);
const csv: PushOptions = { type: 'text/csv' };

async function readingsOf(batch: string) {
  const found = (await world.blocks()).filter(({ block }) => block.batch === batch);
  return found.flatMap(({ block }) =>
    Array.from(block.times, (time, i) => [block.meters[block.meterIndex[i]!], time, block.values[i]]),
  );
}

const expected = [
  ['kiln-pm', noonAt(45), 38.5],
  ['kiln-o2', noonAt(45), 6.1],
  ['kiln-pm', noonAt(50), 39],
];
const rows = [
  { time: '2026-11-23T11:45:00', 'kiln-pm': 38.5, 'kiln-o2': '6.1' },
  { time: '2026-11-23T11:50:00', 'kiln-pm': 39, 'kiln-o2': null },
];

describe('a table with a column for each meter', () => {
  it.each<[string, readonly unknown[] | string, PushOptions]>([
    ['CSV', 'time;kiln-pm;kiln-o2\n2026-11-23T11:45:00;38,5;6,1\n2026-11-23T11:50:00;39;\n', csv],
    [
      'CSV with other names',
      'Kiln-O2,Thời gian,KILN-PM\n6.1,2026-11-23T11:45:00,38.5\n,2026-11-23T11:50:00,39',
      csv,
    ],
    ['JSON', rows, {}],
    ['NDJSON', rows.map((row) => JSON.stringify(row)).join('\n'), { type: 'application/x-ndjson' }],
  ])('is taken as %s: each value is a reading, an empty one is none', async (_form, body, options) => {
    const { batch, rows: count, refused } = await pushed(world, body, options);
    expect([count, refused]).toEqual([3, []]);
    const found = await readingsOf(batch);
    expect(found).toHaveLength(3);
    expect(found).toEqual(expect.arrayContaining(expected));
  });

  it('has columns that a mapping names, with their units', async () => {
    await world.register('mapping', 'columns', {
      id: 'columns',
      enterprise: 'bim-son-cement',
      door: 'table',
      match: { column: '{what} [{unit}]' },
      meter: '{what}',
      names: { 'Công tơ': 'mill-register' },
      unit: '{unit}',
    });
    // The letters of the header are decomposed, as some programs write them.
    const header = 'time;Công tơ [MWh];kiln-o2 [kg]'.normalize('NFD');
    const { batch, refused } = await pushed(world, `${header}\n2026-11-23T11:45:00;1,5;6\n`, csv);
    expect(refused.map(({ row, code }) => [row, code])).toEqual([[1, 'unit_incompatible']]);
    expect(await readingsOf(batch)).toEqual([['mill-register', noonAt(45), 1500]]);
  });

  it('may state a status for all values of a row', async () => {
    const { refused } = await pushed(
      world,
      'time,status,kiln-pm,kiln-o2\n2026-11-23T11:45:00,fault,,---',
      csv,
    );
    expect(refused).toEqual([]);
    const other = await pushed(world, [{ time: '2026-11-23T11:45:00', status: 'broken', 'kiln-pm': 1 }]);
    expect(other.refused.map(({ code }) => code)).toEqual(['status_unknown']);
  });

  it.each<[string, string | readonly unknown[], PushOptions]>([
    ['CSV', 'time;Điện\n2026-11-23T11:45:00;38,5\n', csv],
    ['JSON', [{ time: '2026-11-23T11:45:00', Điện: 38.5 }], {}],
  ])(
    'of %s with a column that nobody knows waits for the mapping, cell by cell',
    async (form, body, options) => {
      const { batch, refused } = await pushed(world, body, { ...options, batch: `unknown-${form}` });
      expect(refused[0]).toMatchObject({ row: 0, code: 'source_unmapped' });
      expect(refused[0]!.reason).toContain('"column":"Điện"');
      const [row] = await quarantinedOf(world, batch);
      await world.register('mapping', 'power', {
        id: 'power',
        enterprise: 'bim-son-cement',
        door: 'table',
        match: { column: 'Điện' },
        meter: 'mill-register',
      });
      const replay = await world.app.inject({
        method: 'POST',
        url: `/v1/quarantine/${row!.id}/replay`,
        headers: { authorization: `Bearer ${world.tokens.cement}` },
      });
      expect(replay.statusCode).toBe(202);
      expect(await readingsOf(replay.json<{ batch: string }>().batch)).toEqual([
        ['mill-register', noonAt(45), 38.5],
      ]);
    },
  );

  it('keeps the refused cell of a line, and takes the others', async () => {
    const lines = 'time;kiln-pm;sugar-power;kiln-o2\n2026-11-23T11:45:00;1;"2;5";x\n2026-11-23T11:46:00;1\n';
    const { batch, rows: count, refused } = await pushed(world, lines, csv);
    expect([count, refused.map(({ code }) => code)]).toEqual([
      4,
      ['source_unmapped', 'value_not_finite', 'malformed'],
    ]);
    // Those of a known site are logged after the others.
    const waiting = await quarantinedOf(world, batch, 2);
    expect(waiting.toSorted((a, b) => a.row - b.row).map(({ raw }) => raw)).toEqual([
      '2026-11-23T11:45:00;;"2;5";',
      '2026-11-23T11:45:00;;;x',
      '2026-11-23T11:46:00;1',
    ]);
  });

  it('with two columns of one name is refused with both positions', async () => {
    const answer = await push(world, 'time,kiln-pm,kiln-pm\n', csv);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, 'csv_column_twice']);
    expect(answer.json<{ detail: string }>().detail).toContain('number 2 and number 3');
  });

  it('needs a time', async () => {
    const { refused } = await pushed(world, [
      { time: 5, 'kiln-pm': 1 },
      { time: '', 'kiln-pm': 1 },
      { 'kiln-pm': 1 },
    ]);
    expect(refused.map(({ code }) => code)).toEqual(['malformed', 'malformed', 'malformed']);
    expect((await push(world, 'a,b\n1,2', csv)).statusCode).toBe(400);
  });
});
