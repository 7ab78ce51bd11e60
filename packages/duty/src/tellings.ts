import type { CaseStep, CaseStepOf, Severity } from '@songma/domain';
import type { CaseContext, JudgedCase, Telling } from './due.ts';
import { quietMs } from './episodes.ts';
import { isOver, type NoticeState } from './notice-state.ts';
import type { Registered } from './registered.ts';
import { routees, waysOf } from './routing.ts';
import { isBreaking, isWorse } from './severity.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** Something of this case that was told to somebody, or is about to be. */
interface Told {
  readonly notice: NoticeState;
  readonly key: string;
  readonly purpose: string;
  readonly case: string;
  readonly severity: Severity | null;
}

/** What persons are to be told of a case and have not been, and which planned notices say what does not stand. */
export function caseTellings(
  context: CaseContext,
  judged: JudgedCase,
  now: number,
): { readonly tellings: Telling[]; readonly withdraw: string[] } {
  const told = toldOf(context);
  if (judged.state.condition === 'voided') return withdrawal(context, judged, told, now);
  const wanted = [
    ...ofEscalations(context, judged, told, now),
    ...ofQuestions(context, judged, told, now),
    ...ofPeople(context, judged, told, now),
    ...ofCourse(context, judged, told, now),
  ];
  return { tellings: wanted, withdraw: [] };
}

function toldOf({ file, notices }: CaseContext): Told[] {
  const ids = new Set(file.occurrences.map(({ id }) => id));
  return notices
    .filter(({ state }) => state !== 'withdrawn')
    .flatMap((notice) =>
      notice.items.filter((item) => ids.has(item.case)).map((item) => ({ notice, ...item })),
    );
}

/** Tellings by every way of the person by which this was not told yet. */
function tell(
  { state }: JudgedCase,
  { registered, notices }: CaseContext,
  told: readonly Told[],
  now: number,
  of: {
    person: string;
    key: string;
    purpose: string;
    since: number;
    notBefore?: number;
    only?: readonly string[];
  },
): Telling[] {
  const { person, purpose, since, notBefore = since, only } = of;
  const key = keyAfterWithdrawals(of.key, person, notices);
  const before = told.filter((one) => one.key === key && one.notice.person === person);
  // A way that was registered long after tells nothing of what was told by the others then.
  if (before.length > 0 && now - since > dayMs) return [];
  return waysOf(person, state, registered)
    .filter(({ id }) => only === undefined || only.includes(id))
    .filter(({ id }) => !before.some(({ notice }) => notice.channel === id))
    .map((way) => ({
      item: { key, case: state.id, purpose, severity: state.severity },
      person,
      way,
      notBefore,
      breaks: isBreaking(state.severity),
    }));
}

/** One that was withdrawn before it went out is another one when it is told after all. */
function keyAfterWithdrawals(key: string, person: string, notices: readonly NoticeState[]): string {
  const count = notices.filter(
    (one) =>
      one.state === 'withdrawn' &&
      one.person === person &&
      one.items.some((item) => item.key === key || item.key.startsWith(`${key}#`)),
  ).length;
  return count === 0 ? key : `${key}#${count}`;
}

function withdrawal(
  context: CaseContext,
  judged: JudgedCase,
  told: readonly Told[],
  now: number,
): { tellings: Telling[]; withdraw: string[] } {
  const { notices, file } = context;
  const ids = new Set(file.occurrences.map(({ id }) => id));
  // One that has been tried may have arrived: whoever got it is told.
  const withdraw = notices
    .filter((one) => !isOver(one) && one.attempts === 0 && one.items.every((item) => ids.has(item.case)))
    .map(({ id }) => id);
  const standing = told.filter(({ notice }) => !withdraw.includes(notice.id) && notice.state !== 'dead');
  const tellings = [
    ...Map.groupBy(standing, ({ notice }) => `${notice.person} ${notice.channel}`).values(),
  ].flatMap((items) => {
    const { person, channel } = items[0]!.notice;
    if (items.at(-1)!.purpose === 'withdrawn') return [];
    const key = `${file.id}/withdrawn/${items.length}`;
    const of = { person, key, purpose: 'withdrawn', since: judged.state.leading.changedAt, only: [channel] };
    return tell(judged, context, told, now, of);
  });
  return { tellings, withdraw };
}

function ofEscalations(
  context: CaseContext,
  judged: JudgedCase,
  told: readonly Told[],
  now: number,
): Telling[] {
  const { file, registered } = context;
  const { state, attention } = judged;
  if (attention === 'shelved' || attention === 'out-of-service' || state.response === 'closed') return [];
  const known = new Set(told.map(({ notice }) => notice.person));
  // Of several steps that name somebody the last one is told: it says what the others would have.
  const lastOf = new Map<string, CaseStepOf<'escalated'>>();
  for (const step of stepsNamed(file.steps, 'escalated')) {
    if (step.at >= state.countsFrom) for (const { person } of step.to) lastOf.set(person, step);
  }
  return [...lastOf].flatMap(([person, step]) => {
    const isPlant = registered.get('person', person)?.body.role === 'plant';
    const isTakenUp = state.response !== 'new' && !isPlant;
    // Being asked, a plant has been told.
    if (isTakenUp || (isPlant && state.question !== undefined)) return [];
    const isAgain = known.has(person) && step.round + step.level > 0;
    const purpose = step.found ? 'found' : isAgain ? 'escalated' : 'raised';
    const notBefore = step.notBefore ?? step.at;
    return tell(judged, context, told, now, { person, key: step.id, purpose, since: step.at, notBefore });
  });
}

