import {
  roundTo15Digits,
  type Allocation,
  type GwpSet,
  type Indicator,
  type IndicatorEvent,
  type IndicatorWindow,
  type Meter,
  type Rollup,
  type WithheldReason,
} from '@songma/domain';
import type { IndicatorDefinition } from './definitions.ts';
import type { FactorBook } from './factor-book.ts';
import { sidesOf, type Sides } from './sides.ts';
import { Valuer } from './valuation.ts';

/** A meter of the scope with its rollups of the window. */
export interface ScopedMeter {
  readonly meter: Meter;
  /** IANA zone of its site, by whose dates factors are in force. */
  readonly zone: string;
  /** That of the window; of twelve months those of the months, in order of time. What is not there is missing. */
  readonly rollups: readonly Rollup[];
}

export interface IndicatorScope {
  readonly enterprise: string;
  /** Absent: the whole enterprise. */
  readonly site?: string;
  /** Absent: all that is made together. */
  readonly product?: string;
  readonly window: IndicatorWindow;
  /** Epoch milliseconds, end exclusive: the window in the zone of the site, or of the enterprise's first site. */
  readonly start: number;
  readonly end: number;
  /** Whether something is reported from after the window's end; of a day true, because it is told while it fills. */
  readonly isFinished: boolean;
  /** Every meter of the scope, or at least those with a role in the definition. */
  readonly meters: readonly ScopedMeter[];
  readonly gwpSet: GwpSet;
  readonly factors: FactorBook;
  /** As the enterprise states it, for what is of one product. */
  readonly allocation?: StatedAllocation;
}

/** An allocation, and the version of the enterprise that states it. */
export interface StatedAllocation {
  readonly version: number;
  readonly body: Allocation;
}

/** An indicator before it is published. */
export type IndicatorDraft = Omit<Indicator, 'revision' | 'publishedAt'>;

/** What an enterprise uses that has not chosen. */
export const gwpSetDefault: GwpSet = 'AR5';

/** The same indicator of the same scope and window has the same id for ever. */
export function indicatorIdOf(
  scope: Pick<IndicatorScope, 'enterprise' | 'site' | 'product' | 'window' | 'start'>,
  name: string,
): string {
  const { enterprise, site, product, window, start } = scope;
  const ofSite = site === undefined ? [] : [site];
  const ofProduct = product === undefined ? [] : [`product=${encodeURIComponent(product)}`];
  return [enterprise, ...ofSite, ...ofProduct, name, window, start].join('/');
}

/**
 * A ratio of sums over the scope's meters, never a mean of ratios; or why it is withheld: the first that is so
 * of the reasons in the order of `withheldReasons`.
 *
 * While it is withheld for anything but a sum that is zero, its sums are not told and its coverage is told in whole
 * percent: a day that fills is published a hundred times at most, not with every reading. Of what is unfinished
 * nothing is told, so that it is published once.
 *
 * Undefined when the scope has no meters for the resource: the definition does not apply to it.
 */
