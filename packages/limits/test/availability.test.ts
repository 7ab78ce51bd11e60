import { expect, describe, it } from 'vitest';
import { availabilityOf, type AvailabilityHour, type Operation } from '../src/index.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const share = { rule: 'share', min: 0.75 } as const;

/** An hour with so many minutes of each, in its order; undefined: nothing was sent. */
function hourOf(
  operation: Operation,
  minutes?: { readonly [of in 'covered' | 'calibrating' | 'fault' | 'outOfRange']?: number },
): AvailabilityHour {
  const window = { start: 0, end: hourMs };
  if (minutes === undefined) return { expectedMs: hourMs, given: undefined, operation };
  const { covered = 0, calibrating = 0, fault = 0, outOfRange = 0 } = minutes;
  const given = {
    ...window,
    validMs: covered * minuteMs,
    coveredMs: covered * minuteMs,
    quarters: (1 << Math.ceil(covered / 15)) - 1,
    validSpanMs: covered * minuteMs,
    calibrating: calibrating > 0 ? 1 : 0,
    calibratingMs: calibrating * minuteMs,
    faultMs: fault * minuteMs,
    outOfRangeMs: outOfRange * minuteMs,
  };
  return { expectedMs: hourMs, given, operation };
}

describe('availability', () => {
  it('is valid hours over operating hours, and tells where the others went', () => {
    const hours = [
      ...Array.from({ length: 7 }, () => hourOf('on', { covered: 60 })),
      hourOf('partly', { covered: 45, fault: 15 }),
      hourOf('unknown', { covered: 30, calibrating: 30 }),
      hourOf('on'),
      // Off: whatever came does not count.
      hourOf('off', { covered: 60 }),
      hourOf('off', { fault: 60 }),
    ];
    expect(availabilityOf(share, hours)).toEqual({
      hours: 12,
      operatingHours: 10,
      unknownHours: 1,
      validHours: 8,
      availability: 0.8,
      calibratingHours: 0.5,
      faultHours: 0.25,
      outOfRangeHours: 0,
      silentHours: 1,
    });
    expect(availabilityOf({ rule: 'quadrants' }, hours).validHours).toBe(8);
  });

  it('does not take an hour out of range for silent, nor for valid', () => {
    const hours = [
      hourOf('on', { covered: 40, outOfRange: 20 }),
      hourOf('on', { covered: 50, outOfRange: 10 }),
    ];
    expect(availabilityOf(share, hours)).toMatchObject({
      ...{ validHours: 1, outOfRangeHours: 0.5, silentHours: 0 },
    });
  });

  it('is undefined where nothing operated, neither nothing nor all', () => {
    for (const hours of [[], [hourOf('off', { covered: 60 })]])
      expect(availabilityOf(share, hours)).toMatchObject({ operatingHours: 0, availability: null });
  });

  it('does not take an hour without a valid reading for valid, however little is asked', () => {
    const none = { rule: 'share', min: 0 } as const;
    expect(availabilityOf(none, [hourOf('on', { fault: 60 }), hourOf('on')]).availability).toBe(0);
  });

  it('expects no more of an hour than lies in the meter’s life', () => {
    const half = { ...hourOf('on', { covered: 20 }), expectedMs: hourMs / 2 };
    expect(availabilityOf(share, [half])).toMatchObject({ hours: 1, silentHours: 0.166666666666667 });
  });
});
