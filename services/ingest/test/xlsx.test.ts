import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packed, workbookParts, type SheetCell } from '../../../packages/workbook/test/packed.ts';
import { makeDataDir, openDoor, push, pushed, quarantinedOf, type DoorWorld } from './door-world.ts';

const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
/** 11:55 on the day of the tests, as a workbook keeps it. */
const serial = Date.UTC(2026, 10, 23, 11, 55) / 86_400_000 + 25_569;
const time = Date.parse('2026-11-23T11:55:00+07:00');
const head = ['meter', 'time', 'value', 'unit', 'status'];
const sheet = (...rows: (readonly SheetCell[])[]) => packed(workbookParts(rows));

describe('An Excel workbook', () => {
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

  const problemOf = async (body: Buffer, language = 'en') =>
    (await push(world, body, { type, language })).json<{ code: string; detail: string }>();
  const storedOf = async (batch: string) =>
    (await world.blocks())
      .filter(({ block }) => block.batch === batch)
      .flatMap(({ block }) =>
        [...block.meterIndex].map((meter, at) => [block.meters[meter], block.times[at], block.values[at]]),
      );

  it('is read under its first row that names the columns, dates as serials or as texts of the meter’s clock', async () => {
    const body = sheet(
      ['Báo cáo tháng 11'],
      [],
      head,
      ['kiln-pm', { serial, style: 1 }, 38.2, 'mg/Nm3', 'measured'],
      ['kiln-o2', '2026-11-23T11:55:00', '1,5'],
      [null, null, null],
      ['kiln-pm25', 20261123115500, null, null, 'fault'],
    );
    const receipt = await pushed(world, body, { type });
    expect(receipt).toMatchObject({ rows: 3, accepted: 3, refused: [] });
    expect(await storedOf(receipt.batch)).toEqual([
      ['kiln-pm', time, 38.2],
      ['kiln-o2', time, 1.5],
      ['kiln-pm25', time, NaN],
    ]);
  });

  it('has its columns in Vietnamese, in any order, and a number is one whatever its decimals', async () => {
    const body = sheet(['Giá trị', 'Thời gian', 'Công tơ'], [1.234, { serial, style: 1 }, 'kiln-o2']);
    const receipt = await pushed(world, body, { type });
    expect((await storedOf(receipt.batch))[0]?.[2]).toBe(1.234);
  });

  it('is the same push when it comes again', async () => {
    const body = sheet(head, ['kiln-pm', { serial, style: 1 }, 38.2]);
    const first = await pushed(world, body, { type, batch: 'sheet' });
    const again = await push(world, body, { type, batch: 'sheet' });
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.json()).toMatchObject({ batch: first.batch });
  });

  it('is known by the end of its name where its type is not told', async () => {
    const body = sheet(head, ['kiln-pm', { serial, style: 1 }, 38.2]);
    const options = { type: 'application/octet-stream', query: '?file=Thang-11.XLSX' };
    expect(await pushed(world, body, options)).toMatchObject({ accepted: 1 });
  });

  it('has its refused rows kept as lines of NDJSON, and replayed mended', async () => {
    const body = sheet(head, ['kiln-pm', { serial, style: 1 }, 'n/a'], ['nobody', { serial, style: 1 }, 1]);
    const { batch } = await pushed(world, body, { type });
    const items = await quarantinedOf(world, batch, 1);
    expect(items.map(({ format, code }) => [format, code])).toEqual([
      ['xlsx', 'meter_unknown'],
      ['xlsx', 'value_not_finite'],
    ]);
    expect(items[1]?.raw).toBe('{"meter":"kiln-pm","time":"2026-11-23T11:55:00","value":"n/a"}');
    const answer = await world.app.inject({
      method: 'POST',
      url: `/v1/quarantine/${items[1]!.id}/replay`,
      headers: { authorization: `Bearer ${world.tokens.cement}` },
      payload: { raw: items[1]!.raw.replace('"n/a"', '38.2') },
    });
    expect(answer.json()).toMatchObject({ accepted: 1 });
  });

  it('is refused with the cells when its header is merged, in both languages', async () => {
    const merged = packed(workbookParts([head, ['kiln-pm', { serial, style: 1 }, 1]], 'a', ['B1:C1']));
    expect(await problemOf(merged)).toMatchObject({ code: 'workbook_head_merged' });
    expect((await problemOf(merged)).detail).toContain('B1:C1');
    expect((await problemOf(merged, 'vi')).detail).toContain('B1:C1 bị gộp');
    const lost = packed(
      workbookParts(
        [
          ['meter', 'time', null],
          ['kiln-pm', 'x', 1],
        ],
        'a',
        ['B1:C1'],
      ),
    );
    expect(await problemOf(lost)).toMatchObject({ code: 'workbook_head_merged' });
  });

  it.each([
    ['names no columns', sheet(['a', 'b', 'c'], ['kiln-pm', 'x', 1]), 'workbook_header_missing'],
    [
      'names one twice',
      sheet(['meter', 'time', 'value', 'value'], ['kiln-pm', 'x', 1, 2]),
      'csv_column_twice',
    ],
    ['has no rows', sheet(head), 'no_rows'],
    ['is none', Buffer.from('meter,time,value'), 'workbook_unusable'],
    ['is an old .xls', Buffer.from('d0cf11e0a1b11ae100', 'hex'), 'workbook_unusable'],
    [
      'states more than it may unpack to',
      packed([{ name: 'a.xml', text: 'x', statedBytes: 4_000_000_000 }]),
      'workbook_unusable',
    ],
  ])('is refused when it %s', async (_, body, code) => {
    expect((await problemOf(body)).code).toBe(code);
  });

  it('has as many rows as any push, and not one more', async () => {
    const small = await makeDataDir();
    const other = await openDoor({ dataDir: small.path, env: { INGEST_ROWS_MAX: '2' } });
    try {
      const row = (minute: number): SheetCell[] => ['kiln-pm', `2026-11-23T11:0${minute}:00`, minute];
      const at = await push(other, sheet(head, row(1), row(2)), { type });
      expect(at.statusCode).toBe(202);
      const past = await push(other, sheet(head, row(1), row(2), row(3)), { type });
      expect(past.json()).toMatchObject({ code: 'too_many_rows' });
    } finally {
      await other.close();
      await small.remove();
    }
  });
});
