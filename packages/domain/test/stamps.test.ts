import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createStampReader,
  printedTime,
  toldApart,
  type ShownTwice,
  type TimeConvention,
} from '../src/index.ts';

const vietnam: TimeConvention = { zone: 'Asia/Ho_Chi_Minh', stamp: 'opens', midnight: 'begins-day' };
const quarterMs = 900_000;
const dayMs = 86_400_000;
const iso = (time: unknown) => (typeof time === 'number' ? new Date(time).toISOString() : undefined);

describe('stamps', () => {
  const read = createStampReader(vietnam, quarterMs, 'interval');

  it.each([
    ['2026-01-31T13:45:00+07:00', '2026-01-31T06:45:00.000Z'],
    ['2026-01-31T13:45:00Z', '2026-01-31T13:45:00.000Z'],
    ['2026-01-31t13:45z', '2026-01-31T13:45:00.000Z'],
    ['2026-01-31T13:45:00.5+0700', '2026-01-31T06:45:00.500Z'],
    ['2026-01-31T13:45:00,123456-03', '2026-01-31T16:45:00.123Z'],
    ['2026-01-31 13:45', '2026-01-31T06:45:00.000Z'],
    ['20260131134500', '2026-01-31T06:45:00.000Z'],
    ['2026-01-31T24:00:00', '2026-01-31T17:00:00.000Z'],
    ['20260131240000', '2026-01-31T17:00:00.000Z'],
    ['2024-02-29T00:00:00', '2024-02-28T17:00:00.000Z'],
  ])('%s is %s', (text, time) => {
    expect(iso(read(text))).toBe(time);
    expect(iso(read(text))).toBe(time);
  });

  it.each([
    '',
    'yesterday',
    '2026-01-31',
    '31/01/2026 13:45',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-01-31T24:00:01',
    '2026-01-31T25:00:00',
    '2026-01-31T13:60:00',
    '2026-01-31T13:45:61Z',
    '2026-01-31T13:45:00+19:00',
    '2026-01-31T13:45:00+07:00 ',
    '202601311345',
    '1769841900000',
  ])('"%s" cannot be read', (text) => {
    expect(read(text)).toBeUndefined();
    expect(read(text)).toBeUndefined();
  });

  it('a stamp that closes its quarter hour is stored as its start', () => {
    const closes = createStampReader({ ...vietnam, stamp: 'closes' }, quarterMs, 'interval');
    expect(iso(closes('2026-01-31T13:45:00+07:00'))).toBe('2026-01-31T06:30:00.000Z');
    expect(iso(closes('20260131000000'))).toBe('2026-01-30T16:45:00.000Z');
  });

  it('a counter is read at its instant, whichever end its stamp names', () => {
    const closes = createStampReader({ ...vietnam, stamp: 'closes' }, quarterMs, 'counter');
    expect(iso(closes('2026-01-31T13:45:00+07:00'))).toBe('2026-01-31T06:45:00.000Z');
  });

  it('the steel works: midnight closes the day that it is printed with', () => {
    const steel = createStampReader(
      { zone: 'Asia/Seoul', stamp: 'closes', midnight: 'ends-day' },
      quarterMs,
      'interval',
    );
    expect(iso(steel('2018-01-01T00:15:00'))).toBe('2017-12-31T15:00:00.000Z');
    expect(iso(steel('2018-01-01T23:45:00'))).toBe('2018-01-01T14:30:00.000Z');
    expect(iso(steel('2018-01-01T00:00:00'))).toBe('2018-01-01T14:45:00.000Z');
    expect(iso(steel('2018-01-01T24:00:00'))).toBe('2018-01-01T14:45:00.000Z');
    // An explicit offset names an instant.
    expect(iso(steel('2018-01-01T00:00:00+09:00'))).toBe('2017-12-31T14:45:00.000Z');
  });

  it('an hour that occurs twice is told apart by the stamp before it, one that is skipped is refused', () => {
    const berlin = createStampReader({ ...vietnam, zone: 'Europe/Berlin' }, quarterMs, 'level');
    const twice = berlin('2018-10-28T02:30:00') as ShownTwice;
    const [first, second] = [Date.parse('2018-10-28T00:30:00Z'), Date.parse('2018-10-28T01:30:00Z')];
    expect(twice).toEqual({ first, second });
    expect(iso(berlin('2018-10-28T02:30:00+01:00'))).toBe('2018-10-28T01:30:00.000Z');
    expect(toldApart(twice, undefined)).toBeUndefined();
    // Ascending: after 01:45, after 02:15 of either time, and after itself; descending: after 03:00, and after 02:45.
    expect(toldApart(twice, first - 45 * 60_000)).toBe(first);
    expect(toldApart(twice, first - 15 * 60_000)).toBe(first);
    expect(toldApart(twice, second - 15 * 60_000)).toBe(second);
    expect(toldApart(twice, first)).toBe(second);
    expect(toldApart(twice, second + 30 * 60_000)).toBe(second);
    expect(toldApart(twice, second + 15 * 60_000)).toBe(second);
    expect(toldApart(twice, second, true)).toBe(first);
    expect(berlin('2018-03-25T02:30:00')).toBeUndefined();
    expect(berlin('2018-03-25T02:00:00')).toBeUndefined();
    const closes = createStampReader(
      { ...vietnam, zone: 'Europe/Berlin', stamp: 'closes' },
      quarterMs,
      'level',
    );
    expect(iso(closes('2018-03-25T02:00:00'))).toBe('2018-03-25T00:45:00.000Z');
    expect(iso(closes('2018-03-25T03:00:00'))).toBe('2018-03-25T00:45:00.000Z');
    expect(closes('2018-03-25T02:15:00')).toBeUndefined();
  });

  it('a day that closes goes back by its own length', () => {
    const daily = createStampReader(
      { ...vietnam, zone: 'Europe/Berlin', stamp: 'closes' },
      dayMs,
      'interval',
    );
    expect(iso(daily('2018-03-26T00:00:00'))).toBe('2018-03-24T23:00:00.000Z');
    expect(iso(daily('2018-10-29T00:00:00'))).toBe('2018-10-27T22:00:00.000Z');
  });

  it('a stored time is printed as it was read', () => {
    const closes: TimeConvention = { zone: 'Europe/Berlin', stamp: 'closes', midnight: 'begins-day' };
    for (const [intervalMs, kind] of [
      [quarterMs, 'interval'],
      [dayMs, 'interval'],
      [quarterMs, 'counter'],
    ] as const) {
      const stored = createStampReader(closes, intervalMs, kind)('2018-03-26T00:00:00+02:00') as number;
      expect(iso(printedTime(closes, intervalMs, kind, stored))).toBe('2018-03-25T22:00:00.000Z');
    }
  });

  it('what a clock prints with its offset is read back', () => {
    const offset = fc.integer({ min: -14 * 60, max: 14 * 60 });
    const time = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) });
    fc.assert(
      fc.property(time, offset, (instant, minutes) => {
        const clock = new Date(instant + minutes * 60_000).toISOString().slice(0, -1);
        const size = Math.abs(minutes);
        const two = (count: number) => String(count).padStart(2, '0');
        const suffix = `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
        expect(read(clock + suffix)).toBe(instant);
      }),
    );
  });
});
