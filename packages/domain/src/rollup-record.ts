import type { windowKinds } from './topics.ts';

export type WindowKind = (typeof windowKinds)[number];

/**
 * One meter in one window, with how much of what was expected is there. Numbers are in the meter's unit, multiplier
 * applied.
 */
export interface Rollup {
  readonly site: string;
  readonly meter: string;
  readonly window: WindowKind;
  /** Epoch milliseconds; start inclusive, end exclusive. */
  readonly start: number;
  readonly end: number;
  /** Readings in the window, of whatever status. */
  readonly count: number;
  /**
   * Readings that the meter's interval lets expect: the length of the window, as far as it lies in the meter's declared
   * life, over it; a fraction where it is the longer.
   */
  readonly expected: number;
  /** Milliseconds of the window that valid readings account for. */
  readonly coveredMs: number;
  /** `coveredMs` as a share of the window as far as it lies in the meter's life, 0 to 1; 0 where nothing of it does. */
  readonly coverage: number;
  /** Amount (interval) or consumption (counter) in the window; null for levels and where nothing is known. */
  readonly sum: number | null;
  /** Time-weighted mean, minimum and maximum of valid values; null where there are none. Null for counters. */
  readonly mean: number | null;
  readonly min: number | null;
  readonly max: number | null;
  /** Readings of which the numbers know nothing. */
  readonly calibrating: number;
  readonly fault: number;
  /** Readings outside of the meter's valid range, which counts them or leaves them out. */
  readonly outOfRange: number;
  /** Part of `coveredMs` whose amount is spread over a gap or over glitches: sure as a whole, not in its course. */
  readonly spreadMs: number;
  /**
   * Readings at either end of a counter's irregular step: a drop, a declared swap, a rise beyond the rating. Told by
   * their nearest valid readings alone, so that it says of a stored hour whether the readings around need judging.
   */
  readonly irregular: number;
  /**
   * Quarters of an hour that hold a valid reading, counted from the window's start: bit 0 for the first fifteen
   * minutes, bit 1 for the next. Null for windows longer than an hour, whose hours tell.
   */
  readonly quarters: number | null;
  /**
   * Milliseconds from the first valid reading in the window to the last; 0 where there is one or none. Null as above.
   */
  readonly validSpanMs: number | null;
  /** Milliseconds of the window that readings with that status speak for; of both, it was a fault. */
  readonly calibratingMs: number;
  readonly faultMs: number;
  /** Milliseconds of the window that readings speak for which are out of range and do not count. */
  readonly outOfRangeMs: number;
  /** Readings below detection; how they count the meter says. */
  readonly belowDetection: number;
  /**
   * Milliseconds of the window that valid readings speak for, each for one interval and not for as long as it is held:
   * by this share an hour is valid.
   */
  readonly validMs: number;
  /** Version of the rules that made it; 0 of builds before they had one, absent while it is not stored. */
  readonly rules?: number;
  /** Rises by one each time the rollup of this window changes, from 1. */
  readonly revision: number;
}
