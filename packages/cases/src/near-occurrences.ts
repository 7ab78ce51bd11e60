import type { Occurrence } from '@songma/duty';

/** Conditions of one limit that lie farther apart are of no common episode, nor counted together. */
export const nearMs = 9 * 86_400_000;

/**
 * Occurrences of one limit by time, so that what lies near one of them is found without looking at years of others:
 * each stands in every stretch of {@link nearMs} that it touches.
 */
export class NearOccurrences {
  readonly #stretches = new Map<number, Map<string, Occurrence>>();
  readonly #standing = new Map<string, Occurrence>();

  /** Takes an occurrence as it stands now. @returns those that lay near it before, and those that do now */
  put(occurrence: Occurrence): Set<Occurrence> {
    const { id } = occurrence;
    const before = this.#standing.get(id);
    const changed = before === undefined ? new Set<Occurrence>() : this.near(before);
    if (before !== undefined) for (const at of stretchesOf(before)) this.#stretches.get(at)?.delete(id);
    this.#standing.set(id, occurrence);
    for (const at of stretchesOf(occurrence)) {
      const stretch = this.#stretches.get(at);
      if (stretch === undefined) this.#stretches.set(at, new Map([[id, occurrence]]));
      else stretch.set(id, occurrence);
    }
    for (const other of this.near(occurrence)) changed.add(other);
    return changed;
  }

  /** Those that lie less than {@link nearMs} from it, itself too if it was put; each once. */
  near(occurrence: Occurrence): Set<Occurrence> {
    const found = new Set<Occurrence>();
    for (const at of stretchesOf(occurrence, 1)) {
      for (const other of this.#stretches.get(at)?.values() ?? []) {
        if (isNear(occurrence, other)) found.add(other);
      }
    }
    return found;
  }
}

function isNear(a: Occurrence, b: Occurrence): boolean {
  return a.since - b.knownUntil < nearMs && b.since - a.knownUntil < nearMs;
}

/** Numbers of the stretches that an occurrence touches, and of so many beside them. */
function* stretchesOf({ since, knownUntil }: Occurrence, beside = 0): Generator<number> {
  const last = Math.floor(Math.max(since, knownUntil) / nearMs) + beside;
  for (let at = Math.floor(since / nearMs) - beside; at <= last; at++) yield at;
}
