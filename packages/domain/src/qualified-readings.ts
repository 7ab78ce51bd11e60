import type { Meter } from './entities.ts';
import type { MeterReadings } from './meter-readings.ts';
import { flag, flagsOfRange } from './readings.ts';

/** What a meter says about the worth of its readings. */
export type Qualifying = Pick<Meter, 'validRange' | 'belowDetection'>;

/**
 * The readings with what their meter says of them as it is registered: flagged where they lie outside of its valid
 * range, and with its detection limit where below detection came without one. What was flagged by a range that was
 * registered before is not taken over. The same object when nothing changes.
 *
 * A reading below detection lies outside of the range only when its limit is above the maximum: that it may be below
 * the minimum is what it says.
 */
export function qualifiedReadings<R extends MeterReadings>(meter: Qualifying, readings: R): R {
  const { values, flags } = readings;
  const range = meter.validRange ?? {};
  const { min = -Infinity, max = Infinity } = range;
  const mark = range.mode === 'flag' ? flag.outOfRangeCounted : flag.outOfRange;
  const limit = unsentLimit(meter);
  let [newValues, newFlags]: [Float64Array | undefined, Uint8Array | undefined] = [undefined, undefined];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const bits = flags[i]!;
    const isBelow = (bits & flag.belowDetection) !== 0;
    // NaN lies nowhere.
    const isOutside = value > max || (value < min && !isBelow);
    const qualified = (bits & ~flagsOfRange) | (isOutside ? mark : 0);
    if (qualified !== bits) (newFlags ??= flags.slice())[i] = qualified;
    if (isBelow && limit !== undefined && Number.isNaN(value)) (newValues ??= values.slice())[i] = limit;
  }
  if (newFlags === undefined && newValues === undefined) return readings;
  return { ...readings, values: newValues ?? values, flags: newFlags ?? flags };
}

/** What a reading below detection is taken for that tells no limit: the meter's; 0 where none need be known. */
function unsentLimit({ belowDetection }: Qualifying): number | undefined {
  return belowDetection?.limit ?? (belowDetection?.counts === 'zero' ? 0 : undefined);
}

const shares = { zero: 0, half: 0.5, whole: 1 } as const;

/** The readings' values as they count: of what is below detection the share of its limit that the meter states. */
export function countedValues(
  { belowDetection }: Qualifying,
  { values, flags }: MeterReadings,
): Float64Array {
  const share = shares[belowDetection?.counts ?? 'whole'];
  if (share === 1) return values;
  let counted: Float64Array | undefined;
  for (let i = 0; i < flags.length; i++) {
    if ((flags[i]! & flag.belowDetection) !== 0) (counted ??= values.slice())[i] = values[i]! * share;
  }
  return counted ?? values;
}
