import type { Roster } from '@songma/domain';
import { describe, expect, it } from 'vitest';
import { onDuty, turnsOf } from '../src/index.ts';

const at = (text: string) => Date.parse(text);
const roster = (more: Partial<Roster>): Roster => ({
  id: 'r',
  name: 'r',
  timeZone: 'Asia/Ho_Chi_Minh',
  layers: [],
  overrides: [],
  last: 'chief',
  ...more,
});
const weekly = { from: '2026-01-05', persons: ['an', 'binh'], days: 7 };

describe('who is on duty', () => {
  it.each([
    ['2026-01-05T07:29:00+07:00', ['chief'], true],
    ['2026-01-05T07:30:00+07:00', ['an'], false],
    ['2026-01-12T07:29:59+07:00', ['an'], false],
    ['2026-01-12T07:30:00+07:00', ['binh'], false],
    ['2026-01-19T07:30:00+07:00', ['an'], false],
  ])('at %s is %j', (text, persons, isLast) => {
    expect(onDuty(roster({ layers: [weekly] }), at(text))).toEqual({ persons, isLast });
  });

  it('is the last one before the first turn, after the last, and where nobody is named', () => {
    expect(onDuty(roster({}), at('2026-01-05T12:00:00+07:00')).persons).toEqual(['chief']);
    const ended = roster({ layers: [{ ...weekly, to: '2026-01-06' }] });
    expect(onDuty(ended, at('2026-01-06T07:29:00+07:00')).persons).toEqual(['an']);
    expect(onDuty(ended, at('2026-01-06T07:30:00+07:00'))).toEqual({ persons: ['chief'], isLast: true });
  });

  it('passes at the clock’s time on days of 23 and 25 hours, and no turn is longer or shorter for it', () => {
    const berlin = roster({
      timeZone: 'Europe/Berlin',
      layers: [{ from: '2026-03-27', persons: ['an', 'binh'], days: 1, handOffAt: '08:00' }],
    });
    // The night to 29 March has no hour from two to three.
    expect(onDuty(berlin, at('2026-03-29T07:59:00+02:00')).persons).toEqual(['binh']);
    expect(onDuty(berlin, at('2026-03-29T08:00:00+02:00')).persons).toEqual(['an']);
    const autumn = roster({
      timeZone: 'Europe/Berlin',
      layers: [{ from: '2026-10-24', persons: ['an', 'binh'], days: 1, handOffAt: '08:00' }],
    });
    expect(onDuty(autumn, at('2026-10-25T07:59:00+01:00')).persons).toEqual(['an']);
    expect(onDuty(autumn, at('2026-10-25T08:00:00+01:00')).persons).toEqual(['binh']);
  });

  it('knows hours of a layer, also past midnight and on weekdays only', () => {
    const nights = roster({
      layers: [
        {
          ...weekly,
          persons: ['an'],
          hours: { weekdays: [5], from: '17:00', to: '07:30' },
          handOffAt: '00:00',
        },
      ],
    });
    // Friday 2026-01-09.
    expect(onDuty(nights, at('2026-01-09T16:59:00+07:00')).persons).toEqual(['chief']);
    expect(onDuty(nights, at('2026-01-09T17:00:00+07:00')).persons).toEqual(['an']);
    expect(onDuty(nights, at('2026-01-10T07:29:00+07:00')).persons).toEqual(['an']);
    expect(onDuty(nights, at('2026-01-10T17:00:00+07:00')).persons).toEqual(['chief']);
  });

  it('follows an override: who comes, who is away, and the last one where all are', () => {
    const from = at('2026-01-06T00:00:00+07:00');
    const to = at('2026-01-07T00:00:00+07:00');
    const swapped = roster({
      layers: [weekly],
      overrides: [{ from, to, add: ['binh'], remove: ['an'], reason: 'x' }],
    });
    expect(onDuty(swapped, from).persons).toEqual(['binh']);
    expect(onDuty(swapped, to).persons).toEqual(['an']);
    const away = roster({ layers: [weekly], overrides: [{ from, to, remove: ['an'], reason: 'x' }] });
    expect(onDuty(away, from)).toEqual({ persons: ['chief'], isLast: true });
  });

  it('is somebody at every minute of the next fourteen days, turn by turn without a gap', () => {
    const from = at('2026-01-01T00:00:00+07:00');
    const to = at('2026-01-15T00:00:00+07:00');
    const turns = turnsOf(roster({ layers: [weekly] }), from, to);
    expect(turns.map(({ persons }) => persons)).toEqual([['chief'], ['an'], ['binh']]);
    expect(turns[0]!.from).toBe(from);
    expect(turns.at(-1)!.to).toBe(to);
    expect(turns.every(({ persons }) => persons.length > 0)).toBe(true);
    expect(turns.slice(1).map((turn) => turn.from)).toEqual(turns.slice(0, -1).map((turn) => turn.to));
  });
});
