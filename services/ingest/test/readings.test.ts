import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flag } from '@songma/domain';
import { createApiKey } from '@songma/registry';
import { makeDataDir, noon, openDoor, pushed, reading, type DoorWorld } from './door-world.ts';

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

/** The readings of a batch as the log has them. */
async function logged(batch: string) {
  const found = (await world.blocks()).filter(({ block }) => block.batch === batch);
  return found.flatMap(({ block }) =>
    Array.from(block.times, (time, i) => ({
      meter: block.meters[block.meterIndex[i]!],
      time,
      value: block.values[i],
      flags: block.flags[i],
      row: block.rows[i],
    })),
  );
}

describe('an accepted push', () => {
  it('is in the log when it is answered, one block a site, with the receipt on the first', async () => {
    const receipt = await pushed(
      world,
      [
        reading(),
        { meter: 'mill-power', time: '2026-11-23T11:45:00+07:00', value: 12 },
        reading({ time: '2026-11-23T11:50:00+07:00', value: 39 }),
      ],
      { batch: 'two-sites' },
    );
    expect(receipt).toMatchObject({ batch: 'two-sites', rows: 3, accepted: 3, refused: [] });
    expect(receipt.receivedAt).toBe(new Date(noon).toISOString());
    const blocks = (await world.blocks()).filter(({ block }) => block.batch === 'two-sites');
    expect(blocks.map(({ block }) => [block.site, block.part, block.parts, [...block.rows]])).toEqual([
      ['kiln-site', 0, 2, [0, 2]],
      ['mill-site', 1, 2, [1]],
    ]);
    expect(blocks[0]?.receipt).toMatchObject({ batch: 'two-sites', apiKey: 'cement', rows: 3, accepted: 3 });
    expect(blocks[1]?.receipt).toBeUndefined();
    expect(blocks[1]!.block.knownUs).toBeGreaterThan(blocks[0]!.block.knownUs);
  });

  it('gets a batch id when it brings none', async () => {
    const receipt = await pushed(world, [reading()]);
    expect(receipt.batch).toMatch(/^[0-9a-f-]{36}$/);
    expect(receipt.links.batch).toBe(`/v1/batches/${receipt.batch}`);
  });

  it('is stored by the start of what a reading describes, where stamps close it', async () => {
    await pushed(
      world,
      [
        { meter: 'mill-power', time: '2026-11-23T11:45:00', value: 12 },
        { meter: 'mill-register', time: '2026-11-23T11:45:00', value: 70_012 },
      ],
      { batch: 'closes' },
    );
    expect((await logged('closes')).map(({ time }) => time)).toEqual([
      Date.parse('2026-11-23T11:30:00+07:00'),
      Date.parse('2026-11-23T11:45:00+07:00'),
    ]);
  });

  it('is converted to the unit of the meter', async () => {
    await pushed(
      world,
      [
        { meter: 'mill-power', time: '2026-11-23T10:45:00', value: 0.5, unit: 'MWh' },
        { meter: 'mill-power', time: '2026-11-23T11:00:00', value: 3.6, unit: 'MJ' },
      ],
      { batch: 'units' },
    );
    expect((await logged('units')).map(({ value }) => value)).toEqual([500, 1]);
  });

  it('keeps values out of the valid range; whoever reads them flags them by the range of then', async () => {
    await pushed(
      world,
      [
        reading({ value: 501 }),
        reading({ time: '2026-11-23T11:50:00+07:00', value: -1, status: 'calibrating' }),
        reading({ time: '2026-11-23T11:56:00+07:00', value: null, status: 'fault' }),
      ],
      { batch: 'flags' },
    );
    expect((await logged('flags')).map(({ value, flags }) => [value, flags])).toEqual([
      [501, 0],
      [-1, flag.calibrating],
      [Number.NaN, flag.fault],
    ]);
  });

  it('may repeat a reading, but not with another value', async () => {
    const receipt = await pushed(
      world,
      [
        reading({ value: 1 }),
        reading({ value: 2 }),
        reading({ value: 1 }),
        reading({ time: '2026-11-23T11:50:00+07:00', value: 1 }),
        reading({ value: 1, status: 'calibrating' }),
      ],
      { batch: 'repeats' },
    );
    expect(receipt.refused.map(({ row, code }) => [row, code])).toEqual([
      [1, 'repeated_in_push'],
      [4, 'repeated_in_push'],
    ]);
    expect(receipt.refused[0]?.reason).toContain('row 0');
    expect((await logged('repeats')).map(({ row }) => row)).toEqual([0, 2, 3]);
  });

  it('finds a repeat in rows of descending time', async () => {
    const rows = ['11:55', '11:50', '11:45', '11:50'].map((time, i) =>
      reading({ time: `2026-11-23T${time}:00+07:00`, value: i }),
    );
    const receipt = await pushed(world, rows);
    expect(receipt.refused.map(({ row, code }) => [row, code])).toEqual([[3, 'repeated_in_push']]);
  });

  it('is split into blocks of at most 5,000 rows', async () => {
    const rows = Array.from({ length: 5_001 }, (_, i) =>
      reading({ time: new Date(noon - (6_000 - i) * 60_000).toISOString(), value: i % 400 }),
    );
    const dirOfMany = await makeDataDir();
    const many = await openDoor({ dataDir: dirOfMany.path, env: { INGEST_ROWS_MAX: '6000' } });
    await pushed(many, rows, { batch: 'long' });
    const blocks = (await many.blocks()).map(({ block }) => block);
    expect(blocks.map((block) => [block.part, block.parts, block.times.length])).toEqual([
      [0, 2, 5_000],
      [1, 2, 1],
    ]);
    expect(blocks[1]!.rows[0]).toBe(5_000);
    expect(blocks[1]!.meters).toEqual(['kiln-pm']);
    await many.close();
    await dirOfMany.remove();
  });

  it('is logged by its receipt even when no row is accepted', async () => {
    const receipt = await pushed(world, [reading({ meter: 'nowhere' })], { batch: 'nothing' });
    expect(receipt).toMatchObject({ accepted: 0, refused: [{ row: 0, code: 'meter_unknown' }] });
    const [found] = (await world.blocks()).filter(({ block }) => block.batch === 'nothing');
    expect(found?.block.times).toHaveLength(0);
    expect(found?.block.site).toBe('kiln-site');
    expect(found?.receipt?.refused).toHaveLength(1);
  });

  it('has no block when there is no site that could carry it, and its rows are in quarantine all the same', async () => {
    await world.register('enterprise', 'new-brewery', { id: 'new-brewery', name: 'Bia', sector: '1103' });
    const { key, token } = createApiKey({
      id: 'brewery',
      name: 'brewery',
      role: 'plant',
      enterprise: 'new-brewery',
      now: noon,
    });
    await world.register('key', 'brewery', key);
    const headers = { authorization: `Bearer ${token}` };
    const before = (await world.records('quarantine')).length;
    const receipt = await pushed(world, [reading({ meter: 'nowhere' })], { batch: 'siteless', headers });
    expect(receipt.refused).toHaveLength(1);
    expect((await world.blocks()).filter(({ block }) => block.batch === 'siteless')).toEqual([]);
    expect(await world.records('quarantine')).toHaveLength(before + 1);
    expect(await pushed(world, [reading({ meter: 'nowhere' })], { batch: 'siteless', headers })).toEqual(
      receipt,
    );
  });

  it('leaves much that is refused in quarantine in order', async () => {
    const rows = Array.from({ length: 3_000 }, (_, i) =>
      reading({ meter: `nowhere-${i}`, time: 'x'.repeat(100) }),
    );
    const before = (await world.records('quarantine')).length;
    await pushed(world, rows, { batch: 'much' });
    const events = (await world.records('quarantine')).slice(before) as { rows: [number][] }[];
    expect(events.length).toBeLessThan(10);
    expect(events.flatMap((event) => event.rows.map(([row]) => row))).toEqual(rows.map((_, i) => i));
  });

  it('tells the reasons in the language of the reader', async () => {
    const rows = [reading({ meter: 'nowhere' }), { meter: 'kiln-pm', time: 'x' }];
    const vietnamese = await pushed(world, rows, { language: 'vi' });
    expect(vietnamese.refused[0]?.reason).toBe(
      'Chưa đăng ký công tơ "nowhere". Hãy đăng ký, sửa mã hoặc dùng khóa của nhà máy sở hữu, rồi gửi lại dòng này.',
    );
    const english = await pushed(world, rows, { language: 'en' });
    expect(english.refused[0]?.reason).toContain('No meter "nowhere" is registered.');
  });
});
