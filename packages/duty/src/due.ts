import type { CaseStep, CaseStepOf, NoticeItem } from '@songma/domain';
import { caseState, shelfOf, type CaseFile, type CaseState, type Shelf } from './case-state.ts';
import { nextClock, nextWithinHours, officeHours } from './duty-hours.ts';
import { episodeOf, quietMs, type Episode } from './episodes.ts';
import type { NoticeState } from './notice-state.ts';
import type { Occurrence } from './occurrence.ts';
import type { Registered } from './registered.ts';
import { policyNamed, policyOf, routees, waysOf, type AnyPolicy, type Way } from './routing.ts';
import { isBreaking } from './severity.ts';
import { caseTellings } from './tellings.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;
/** Raised later than this after it could have been known: found afterwards, not happening. */
export const foundAfterMs = 6 * hourMs;
/** Minutes between the rounds of a policy at least. */
const repeatPauseMinMin = 60;
/** News of a repeating limit is told once a day, at this time of the clock. */
const dailyAt = '07:30';

/** Something that a person is to be told of a case by one way. */
export interface Telling {
  readonly item: NoticeItem;
  readonly person: string;
  readonly way: Way;
  /** Not before this, epoch milliseconds. */
  readonly notBefore: number;
  /** Goes out at night too, and before others. */
  readonly breaks: boolean;
}

/** Everything that what is due of a case follows from. */
export interface CaseContext {
  readonly file: CaseFile;
  /** Shelving steps that bear on it: its own, and those of its limit and site. By time. */
  readonly shelving: readonly CaseStep[];
  /** Occurrences of the same limit in other cases. */
  readonly others: readonly Occurrence[];
  /** Notices with items of this case, by time of planning. */
  readonly notices: readonly NoticeState[];
  readonly registered: Registered;
}

/** Why a case is not told although it stands. */
export type Attention = 'normal' | 'shelved' | 'out-of-service' | 'repeating' | 'same-episode';

/** A case with what it follows from, at a time. */
export interface JudgedCase {
  readonly state: CaseState;
  readonly shelf: Shelf;
  readonly episode: Episode;
  readonly attention: Attention;
  /** Not voided, not closed, taken up by nobody (any more), and nothing says not to look. */
  readonly needsAttention: boolean;
}

export interface DueOfCase extends JudgedCase {
  /** To be written down: the next persons are told. */
  readonly escalation: Omit<CaseStepOf<'escalated'>, 'id'> | undefined;
  /** To be written down: the plant is asked. */
  readonly question: Omit<CaseStepOf<'asked'>, 'id'> | undefined;
  readonly tellings: readonly Telling[];
  /** Planned notices of nothing but this case, of which nothing stands any more. */
  readonly withdraw: readonly string[];
  /** When something else may be due though nothing happens; undefined: never. */
  readonly nextAt: number | undefined;
}

/** How a case stands at a time. */
export function judgeCase({ file, shelving, others, registered }: CaseContext, now: number): JudgedCase {
  const plain = caseState(file, now);
  const shelf = shelfOf(shelving, plain.kind, plain.condition, now);
  const state = shelf.endedAt === -Infinity ? plain : caseState(file, now, shelf.endedAt);
  const episode = episodeOf(file.occurrences, others);
  const attention = attentionOf(state, shelf, episode, registered);
  const needsAttention =
    state.condition !== 'voided' &&
    state.response === 'new' &&
    (attention === 'normal' || attention === 'repeating');
  return { state, shelf, episode, attention, needsAttention };
}

function attentionOf(state: CaseState, shelf: Shelf, episode: Episode, registered: Registered): Attention {
  if (shelf.current !== undefined) return 'shelved';
  if (isOutOfService(state, registered)) return 'out-of-service';
  if (episode.isFollower && state.escalations.length === 0) return 'same-episode';
  return episode.isRepeating && !isBreaking(state.severity) ? 'repeating' : 'normal';
}

function isOutOfService({ site, source, meter, since }: CaseState, registered: Registered): boolean {
  return registered.list('outage').some(({ body }) => {
    if (since < body.from || since >= body.to) return false;
    if (body.site !== undefined) return body.site === site;
    return body.source === undefined ? body.meter === meter : body.source === source;
  });
}

/**
 * What is due of a case: a pure function of its file, its notices, the registry and the clock. A desk that starts anew
 * decides as the one before would have, and one that was away for hours takes one step and not three.
 */
