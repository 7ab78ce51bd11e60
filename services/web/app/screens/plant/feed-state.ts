import type { Feed } from '../../api/types.ts';

export type FeedState = 'fresh' | 'late' | 'silent' | 'never';

/** So many intervals without a reading are late; more are silence. */
const lateIntervalsMax = 3;

/** How a meter's feed does now, by the intervals since its last reading. */
export function feedState({
  lastReading,
  silentIntervals,
}: Pick<Feed, 'lastReading' | 'silentIntervals'>): FeedState {
  if (lastReading === null || silentIntervals === null) return 'never';
  if (silentIntervals === 0) return 'fresh';
  return silentIntervals <= lateIntervalsMax ? 'late' : 'silent';
}
