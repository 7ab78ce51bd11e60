import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDataDir, openDoor, pushed, type DoorWorld } from './door-world.ts';

let world: DoorWorld;
let dir: Awaited<ReturnType<typeof makeDataDir>>;
beforeAll(async () => {
  dir = await makeDataDir();
  world = await openDoor({ dataDir: dir.path });
  const meter = { name: 'x', kind: 'level', quantity: 'temperature', unit: 'Cel', intervalMs: 1_800_000 };
  const berlin = { zone: 'Europe/Berlin' };
  await register({ ...meter, id: 'a', site: 'mill-site', time: berlin });
  await register({ ...meter, id: 'b', site: 'mill-site', time: { ...berlin, stamp: 'closes' } });
  // A device that was exchanged for another under the same symbol.
  const dust = { ...meter, site: 'kiln-site', quantity: 'concentration', unit: 'mg/Nm3', symbol: 'SO2' };
  await register({ ...dust, id: 'old-so2', to: exchange });
  await register({ ...dust, id: 'new-so2', from: exchange, follows: 'old-so2' });
});
afterAll(async () => {
  await world.close();
  await dir.remove();
});

const exchange = Date.parse('2026-11-20T10:00:00+07:00');

async function register(body: { readonly id: string; readonly [field: string]: unknown }): Promise<void> {
  const result = await world.registry.submit({
    kind: 'meter',
    entity: body.id,
    expectedVersion: 0,
    body,
    by: 'test',
  });
  expect(result).toMatchObject({ ok: true });
}

/** The readings that a push came to: meter and time. */
async function storedOf(batch: string): Promise<string[]> {
  const found = (await world.blocks()).filter(({ block }) => block.batch === batch);
  return found
    .flatMap(({ block }) =>
      Array.from(
        block.times,
        (time, i) =>
          [
            block.rows[i]!,
            `${block.meters[block.meterIndex[i]!]} ${new Date(time).toISOString().slice(11, 16)}`,
          ] as const,
      ),
    )
    .toSorted(([a], [b]) => a - b)
    .map(([, text]) => text);
}

/** The night of 25 October 2026 in Berlin: 02:00 to 03:00 comes twice, at 00:00 and at 01:00 UTC. */
const rows = (meter: string, ...clock: string[]) =>
  clock.map((time) => ({ meter, time: `2026-10-25T${time}:00`, value: 1 }));

describe('an hour that the clock shows twice', () => {
  it.each<[string, string[], string[]]>([
    [
      'ascending',
      ['01:30', '02:00', '02:30', '02:00', '02:30', '03:00'],
      ['23:30', '00:00', '00:30', '01:00', '01:30', '02:00'],
    ],
    [
      'descending',
      ['03:00', '02:30', '02:00', '02:30', '02:00', '01:30'],
      ['02:00', '01:30', '01:00', '00:30', '00:00', '23:30'],
    ],
    ['by the hour', ['01:00', '02:00', '02:00', '03:00'], ['23:00', '00:00', '01:00', '02:00']],
    ['with an offset', ['02:30:00+01:00'], ['01:30']],
  ])('is told apart by the rows before, %s', async (_title, clock, stored) => {
    const sent = clock.map((time) => ({
      ...rows('a', '00:00')[0]!,
      time: time.length > 5 ? `2026-10-25T${time}` : `2026-10-25T${time}:00`,
    }));
    const { batch, refused } = await pushed(world, sent);
    expect(refused).toEqual([]);
    expect(await storedOf(batch)).toEqual(stored.map((time) => `a ${time}`));
  });

  it('is told apart for each meter by its own rows, and by the time that a stamp closes', async () => {
    const [a, b] = [rows('a', '01:30', '02:00', '02:00'), rows('b', '02:00', '02:30', '02:00')];
    const { batch, refused } = await pushed(world, [a[0], b[0], a[1], b[1], a[2], b[2]]);
    // Of b nothing came before, and 02:30 after nothing that was taken neither.
    expect(refused.map(({ row, code }) => [row, code])).toEqual([
      [1, 'time_ambiguous'],
      [3, 'time_ambiguous'],
      [5, 'time_ambiguous'],
    ]);
    expect(await storedOf(batch)).toEqual(['a 23:30', 'a 00:00', 'a 01:00']);
    const closing = await pushed(world, rows('b', '02:00', '01:30', '02:00', '02:30', '02:00').slice(1));
    expect(await storedOf(closing.batch)).toEqual(['b 23:00', 'b 23:30', 'b 00:00', 'b 00:30']);
  });

  it('is refused with the way to mend it where no row tells, in both languages', async () => {
    for (const [language, words] of [
      ['en', 'with an offset such as +02:00'],
      ['vi', 'độ lệch giờ như +02:00'],
    ] as const) {
      const { refused } = await pushed(world, rows('a', '02:15'), { language });
      expect(refused).toMatchObject([{ code: 'time_ambiguous', reason: expect.stringContaining(words) }]);
    }
  });
});

describe('a five-field file that comes late', () => {
  it('is of the device that was there then', async () => {
    const line = (stamp: string) => `SO2\t1\tmg/Nm3\t${stamp}\t00`;
    const body = ['20261120090000', '20261120093000', '20261120100000', '20261120103000']
      .map(line)
      .join('\n');
    const { batch, refused } = await pushed(world, body, {
      type: 'text/plain',
      query: '?file=TH_BSON_KHILO2.txt',
    });
    expect(refused).toEqual([]);
    expect(await storedOf(batch)).toEqual([
      'old-so2 02:00',
      'old-so2 02:30',
      'new-so2 03:00',
      'new-so2 03:30',
    ]);
  });
});
