import type { Alert, CaseStep, Incident, NoticeStep } from '@songma/domain';
import {
  compareSteps,
  foldNotice,
  occurrenceOfAlert,
  occurrenceOfIncident,
  type CaseContext,
  type NoticeState,
  type Occurrence,
  type Registered,
} from '@songma/duty';
import { CaseGroups } from './case-groups.ts';
import { NearOccurrences } from './near-occurrences.ts';

const none: ReadonlySet<never> = new Set();

/**
 * Everything that was said of cases, folded: occurrences, people's and the desk's steps, notices. What comes again or in
 * another order changes nothing. Takes and answers only; nothing here reads or writes.
 */
export class CaseFacts {
  readonly groups = new CaseGroups();
  readonly #alerts = new Map<string, Alert>();
  readonly #incidents = new Map<string, Incident>();
  /** By the occurrence that they name; each once, by time. */
  readonly #steps = new Map<string, CaseStep[]>();
  readonly #notices = new Map<string, NoticeState>();
  readonly #noticesOf = new Map<string, Set<string>>();
  readonly #noticesTo = new Map<string, NoticeState[]>();
  readonly #open = new Set<string>();
  readonly #ofLimit = new Map<string, NearOccurrences>();
  /** Occurrences that steps name which shelve a whole limit or site. */
  readonly #shelvers = new Set<string>();

  alert(id: string): Alert | undefined {
    return this.#alerts.get(id);
  }

  incident(id: string): Incident | undefined {
    return this.#incidents.get(id);
  }

