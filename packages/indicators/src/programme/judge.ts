import type { Declared, Enterprise, Participation, Training } from '@songma/domain';
import { isInSector } from '../sectors.ts';
import { reason, type ProgrammeReason } from './reasons.ts';
import type { CountedTarget, SavingTarget, TargetSet } from './target-sets.ts';

/** What an enterprise is on the date of the question. */
export interface EnterpriseFacts {
  readonly enterprise: Pick<Enterprise, 'id' | 'sector' | 'size'>;
  /** Undefined: nothing was ever declared. */
  readonly participation: Omit<Participation, 'id' | 'baselines'> | undefined;
}

/**
 * A saving of a resource per unit of product over twelve months: a share of what was expected, or why there is none.
 */
export type SavingFact =
  { readonly baseline: string; readonly savingShare: number } | { readonly missing: ProgrammeReason };

export const targetStates = ['yes', 'no', 'unknown', 'not-asked'] as const;
/** Unknown is no "no", and who is not asked is in no share. */
export type TargetState = (typeof targetStates)[number];

/** How one enterprise stands to one target. */
export interface ProgrammeJudgement {
  readonly state: TargetState;
  /** What is missing, or why it is not asked; null for `yes`. */
  readonly reason: ProgrammeReason | null;
  /** Date since which it is so, as declared. */
  readonly since?: string;
  readonly evidence?: string;
  /** Share of what was expected that was saved, whatever the state. */
  readonly saving?: { readonly baseline: string; readonly share: number };
  /** Persons, where those are what is counted. */
  readonly persons?: { readonly trained: number; readonly of: number };
}

/** Why the savings of the set are not asked of an enterprise on the date; null: they are. */
export function savingNotAsked(
  { savers }: Pick<TargetSet, 'savers'>,
  { enterprise: { sector }, participation }: EnterpriseFacts,
  date: string,
): ProgrammeReason | null {
  if (savers === 'applying') {
    return declared(participation?.applying, date).state === 'yes' ? null : reason('not-applying');
  }
  const isNamed = savers.some((code) => isInSector(sector, code));
  return isNamed ? null : reason('sector-not-named', { sector });
}

/** Judges an enterprise by a saving that is asked of it. */
export function judgeSaving({ band: { min } }: SavingTarget, fact: SavingFact): ProgrammeJudgement {
  if ('missing' in fact) return { state: 'unknown', reason: fact.missing };
  const { baseline, savingShare } = fact;
  const saving = { baseline, share: savingShare };
  if (savingShare >= min) return { state: 'yes', reason: null, saving };
  const parameters = { baseline, saving: savingShare, min };
  return { state: 'no', reason: reason('saving-below', parameters), saving };
}

/** Judges an enterprise by a target on a date (`2026-11-23`), as it was declared. */
export function judgeDeclared(
  { counts, sizes }: CountedTarget,
  { enterprise: { size }, participation }: EnterpriseFacts,
  date: string,
): ProgrammeJudgement {
  if (sizes !== undefined) {
    if (size === undefined) return { state: 'unknown', reason: reason('size-unknown') };
    if (!sizes.includes(size)) return { state: 'not-asked', reason: reason('size-not-asked', { size }) };
  }
  switch (counts) {
    case 'aware':
      return declared(participation?.aware, date);
    case 'applying':
      return declared(participation?.applying, date);
    case 'dedicated-unit':
      return declared(participation?.dedicatedUnit, date);
    case 'trained-staff':
      return trained(participation?.training, date);
  }
}

const notDeclared: ProgrammeJudgement = { state: 'unknown', reason: reason('not-declared') };

/** What holds since a date did not hold before it; what does not hold since a date may have. */
function declared(fact: Declared | undefined, date: string): ProgrammeJudgement {
  if (fact === undefined) return notDeclared;
  const { holds, since, evidence } = fact;
  if (!holds) {
    return date < since
      ? notDeclared
      : { state: 'no', reason: reason('declared-not', { since, evidence }), since, evidence };
  }
  return date < since
    ? { state: 'no', reason: reason('not-yet', { since }), since, evidence }
    : { state: 'yes', reason: null, since, evidence };
}

function trained(training: Training | undefined, date: string): ProgrammeJudgement {
  if (training === undefined || date < training.on) return notDeclared;
  const { trained: count, of, on, evidence } = training;
  const facts = { since: on, evidence, persons: { trained: count, of } };
  return count === of
    ? { state: 'yes', reason: null, ...facts }
    : { state: 'no', reason: reason('untrained', { trained: count, of, on }), ...facts };
}