export function computeIndicator(
  definition: IndicatorDefinition,
  scope: IndicatorScope,
): IndicatorDraft | undefined {
  const valuer = new Valuer(scope.factors, scope.gwpSet);
  const sides = sidesOf(definition, scope, valuer);
  if (sides === undefined) return undefined;
  const { resource, production, inputs } = sides;
  const coverage = sides.isMade ? Math.min(...inputs.map(({ rollups }) => coverageOf(rollups, scope))) : 0;
  const estimatedShare = Math.max(...inputs.map(({ rollups }) => estimatedShareOf(rollups)));
  const withheld = reasonToWithhold(definition, scope, { ...sides, coverage });
  const isTold = withheld === null || withheld === 'zero-production' || withheld === 'zero-resource';
  const [numerator, denominator] =
    definition.form === 'intensity'
      ? [resource.amount, production.amount]
      : [production.amount, resource.amount];
  const { enterprise, site, product, allocation, window, start, end } = scope;
  const { factors, gwpSet } = valuer;
  return {
    id: indicatorIdOf(scope, definition.name),
    enterprise,
    ...(site === undefined ? {} : { site }),
    ...(product === undefined ? {} : { product }),
    name: definition.name,
    window,
    start,
    end,
    value: withheld === null ? roundTo15Digits(numerator! / denominator!) : null,
    unit: definition.unit,
    coverage: isTold ? coverage : withheld === 'unfinished' ? 0 : wholePercent(coverage),
    withheld,
    numerator: isTold ? numerator : null,
    denominator: isTold ? denominator : null,
    ...(isTold ? { estimatedShare } : {}),
    ...(isTold && resource.biogenicCo2 !== null ? { biogenicCo2: resource.biogenicCo2 } : {}),
    ...(isTold && factors.length > 0 ? { factors } : {}),
    ...(isTold && gwpSet !== undefined ? { gwpSet } : {}),
    ...(isTold && allocation !== undefined
      ? { allocation: { rule: allocation.body.rule, version: allocation.version } }
      : {}),
    inputs: inputs.flatMap(({ meter, rollups }) =>
      rollups.length === 0 ? [] : [{ meter: meter.id, revision: revisionOf(rollups) }],
    ),
  };
}

/**
 * The event that publishes a draft after what was published before (undefined: never), or undefined when it says the
 * same. A new revision of an input or a new version of a factor or an allocation that left the numbers as they were is
 * no restatement.
 * `publishedAt` rises with the revision, so that what had been published at a time is never in doubt.
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
  const after: Indicator = { ...draft, revision: (before?.revision ?? 0) + 1, publishedAt };
  return { id: draft.id, before: before ?? null, after, cause };
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
    // It was not told once: that it is told now corrects nothing.
    (b.estimatedShare === undefined || a.estimatedShare === b.estimatedShare) &&
    factorsText(a) === factorsText(b)
  );
}

function factorsText({ factors = [] }: IndicatorDraft): string {
  return factors.map(({ id, provisional }) => `${id} ${provisional}`).join();
}

function reasonToWithhold(
  { resource, production, form, coverageMin }: IndicatorDefinition,
  { isFinished }: IndicatorScope,
  sums: Sides & { readonly coverage: number },
): WithheldReason | null {
  if (!isFinished) return 'unfinished';
  if (!sums.resource.isReported) return resource.notReported;
  if (!sums.production.isReported) return production.notReported;
  if (sums.resource.isFactorMissing || sums.production.isFactorMissing) return 'factor-missing';
  if (sums.isAllocationMissing) return 'allocation-missing';
  if (sums.coverage < coverageMin) return 'coverage';
  if (sums.production.amount! <= 0) return 'zero-production';
  return form === 'productivity' && sums.resource.amount! <= 0 ? 'zero-resource' : null;
}

/** Of the one rollup as it says; of several by the time that they cover together. */
function coverageOf(rollups: readonly Rollup[], { window, start, end }: IndicatorScope): number {
  if (window !== 'R12M') return rollups[0]?.coverage ?? 0;
  const coveredMs = rollups.reduce((sum, rollup) => sum + rollup.coveredMs, 0);
  // A site in another zone may have a year that is an hour longer.
  return Math.min(1, coveredMs / (end - start));
}

/** Share of the time that they cover together whose amounts are spread over gaps or glitches. */
function estimatedShareOf(rollups: readonly Rollup[]): number {
  const coveredMs = rollups.reduce((sum, rollup) => sum + rollup.coveredMs, 0);
  const spreadMs = rollups.reduce((sum, rollup) => sum + rollup.spreadMs, 0);
  return coveredMs === 0 ? 0 : roundTo15Digits(spreadMs / coveredMs);
}

function revisionOf(rollups: readonly Rollup[]): number {
  return rollups.reduce((sum, { revision }) => sum + revision, 0);
}

function wholePercent(share: number): number {
  return Math.floor(share * 100) / 100;
}
