import { rulesVersion, wasFinished, type Indicator, type IndicatorEvent } from '@songma/domain';
import type { IndicatorDraft } from './compute.ts';

/**
 * The event that publishes a draft after what was published before (undefined: never), or undefined when it says the
 * same. A new revision of an input or a new version of a factor or an allocation that left the numbers as they were is
 * no restatement.
 * `publishedAt` rises with the revision, so that what had been published at a time is never in doubt.
 * Whether it restates is told by itself alone; what was published before it may have been followed by later windows, and
 * then {@link restating} says so.
 */
export function publishIndicator(
  draft: IndicatorDraft,
  before: Indicator | undefined,
  cause: IndicatorEvent['cause'],
  at: number,
): IndicatorEvent | undefined {
  if (before !== undefined && isSame(draft, before)) return undefined;
  // A clock that was set back must not publish a revision before the one that it replaces.
  const publishedAt = before === undefined ? at : Math.max(at, before.publishedAt + 1);
  const revision = (before?.revision ?? 0) + 1;
  const after: Indicator = { ...draft, revision, rules: rulesVersion, publishedAt };
  if (before === undefined) return { id: draft.id, before: null, after, cause };
  return { id: draft.id, before, after, cause, restates: wasFinished(before, false, publishedAt) };
}

/** Whether it restates if what it replaces had been followed: sums were told, and nothing else shows them finished. */
export function mayRestate({ before, after, restates }: IndicatorEvent): boolean {
  return restates === false && before !== null && wasFinished(before, true, after.publishedAt);
}

/** The event as one that restates. */
export function restating(event: IndicatorEvent): IndicatorEvent {
  return { ...event, restates: true };
}

/**
 * What stands for a published indicator of which nothing is left: its meters, its product or its allocation is gone.
 */
export function withdrawnIndicator(before: Indicator): IndicatorDraft {
  const { id, enterprise, site, product, name, window, start, end, unit } = before;
  return {
    ...{ id, enterprise, name, window, start, end, unit },
    ...(site === undefined ? {} : { site }),
    ...(product === undefined ? {} : { product }),
    value: null,
    coverage: 0,
    withheld: 'withdrawn',
    numerator: null,
    denominator: null,
    inputs: [],
  };
}

function isSame(a: IndicatorDraft, b: IndicatorDraft): boolean {
  return (
    a.value === b.value &&
    a.numerator === b.numerator &&
    a.denominator === b.denominator &&
    a.coverage === b.coverage &&
    a.withheld === b.withheld &&
    a.unit === b.unit &&
    a.end === b.end &&
    a.biogenicCo2 === b.biogenicCo2 &&
    a.gwpSet === b.gwpSet &&
    a.allocation?.rule === b.allocation?.rule &&
    isSameOrNew(a, b, 'matchedShare') &&
    isSameOrNew(a, b, 'matchedNumerator') &&
    isSameOrNew(a, b, 'matchedDenominator') &&
    isSameOrNew(a, b, 'estimatedShare') &&
    (b.matchedShare === undefined || matchedText(a) === matchedText(b)) &&
    factorsText(a) === factorsText(b)
  );
}

/** It was not told once: that it is told now corrects nothing. */
function isSameOrNew(
  a: IndicatorDraft,
  b: IndicatorDraft,
  field: 'matchedShare' | 'matchedNumerator' | 'matchedDenominator' | 'estimatedShare',
): boolean {
  return b[field] === undefined || a[field] === b[field];
}

/**
 * What the inputs told in the matched time: months are made of it, also where it leaves both sums as they are. That there
 * is one more input or one less that says nothing of it is nothing new.
 */
function matchedText({ inputs }: IndicatorDraft): string {
  return inputs.flatMap(({ meter, matched }) => ((matched ?? 0) === 0 ? [] : [`${meter} ${matched}`])).join();
}

function factorsText({ factors = [] }: IndicatorDraft): string {
  return factors.map(({ id, provisional }) => `${id} ${provisional}`).join();
}
