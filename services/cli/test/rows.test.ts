import { describe, expect, it } from 'vitest';
import { parseMapping, readRows, readTable, UsageError, type FileMeter } from '../src/cli.ts';
import { packed, workbookParts, type SheetCell } from '../../../packages/workbook/test/packed.ts';

const quarterMs = 900_000;
const vietnam = { zone: 'Asia/Ho_Chi_Minh', stamp: 'opens', midnight: 'begins-day' } as const;
const opening: FileMeter = { time: vietnam, kind: 'interval', intervalMs: quarterMs };
const closing: FileMeter = { ...opening, time: { ...vietnam, stamp: 'closes' } };
const counter: FileMeter = { ...opening, kind: 'counter' };

const plain = `
time: { column: time, format: d/M/yyyy H:mm, zone: Asia/Ho_Chi_Minh }
columns: { kwh: { meter: m1 } }
`;

async function rowsOf(file: string | Buffer, mapping = plain, meter = opening) {
  const read = parseMapping('mapping.yaml', mapping);
  const table = await readTable('file.csv', Buffer.from(file), read);
  const meters = new Map([...read.columns.values()].map(({ meter: id }) => [id, meter]));
  return readRows('file.csv', table, read, meters);
}

/** Times and values, one text a reading. */
async function readings(...[file, mapping, meter]: Parameters<typeof rowsOf>) {
  return (await rowsOf(file, mapping, meter)).rows.map(({ time, value }) => `${time} ${value}`);
}

async function problemOf(...args: Parameters<typeof rowsOf>): Promise<string> {
  const error = await rowsOf(...args).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UsageError);
  return (error as UsageError).message;
}

const seoul = (stamp: string, midnight: string) => `
time: { column: date, format: d/M/yyyy H:mm, zone: Asia/Seoul, stamp: ${stamp}, midnight: ${midnight} }
columns: { kwh: { meter: m1, unit: kW.h } }
`;

describe('a stamp of a file', () => {
  it.each([
    ['days before months, no leading zeros', '1/2/2018 0:15', '2018-02-01T00:15:00+09:00'],
    ['leading zeros', '13/01/2018 00:15', '2018-01-13T00:15:00+09:00'],
    ['midnight that closes its day (steel works, UCI)', '1/1/2018 0:00', '2018-01-02T00:00:00+09:00'],
    ['midnight that closes the year', '31/12/2018 0:00', '2019-01-01T00:00:00+09:00'],
    ['24:00, which was read a day late', '1/1/2018 24:00', '2018-01-02T00:00:00+09:00'],
  ])('is read with %s', async (_title, printed, expected) => {
    const { rows } = await rowsOf(`date,kwh\n${printed},1.5\n`, seoul('closes', 'ends-day'), closing);
    expect(rows).toEqual([{ meter: 'm1', time: expected, value: 1.5, unit: 'kW.h' }]);
  });

  it('leaves in the convention of its meter: opened for one that closes, as it is for a counter', async () => {
    const file = 'date,kwh\n1/1/2018 0:00,1\n';
    const mapping = seoul('closes', 'ends-day');
    expect(await readings(file, mapping, opening)).toEqual(['2018-01-01T23:45:00+09:00 1']);
    expect(await readings(file, mapping, counter)).toEqual(['2018-01-02T00:00:00+09:00 1']);
    expect(await readings(file, seoul('closes', 'begins-day'), closing)).toEqual([
      '2018-01-01T00:00:00+09:00 1',
    ]);
    expect(await readings(file, seoul('opens', 'begins-day'), closing)).toEqual([
      '2018-01-01T00:15:00+09:00 1',
    ]);
  });

  it('has both 02:00 of autumn and not the 02:00 that spring has not', async () => {
    const mapping = `
time: { column: time, format: yyyy-MM-dd HH:mm, zone: Europe/Berlin }
columns: { kwh: { meter: m1 } }
`;
    const autumn = ['01:00', '02:00', '02:00', '03:00'].map((clock, i) => `2018-10-28 ${clock},${i}`);
    expect(await readings(`time,kwh\n${autumn.join('\n')}\n`, mapping)).toEqual([
      '2018-10-28T01:00:00+02:00 0',
      '2018-10-28T02:00:00+02:00 1',
      '2018-10-28T02:00:00+01:00 2',
      '2018-10-28T03:00:00+01:00 3',
    ]);
    expect(await readings(`time,kwh\n${autumn.toReversed().join('\n')}\n`, mapping)).toEqual([
      '2018-10-28T03:00:00+01:00 3',
      '2018-10-28T02:00:00+01:00 2',
      '2018-10-28T02:00:00+02:00 1',
      '2018-10-28T01:00:00+02:00 0',
    ]);
    const { rows, unread } = await rowsOf(
      'time,kwh\n2018-03-25 01:00,1\n2018-03-25 02:00,2\n2018-03-25 03:00,3\n',
      mapping,
    );
    expect(rows).toHaveLength(2);
    expect(unread).toMatchObject([{ line: 3, column: 'time' }]);
  });

  it('may be in two columns, date and time of day (household power, UCI)', async () => {
    const mapping = `
delimiter: ;
time: { column: [Date, Time], format: 'd/M/yyyy H:mm:ss', zone: Europe/Paris }
columns: { Global_active_power: { meter: m1, unit: kW } }
`;
    const file = 'Date;Time;Global_active_power\n16/12/2006;17:24:00;4.216\n16/12/2006;17:25:00;5.36\n';
    expect(await readings(file, mapping)).toEqual([
      '2006-12-16T17:24:00+01:00 4.216',
      '2006-12-16T17:25:00+01:00 5.36',
    ]);
  });

  it('that is a bare time, which became one of today, is refused', async () => {
    const iso = plain.replace('d/M/yyyy H:mm', 'ISO');
    expect(await problemOf('time,kwh\n13:45,1\n', iso)).toContain('Line 2: "13:45" is no time like ISO');
  });

  it.each([
    ['without a year', 'd/M H:mm', 'it has no year'],
    ['of a bare time', 'H:mm', 'it has no year, no month, no day'],
  ])('by a pattern %s is refused with the mapping', async (_title, format, problem) => {
    expect(await problemOf('time,kwh\n1,1\n', plain.replace('d/M/yyyy H:mm', format))).toContain(problem);
  });
});

