import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dateIn,
  isTimeZone,
  monthAfter,
  sameDateWindow,
  timeZone,
  windowAt,
  windowsBetween,
  type CutKind,
} from '../src/index.ts';

const zones = [
  'Asia/Ho_Chi_Minh',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'America/Sao_Paulo',
  'Asia/Kolkata',
  'Asia/Seoul',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  '+07:00',
  '-03:30',
  'UTC',
];
const kinds: CutKind[] = ['PT15M', 'PT1H', 'P1D', 'P1M', 'P1Y'];
const hourMs = 3_600_000;
const at = (text: string): number => Date.parse(text);
const hours = (window: { start: number; end: number }): number => (window.end - window.start) / hourMs;

const zone = fc.constantFrom(...zones);
const kind = fc.constantFrom(...kinds);
const time = fc.integer({ min: at('1990-01-01T00:00:00Z'), max: at('2037-12-31T00:00:00Z') });

describe('windows', () => {
  it('a day of Ha Noi runs from 17:00 to 17:00 UTC', () => {
    expect(windowAt('P1D', at('2026-01-31T16:59:59.999Z'), 'Asia/Ho_Chi_Minh')).toEqual({
      start: at('2026-01-30T17:00:00Z'),
      end: at('2026-01-31T17:00:00Z'),
    });
    expect(dateIn('Asia/Ho_Chi_Minh', at('2026-01-31T17:00:00Z'))).toBe('2026-02-01');
  });

  it.each([
    ['Europe/Berlin', '2018-03-25T12:00:00Z', 23],
    ['Europe/Berlin', '2018-10-28T12:00:00Z', 25],
    ['Europe/Berlin', '2018-10-29T12:00:00Z', 24],
    ['America/New_York', '2018-03-11T16:00:00Z', 23],
    ['America/New_York', '2018-11-04T16:00:00Z', 25],
    ['Australia/Lord_Howe', '2018-04-01T03:00:00Z', 24.5],
    ['Australia/Lord_Howe', '2018-10-07T03:00:00Z', 23.5],
    ['Asia/Ho_Chi_Minh', '2018-03-25T12:00:00Z', 24],
  ])('a day in %s around %s has %d hours', (id, instant, length) => {
    expect(hours(windowAt('P1D', at(instant), id))).toBe(length);
  });

  it('a day that has no midnight begins where the clock is put forward', () => {
    // Brazil moved its clocks at midnight: 2018-11-04 began at 01:00.
    const day = windowAt('P1D', at('2018-11-04T12:00:00Z'), 'America/Sao_Paulo');
    expect(day).toEqual({ start: at('2018-11-04T03:00:00Z'), end: at('2018-11-05T02:00:00Z') });
  });

  it('a date that shows again after midnight belongs to the day that has begun', () => {
    // Newfoundland went from 00:01 back to 23:01 of the day before.
    const again = at('2010-11-07T02:30:00Z') + 5 * 60_000;
    expect(dateIn('America/St_Johns', again)).toBe('2010-11-06');
    const day = windowAt('P1D', again, 'America/St_Johns');
    expect(day.start).toBe(at('2010-11-07T02:30:00Z'));
    expect(hours(day)).toBe(25);
  });

  it('hours of a half-hour zone begin at its own full hours', () => {
    expect(windowAt('PT1H', at('2026-05-05T05:40:00Z'), 'Asia/Kolkata').start).toBe(
      at('2026-05-05T05:30:00Z'),
    );
  });

  it('a clock that moves by half an hour leaves an hour of thirty minutes', () => {
    const change = at('2018-10-06T15:30:00Z');
    expect(hours(windowAt('PT1H', change, 'Australia/Lord_Howe'))).toBe(0.5);
    expect(windowAt('PT1H', change - 1, 'Australia/Lord_Howe')).toEqual({
      start: change - hourMs,
      end: change,
    });
  });

  it('months and years follow the calendar of the zone', () => {
    const month = windowAt('P1M', at('2024-02-15T00:00:00Z'), 'Asia/Ho_Chi_Minh');
    expect(month).toEqual({ start: at('2024-01-31T17:00:00Z'), end: at('2024-02-29T17:00:00Z') });
    const year = windowAt('P1Y', at('2024-02-15T00:00:00Z'), 'Europe/Berlin');
    expect(year).toEqual({ start: at('2023-12-31T23:00:00Z'), end: at('2024-12-31T23:00:00Z') });
  });

  it('the same date in another zone is its own day there', () => {
    const seoul = windowAt('P1D', at('2018-06-01T00:00:00Z'), 'Asia/Seoul');
    const there = sameDateWindow('P1D', seoul.start, 'Asia/Seoul', 'Asia/Ho_Chi_Minh');
    expect(there.start).toBe(seoul.start + 2 * hourMs);
    expect(dateIn('Asia/Ho_Chi_Minh', there.start)).toBe('2018-06-01');
  });

  it('windows of every kind partition time', () => {
    fc.assert(
      fc.property(zone, kind, time, (id, cut, instant) => {
        const window = windowAt(cut, instant, id);
        expect(window.start).toBeLessThanOrEqual(instant);
        expect(window.end).toBeGreaterThan(instant);
        expect(windowAt(cut, window.start, id)).toEqual(window);
        expect(windowAt(cut, window.end - 1, id)).toEqual(window);
        expect(windowAt(cut, window.end, id).start).toBe(window.end);
        expect(windowAt(cut, window.start - 1, id).end).toBe(window.start);
      }),
      { numRuns: 2000 },
    );
  });

  it('finer windows nest in coarser ones', () => {
    fc.assert(
      fc.property(zone, time, fc.integer({ min: 0, max: 3 }), (id, instant, index) => {
        const fine = windowAt(kinds[index]!, instant, id);
        const coarse = windowAt(kinds[index + 1]!, instant, id);
        expect(fine.start).toBeGreaterThanOrEqual(coarse.start);
        expect(fine.end).toBeLessThanOrEqual(coarse.end);
      }),
      { numRuns: 2000 },
    );
  });

  it('the windows between two instants cover them without a gap', () => {
    fc.assert(
      fc.property(zone, time, fc.integer({ min: 1, max: 80 * hourMs }), (id, from, length) => {
        const windows = windowsBetween('PT1H', from, from + length, id);
        expect(windows[0]!.start).toBeLessThanOrEqual(from);
        expect(windows.at(-1)!.end).toBeGreaterThanOrEqual(from + length);
        for (let i = 1; i < windows.length; i++) expect(windows[i]!.start).toBe(windows[i - 1]!.end);
      }),
    );
    expect(windowsBetween('PT1H', 5, 5, 'UTC')).toEqual([]);
  });

  it('the offset is that of the runtime, whatever was asked before', () => {
    fc.assert(
      fc.property(zone, fc.array(time, { minLength: 1, maxLength: 20 }), (id, times) => {
        for (const instant of times) {
          const clock = new Intl.DateTimeFormat('en-US', { timeZone: id, timeZoneName: 'longOffset' })
            .formatToParts(instant)
            .find((part) => part.type === 'timeZoneName')!.value;
          const [, sign, hour = '0', minute = '0'] = /GMT(?:([+-])(\d+):(\d+))?/.exec(clock)!;
          const ms = (Number(hour) * 60 + Number(minute)) * 60_000 * (sign === '-' ? -1 : 1);
          expect(timeZone(id).offsetAt(instant)).toBe(ms === 0 ? 0 : ms);
        }
      }),
    );
  });

  it('months are counted forth and back by the calendar of the zone', () => {
    const march = at('2023-03-15T12:00:00+07:00');
    const spanOf = (start: string, end: string) => ({ start: at(start), end: at(end) });
    expect(monthAfter(march, -3, '+07:00')).toEqual(
      spanOf('2022-12-01T00:00:00+07:00', '2023-01-01T00:00:00+07:00'),
    );
    expect(monthAfter(march, 11, '+07:00')).toEqual(
      spanOf('2024-02-01T00:00:00+07:00', '2024-03-01T00:00:00+07:00'),
    );
    fc.assert(
      fc.property(zone, time, fc.integer({ min: -30, max: 30 }), (id, instant, months) => {
        let expected = windowAt('P1M', instant, id);
        for (let i = 0; i < Math.abs(months); i++) {
          expected = windowAt('P1M', months > 0 ? expected.end : expected.start - 1, id);
        }
        expect(monthAfter(instant, months, id)).toEqual(expected);
      }),
    );
  });

  it('a zone that does not exist is refused', () => {
    expect(isTimeZone('Asia/Thanh_Hoa')).toBe(false);
    expect(isTimeZone('+07:00')).toBe(true);
    expect(() => windowAt('P1D', 0, 'Asia/Thanh_Hoa')).toThrow(RangeError);
  });
});
