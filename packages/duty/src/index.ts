export {
  caseState,
  compareSteps,
  isAllowed,
  shelfMaxMs,
  shelfOf,
  type CaseFile,
  type CaseState,
  type Shelf,
} from './case-state.ts';
export {
  dueOf,
  judgeCase,
  type Attention,
  type CaseContext,
  type DueOfCase,
  type JudgedCase,
  type Telling,
} from './due.ts';
export {
  clockMs,
  instantOfClock,
  isWithinHours,
  localDay,
  nextClock,
  nextWithinHours,
  officeHours,
  weekdayOf,
} from './duty-hours.ts';
export { quietMs } from './episodes.ts';
export { messagesAnHourMax, messagesDue, type DueMessage } from './messages.ts';
export { foldNotice, isOver, type NoticeState } from './notice-state.ts';
export { occurrenceOfAlert, occurrenceOfIncident, type Occurrence } from './occurrence.ts';
export type { Registered } from './registered.ts';
export { onDuty, turnsOf, type OnDuty, type Turn } from './roster.ts';
export {
  allWaysOf,
  policyOf,
  routees,
  waysOf,
  type AnyPolicy,
  type Routed,
  type Routee,
  type Way,
} from './routing.ts';
export { isBreaking, rankOf } from './severity.ts';
export { liesIn, narrowest, type Place } from './territory.ts';