describe('the numbers of a file', () => {
  it('are read as their neighbours: 1.234 beside 999,5 of a Vietnamese spreadsheet', async () => {
    const mapping = `
delimiter: ;
time: { column: time, format: d/M/yyyy H:mm, zone: Asia/Ho_Chi_Minh }
columns: { a: { meter: m1 }, b: { meter: m2 } }
`;
    const { rows, numbers } = await rowsOf(
      'time;a;b\n1/1/2026 0:00;1.234;7\n1/1/2026 0:15;2.345;999,5\n',
      mapping,
    );
    expect(rows.map(({ value }) => value)).toEqual([1234, 7, 2345, 999.5]);
    expect(numbers).toEqual({ decimal: 'comma', by: 'seen' });
  });

  it('are read as the mapping declares, or one column of it', async () => {
    const file = 'time,kwh\n1/1/2026 0:00,"1.234"\n1/1/2026 0:15,"2,5"\n';
    expect((await rowsOf(file, `decimal: comma\n${plain}`)).rows.map(({ value }) => value)).toEqual([
      1234, 2.5,
    ]);
    const column = plain.replace('{ meter: m1 }', '{ meter: m1, decimalComma: true }');
    expect((await rowsOf(file, column)).rows.map(({ value }) => value)).toEqual([1234, 2.5]);
    const { unread } = await rowsOf(file, `decimal: dot\n${plain}`);
    expect(unread).toMatchObject([
      { line: 3, problem: { en: expect.stringContaining('another decimal mark') } },
    ]);
  });

  it('are refused where numbers of both kinds leave them open', async () => {
    const file = 'time,kwh\n1/1/2026 0:00,"1,234"\n1/1/2026 0:15,"2,5"\n1/1/2026 0:30,2.5\n';
    const { rows, unread } = await rowsOf(file);
    expect(rows.map(({ value }) => value)).toEqual([2.5, 2.5]);
    expect(unread).toMatchObject([{ line: 2, problem: { en: expect.stringContaining('decimal: comma') } }]);
  });
});

