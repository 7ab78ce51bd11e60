import { describe, expect, it } from 'vitest';
import { fileName, inOrderOfStamps, isUnfinished, nameBytesMax, stampIn } from '../src/inbox/file-names.ts';
import { timesIn, TimesUnderWay } from '../src/inbox/file-times.ts';
import { Slots } from '../src/inbox/slots.ts';

describe('The stamp in a name', () => {
  it.each([
    ['TH_BSON_KHILO2__20260810103000.txt', '20260810103000'],
    ['STATION_7_20260810103000.txt', '20260810103000'],
    ['a_20260810_1030.csv', '20260810103000'],
    ['a-20260810T103005.csv', '20260810103005'],
    ['20250101000000_sent_20260810103000.txt', '20260810103000'],
    ['no-stamp.txt', ''],
    // Too many digits are something else.
    ['id_120260810103000999.txt', ''],
  ])('of %s is %s', (name, stamp) => expect(stampIn(name)).toBe(stamp));

  it('orders files whatever stands before it, and names without one come last', () => {
    const names = ['z_20260810103000.txt', 'none.txt', 'a_20260810104000.txt', 'b_20260810103000.txt'];
    expect(inOrderOfStamps(names.map((name) => ({ name }))).map(({ name }) => name)).toEqual([
      'b_20260810103000.txt',
      'z_20260810103000.txt',
      'a_20260810104000.txt',
      'none.txt',
    ]);
  });
});

describe('A name', () => {
  it.each(['.hidden', 'a.tmp', 'A.TMP', 'a.txt.filepart', 'a.txt~', 'a.part'])('is unfinished: %s', (name) =>
    expect(isUnfinished(name)).toBe(true),
  );
  it.each(['a.txt', 'partly.csv', 'tmp.txt'])('is finished: %s', (name) =>
    expect(isUnfinished(name)).toBe(false),
  );

  it('is taken up to its longest, and one byte more is refused', () => {
    expect(fileName(Buffer.from('n'.repeat(nameBytesMax))).fault).toBeUndefined();
    expect(fileName(Buffer.from('n'.repeat(nameBytesMax + 1))).fault).toBe('name_too_long');
    expect(fileName(Buffer.from('Trạm quan trắc.txt'))).toEqual({
      name: 'Trạm quan trắc.txt',
      fault: undefined,
    });
  });

  it.each([
    ['a line end', 'a\nb'],
    ['a mark that turns text around', 'a\u202etxt.exe'],
    ['a backslash', 'a\\..\\b'],
  ])('is refused with %s, escaped', (_, name) => {
    const read = fileName(Buffer.from(name));
    expect(read.fault).toBe('name_unprintable');
    expect(read.name).toMatch(/^a%[0-9a-f]+/);
  });
});

describe('The times that a file speaks of', () => {
  it('are those of five-field lines, and unknown of everything else', () => {
    const line = 'PM\t1\tmg/Nm3\t20260810103000\t00';
    expect(timesIn(Buffer.from(`${line}\r\n${line}\n\n`))).toEqual(new Set(['20260810103000']));
    expect(timesIn(Buffer.from(`${line}\nmeter,time,value\n`))).toBeUndefined();
  });

  it('hold up files of the same time, and no others', async () => {
    const underWay = new TimesUnderWay();
    const first = Promise.withResolvers<void>();
    underWay.add(new Set(['a', 'b']), first.promise);
    await underWay.free(new Set(['c']));
    let isFree = false;
    const waiting = underWay.free(new Set(['b', 'c'])).then(() => (isFree = true));
    const all = underWay.free(undefined).then(() => (isFree = true));
    await underWay.free(new Set());
    expect(isFree).toBe(false);
    first.resolve();
    await Promise.all([waiting, all, underWay.all()]);
    await underWay.free(undefined);
  });
});

describe('Slots', () => {
  it('hold pieces and bytes to their bounds, in order; one piece always fits', async () => {
    const slots = new Slots(2, 10);
    const large = await slots.take(99);
    const entered: number[] = [];
    const next = [4, 6, 1].map(async (bytes, at) => {
      const release = await slots.take(bytes);
      entered.push(at);
      return release;
    });
    expect(entered).toEqual([]);
    large();
    const first = await next[0]!;
    const second = await next[1]!;
    expect(entered).toEqual([0, 1]);
    first();
    (await next[2]!)();
    second();
    expect(entered).toEqual([0, 1, 2]);
  });
});
