import {
  roundTo15Digits,
  type Allocation,
  type GwpSet,
  type Indicator,
  type IndicatorWindow,
  type Meter,
  type Rollup,
  type Window,
  type WithheldReason,
} from '@songma/domain';
import { inputRole, type IndicatorDefinition } from './definitions.ts';
import type { FactorBook } from './factor-book.ts';
import { coverageOfSides } from './flows.ts';
import type { MatchedPart } from './matching.ts';
import { indicatorUnit } from './production-units.ts';
import { sidesOf, wholeAmounts, type Sides } from './sides.ts';
import { Valuer } from './valuation.ts';

/** A meter of the scope with its rollups of the window. */
export interface ScopedMeter {
  readonly meter: Meter;
  /** IANA zone of its site, by whose dates factors are in force. */
  readonly zone: string;
  /** The window by the clock of its site; absent: that of the scope. */
  readonly window?: Window;
  /**
   * Whether a meter that declares no beginning has told something in the window or before it; absent: it has. Of one
   * that has not nothing is expected.
   */
  readonly hasBegun?: boolean;
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
  /** Finds the time in which the inputs are all known. Absent: what is known of each is taken to be of the same time. */
  readonly match?: (definition: IndicatorDefinition, inputs: readonly ScopedMeter[]) => MatchedWindow;
}

/** What the inputs told while all of them were known, in the order of the inputs. */
export interface MatchedWindow {
  /** One, but of twelve months those of the months. */
  readonly parts: readonly MatchedPart[];
  /** Of the window, 0 to 1. */
  readonly share: number;
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
 * A ratio of sums over the scope's meters, never a mean of ratios; or why it is withheld: the first that is so of the
 * reasons in the order of `withheldReasons`. Both sums of the ratio are over the time in which all inputs are known: a
 * silence of one side is no saving. The whole sums are told beside it.
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
  const whole = sidesOf(definition, scope, { valuer, amountsOf: wholeAmounts });
  if (whole === undefined) return undefined;
  const { inputs } = whole;
  const lives = inputs.map((one) => ({ ...one, isMade: inputRole(definition, one.meter) === 'production' }));
  const coverage = whole.isMade ? coverageOfSides(lives, scope) : 0;
  const lacking = reasonBeforeMatching(definition, scope, whole, coverage);
  const matched = lacking === null ? matchedSides(definition, scope, whole, coverage, valuer) : undefined;
  const withheld = lacking ?? reasonOfMatched(definition, matched);
  const isTold = withheld === null || withheld === 'zero-production' || withheld === 'zero-resource';
  const told = isTold ? toldOf(definition, scope, { whole, matched: matched!, valuer, coverage }) : undefined;
  const { enterprise, site, product, window, start, end } = scope;
  const ratio = told && told.matchedNumerator! / told.matchedDenominator!;
  return {
    id: indicatorIdOf(scope, definition.name),
    enterprise,
    ...(site === undefined ? {} : { site }),
    ...(product === undefined ? {} : { product }),
    name: definition.name,
    window,
    start,
    end,
    value: withheld === null ? roundTo15Digits(ratio!) : null,
    unit: indicatorUnit(definition, whole.productionUnit ?? definition.production.unit),
    coverage: withheld === 'unfinished' ? 0 : wholePercent(coverage),
    withheld,
    numerator: null,
    denominator: null,
    ...told,
    inputs: inputs.flatMap(({ meter, rollups }, i) => {
      if (rollups.length === 0) return [];
      const revision = rollups.reduce((sum, rollup) => sum + rollup.revision, 0);
      const sums = isTold ? partialSums(matched!) : undefined;
      // Of one that tells nothing there is nothing to match: it did not tell zero.
      const isTelling = rollups.some(({ sum }) => sum !== null);
      return [
        { meter: meter.id, revision, ...(sums === undefined || !isTelling ? {} : { matched: sums[i]! }) },
      ];
    }),
  };
}

/** The sums over the time in which all inputs are known, and what each input told in it. */
interface MatchedSides {
  readonly sides: Sides;
  readonly window: MatchedWindow;
}

function matchedSides(
  definition: IndicatorDefinition,
  scope: IndicatorScope,
  whole: Sides,
  coverage: number,
  valuer: Valuer,
): MatchedSides {
  const { inputs } = whole;
  if (scope.match === undefined) return { sides: whole, window: { parts: [], share: coverage } };
  const window = scope.match(definition, inputs);
  const amounts = new Map(
    inputs.map((scoped, i) => [
      scoped,
      window.parts.flatMap(({ knownMs, sums, date }) => (knownMs === 0 ? [] : [{ amount: sums[i]!, date }])),
    ]),
  );
  const amountsOf = (scoped: ScopedMeter) => amounts.get(scoped) ?? [];
  return { sides: sidesOf(definition, scope, { valuer, amountsOf })!, window };
}

