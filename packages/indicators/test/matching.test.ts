import { describe, expect, it } from 'vitest';
import { matchWhole, matchWindow } from '../src/index.ts';

const hourMs = 3_600_000;
/** A day of so many hours, of which so many are known. */
const day = (hours: number, sum: number, known = hours) => ({
  ...{ start: 0, end: hours * hourMs, sum },
  coveredMs: known * hourMs,
});

describe('the day on which the clock is put back at one site and not at the other', () => {
  it('counts whole where it is wholly known: the hour more is none to be left out', () => {
    // 25 hours of 2 kWh in Berlin and 24 tonnes in Ha Noi are 50 kWh over 24 t, not 48.
    expect(matchWindow([day(25, 50), day(24, 24)], 0.9)).toEqual({ knownMs: 25 * hourMs, sums: [50, 24] });
    expect(matchWhole([day(25, 50), day(24, 24)])).toEqual({ knownMs: 25 * hourMs, sums: [50, 24] });
    expect(matchWindow([day(23, 46), day(24, 24)], 0.9).sums).toEqual([46, 24]);
  });

  it('counts by the share of each where something is missing, and not below the least', () => {
    const { knownMs, sums } = matchWindow([day(25, 50), day(24, 24, 23)], 0.9);
    expect(knownMs / (25 * hourMs)).toBeCloseTo(23 / 24, 12);
    expect(sums[0]).toBeCloseTo((50 * 23) / 24, 9);
    expect(sums[1]).toBe(24);
    expect(matchWindow([day(25, 50), day(24, 24, 20)], 0.9).sums).toEqual([0, 0]);
  });

  it('changes nothing where the days are of one length', () => {
    expect(matchWindow([day(24, 48, 12), day(24, 24)], 0.5)).toEqual({
      knownMs: 12 * hourMs,
      sums: [48, 12],
    });
  });
});
