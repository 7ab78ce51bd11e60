import { describe, expect, it } from 'vitest';
import { isOldWorkbook, isWorkbook, mergedOver, readWorkbook, WorkbookFault } from '../src/index.ts';
import { packed, workbookParts, type PackedPart } from './packed.ts';

const bounds = {
  packedBytesMax: 100_000,
  unpackedBytesMax: 1_200_000,
  ratioMax: 100,
  partsMax: 10,
  cellsMax: 1_000,
};
const sheetName = 'xl/worksheets/sheet1.xml';

/** A workbook whose sheet has these rows, as XML. */
function withRows(rows: string, more: readonly PackedPart[] = []): Buffer {
  const parts = workbookParts([]).map((part) =>
    part.name === sheetName
      ? { name: part.name, text: `<worksheet><sheetData>${rows}</sheetData></worksheet>` }
      : part,
  );
  return packed([...parts, ...more]);
}

async function faultOf(content: Buffer, sheet: string | number = 1): Promise<string> {
  return readWorkbook(content, sheet, bounds).then(
    () => 'none',
    (error: unknown) => {
      if (!(error instanceof WorkbookFault)) throw error;
      expect(error.text.vi).not.toBe(error.text.en);
      return error.code;
    },
  );
}

describe('A workbook', () => {
  it('keeps texts, numbers and dates as what they are', async () => {
    const content = packed(
      workbookParts([
        ['Trạm', 'b'],
        [1.5, { serial: 45_000.5, style: 1 }],
        [null, 'x & y'],
      ]),
    );
    expect(isWorkbook(content)).toBe(true);
    expect((await readWorkbook(content, 1, bounds)).rows).toEqual([
      ['Trạm', 'b'],
      [1.5, { localMs: Date.UTC(2023, 2, 15, 12) }],
      [null, 'x & y'],
    ]);
  });

  it('tells which cells are shown as one, of the sheet that is asked for', async () => {
    const content = packed(workbookParts([['a', 'b'], ['c']], 'Số liệu', ['A1:B1', 'A3:A4']));
    const workbook = await readWorkbook(content, 'Số liệu', bounds);
    expect(mergedOver(workbook, 0)).toMatchObject({ address: 'A1:B1', firstColumn: 0, lastColumn: 1 });
    expect(mergedOver(workbook, 1)).toBeUndefined();
    expect(mergedOver(workbook, 3)?.address).toBe('A3:A4');
  });
});

describe('A workbook is refused', () => {
  it('when it is an old one, or none at all', async () => {
    const old = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(100)]);
    expect(isOldWorkbook(old)).toBe(true);
    expect(await faultOf(old)).toBe('workbook_old');
    expect(await faultOf(Buffer.from('meter,time,value\n'))).toBe('workbook_damaged');
    expect(await faultOf(withRows('').subarray(0, 300))).toBe('workbook_damaged');
  });

  it('before anything is unpacked, when its directory states more than the bounds, in bytes, parts or ratio', async () => {
    const large = (statedBytes: number) => withRows('', [{ name: 'xl/media/a.bin', text: 'x', statedBytes }]);
    expect(await faultOf(large(0xffff_ff00))).toBe('workbook_too_large');
    const many = Array.from({ length: 10 }, (_, at) => ({ name: `xl/${at}.xml`, text: '<a/>' }));
    expect(await faultOf(withRows('', many))).toBe('workbook_parts_too_many');
    // A mebibyte of one letter is a kibibyte when it is packed.
    const bomb = withRows('', [{ name: 'xl/media/a.bin', text: 'x'.repeat(1_100_000) }]);
    expect(await faultOf(bomb)).toBe('workbook_ratio_too_high');
    expect(await faultOf(Buffer.concat([bomb, Buffer.alloc(100_000)]))).toBe('workbook_packed_too_large');
  });

  it('when a part unpacks to more than its directory states', async () => {
    const lying = withRows('', [{ name: 'xl/media/a.bin', text: 'x'.repeat(50_000), statedBytes: 10 }]);
    expect(await faultOf(lying)).toBe('workbook_damaged');
  });

  it.each([
    ['a cell far out', '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', 'workbook_cells_too_many'],
    [
      'many rows of one wide row',
      '<row r="1"><c r="XFD1"><v>1</v></c></row><row r="99"><c r="A99"><v>1</v></c></row>',
      'workbook_cells_too_many',
    ],
    ['a row that no sheet has', '<row r="99999999999"></row>', 'workbook_cell_unreadable'],
    ['a row that is no number', '<row r="1e9"></row>', 'workbook_cell_unreadable'],
    ['an address with entities', '<row r="1"><c r="A&#49;"><v>1</v></c></row>', 'workbook_cell_unreadable'],
    ['an address in single quotes', "<row r='99999999'></row>", 'workbook_cell_unreadable'],
    ['two addresses', '<row r="1"><c r="A1" r="XFD9"><v>1</v></c></row>', 'workbook_cell_unreadable'],
    ['a cell without one', '<row r="1"><c><v>1</v></c></row>', 'workbook_cell_unreadable'],
    ['a column that no sheet has', '<row r="1"><c r="ZZZ1"><v>1</v></c></row>', 'workbook_cell_unreadable'],
    ['a prefix', '<x:row r="99999999"></x:row>', 'workbook_cell_unreadable'],
  ])('when it has %s, which would take the memory of millions', async (_, rows, code) => {
    expect(await faultOf(withRows(rows))).toBe(code);
  });

  it('when it has no such sheet', async () => {
    expect(await faultOf(withRows(''), 'Tháng 2')).toBe('workbook_unreadable');
  });

  it('or not: entities are not expanded, whatever the document declares', async () => {
    const entities = [
      '<!ENTITY a "lol">',
      ...'bcdefgh'.split('').map((name, at) => {
        const inner = 'abcdefg'[at]!;
        return `<!ENTITY ${name} "${`&${inner};`.repeat(10)}">`;
      }),
    ];
    const parts = workbookParts([['x']]).map((part) =>
      part.name === sheetName
        ? {
            name: part.name,
            text: `<?xml version="1.0"?><!DOCTYPE w [${entities.join('')}]>${part.text
              .replace(/^<\?xml[^>]*>/, '')
              .replace('<t>x</t>', '<t>&h;</t>')}`,
          }
        : part,
    );
    const found = await readWorkbook(packed(parts), 1, bounds).then(
      ({ rows }) => JSON.stringify(rows),
      (error: unknown) => (error as WorkbookFault).code,
    );
    expect(found.length).toBeLessThan(100);
    expect(found).not.toContain('lol');
  });
});
