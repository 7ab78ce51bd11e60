import { describe, expect, it } from 'vitest';
import { createFileStampReader, stampPattern, storedTime, type TimeConvention } from '../src/index.ts';

const vietnam: TimeConvention = { zone: 'Asia/Ho_Chi_Minh', stamp: 'opens', midnight: 'begins-day' };
const berlin: TimeConvention = { ...vietnam, zone: 'Europe/Berlin' };
const hourMs = 3_600_000;

function reader(pattern: string, convention: TimeConvention = vietnam, isNewestFirst = false) {
  const compiled = stampPattern(pattern);
  if (!compiled.ok) throw new Error(compiled.problem);
  const read = createFileStampReader(convention, isNewestFirst);
  return (text: string) => {
    const time = read(compiled.parse(text));
    return time === undefined ? undefined : new Date(time).toISOString();
  };
}

describe('a pattern of stamps', () => {
  it.each([
    ['d/M/yyyy H:mm', '1/2/2026 0:15', '2026-01-31T17:15:00.000Z'],
    ['d/M/yyyy H:mm', '01/02/2026  00:15', '2026-01-31T17:15:00.000Z'],
    ['d/M/yyyy H:mm', '31/1/2026 24:00', '2026-01-31T17:00:00.000Z'],
    ['M/d/yy h:mm a', '1/31/26 12:15 AM', '2026-01-30T17:15:00.000Z'],
    ['M/d/yy h:mm a', '1/31/26 1:15 CH', '2026-01-31T06:15:00.000Z'],
    ['dd-MMM-yyyy HH:mm:ss.SSS', '31-Jan-2026 13:45:00.250', '2026-01-31T06:45:00.250Z'],
    ['yyyyMMdd HHmm', '20260131 1345', '2026-01-31T06:45:00.000Z'],
    ['yyyy-MM-ddTHH:mmZZ', '2026-01-31T13:45+0100', '2026-01-31T12:45:00.000Z'],
    ["'ngày' d.M.yyyy", 'ngày 31.1.2026', '2026-01-30T17:00:00.000Z'],
    ['ISO', '2026-01-31T24:00:00', '2026-01-31T17:00:00.000Z'],
  ])('%s reads %s', (pattern, text, time) => {
    expect(reader(pattern)(text)).toBe(time);
  });

  it.each([
    ['d/M/yyyy H:mm', '31/4/2026 0:00'],
    ['d/M/yyyy H:mm', '1/13/2026 0:15'],
    ['d/M/yyyy H:mm', '1/1/2026 24:15'],
    ['d/M/yyyy H:mm', '13:45'],
    ['h:mm a d/M/yyyy', '13:45 PM 1/1/2026'],
    ['ISO', '13:45'],
    ['ISO', '2026-01-31'],
  ])('%s does not read %s', (pattern, text) => {
    expect(reader(pattern)(text)).toBeUndefined();
  });

  it.each([
    ['H:mm', 'it has no year, no month, no day'],
    ['d/M H:mm', 'it has no year'],
    ['d/M/yyyy h:mm', 'h and a need each other'],
    ['d/M/yyyy d', 'it has the day twice'],
    ['DD/MM/YYYY', '"DD" is none of'],
    ['d/M/yyyy mm', 'minutes and no hour'],
  ])('%s is refused: %s', (pattern, problem) => {
    const compiled = stampPattern(pattern);
    expect(compiled.ok ? '' : compiled.problem).toContain(problem);
  });
});

describe('the stamps of a file', () => {
  it('have both 02:00 of autumn, in a file that goes forward', () => {
    const read = reader('yyyy-MM-dd HH:mm', berlin);
    const printed = ['01:30', '02:00', '02:30', '02:00', '02:30', '03:00'];
    expect(printed.map((clock) => read(`2018-10-28 ${clock}`)?.slice(11, 16))).toEqual([
      '23:30',
      '00:00',
      '00:30',
      '01:00',
      '01:30',
      '02:00',
    ]);
  });

  it('have both 02:00 of autumn, in a file whose newest row is the first', () => {
    const read = reader('yyyy-MM-dd HH:mm', berlin, true);
    const printed = ['03:30', '03:00', '02:30', '02:00', '02:30', '02:00', '01:30'];
    expect(printed.map((clock) => read(`2018-10-28 ${clock}`)?.slice(11, 16))).toEqual([
      '02:30',
      '02:00',
      '01:30',
      '01:00',
      '00:30',
      '00:00',
      '23:30',
    ]);
  });

  it('have the second 02:30 in a file whose newest row it is', () => {
    const read = reader('yyyy-MM-dd HH:mm', berlin, true);
    expect(['02:30', '02:00', '02:30'].map((clock) => read(`2018-10-28 ${clock}`)?.slice(11, 16))).toEqual([
      '01:30',
      '01:00',
      '00:30',
    ]);
  });

  it('have no 02:00 of spring, but for the end of the hour before it', () => {
    expect(reader('yyyy-MM-dd HH:mm', berlin)('2018-03-25 02:00')).toBeUndefined();
    expect(reader('yyyy-MM-dd HH:mm', { ...berlin, stamp: 'closes' })('2018-03-25 02:00')).toBe(
      '2018-03-25T01:00:00.000Z',
    );
    expect(reader('yyyy-MM-dd HH:mm', { ...berlin, stamp: 'closes' })('2018-03-25 02:30')).toBeUndefined();
  });

  it('print 24:00 as the end of the day that they name, and 0:00 where that ends its day', () => {
    const read = reader('d/M/yyyy H:mm', { ...vietnam, stamp: 'closes', midnight: 'ends-day' });
    expect([read('1/1/2026 24:00'), read('1/1/2026 0:00')]).toEqual([
      '2026-01-01T17:00:00.000Z',
      '2026-01-01T17:00:00.000Z',
    ]);
  });

  it('are stored at the start of what they close, those of a counter where they are', () => {
    const closes: TimeConvention = { ...vietnam, stamp: 'closes' };
    const printed = Date.parse('2026-01-31T13:00:00+07:00');
    expect(storedTime(closes, hourMs, 'interval', printed)).toBe(printed - hourMs);
    expect(storedTime(closes, hourMs, 'counter', printed)).toBe(printed);
    expect(storedTime(vietnam, hourMs, 'interval', printed)).toBe(printed);
  });
});
