import { describe, expect, it } from 'vitest';
import { createRowReader, mappingSchema, UnreadableCellError, type MeterTime } from '../src/mapping.ts';

const quarterMs = 900_000;
const closing: MeterTime = { stamp: 'closes', kind: 'interval', intervalMs: quarterMs };
const opening: MeterTime = { stamp: 'opens', kind: 'interval', intervalMs: quarterMs };
const counter: MeterTime = { stamp: 'opens', kind: 'counter', intervalMs: quarterMs };

function reader(meter: MeterTime, time: Record<string, string> = {}) {
  const mapping = mappingSchema.parse({
    time: {
      column: 'date',
      format: 'd/M/yyyy H:mm',
      zone: 'Asia/Seoul',
      stamp: 'closes',
      midnight: 'ends-day',
      ...time,
    },
    columns: { kwh: { meter: 'm1', unit: 'kW.h' } },
  });
  const toRows = createRowReader(mapping, new Map([['m1', meter]]));
  return (date: string, kwh = '1.5') => toRows({ date, kwh }, 2)[0];
}

describe('a row of a file', () => {
  it.each([
    ['days before months, no leading zeros', '1/2/2018 0:15', '2018-02-01T00:15:00+09:00'],
    ['leading zeros', '13/01/2018 00:15', '2018-01-13T00:15:00+09:00'],
    ['midnight that closes its day', '1/1/2018 0:00', '2018-01-02T00:00:00+09:00'],
    ['midnight that closes the year', '31/12/2018 0:00', '2019-01-01T00:00:00+09:00'],
  ])('is read with %s', (_, printed, expected) => {
    expect(reader(closing)(printed)?.time).toBe(expected);
  });

  it('leaves in the convention of a meter whose stamps open their interval', () => {
    expect(reader(opening)('1/1/2018 0:00')?.time).toBe('2018-01-01T23:45:00+09:00');
  });

  it('keeps the instant of a counter', () => {
    expect(reader(counter)('1/1/2018 0:15')?.time).toBe('2018-01-01T00:15:00+09:00');
  });

  it('keeps midnight at the start of its day unless told', () => {
    expect(reader(closing, { midnight: 'begins-day' })('2/1/2018 0:00')?.time).toBe(
      '2018-01-02T00:00:00+09:00',
    );
  });

  it('gives no reading for an empty cell', () => {
    expect(reader(closing)('1/1/2018 0:15', '')).toBeUndefined();
  });

  it.each([
    ['1/13/2018 0:15', '1', 'line 2, column "date": "1/13/2018 0:15" is not a time like d/M/yyyy H:mm'],
    ['1/1/2018 0:15', '1,5', 'line 2, column "kwh": "1,5" is not a number'],
  ])('that says %s and %s is named with its place', (date, kwh, message) => {
    expect(() => reader(closing)(date, kwh)).toThrow(UnreadableCellError);
    expect(() => reader(closing)(date, kwh)).toThrow(message);
  });
});