describe('a column of statuses', () => {
  const withStatus = plain.replace('{ meter: m1 }', '{ meter: m1, status: state }');

  it('tells the status of each value, in the words of the door and of five-field files', async () => {
    const cells = [
      '1,',
      '2,measured',
      '3,01',
      ',fault',
      '---,Calibrating',
      'NaN,02',
      '7,00',
      ',',
      ',measured',
    ];
    const lines = cells.map((cell, i) => `1/1/2026 0:${String(i).padStart(2, '0')},${cell}`);
    const { rows, unread } = await rowsOf(`time,kwh,state\n${lines.join('\n')}\n`, withStatus);
    expect(rows.map(({ value, status }) => [value, status])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, 'calibrating'],
      [undefined, 'fault'],
      [undefined, 'calibrating'],
      [undefined, 'fault'],
      [7, undefined],
    ]);
    expect(unread).toEqual([]);
  });

  it('names a word that is none, and a value that is missing though nothing is wrong', async () => {
    const file = 'time,kwh,state\n1/1/2026 0:00,1,broken\n1/1/2026 0:15,---,measured\n1/1/2026 0:30,2,\n';
    const { rows, unread } = await rowsOf(file, withStatus);
    expect(rows.map(({ value }) => value)).toEqual([2]);
    expect(unread).toMatchObject([
      { line: 2, column: 'kwh', problem: { en: expect.stringContaining('"broken" is no status') } },
      { line: 3, column: 'kwh', problem: { en: expect.stringContaining('"---" is no number') } },
    ]);
  });
});

