import type { LimitAveraging } from '@songma/domain';
import type { Occurrence } from './occurrence.ts';
import { rankOf } from './severity.ts';

const hourMs = 3_600_000;
const dayMs = 86_400_000;

/** What has to be kept after a condition for its episode to be over: twelve hours, a day, or nothing more. */
export const quietMs: Readonly<Record<LimitAveraging, number>> = { PT1H: 12 * hourMs, P1D: dayMs, P1M: 0 };
/** So many episodes of a limit within so long make it a repeating one. */
export const repeatingEpisodes = 3;
export const repeatingWithinMs = 7 * dayMs;

export interface Episode {
  /** An earlier condition of the same limit, of no lesser band, is part of the same episode: it was told then. */
  readonly isFollower: boolean;
  readonly isRepeating: boolean;
  /** A later one goes on or may: the end is not the final state. */
  readonly goesOn: boolean;
}

/**
 * How a case lies among the conditions of its limit. An episode of attention lasts until nothing was beyond the limit
 * for {@link quietMs}: alerts are never merged, since the law counts hours, but people are told once.
 *
 * @param own occurrences of the case
 * @param others occurrences of the same limit that belong to other cases; voided and replaced ones count for nothing
 */
export function episodeOf(own: readonly Occurrence[], others: readonly Occurrence[]): Episode {
  const stands = ({ condition }: Occurrence) => condition === 'open' || condition === 'ended';
  const mine = own.filter(stands);
  if (mine.length === 0) return { isFollower: false, isRepeating: false, goesOn: false };
  const since = Math.min(...mine.map((one) => one.since));
  const until = Math.max(...mine.map((one) => (one.condition === 'open' ? Infinity : one.knownUntil)));
  const quiet = quietMs[mine[0]!.averaging];
  const rank = Math.max(...mine.map(({ severity }) => rankOf(severity)));
  const standing = others.filter(stands);
  const before = standing.filter((one) => one.since < since).toSorted((a, b) => b.since - a.since);
  const after = standing.filter((one) => one.since > since);

  // The chain of earlier ones that are each within the quiet of the next.
  let begin = since;
  let rankBefore = -1;
  const begins: number[] = [];
  for (const one of before) {
    const isJoined = begin - one.knownUntil < quiet || one.condition === 'open';
    if (isJoined && begins.length === 0) rankBefore = Math.max(rankBefore, rankOf(one.severity));
    else if (!isJoined) begins.push(begin);
    begin = one.since;
  }
  begins.push(begin);
  const isFollower = rankBefore >= rank;
  const recent = begins.filter((at) => at > since - repeatingWithinMs);
  return {
    isFollower,
    isRepeating: recent.length >= repeatingEpisodes,
    goesOn: after.some((one) => one.since - until < quiet),
  };
}
