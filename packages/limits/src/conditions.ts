import type { Verdict } from './verdict.ts';

/** An unbroken time beyond a limit: windows that break it, with none that keeps it between them. */
export interface Condition {
  /** The windows that break it, ascending; at least one. */
  readonly broken: readonly Verdict[];
  /** The first of them. */
  readonly first: Verdict;
  /** End of the last of them, epoch milliseconds. */
  readonly brokenTo: number;
  /** The window that ended it; undefined while it lasts. */
  readonly kept: Verdict | undefined;
}

/**
 * The conditions in a sequence of verdicts, in order of time. Windows that are not judged or not given neither begin
 * nor end one. `verdicts` ascend.
 */
export function conditionsOf(verdicts: readonly Verdict[]): Condition[] {
  const conditions: Condition[] = [];
  let broken: Verdict[] = [];
  const end = (kept: Verdict | undefined) => {
    const [first] = broken;
    if (first === undefined) return;
    conditions.push({ broken, first, brokenTo: broken.at(-1)!.end, kept });
    broken = [];
  };
  for (const verdict of verdicts) {
    if (verdict.state === 'broken') broken.push(verdict);
    else if (verdict.state === 'kept') end(verdict);
  }
  end(undefined);
  return conditions;
}

/** A part of a sequence of verdicts, and whether it may have to reach farther on either side. */
export interface Surroundings {
  readonly verdicts: readonly Verdict[];
  /** No window that keeps the limit lies before, or after. */
  readonly isOpenBefore: boolean;
  readonly isOpenAfter: boolean;
}

/**
 * Of ascending verdicts those that decide the conditions around `[from, to)`: from the last that keeps the limit
 * before it to the first that keeps it after it, or as far as they go.
 */
export function surroundingsOf(verdicts: readonly Verdict[], from: number, to: number): Surroundings {
  const before = verdicts.findLastIndex(({ end, state }) => end <= from && state === 'kept');
  const after = verdicts.findIndex(({ start, state }) => start >= to && state === 'kept');
  return {
    verdicts: verdicts.slice(Math.max(before, 0), after < 0 ? verdicts.length : after + 1),
    isOpenBefore: before < 0,
    isOpenAfter: after < 0,
  };
}
