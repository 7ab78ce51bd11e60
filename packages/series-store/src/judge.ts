import { outcome, sameReading } from '@songma/domain';

/** Highest revision that is told; a reading corrected more often keeps it. */
export const revisionMax = 65_535;

/** A value that was written for a meter and time, and stood from `knownUs` on until the next version's `knownUs`. */
export interface Version {
  readonly knownUs: number;
  /** NaN: a status without a value. */
  readonly value: number;
  readonly flags: number;
  /** 0 for the first that was written, then rising in the order of writing; never changes. */
  readonly revision: number;
}

/** Everything that is known of one meter and time. */
export interface History {
  /** Ascending by `knownUs`, never empty. The last one stands now; as of T stands the last with `knownUs` <= T. */
  readonly versions: readonly Version[];
  /**
   * `knownUs` of writes that repeated the value that stood just before them, ascending. They are kept because a
   * different value may still arrive that was known in between: then the repeat is what stands after it.
   */
  readonly confirmedUs: readonly number[];
}

/** One reading to be judged. */
export interface Candidate {
  readonly knownUs: number;
  readonly value: number;
  readonly flags: number;
}

/** What a reading is answered, and what is to be added to its history: nothing for a repeat of a write. */
export interface Judgement {
  /** A code of `outcome`. */
  readonly outcome: number;
  /** Why it is refused; with outcome `refused` only. */
  readonly problem?: string;
  /** Ascending by `knownUs`. Two when the new value stood only until an earlier confirmation of the one before it. */
  readonly versions: readonly Version[];
  /** To be added to `confirmedUs`, or null. */
  readonly confirmedUs: number | null;
}

const nothing: readonly Version[] = [];
const stored: Judgement = { outcome: outcome.stored, versions: nothing, confirmedUs: null };
const duplicate: Judgement = { outcome: outcome.duplicate, versions: nothing, confirmedUs: null };
const superseding: Judgement = { outcome: outcome.superseding, versions: nothing, confirmedUs: null };
const sameMoment: Judgement = {
  outcome: outcome.refused,
  problem: 'another value of this meter and time was accepted at the same microsecond',
  versions: nothing,
  confirmedUs: null,
};

/**
 * Judges one reading against everything that is held of its meter and time.
 *
 * After all judgements are applied (see {@link applyJudgement}), the value and flags that stand as of any time are
 * those of the write with the greatest `knownUs` not after it, in whatever order the writes came; and judging a write
 * again gives the same outcome and adds nothing. Which answers the first writes got, and the revisions, depend on the
 * order of writing: whoever comes first is `stored`.
 */
export function judge(history: History | undefined, candidate: Candidate): Judgement {
  if (history === undefined)
    return { outcome: outcome.stored, versions: [{ ...candidate, revision: 0 }], confirmedUs: null };
  const { versions, confirmedUs } = history;
  const { knownUs } = candidate;

  let next = versions.length;
  while (next > 0 && versions[next - 1]!.knownUs > knownUs) next--;
  const before = versions[next - 1];

  if (confirmedUs.includes(knownUs)) return sameReading(before!, candidate) ? duplicate : sameMoment;
  if (before?.knownUs === knownUs) {
    if (!sameReading(before, candidate)) return sameMoment;
    return before.revision === 0 ? stored : superseding;
  }
  if (before !== undefined && sameReading(before, candidate)) {
    return { outcome: outcome.duplicate, versions: nothing, confirmedUs: knownUs };
  }

  const last = versions.reduce((greatest, version) => Math.max(greatest, version.revision), 0);
  const added: Version[] = [{ ...candidate, revision: Math.min(last + 1, revisionMax) }];
  const untilUs = versions[next]?.knownUs ?? Infinity;
  const resumedUs = confirmedUs.find((confirmed) => confirmed > knownUs && confirmed < untilUs);
  if (resumedUs !== undefined) {
    added.push({ ...before!, knownUs: resumedUs, revision: Math.min(last + 2, revisionMax) });
  }
  return { outcome: outcome.superseding, versions: added, confirmedUs: null };
}

/** The history after a judgement on it. */
export function applyJudgement(history: History | undefined, judgement: Judgement): History | undefined {
  const { versions, confirmedUs } = judgement;
  if (versions.length === 0 && confirmedUs === null) return history;
  return {
    versions: [...(history?.versions ?? []), ...versions].toSorted((a, b) => a.knownUs - b.knownUs),
    confirmedUs:
      confirmedUs === null
        ? (history?.confirmedUs ?? [])
        : [...(history?.confirmedUs ?? []), confirmedUs].toSorted((a, b) => a - b),
  };
}

/** The version that stands as of `asOfUs` (inclusive), now when it is absent; undefined when nothing was known yet. */
export function standing(history: History, asOfUs = Infinity): Version | undefined {
  return history.versions.findLast((version) => version.knownUs <= asOfUs);
}
