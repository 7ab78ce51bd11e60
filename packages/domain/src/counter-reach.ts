import type { Meter } from './entities.ts';

const dayMs = 86_400_000;

/**
 * How long a counter may be silent and its consumption still be spread over the silence: seven days, or three intervals
 * of a meter that is read more rarely. Longer ones leave the time uncovered.
 */
export function counterGapMaxMs({ intervalMs }: Pick<Meter, 'intervalMs'>): number {
  return Math.max(7 * dayMs, 3 * intervalMs);
}

/**
 * The longest stretch of false readings that is recognised as one, and how far around an irregular step its judgement
 * looks: a day, or three intervals of a meter that is read more rarely.
 */
export function counterHoldBackMs({ intervalMs }: Pick<Meter, 'intervalMs'>): number {
  return Math.max(dayMs, 3 * intervalMs);
}

/** Steps on either side of a rise that tell whether it is out of proportion. */
export const nearStepsMax = 2;
/**
 * So many valid readings on either side of a changed one tell which steps it makes irregular, or regular again: the
 * steps that it bounds are near to others, and those are near to others still.
 */
export const nearReadingsMax = 2 * nearStepsMax + 1;