describe('a file that is not as it should be', () => {
  it('with one bad cell in a column of good ones has that cell named and the others sent', async () => {
    const { rows, unread } = await rowsOf(
      'time,kwh\n1/1/2026 0:00,1\n1/1/2026 0:15,#REF!\n1/1/2026 0:30,3\n',
    );
    expect(rows.map(({ value }) => value)).toEqual([1, 3]);
    expect(unread).toEqual([
      { line: 3, column: 'kwh', problem: { en: '"#REF!" is no number', vi: '"#REF!" không phải là số' } },
    ]);
  });

  it('with a column of which nothing can be read is refused whole: the mapping is wrong', async () => {
    expect(await problemOf('time,kwh\n1/1/2026 0:00,x\n1/1/2026 0:15,y\n')).toBe(
      'file.csv: nothing of column "kwh" can be read. Line 2: "x" is no number. Is the mapping right?',
    );
  });

  it('with two columns of one name is refused with both positions', async () => {
    expect(await problemOf('time,kwh,note,kwh\n1/1/2026 0:00,1,,2\n')).toBe(
      'file.csv has two columns named "kwh", number 2 and number 4: rename one',
    );
  });

  it('with decomposed letters in its header has the same header', async () => {
    const mapping = plain.replace('kwh', 'Điện năng'.normalize('NFC'));
    const file = `time,${'Điện năng'.normalize('NFD')}\n1/1/2026 0:00,1\n`;
    expect(await readings(file, mapping)).toHaveLength(1);
    expect(await readings(file.normalize('NFC'), mapping.normalize('NFD'))).toHaveLength(1);
    expect(
      await problemOf(
        `time,${'é'.normalize('NFC')},${'é'.normalize('NFD')}\n1/1/2026 0:00,1,2\n`,
        plain.replace('kwh', 'é'),
      ),
    ).toContain('two columns named "é", number 2 and number 3');
  });

  it('whose rows are ragged has short ones filled, and those beyond the header and the cut-off last one named', async () => {
    const mapping = plain.replace('{ meter: m1 } }', '{ meter: m1 }, t: { meter: m2 } }');
    const file = 'time,kwh,t\n1/1/2026 0:00,1\n1/1/2026 0:15,1,5,20\n1/1/2026 0:30,3,21,\n1/1/2026 0:45,4';
    const { rows, unread } = await rowsOf(file, mapping);
    expect(rows.map(({ value }) => value)).toEqual([1, 3, 21]);
    expect(unread.map(({ line, problem }) => [line, problem.en.split(':')[0]])).toEqual([
      [3, 'it has 4 cells and the header 3'],
      [5, 'the file ends in the middle of it'],
    ]);
  });

  it('with a stray quote has that row named', async () => {
    const { rows, unread } = await rowsOf('time,kwh\n1/1/2026 0:00,1\n1/1/2026 0:15,"2"x\n1/1/2026 0:30,3\n');
    expect(rows.map(({ value }) => value)).toEqual([1, 3]);
    expect(unread.map(({ line }) => line)).toEqual([3]);
  });

  it('has what stands above its header skipped, by count or by pattern', async () => {
    const file = 'Trạm: Lam Sơn\n\ntime,kwh\n,kWh\n1/1/2026 0:00,1\n';
    for (const preamble of ['2', '"^time,"']) {
      const mapping = `preamble: ${preamble}\nafterHeader: 1\n${plain}`;
      expect(await readings(file, mapping)).toEqual(['2026-01-01T00:00:00+07:00 1']);
    }
    expect(await problemOf(file, `preamble: ^zeit\n${plain}`)).toContain('no line that matches');
    expect(await problemOf(file, `preamble: 9\n${plain}`)).toContain('has no header');
  });

  it('of a Campbell logger (TOA5) has its header in the second line and its readings from the fifth', async () => {
    const file = `"TOA5","CR1000","CR1000","1","CR1000.Std","CPU:x.CR1","1","Table1"
"TIMESTAMP","RECORD","AirTC_Avg"
"TS","RN","Deg C"
"","","Avg"
"2026-01-01 00:00:00",0,21.5
"2026-01-01 00:15:00",1,"NAN"
`;
    const mapping = `
time: { column: TIMESTAMP, zone: "+07:00" }
columns: { AirTC_Avg: { meter: m1 } }
`;
    const { rows, unread } = await rowsOf(file, mapping);
    expect(rows).toMatchObject([{ time: '2026-01-01T00:00:00+07:00', value: 21.5 }]);
    expect(unread).toMatchObject([{ line: 6 }]);
  });

  it.each<[title: string, file: string | Buffer, problem: string]>([
    ['empty', '', 'has no header'],
    ['without rows', 'time,kwh\n', 'has no rows under its header'],
    ['without a mapped column', 'time,kWh\n1/1/2026 0:00,1\n', 'no column "kwh"; its header is: time, kWh'],
    ['not UTF-8', Buffer.from([0x74, 0xff, 0x0a]), 'is not UTF-8'],
    ['binary', Buffer.from('time,kwh\n\0\0'), 'is not a text file'],
    ['an old .xls', Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'is an old .xls'],
  ])('is refused when it is %s', async (_title, file, problem) => {
    expect(await problemOf(file)).toContain(problem);
  });

  it('may be UTF-16 with its mark, as spreadsheets save Unicode text', async () => {
    const text = Buffer.from('\uFEFFtime\tkwh\n1/1/2026 0:00\t1\n', 'utf16le');
    expect(await readings(text, `delimiter: "\\t"\n${plain}`)).toEqual(['2026-01-01T00:00:00+07:00 1']);
  });
});