  /** Silences that have not ended. */
  openIncidents(): Incident[] {
    return [...this.#incidents.values()].filter(({ until }) => until === null);
  }

  notice(id: string): NoticeState | undefined {
    return this.#notices.get(id);
  }

  notices(): IterableIterator<NoticeState> {
    return this.#notices.values();
  }

  /** Notices that are not over: to be sent, or tried again. */
  openNotices(): NoticeState[] {
    return [...this.#open].map((id) => this.#notices.get(id)!);
  }

  /** Of the last ones, by time of planning. */
  noticesTo(person: string, since: number): NoticeState[] {
    const all = this.#noticesTo.get(person) ?? [];
    const found: NoticeState[] = [];
    for (let at = all.length - 1; at >= 0 && all[at]!.plannedAt >= since; at--) {
      found.push(this.#notices.get(all[at]!.id)!);
    }
    return found.toReversed();
  }

  /** Takes a revision of an alert. @returns cases that may have changed */
  putAlert(alert: Alert): Set<string> {
    const before = this.#alerts.get(alert.id);
    if (before !== undefined && before.revision > alert.revision) return new Set();
    this.#alerts.set(alert.id, alert);
    return this.#put(occurrenceOfAlert(alert));
  }

  /** Takes a step. @returns cases that may have changed */
  putStep(step: CaseStep): Set<string> {
    const steps = this.#steps.get(step.case) ?? [];
    if (steps.some(({ id }) => id === step.id)) return new Set();
    steps.push(step);
    this.#steps.set(step.case, steps.toSorted(compareSteps));
    if (step.step === 'incident') {
      const { incident } = step;
      const before = this.#incidents.get(incident.id);
      if (before === undefined || before.revision < incident.revision) {
        this.#incidents.set(incident.id, incident);
        return this.#put(occurrenceOfIncident(incident));
      }
    }
    const changed = new Set<string>();
    const caseId = this.groups.caseOf(step.case);
    if (caseId !== undefined) changed.add(caseId);
    if (step.step === 'shelved' && step.scope !== 'case') this.#shelvers.add(step.case);
    const occurrence = this.groups.get(step.case);
    if (occurrence !== undefined && this.#shelvers.has(step.case)) this.#casesBeside(occurrence, changed);
    return changed;
  }

  /** Takes a step of a notice. @returns cases that may have changed */
  putNotice(step: NoticeStep): Set<string> {
    const before = this.#notices.get(step.notice);
    const after = foldNotice(before, step);
    if (after === undefined || after === before) return new Set();
    this.#notices.set(after.id, after);
    if (after.planned === undefined) this.#open.delete(after.id);
    else this.#open.add(after.id);
    if (before === undefined) {
      for (const item of after.items) addTo(this.#noticesOf, item.case, after.id);
      const to = this.#noticesTo.get(after.person) ?? [];
      to.push(after);
      to.sort((a, b) => a.plannedAt - b.plannedAt || (a.id < b.id ? -1 : 1));
      this.#noticesTo.set(after.person, to);
    }
    return new Set(after.items.flatMap((item) => this.groups.caseOf(item.case) ?? []));
  }

  /** What everything that is due of a case follows from; undefined where there is no such case. */
  context(caseId: string, registered: Registered): CaseContext | undefined {
    const occurrences = this.groups.members(caseId);
    if (occurrences.length === 0) return undefined;
    const steps = this.#stepsOf(occurrences);
    const { limit, site } = occurrences[0]!;
    const ofLimit = limit === undefined ? undefined : this.#ofLimit.get(limit);
    const near = new Set(occurrences.flatMap((own) => [...(ofLimit?.near(own) ?? none)]));
    const others = [...near].filter(({ id }) => this.groups.caseOf(id) !== caseId);
    const noticeIds = new Set(occurrences.flatMap(({ id }) => [...(this.#noticesOf.get(id) ?? none)]));
    const notices = [...noticeIds]
      .map((id) => this.#notices.get(id)!)
      .toSorted((a, b) => a.plannedAt - b.plannedAt || (a.id < b.id ? -1 : 1));
    const shelving = this.#shelvingOf(steps, limit, site);
    return { file: { id: caseId, occurrences, steps }, shelving, others, notices, registered };
  }

  #put(occurrence: Occurrence): Set<string> {
    const changed = this.groups.put(occurrence);
    if (this.#shelvers.has(occurrence.id)) this.#casesBeside(occurrence, changed);
    const { limit } = occurrence;
    if (limit === undefined) return changed;
    const ofLimit = this.#ofLimit.get(limit) ?? new NearOccurrences();
    this.#ofLimit.set(limit, ofLimit);
    // Others of the limit may be of the same episode now, or of none.
    for (const { id } of ofLimit.put(occurrence)) {
      const caseId = this.groups.caseOf(id);
      if (caseId !== undefined) changed.add(caseId);
    }
    return changed;
  }

  #stepsOf(occurrences: readonly Occurrence[]): CaseStep[] {
    const steps = occurrences.flatMap(({ id }) => this.#steps.get(id) ?? []).toSorted(compareSteps);
    // One that was given for the case is written down for its alerts too.
    const given = new Set(
      steps.filter((one) => one.step === 'acknowledged' && !isOfAlert(one)).map(({ at }) => at),
    );
    return steps.filter((one) => !(one.step === 'acknowledged' && isOfAlert(one) && given.has(one.at)));
  }

  /** Cases of the limit or site of an occurrence. */
  #casesBeside({ limit, site }: Occurrence, changed: Set<string>): void {
    for (const id of this.groups.ids()) {
      const first = this.groups.members(id)[0]!;
      if (first.site === site || (limit !== undefined && first.limit === limit)) changed.add(id);
    }
  }

  #shelvingOf(own: readonly CaseStep[], limit: string | undefined, site: string): CaseStep[] {
    const isShelving = ({ step }: CaseStep) => step === 'shelved' || step === 'unshelved';
    const found = new Map(own.filter(isShelving).map((step) => [step.id, step]));
    for (const id of this.#shelvers) {
      const occurrence = this.groups.get(id);
      if (occurrence === undefined) continue;
      const isOf = {
        case: false,
        limit: limit !== undefined && occurrence.limit === limit,
        site: occurrence.site === site,
      };
      for (const step of this.#steps.get(id) ?? []) {
        const bears =
          step.step === 'shelved' ? isOf[step.scope] : step.step === 'unshelved' && (isOf.limit || isOf.site);
        if (bears) found.set(step.id, step);
      }
    }
    return [...found.values()].toSorted(compareSteps);
  }
}

/** Where an acknowledgement of a single alert stands among the steps of cases. */
export const alertAcknowledgementPrefix = 'alert-acknowledged/';

function isOfAlert({ id }: CaseStep): boolean {
  return id.startsWith(alertAcknowledgementPrefix);
}

function addTo<K>(index: Map<K, Set<string>>, key: K, id: string): void {
  const ids = index.get(key);
  if (ids === undefined) index.set(key, new Set([id]));
  else ids.add(id);
}
