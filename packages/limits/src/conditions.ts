import type { Verdict } from './verdict.ts';

/** An unbroken time above a limit: windows above it, with none judged below between them. */
export interface Condition {
  /** The first window above. */
  readonly first: Verdict;
  /** End of the last window above, epoch milliseconds. */
  readonly aboveTo: number;
  /** The window that ended it; undefined while it lasts. */
  readonly below: Verdict | undefined;
}

/**
 * The conditions in a sequence of verdicts, in order of time. Windows that are not judged or not given neither begin
 * nor end one. `verdicts` ascend.
 */
export function conditionsOf(verdicts: readonly Verdict[]): Condition[] {
  const conditions: Condition[] = [];
  let first: Verdict | undefined;
  let aboveTo = 0;
  for (const verdict of verdicts) {
    if (verdict.state === 'above') {
      first ??= verdict;
      aboveTo = verdict.end;
    } else if (verdict.state === 'below' && first !== undefined) {
      conditions.push({ first, aboveTo, below: verdict });
      first = undefined;
    }
  }
  if (first !== undefined) conditions.push({ first, aboveTo, below: undefined });
  return conditions;
}

/** A part of a sequence of verdicts, and whether it may have to reach farther on either side. */
export interface Surroundings {
  readonly verdicts: readonly Verdict[];
  /** No window judged below lies before, or after. */
  readonly isOpenBefore: boolean;
  readonly isOpenAfter: boolean;
}

/**
 * Of ascending verdicts those that decide the conditions around `[from, to)`: from the last that is below before it
 * to the first that is below after it, or as far as they go.
 */
export function surroundingsOf(verdicts: readonly Verdict[], from: number, to: number): Surroundings {
  const before = verdicts.findLastIndex(({ end, state }) => end <= from && state === 'below');
  const after = verdicts.findIndex(({ start, state }) => start >= to && state === 'below');
  return {
    verdicts: verdicts.slice(Math.max(before, 0), after < 0 ? verdicts.length : after + 1),
    isOpenBefore: before < 0,
    isOpenAfter: after < 0,
  };
}
