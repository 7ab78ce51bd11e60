import {
  CompensatedSum,
  dateIn,
  roundTo15Digits,
  type GwpSet,
  type Indicator,
  type IndicatorEvent,
  type IndicatorWindow,
  type Meter,
  type Rollup,
  type WithheldReason,
} from '@songma/domain';
import { inputRole, termOf, type IndicatorDefinition, type SumDefinition } from './definitions.ts';
import type { FactorBook } from './factor-book.ts';
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
}

/** An indicator before it is published. */
export type IndicatorDraft = Omit<Indicator, 'revision' | 'publishedAt'>;

/** What an enterprise uses that has not chosen. */
export const gwpSetDefault: GwpSet = 'AR5';

/** The same indicator of the same scope and window has the same id for ever. */
export function indicatorIdOf(
  scope: Pick<IndicatorScope, 'enterprise' | 'site' | 'window' | 'start'>,
  name: string,
): string {
  const { enterprise, site, window, start } = scope;
  return [enterprise, ...(site === undefined ? [] : [site]), name, window, start].join('/');
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
  const ordered = scope.meters.toSorted((a, b) => (a.meter.id < b.meter.id ? -1 : 1));
  const resources = ordered.filter(({ meter }) => inputRole(definition, meter) === 'resource');
  const products = ordered.filter(({ meter }) => inputRole(definition, meter) === 'production');
  if (!applies(definition.resource, resources)) return undefined;
  const valuer = new Valuer(scope.factors, scope.gwpSet);
  const resource = sumOf(definition.resource, resources, valuer);
  const production = sumOf(definition.production, products, valuer);
  const inputs = [...resources, ...products];
  const coverage =
    products.length === 0 ? 0 : Math.min(...inputs.map(({ rollups }) => coverageOf(rollups, scope)));
  const estimatedShare = Math.max(...inputs.map(({ rollups }) => estimatedShareOf(rollups)));
  const withheld = reasonToWithhold(definition, scope, { resource, production, coverage });
  const isTold = withheld === null || withheld === 'zero-production' || withheld === 'zero-resource';
  const [numerator, denominator] =
    definition.form === 'intensity'
      ? [resource.amount, production.amount]
      : [production.amount, resource.amount];
  const { enterprise, site, window, start, end } = scope;
  const { factors, gwpSet } = valuer;
  return {
    id: indicatorIdOf(scope, definition.name),
    enterprise,
    ...(site === undefined ? {} : { site }),
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
    inputs: inputs.flatMap(({ meter, rollups }) =>
      rollups.length === 0 ? [] : [{ meter: meter.id, revision: revisionOf(rollups) }],
    ),
  };
}

/**
 * The event that publishes a draft after what was published before (undefined: never), or undefined when it says the
 * same. A new revision of an input or a new version of a factor that left the numbers as they were is no restatement.
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
    // It was not told once: that it is told now corrects nothing.
    (b.estimatedShare === undefined || a.estimatedShare === b.estimatedShare) &&
    factorsText(a) === factorsText(b)
  );
}

function factorsText({ factors = [] }: IndicatorDraft): string {
  return factors.map(({ id, provisional }) => `${id} ${provisional}`).join();
}

function applies({ needs }: SumDefinition, meters: readonly ScopedMeter[]): boolean {
  return (
    meters.length > 0 && needs.every((quantity) => meters.some(({ meter }) => meter.quantity === quantity))
  );
}

interface Sum {
  /** Null when no meter has one, or a factor is missing. */
  readonly amount: number | null;
  readonly isReported: boolean;
  readonly biogenicCo2: number | null;
}

function sumOf(side: SumDefinition, meters: readonly ScopedMeter[], valuer: Valuer): Sum {
  const amount = new CompensatedSum();
  const biogenic = new CompensatedSum();
  let [isReported, isFactorMissing, isBiogenic] = [false, false, false];
  for (const { meter, zone, rollups } of meters) {
    const { valuation } = termOf(side, meter)!;
    for (const { start, sum } of rollups) {
      if (sum === null) continue;
      isReported = true;
      const metered = { amount: sum, meter, date: dateIn(zone, start) };
      const valued = valuer.value(valuation, metered, side.unit);
      isFactorMissing ||= valued === undefined;
      amount.add(valued?.amount ?? 0);
      isBiogenic ||= valued?.biogenicCo2 !== undefined;
      biogenic.add(valued?.biogenicCo2 ?? 0);
    }
  }
  return {
    amount: isReported && !isFactorMissing ? amount.total() : null,
    isReported,
    biogenicCo2: isBiogenic ? biogenic.total() : null,
  };
}

function reasonToWithhold(
  { resource, production, form, coverageMin }: IndicatorDefinition,
  { isFinished }: IndicatorScope,
  sums: { readonly resource: Sum; readonly production: Sum; readonly coverage: number },
): WithheldReason | null {
  if (!isFinished) return 'unfinished';
  if (!sums.resource.isReported) return resource.notReported;
  if (!sums.production.isReported) return production.notReported;
  if (sums.resource.amount === null || sums.production.amount === null) return 'factor-missing';
  if (sums.coverage < coverageMin) return 'coverage';
  if (sums.production.amount <= 0) return 'zero-production';
  return form === 'productivity' && sums.resource.amount <= 0 ? 'zero-resource' : null;
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