describe('a workbook', () => {
  /** 1 January 2026. */
  const day = 46_023;
  const rows: SheetCell[][] = [
    ['time', 'kwh'],
    [{ serial: day + 0.010416666664241347, style: 1 }, 1.234],
    [{ serial: day + 0.5, style: 1 }, '2,5'],
    [null, null],
    ['1/1/2026 24:00', 3],
  ];

  it('has numbers and dates as it keeps them, and text as a file of text', async () => {
    expect(await readings(packed(workbookParts(rows)))).toEqual([
      '2026-01-01T00:15:00+07:00 1.234',
      '2026-01-01T12:00:00+07:00 2.5',
      '2026-01-02T00:00:00+07:00 3',
    ]);
  });

  it('may have date and time of day in two columns', async () => {
    const mapping = plain.replace('column: time', 'column: [ngày, giờ]');
    const parts = workbookParts([
      ['ngày', 'giờ', 'kwh'],
      [{ serial: day, style: 1 }, { serial: 0.25, style: 2 }, 1],
      [{ serial: day, style: 1 }, { serial: 1, style: 2 }, 2],
      [{ serial: day, style: 1 }, '7:30', 3],
    ]);
    expect(await readings(packed(parts), mapping)).toEqual([
      '2026-01-01T06:00:00+07:00 1',
      '2026-01-02T00:00:00+07:00 2',
      '2026-01-01T07:30:00+07:00 3',
    ]);
  });

  it('is read from the sheet that is named, and under its preamble', async () => {
    const parts = workbookParts([['Báo cáo'], ...rows], 'Tháng 1');
    expect(await readings(packed(parts), `sheet: Tháng 1\npreamble: 1\n${plain}`)).toHaveLength(3);
    expect(await readings(packed(parts), `preamble: ^time,\n${plain}`)).toHaveLength(3);
    expect(await problemOf(packed(parts), `sheet: Tháng 2\n${plain}`)).toContain('cannot be read as .xlsx');
  });

  it('has a number that it took for a date named', async () => {
    const parts = workbookParts([...rows, ['1/1/2026 0:30', { serial: day, style: 1 }]]);
    expect((await rowsOf(packed(parts))).unread).toMatchObject([{ line: 6, column: 'kwh' }]);
  });

  it.each<[title: string, content: () => Buffer, problem: string]>([
    ['states more than may be unpacked', () => stating(2 ** 31), 'would unpack to'],
    ['unpacks to more than it states', () => stating(1000), 'is damaged'],
    ['is cut off', () => packed(workbookParts(rows)).subarray(0, 400), 'is damaged'],
    [
      'is an archive of something else',
      () => packed([{ name: 'a.txt', text: 'x' }]),
      'cannot be read as .xlsx',
    ],
    [
      'has too many parts',
      () => packed(Array.from({ length: 2_001 }, (_, i) => ({ name: `${i}.xml`, text: '' }))),
      '2001 parts',
    ],
  ])('is refused when it %s', async (_title, content, problem) => {
    expect(await problemOf(content())).toContain(problem);
  });

  /** With a sheet of a mebibyte that says that it has as many bytes. */
  function stating(statedBytes: number): Buffer {
    const parts = workbookParts(rows);
    return packed([...parts, { name: 'xl/media.xml', text: ' '.repeat(1024 * 1024), statedBytes }]);
  }
});

describe('a mapping', () => {
  it.each([
    ['broken YAML', 'time: [', 'is not YAML'],
    [
      'a billion laughs',
      `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [${'*a,'.repeat(9)}]\nc: &c [${'*b,'.repeat(9)}]\nd: [${'*c,'.repeat(9)}]`,
      'is not YAML',
    ],
    ['nothing', '', 'is not a mapping'],
    ['a list', '- a', 'is not a mapping'],
    ['an unknown field', `${plain}\nskip: 1`, 'skip'],
    ['an unknown zone', plain.replace('Asia/Ho_Chi_Minh', 'Asia/Hanoi2'), 'time.zone: no IANA zone'],
    ['a meter id that is none', plain.replace('m1', '"M 1"'), 'columns.kwh.meter'],
    ['no columns', plain.replace('{ kwh: { meter: m1 } }', '{}'), 'at least one column'],
    ['a pattern that is none', `preamble: "("\n${plain}`, 'preamble'],
    [
      'two columns of one meter',
      plain.replace('{ meter: m1 } }', '{ meter: m1 }, b: { meter: m1 } }'),
      'both meter m1',
    ],
  ])('of %s is refused, and its place is named', (_title, text, problem) => {
    expect(() => parseMapping('mapping.yaml', text)).toThrow(UsageError);
    expect(() => parseMapping('mapping.yaml', text)).toThrow(problem);
  });
});

it('what is below detection is sent as that, its limit by the decimals of the file', async () => {
  const file = 'time;kwh\n1/1/2018 0:00;<0,5\n1/1/2018 0:15;KPH\n1/1/2018 0:30;< 1.234\n1/1/2018 0:45;---\n';
  const { rows, unread, numbers } = await rowsOf(file, `delimiter: ';'${plain}`);
  expect(rows.map(({ value }) => value)).toEqual(['<0.5', 'ND', '<1234']);
  expect(numbers).toMatchObject({ decimal: 'comma' });
  expect(unread).toMatchObject([{ line: 5, column: 'kwh' }]);
});