/**
 * The parts of a window, with the share that they are known for of the time in which something is expected of the
 * inputs: of the window, unless told.
 */
export function matchedWindow(
  parts: readonly MatchedPart[],
  { start, end }: Pick<IndicatorScope, 'start' | 'end'>,
  expectedMs = end - start,
): MatchedWindow {
  const knownMs = parts.reduce((sum, part) => sum + part.knownMs, 0);
  // A site in another zone may have a year that is an hour longer.
  return { parts, share: expectedMs === 0 ? 0 : Math.min(1, knownMs / expectedMs) };
}

/** What each input told in the matched time, where that is less than all and the window is one part. */
function partialSums({ window: { parts, share } }: MatchedSides): readonly number[] | undefined {
  return share < 1 && parts.length === 1 ? parts[0]!.sums : undefined;
}

/** What is told of an indicator whose sums are. */
function toldOf(
  { form }: IndicatorDefinition,
  { allocation }: IndicatorScope,
  {
    whole,
    matched: { sides: matched, window },
    valuer: { factors, gwpSet },
    coverage,
  }: {
    readonly whole: Sides;
    readonly matched: MatchedSides;
    readonly valuer: Valuer;
    readonly coverage: number;
  },
): Partial<IndicatorDraft> {
  const ofForm = ({ resource, production }: Sides) =>
    form === 'intensity' ? [resource.amount, production.amount] : [production.amount, resource.amount];
  const [numerator, denominator] = ofForm(whole) as [number | null, number | null];
  const [matchedNumerator, matchedDenominator] = ofForm(matched);
  const { biogenicCo2 } = whole.resource;
  return {
    coverage,
    ...{ numerator, denominator, matchedShare: window.share },
    // A product's part of what is shared is not told while nothing is made.
    ...(typeof matchedNumerator === 'number' ? { matchedNumerator } : {}),
    ...(typeof matchedDenominator === 'number' ? { matchedDenominator } : {}),
    estimatedShare: Math.max(...whole.inputs.map(({ rollups }) => estimatedShareOf(rollups))),
    ...(biogenicCo2 === null ? {} : { biogenicCo2 }),
    ...(factors.length === 0 ? {} : { factors }),
    ...(gwpSet === undefined ? {} : { gwpSet }),
    ...(allocation === undefined
      ? {}
      : { allocation: { rule: allocation.body.rule, version: allocation.version } }),
  };
}

/** What can be said before it is known which time the inputs have in common: what it takes is not always there. */
function reasonBeforeMatching(
  { resource, production, coverageMin }: IndicatorDefinition,
  { isFinished }: IndicatorScope,
  sums: Sides,
  coverage: number,
): WithheldReason | null {
  if (!isFinished) return 'unfinished';
  if (!sums.resource.isReported) return resource.notReported;
  if (!sums.production.isReported) return production.notReported;
  if (sums.productionUnit === undefined) return 'production-mixed';
  if (sums.resource.isFactorMissing || sums.production.isFactorMissing) return 'factor-missing';
  if (sums.isAllocationMissing) return 'allocation-missing';
  return coverage < coverageMin ? 'coverage' : null;
}

function reasonOfMatched(
  { form, coverageMin }: IndicatorDefinition,
  matched: MatchedSides | undefined,
): WithheldReason | null {
  if (matched === undefined || matched.window.share < coverageMin) return 'coverage';
  const { resource, production } = matched.sides;
  if (production.amount! <= 0) return 'zero-production';
  return form === 'productivity' && resource.amount! <= 0 ? 'zero-resource' : null;
}

/** Share of the time that they cover together whose amounts are spread over gaps or glitches. */
function estimatedShareOf(rollups: readonly Rollup[]): number {
  const coveredMs = rollups.reduce((sum, rollup) => sum + rollup.coveredMs, 0);
  const spreadMs = rollups.reduce((sum, rollup) => sum + rollup.spreadMs, 0);
  return coveredMs === 0 ? 0 : roundTo15Digits(spreadMs / coveredMs);
}

function wholePercent(share: number): number {
  return Math.floor(share * 100) / 100;
}
