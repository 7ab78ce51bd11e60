import type { Occurrence } from '@songma/duty';

/** Which occurrences are one case: those that replace one another, however long the chain. */
export class CaseGroups {
  readonly #occurrences = new Map<string, Occurrence>();
  readonly #links = new Map<string, Set<string>>();
  readonly #caseOf = new Map<string, string>();
  readonly #members = new Map<string, readonly Occurrence[]>();

  get(id: string): Occurrence | undefined {
    return this.#occurrences.get(id);
  }

  /** The case of an occurrence, by its id; a case has the id of the occurrence that was raised first. */
  caseOf(id: string): string | undefined {
    return this.#caseOf.get(id);
  }

  /** In the order of their raising; empty where there is no such case. */
  members(caseId: string): readonly Occurrence[] {
    return this.#members.get(caseId) ?? [];
  }

  ids(): IterableIterator<string> {
    return this.#members.keys();
  }

  get size(): number {
    return this.#members.size;
  }

  /** Takes an occurrence as it stands now. @returns ids of the cases that changed, those that are no more too */
  put(occurrence: Occurrence): Set<string> {
    const { id } = occurrence;
    this.#occurrences.set(id, occurrence);
    for (const other of occurrence.links) {
      this.#link(id, other);
      this.#link(other, id);
    }
    const members = this.#chain(id);
    const caseId = members[0]!.id;
    const changed = new Set([caseId]);
    for (const { id: member } of members) {
      const before = this.#caseOf.get(member);
      if (before !== undefined && before !== caseId) {
        changed.add(before);
        this.#members.delete(before);
      }
      this.#caseOf.set(member, caseId);
    }
    this.#members.set(caseId, members);
    return changed;
  }

  #link(from: string, to: string): void {
    const links = this.#links.get(from);
    if (links === undefined) this.#links.set(from, new Set([to]));
    else links.add(to);
  }

  #chain(id: string): Occurrence[] {
    const seen = new Set([id]);
    const members: Occurrence[] = [];
    for (const one of seen) {
      const occurrence = this.#occurrences.get(one);
      if (occurrence !== undefined) members.push(occurrence);
      for (const other of this.#links.get(one) ?? []) seen.add(other);
    }
    return members.toSorted((a, b) => a.raisedAt - b.raisedAt || (a.id < b.id ? -1 : 1));
  }
}
