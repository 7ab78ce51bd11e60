import { flag, flagsExcluded } from './readings.ts';

/** What a reading tells instead of a value, as long as a valid one would. */
export const flagsOfStatus = flag.calibrating | flag.fault | flag.outOfRange;

/** One meter's readings in columns of equal length, ascending in time, one per time. */
export interface MeterReadings {
  readonly times: Float64Array;
  /** In the meter's unit, multiplier not applied; NaN when the device sent a status but no value. */
  readonly values: Float64Array;
  readonly flags: Uint8Array;
}

/** Readings of one meter put together from parts that ascend and do not overlap. */
export function joinedReadings(parts: readonly MeterReadings[]): MeterReadings {
  const filled = parts.filter(({ times }) => times.length > 0);
  const [only] = filled;
  if (only !== undefined && filled.length === 1) return only;
  const length = filled.reduce((sum, { times }) => sum + times.length, 0);
  const all = {
    times: new Float64Array(length),
    values: new Float64Array(length),
    flags: new Uint8Array(length),
  };
  let at = 0;
  for (const { times, values, flags } of filled) {
    all.times.set(times, at);
    all.values.set(values, at);
    all.flags.set(flags, at);
    at += times.length;
  }
  return all;
}

/** Whether a reading counts in a sum or an average. */
export function isValid(readings: MeterReadings, index: number): boolean {
  return (readings.flags[index]! & flagsExcluded) === 0 && !Number.isNaN(readings.values[index]!);
}

/**
 * Whether a reading says that its device was calibrating, at fault or beyond its valid range, and is not declared void.
 */
export function hasStatus({ flags }: MeterReadings, index: number): boolean {
  const bits = flags[index]!;
  return (bits & flagsOfStatus) !== 0 && (bits & (flag.voided | flag.outsideLife)) === 0;
}
