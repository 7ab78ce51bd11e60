import type { CaseKind, CaseStep, CaseStepOf, LimitAveraging, Severity } from '@songma/domain';
import type { Occurrence } from './occurrence.ts';
import { rankOf } from './severity.ts';

/** What is known of a case: the chain of what replaces one another, and the steps that name one of them. */
export interface CaseFile {
  /** Id of the occurrence that was raised first. */
  readonly id: string;
  /** In the order of their raising; at least one. */
  readonly occurrences: readonly Occurrence[];
  /** By time, then id. */
  readonly steps: readonly CaseStep[];
}

/** A case as it stands: condition (machines), response (people), and what the desk has done. */
export interface CaseState {
  readonly id: string;
  readonly kind: CaseKind;
  readonly enterprise: string;
  readonly site: string;
  readonly source: string | undefined;
  readonly meter: string | undefined;
  readonly limit: string | undefined;
  readonly parameter: string | undefined;
  readonly averaging: LimitAveraging;
  readonly condition: 'open' | 'ended' | 'voided';
  readonly since: number;
  readonly knownUntil: number;
  /** When it was first known. */
  readonly raisedAt: number;
  readonly changedAt: number;
  readonly severity: Severity | null;
  /** The occurrence that tells its numbers. */
  readonly leading: Occurrence;
  readonly response: 'new' | 'acknowledged' | 'answered' | 'closed';
  /** Of the latest one, where no reopening has come since; `lapsed` once `until` has passed. */
  readonly acknowledged: CaseStepOf<'acknowledged'> | undefined;
  readonly lapsed: boolean;
  readonly assignee: string | undefined;
  /** The latest question, and its answer. */
  readonly question: CaseStepOf<'asked'> | undefined;
  readonly answer: CaseStepOf<'answered'> | undefined;
  readonly closed: CaseStepOf<'closed'> | undefined;
  /** Since when the escalation counts: of a reopening or the end of a shelf. */
  readonly countsFrom: number;
  /** Steps of the desk since then. */
  readonly escalations: readonly CaseStepOf<'escalated'>[];
}

/** Orders steps alike in every process. */
export function compareSteps(a: CaseStep, b: CaseStep): number {
  return a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/**
 * The case at a time. Depends on what it is given and on nothing else, in whatever order that came.
 * @param shelfEnd end of the last shelf that has passed by `now`; see {@link shelfOf}
 */
export function caseState(
  { id, occurrences, steps }: CaseFile,
  now: number,
  shelfEnd = -Infinity,
): CaseState {
  const standing = occurrences.filter(({ condition }) => condition !== 'voided' && condition !== 'replaced');
  const counted = standing.length > 0 ? standing : occurrences;
  const leading = counted.reduce((worst, one) =>
    rankOf(one.severity) > rankOf(worst.severity) ? one : worst,
  );
  const condition =
    standing.length === 0 ? 'voided' : standing.some((one) => one.condition === 'open') ? 'open' : 'ended';
  const last = <N extends CaseStep['step']>(name: N) =>
    steps.findLast((one): one is CaseStepOf<N> => one.step === name);
  const closedStep = last('closed');
  const reopenedAt = last('reopened')?.at ?? -Infinity;
  const isClosed =
    closedStep !== undefined &&
    closedStep.at >= reopenedAt &&
    rankOf(leading.severity) <= rankOf(closedStep.severity) &&
    !standing.some((one) => one.raisedAt > closedStep.at);
  const worsenedAt =
    closedStep !== undefined && !isClosed && closedStep.at >= reopenedAt ? leading.changedAt : -Infinity;
  const beganAgain = Math.max(reopenedAt, worsenedAt);
  const acknowledgedStep = last('acknowledged');
  const acknowledged =
    acknowledgedStep !== undefined && acknowledgedStep.at >= beganAgain ? acknowledgedStep : undefined;
  const lapsed = acknowledged?.until !== undefined && now >= acknowledged.until && condition === 'open';
  const question = last('asked');
  const answered = last('answered');
  const answer = answered !== undefined && answered.at >= beganAgain ? answered : undefined;
  const countsFrom = Math.max(beganAgain, shelfEnd);
  const escalations = steps.filter(
    (one): one is CaseStepOf<'escalated'> => one.step === 'escalated' && one.at >= countsFrom,
  );
  return {
    id,
    kind: leading.kind,
    enterprise: leading.enterprise,
    site: leading.site,
    source: leading.source,
    meter: leading.meter,
    limit: leading.limit,
    parameter: leading.parameter,
    averaging: leading.averaging,
    condition,
    since: Math.min(...counted.map(({ since }) => since)),
    knownUntil: Math.max(...counted.map(({ knownUntil }) => knownUntil)),
    raisedAt: Math.min(...occurrences.map(({ raisedAt }) => raisedAt)),
    changedAt: Math.max(...occurrences.map(({ changedAt }) => changedAt), ...steps.map(({ at }) => at)),
    severity: leading.severity,
    leading,
    response: isClosed
      ? 'closed'
      : acknowledged === undefined || lapsed
        ? 'new'
        : answer !== undefined && answer.at >= acknowledged.at
          ? 'answered'
          : 'acknowledged',
    acknowledged,
    lapsed,
    assignee: last('assigned')?.to,
    question,
    answer,
    closed: isClosed ? closedStep : undefined,
    countsFrom,
    escalations,
  };
}

/** A shelf as it stands: `current` until it ends or somebody ends it; `endedAt` of those that are over. */
export interface Shelf {
  readonly current: CaseStepOf<'shelved'> | undefined;
  readonly endedAt: number;
}

/** Longest shelves: of an exceedance and of the rest without a second officer, and with one. */
export const shelfMaxMs = {
  exceedance: 24 * 3_600_000,
  other: 7 * 86_400_000,
  second: 30 * 86_400_000,
} as const;

/**
 * The shelf of a case by the steps that shelve it: its own, or of its limit or site. One that is too long is none.
 * @param steps shelved and unshelved ones that bear on the case, by time
 */
export function shelfOf(
  steps: readonly CaseStep[],
  kind: CaseKind,
  condition: CaseState['condition'],
  now: number,
): Shelf {
  let current: CaseStepOf<'shelved'> | undefined;
  let endedAt = -Infinity;
  for (const one of steps) {
    if (one.step === 'shelved' && isAllowed(one, kind)) current = one;
    if (one.step === 'unshelved' && current !== undefined) {
      endedAt = one.at;
      current = undefined;
    }
  }
  if (current !== undefined && now >= current.until) {
    endedAt = Math.max(endedAt, current.until);
    current = undefined;
  }
  if (current?.oneShot === true && condition !== 'open') current = undefined;
  return { current, endedAt };
}

/** Whether somebody may shelve for so long: longer ones need a second officer. */
export function isAllowed(
  { at, until, second, by }: Pick<CaseStepOf<'shelved'>, 'at' | 'until' | 'second' | 'by'>,
  kind: CaseKind,
): boolean {
  const alone = kind === 'exceedance' ? shelfMaxMs.exceedance : shelfMaxMs.other;
  const max = second !== undefined && second !== by ? shelfMaxMs.second : alone;
  return until > at && until - at <= max;
}
