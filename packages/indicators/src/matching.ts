import { CompensatedSum, type Meter, type Rollup } from '@songma/domain';

/** What of a rollup is matched. */
export type MatchedRollup = Pick<Rollup, 'start' | 'end' | 'coveredMs' | 'sum'>;

/** What some meters told of a window while all of them were known. */
export interface Matched {
  /** Milliseconds in which all are known. */
  readonly knownMs: number;
  /** What each told in that time, in its own unit and in the order of the meters. */
  readonly sums: readonly number[];
}

/** A {@link Matched} that lies within one calendar year, and the date on which its window begins. */
export interface MatchedPart extends Matched {
  /** `2026-01-31`. */
  readonly date: string;
}

/** The finest windows in which a meter is known: what lies within is spread evenly, and nobody measured it. */
export const matchingSteps = ['PT1H', 'P1D', 'P1M', 'P1Y'] as const;
export type MatchingStep = (typeof matchingSteps)[number];

const hourMs = 3_600_000;
const stepMs = { PT1H: hourMs, P1D: 24 * hourMs, P1M: 31 * 24 * hourMs } as const;

/** The finest step that all of the meters have: the day as soon as one of them is read once a day. */
export function matchingStep(meters: readonly Pick<Meter, 'intervalMs'>[]): MatchingStep {
  const longest = Math.max(0, ...meters.map(({ intervalMs }) => intervalMs));
  return matchingSteps.find((step) => step === 'P1Y' || longest <= stepMs[step])!;
}

/** Nothing of all. */
export function unmatched(meters: number): Matched {
  return { knownMs: 0, sums: Array.from({ length: meters }, () => 0) };
}

/**
 * One window in which nothing finer is looked at, given each meter's rollup of it. All are known as long as the one of
 * which least is known; what the others told is counted for that part of their time. Below `shareMin` of the window
 * there is no telling whether it is the same time, and nothing counts. Windows of one date may be of 23, 24 and 25 hours
 * at sites in several zones: then each is known for its share.
 */
export function matchWindow(rollups: readonly (MatchedRollup | undefined)[], shareMin: number): Matched {
  let knownMs = Infinity;
  let [shortestMs, longestMs, leastShare] = [Infinity, 0, 1];
  for (const rollup of rollups) {
    if (rollup === undefined || rollup.sum === null) return unmatched(rollups.length);
    const lengthMs = rollup.end - rollup.start;
    if (rollup.coveredMs < shareMin * lengthMs) return unmatched(rollups.length);
    knownMs = Math.min(knownMs, rollup.coveredMs);
    leastShare = Math.min(leastShare, rollup.coveredMs / lengthMs);
    shortestMs = Math.min(shortestMs, lengthMs);
    longestMs = Math.max(longestMs, lengthMs);
  }
  if (knownMs === Infinity) return unmatched(0);
  if (shortestMs === longestMs) return { knownMs, sums: rollups.map((rollup) => partOf(rollup!, knownMs)) };
  return {
    knownMs: leastShare * longestMs,
    sums: rollups.map((rollup) => partOf(rollup!, leastShare * (rollup!.end - rollup!.start))),
  };
}

/** What is known of a window without looking into it: all of it, or nothing; undefined when it takes a closer look. */
export function matchWhole(rollups: readonly (MatchedRollup | undefined)[]): Matched | undefined {
  if (rollups.some((rollup) => rollup === undefined || rollup.sum === null || rollup.coveredMs === 0)) {
    return unmatched(rollups.length);
  }
  return rollups.every((rollup) => rollup!.coveredMs === rollup!.end - rollup!.start)
    ? matchWindow(rollups, 1)
    : undefined;
}

/**
 * A window of the windows in it, in order of time. Where these are the steps of the meters (`isStep`), one of which
 * less than `shareMin` is known counts for nothing: of a day whose production is one number, half a day's electricity
 * is the half of nothing.
 */
export function mergeMatched(
  parts: readonly (Matched & { readonly windowMs: number })[],
  meters: number,
  { isStep, shareMin }: { readonly isStep: boolean; readonly shareMin: number },
): Matched {
  const counted = isStep ? parts.filter(({ knownMs, windowMs }) => knownMs >= shareMin * windowMs) : parts;
  const sum = new CompensatedSum();
  const sums = Array.from({ length: meters }, (_, i) => {
    sum.reset();
    for (const { sums: told } of counted) sum.add(told[i]!);
    return sum.total();
  });
  return { knownMs: counted.reduce((total, { knownMs }) => total + knownMs, 0), sums };
}

function partOf({ sum, coveredMs }: MatchedRollup, knownMs: number): number {
  return coveredMs === knownMs ? sum! : (sum! * knownMs) / coveredMs;
}
