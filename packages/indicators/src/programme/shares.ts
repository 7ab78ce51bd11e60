import { roundTo15Digits } from '@songma/domain';
import type { ProgrammeJudgement } from './judge.ts';
import type { ProgrammeReasonCode } from './reasons.ts';
import type { CountedTarget, SavingTarget } from './target-sets.ts';

/** The share of those asked that meet a target. */
export interface TargetShare {
  /** Whether persons or enterprises are what is counted. */
  readonly of: 'enterprises' | 'persons';
  readonly numerator: number;
  /** Everybody asked, also those of whom nothing is known. */
  readonly denominator: number;
  /** Null when nobody is asked. */
  readonly share: number | null;
  /** The share if all of whom nothing is known met it: the truth lies between the two. Null also for persons. */
  readonly shareMax: number | null;
  /** Against the target's share; null where the text names none, or what is not known decides. */
  readonly isReached: boolean | null;
  /** Enterprises by state. */
  readonly yes: number;
  readonly no: number;
  readonly unknown: number;
  readonly notAsked: number;
  /** Enterprises by the reason for which they are not among the `yes`, most first. */
  readonly reasons: readonly { readonly code: ProgrammeReasonCode; readonly enterprises: number }[];
}

/** Adds up how every enterprise was judged by one target; their order does not matter. */
export function shareOf(
  target: CountedTarget | SavingTarget,
  judgements: readonly ProgrammeJudgement[],
): TargetShare {
  const count = (state: ProgrammeJudgement['state']) =>
    judgements.filter((one) => one.state === state).length;
  const [yes, no, unknown, notAsked] = [count('yes'), count('no'), count('unknown'), count('not-asked')];
  const counts = { yes, no, unknown, notAsked, reasons: reasonsOf(judgements) };
  if (target.counts === 'trained-staff') {
    const trained = sum(judgements.map(({ persons }) => persons?.trained ?? 0));
    const of = sum(judgements.map(({ persons }) => persons?.of ?? 0));
    const share = ratio(trained, of);
    // How many persons those have who declared none is not known, so the share has no bound from above.
    const isReached = unknown > 0 ? null : reached(target.share, share, share);
    return {
      of: 'persons',
      numerator: trained,
      denominator: of,
      share,
      shareMax: null,
      isReached,
      ...counts,
    };
  }
  const denominator = yes + no + unknown;
  const [share, shareMax] = [ratio(yes, denominator), ratio(yes + unknown, denominator)];
  const isReached = reached(target.share, share, shareMax);
  return { of: 'enterprises', numerator: yes, denominator, share, shareMax, isReached, ...counts };
}

function reached(wanted: number | null, least: number | null, most: number | null): boolean | null {
  if (wanted === null || least === null || most === null) return null;
  if (least >= wanted) return true;
  return most < wanted ? false : null;
}

function reasonsOf(judgements: readonly ProgrammeJudgement[]): TargetShare['reasons'] {
  const counts = new Map<ProgrammeReasonCode, number>();
  for (const { reason } of judgements) {
    if (reason !== null) counts.set(reason.code, (counts.get(reason.code) ?? 0) + 1);
  }
  return [...counts]
    .map(([code, enterprises]) => ({ code, enterprises }))
    .toSorted((a, b) => b.enterprises - a.enterprises || (a.code < b.code ? -1 : 1));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : roundTo15Digits(part / whole);
}