export function dueOf(context: CaseContext, now: number): DueOfCase {
  const judged = judgeCase(context, now);
  const { state, shelf } = judged;
  const wakes: number[] = [];
  const later = (at: number | undefined) => {
    if (at !== undefined && at > now && at < Infinity) wakes.push(at);
  };
  const escalation = escalationOf(context, judged, now, later);
  const question = questionOf(context, judged, now);
  const { tellings, withdraw } = caseTellings(context, judged, now);
  for (const { notBefore } of tellings) later(notBefore);
  later(shelf.current?.until);
  later(shelf.current === undefined ? undefined : shelf.current.until - hourMs);
  later(state.acknowledged?.until);
  later(state.question?.dueAt);
  if (state.condition === 'ended') later(state.knownUntil + quietMs[state.averaging]);
  return {
    ...judged,
    escalation,
    question,
    tellings,
    withdraw,
    nextAt: wakes.length === 0 ? undefined : Math.min(...wakes),
  };
}

function policyOfCase({ escalations }: CaseState, state: CaseState, registered: Registered): AnyPolicy {
  const [first] = escalations;
  return first === undefined ? policyOf(state, registered) : policyNamed(first.policy, state, registered);
}

/** Found long after it could have been known, or when it was over already. */
export function isFound({ leading, raisedAt }: CaseState, { occurrences }: CaseFile): boolean {
  const first = occurrences.find((one) => one.raisedAt === raisedAt) ?? leading;
  return first.wasOver || first.raisedAt - first.knowableAt > foundAfterMs;
}

function escalationOf(
  context: CaseContext,
  { state, attention, needsAttention, episode }: JudgedCase,
  now: number,
  later: (at: number | undefined) => void,
): DueOfCase['escalation'] {
  const { registered, file, notices } = context;
  if (!needsAttention) return undefined;
  const { escalations } = state;
  const policy = policyOfCase(state, state, registered);
  const count = escalations.length;
  const found = isFound(state, file);
  const last = escalations.at(-1);
  if (last !== undefined && (state.condition !== 'open' || found || episode.isRepeating)) {
    // What is over, was found afterwards or comes daily is told; nobody is woken for it twice.
    if (!isBreaking(state.severity) || state.condition !== 'open') return undefined;
  }
  const level = count % policy.steps.length;
  const round = Math.floor(count / policy.steps.length);
  if (round > policy.repeat) return undefined;
  const step = policy.steps[level]!;
  const zone = registered.get('site', state.site)?.body.timeZone ?? 'Asia/Ho_Chi_Minh';
  const breaks = isBreaking(state.severity);
  // Before it begins again it waits as long as it does between its steps.
  const pauseMin = Math.max(repeatPauseMinMin, ...policy.steps.map(({ afterMin }) => afterMin));
  const after = (level === 0 && round > 0 ? pauseMin : step.afterMin) * minuteMs;
  const begins =
    last === undefined
      ? Math.max(state.raisedAt, state.countsFrom) + after
      : last.nobody || isDead(last, notices)
        ? last.at
        : Math.max(last.at, state.lapsed ? (state.acknowledged?.until ?? 0) : 0) + after;
  const waits = step.hours === 'office' && !breaks;
  const dueAt = waits ? nextWithinHours(officeHours, begins, zone) : begins;
  if (now < dueAt) {
    later(dueAt);
    return undefined;
  }
  const to = routees(step.to, state, registered, now);
  const isReached = to.some(({ person }) => waysOf(person, state, registered).length > 0);
  const isForOfficers = step.to.some(({ kind }) => kind !== 'plant');
  const rescue =
    isReached || !isForOfficers ? [] : routees([{ kind: 'administrators' }], state, registered, now);
  return {
    step: 'escalated',
    case: state.id,
    at: now,
    level,
    round,
    policy: policy.id,
    to: [...to, ...rescue.map(({ person }) => ({ person, why: 'nobody else could be reached' }))],
    nobody: !isReached,
    found,
    ...(attention === 'repeating' && !breaks
      ? { notBefore: nextClock(dailyAt, now, zone) }
      : found && !breaks
        ? { notBefore: nextWithinHours(officeHours, now, zone) }
        : {}),
  };
}

/** Whether all that was sent for the step has died: as good as nobody on duty. */
function isDead(step: CaseStepOf<'escalated'>, notices: readonly NoticeState[]): boolean {
  const sent = notices.filter(({ items }) => items.some(({ key }) => key === step.id));
  return sent.length > 0 && sent.every(({ state }) => state === 'dead');
}

function questionOf(
  { registered, file }: CaseContext,
  { state }: JudgedCase,
  now: number,
): DueOfCase['question'] {
  const [first] = state.escalations;
  if (first === undefined || first.found || state.question !== undefined) return undefined;
  if (state.response === 'closed' || state.condition === 'voided' || isFound(state, file)) return undefined;
  const { askPlantMin } = policyNamed(first.policy, state, registered);
  if (askPlantMin === undefined || state.kind !== 'exceedance') return undefined;
  if (routees([{ kind: 'plant' }], state, registered, now).length === 0) return undefined;
  return { step: 'asked', case: state.id, at: now, dueAt: first.at + askPlantMin * minuteMs };
}
