import type { Baseline, Resource } from '@songma/domain';
import type { FittedBaseline } from '../baselines/model.ts';
import type { Savings } from '../baselines/savings.ts';
import type { SavingFact } from './judge.ts';
import { reason, type ProgrammeReason } from './reasons.ts';

/** Share of the twelve months that must count for a saving to be told. */
export const savingCountedMin = 0.9;

type Choice = { readonly baseline: Baseline } | { readonly missing: ProgrammeReason };

/**
 * The baseline that a saving of the resource is told against: the one that the participation names, else the only one
 * of the whole enterprise. Of several none is guessed.
 */
export function chooseBaseline(
  resource: Resource,
  baselines: readonly Baseline[],
  named: readonly string[],
): Choice {
  const fitting = baselines.filter((baseline) => baseline.resource === resource);
  const chosen = fitting.find(({ id }) => named.includes(id));
  if (chosen !== undefined) return { baseline: chosen };
  const whole = fitting.filter(({ site }) => site === undefined);
  if (whole.length === 1) return { baseline: whole[0]! };
  if (whole.length === 0) return { missing: reason('no-baseline', { resource }) };
  const ids = whole.map(({ id }) => `"${id}"`).toSorted();
  return { missing: reason('several-baselines', { resource, baselines: ids.join(', ') }) };
}

/** What the savings of twelve months say, by the length of the periods that count. */
export function savingFact(
  { id: baseline, to }: Pick<Baseline, 'id' | 'to'>,
  fitted: Pick<FittedBaseline, 'withheld'>,
  { periods, totals }: Pick<Savings, 'periods' | 'totals'>,
): SavingFact {
  if (fitted.withheld !== null) {
    return { missing: reason('baseline-withheld', { baseline, withheld: fitted.withheld }) };
  }
  if (periods.some(({ flags }) => flags.includes('in-baseline'))) {
    return { missing: reason('baseline-overlaps', { baseline, to }) };
  }
  const lengthOf = (of: Savings['periods']) => of.reduce((sum, { start, end }) => sum + end - start, 0);
  const counted = lengthOf(periods.filter(({ saving }) => saving !== null));
  const share = periods.length === 0 ? 0 : counted / lengthOf(periods);
  if (share < savingCountedMin || totals.savingShare === null) {
    return { missing: reason('saving-withheld', { baseline, counted: share }) };
  }
  return { baseline, savingShare: totals.savingShare };
}
