import type { CaseFacts } from '@songma/cases';
import type { CaseStep } from '@songma/domain';
import { dueOf, messagesDue, type DueMessage, type Registered, type Telling } from '@songma/duty';

const hourMs = 3_600_000;

/** What has to be written down before anything else is due. */
export interface Decided {
  readonly steps: readonly CaseStep[];
  /** Ids of notices that say what does not stand any more. */
  readonly withdraw: readonly string[];
}

/**
 * What is due of all cases, kept up to date case by case: a case is looked at again when something was said of it, and
 * when its time has come. Nothing here is a record: it all follows from the facts, the registry and the clock.
 */
export class Decisions {
  readonly #facts: CaseFacts;
  readonly #registered: Registered;
  readonly #dirty = new Set<string>();
  readonly #wakes = new Map<string, number>();
  readonly #tellings = new Map<string, readonly Telling[]>();
  /** Cases with something to tell a person. */
  readonly #waiting = new Map<string, Set<string>>();
  readonly #personWakes = new Map<string, number>();

  constructor(facts: CaseFacts, registered: Registered) {
    this.#facts = facts;
    this.#registered = registered;
    this.everything();
  }

  /** All cases are to be looked at again: the registry has changed, or this is the beginning. */
  everything(): void {
    for (const id of this.#facts.groups.ids()) this.#dirty.add(id);
  }

  changed(cases: Iterable<string>): void {
    for (const id of cases) this.#dirty.add(id);
  }

  /** Steps that are due, of the cases that may have some. Empty: {@link messages} are next. */
  decide(now: number): Decided {
    const ids = new Set(this.#dirty);
    this.#dirty.clear();
    for (const [id, at] of this.#wakes) if (at <= now) ids.add(id);
    const steps: CaseStep[] = [];
    const withdraw: string[] = [];
    for (const id of [...ids].toSorted()) {
      const context = this.#facts.context(id, this.#registered);
      if (context === undefined) {
        this.#keep(id, [], undefined);
        continue;
      }
      const due = dueOf(context, now);
      this.#keep(id, due.tellings, due.nextAt);
      withdraw.push(...due.withdraw);
      const count = due.state.escalations.length;
      // The same step has the same id in whatever process decides it: of its epoch the one after so many.
      const stem = `${id}/${Number.isFinite(due.state.countsFrom) ? due.state.countsFrom : 0}`;
      if (due.escalation !== undefined) steps.push({ ...due.escalation, id: `${stem}/escalated/${count}` });
      if (due.question !== undefined) steps.push({ ...due.question, id: `${id}/asked` });
      if (due.escalation !== undefined || due.question !== undefined) this.#dirty.add(id);
    }
    return { steps, withdraw };
  }

  /** Messages that are due, once no steps are. */
  messages(now: number): DueMessage[] {
    const messages: DueMessage[] = [];
    for (const person of [...this.#waiting.keys()].toSorted()) {
      const cases = [...this.#waiting.get(person)!].toSorted();
      const tellings = cases.flatMap((id) =>
        this.#tellings.get(id)!.filter((telling) => telling.person === person),
      );
      const due = messagesDue(tellings, this.#facts.noticesTo(person, now - hourMs), now);
      messages.push(...due.messages);
      if (due.nextAt === undefined) this.#personWakes.delete(person);
      else this.#personWakes.set(person, due.nextAt);
    }
    return messages;
  }

  /** When something may be due though nothing happens. */
  nextAt(): number {
    // Not by Math.min(...): there may be more of them than a call takes arguments.
    let next = Infinity;
    for (const at of this.#wakes.values()) next = Math.min(next, at);
    for (const at of this.#personWakes.values()) next = Math.min(next, at);
    return next;
  }

  #keep(id: string, tellings: readonly Telling[], nextAt: number | undefined): void {
    for (const { person } of this.#tellings.get(id) ?? []) {
      const waiting = this.#waiting.get(person);
      waiting?.delete(id);
      if (waiting?.size === 0) {
        this.#waiting.delete(person);
        this.#personWakes.delete(person);
      }
    }
    if (tellings.length === 0) this.#tellings.delete(id);
    else this.#tellings.set(id, tellings);
    for (const { person } of tellings) {
      const waiting = this.#waiting.get(person);
      if (waiting === undefined) this.#waiting.set(person, new Set([id]));
      else waiting.add(id);
    }
    if (nextAt === undefined) this.#wakes.delete(id);
    else this.#wakes.set(id, nextAt);
  }
}