/** Officers whom an answer, or its absence, concerns: who has the case, else who was told first. */
function concerned({ state }: JudgedCase, registered: Registered): string[] {
  const one = state.assignee ?? state.acknowledged?.by;
  if (one !== undefined && registered.get('person', one) !== undefined) return [one];
  const first = state.escalations[0]?.to ?? [];
  return first
    .map(({ person }) => person)
    .filter((id) => registered.get('person', id)?.body.role !== 'plant');
}

function ofQuestions(
  context: CaseContext,
  judged: JudgedCase,
  told: readonly Told[],
  now: number,
): Telling[] {
  const { registered } = context;
  const { question, answer } = judged.state;
  const found: Telling[] = [];
  if (question !== undefined && judged.state.response !== 'closed') {
    const isAnswered = answer !== undefined && answer.at >= question.at;
    if (!isAnswered) {
      for (const { person } of routees([{ kind: 'plant' }], judged.state, registered, question.at)) {
        const of = { person, key: question.id, purpose: 'asked', since: question.at };
        found.push(...tell(judged, context, told, now, of));
      }
    }
    if (!isAnswered && now >= question.dueAt) {
      for (const person of concerned(judged, registered)) {
        const key = `${question.id}/overdue`;
        found.push(
          ...tell(judged, context, told, now, {
            person,
            key,
            purpose: 'answer-overdue',
            since: question.dueAt,
          }),
        );
      }
    }
  }
  if (answer !== undefined && judged.state.response !== 'closed') {
    for (const person of concerned(judged, registered)) {
      found.push(
        ...tell(judged, context, told, now, {
          person,
          key: answer.id,
          purpose: 'answered',
          since: answer.at,
        }),
      );
    }
  }
  return found;
}

function ofPeople(context: CaseContext, judged: JudgedCase, told: readonly Told[], now: number): Telling[] {
  const { state, shelf } = judged;
  const found: Telling[] = [];
  const assigned = stepsNamed(context.file.steps, 'assigned').at(-1);
  if (assigned !== undefined && assigned.to !== assigned.by && state.response !== 'closed') {
    const of = { person: assigned.to, key: assigned.id, purpose: 'raised', since: assigned.at };
    found.push(...tell(judged, context, told, now, of));
  }
  const { acknowledged, lapsed } = state;
  if (lapsed && acknowledged?.until !== undefined && state.response !== 'closed') {
    const key = `${acknowledged.id}/lapsed`;
    const of = { person: acknowledged.by, key, purpose: 'lapsed', since: acknowledged.until };
    found.push(...tell(judged, context, told, now, of));
  }
  const { current } = shelf;
  const isOwn = context.file.occurrences.some(({ id }) => id === current?.case);
  if (current !== undefined && isOwn && now >= current.until - hourMs) {
    const of = {
      person: current.by,
      key: `${current.id}/ends`,
      purpose: 'shelf-ends',
      since: current.until - hourMs,
    };
    found.push(...tell(judged, context, told, now, of));
  }
  return found;
}

/** What became of it, to those who were told of it: worse, ended, or known by another id now. */
function ofCourse(context: CaseContext, judged: JudgedCase, told: readonly Told[], now: number): Telling[] {
  const { state, attention, episode } = judged;
  if (attention === 'shelved' || attention === 'out-of-service' || state.response === 'closed') return [];
  const since = state.leading.changedAt;
  return [...Map.groupBy(told, ({ notice }) => `${notice.person} ${notice.channel}`).values()].flatMap(
    (items) => {
      const { person, channel } = items[0]!.notice;
      const alive = items.filter(({ notice }) => notice.state !== 'dead');
      if (alive.length === 0) return [];
      const course = (key: string, purpose: string) =>
        tell(judged, context, told, now, { person, key, purpose, since, only: [channel] });
      const severities = alive.map(({ severity }) => severity);
      if (isWorse(state.severity, severities))
        return course(`${state.id}/worse/${state.severity ?? 'range'}`, 'worse');
      const isKnownElse = alive.every((one) => one.case !== state.id);
      if (isKnownElse) return course(`${state.id}/continues`, 'continues');
      const quiet = state.limit === undefined ? 0 : quietMs[state.averaging];
      const isEnded = state.condition === 'ended' && !episode.goesOn && now >= state.knownUntil + quiet;
      // Whoever was told afterwards was told that it had ended.
      const wasToldOpen = alive.some(
        ({ notice, purpose }) => purpose !== 'found' && notice.plannedAt < since,
      );
      return isEnded && wasToldOpen ? course(`${state.id}/ended/${state.knownUntil}`, 'ended') : [];
    },
  );
}

function stepsNamed<N extends CaseStep['step']>(steps: readonly CaseStep[], name: N): CaseStepOf<N>[] {
  return steps.filter((one): one is CaseStepOf<N> => one.step === name);
}
