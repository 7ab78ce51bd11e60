import { describe, expect, it } from 'vitest';
import { joinedReadings, type MeterReadings } from '../src/index.ts';

const readings = (
  ...rows: readonly (readonly [time: number, value: number, flags: number])[]
): MeterReadings => ({
  times: Float64Array.from(rows, ([time]) => time),
  values: Float64Array.from(rows, ([, value]) => value),
  flags: Uint8Array.from(rows, ([, , flags]) => flags),
});

describe('readings put together from parts', () => {
  it('are those of the parts, one after the other', () => {
    const parts = [readings([1, 10, 0], [2, NaN, 4]), readings(), readings([3, 30, 1])];
    expect(joinedReadings(parts)).toEqual(readings([1, 10, 0], [2, NaN, 4], [3, 30, 1]));
  });

  it('are the only part that holds any, as it is', () => {
    const only = readings([1, 10, 0]);
    expect(joinedReadings([readings(), only])).toBe(only);
  });

  it('are none where there are no parts', () => {
    expect(joinedReadings([])).toEqual(readings());
  });
});
