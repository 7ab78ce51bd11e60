import {
  CompensatedSum,
  roundTo15Digits,
  unitConversion,
  type Indicator,
  type IndicatorEvent,
  type Meter,
  type Rollup,
} from '@songma/domain';
import { inputRole, type IndicatorDefinition } from './definitions.ts';

/** A meter of the enterprise with its rollup of the window, where it has one. */
export interface ScopedMeter {
  readonly meter: Meter;
  readonly rollup: Rollup | undefined;
}

export interface IndicatorScope {
  readonly enterprise: string;
  readonly window: IndicatorDefinition['windows'][number];
  /** Epoch milliseconds, end exclusive: the window in the zone of the enterprise's first site. */
  readonly start: number;
  readonly end: number;
  /** Every meter of the enterprise, or at least those with a role in the definition. */
  readonly meters: readonly ScopedMeter[];
}

/** An indicator before it is published. */
export type IndicatorDraft = Omit<Indicator, 'revision' | 'publishedAt'>;

/** The same indicator of the same enterprise and window has the same id for ever. */
export function indicatorIdOf(enterprise: string, name: string, window: string, start: number): string {
  return `${enterprise}/${name}/${window}/${start}`;
}

/**
 * A ratio of sums over the enterprise's meters, never a mean of ratios; or why it is withheld:
 *
 * - the definition's `numeratorMissing`, or `no-production-reported`: no meter of that side reported anything;
 * - `coverage`: what is known of the poorest input is less than the definition asks for;
 * - `zero-production`: production was reported, and none was made.
 *
 * Undefined when the enterprise has no meter for the numerator: the definition does not apply to it.
 */
export function computeIndicator(
  definition: IndicatorDefinition,
  scope: IndicatorScope,
): IndicatorDraft | undefined {
  const { enterprise, window, start, end } = scope;
  const ordered = scope.meters.toSorted((a, b) => (a.meter.id < b.meter.id ? -1 : 1));
  const energy = ordered.filter(({ meter }) => inputRole(definition, meter) === 'numerator');
  const products = ordered.filter(({ meter }) => inputRole(definition, meter) === 'denominator');
  if (energy.length === 0) return undefined;
  const numerator = sumIn(definition.numerator.unit, energy);
  const denominator = sumIn(definition.denominator.unit, products);
  const inputs = [...energy, ...products];
  const coverage = products.length === 0 ? 0 : Math.min(...inputs.map(({ rollup }) => rollup?.coverage ?? 0));

  let withheld: Indicator['withheld'] = null;
  if (numerator === null) withheld = definition.numeratorMissing;
  else if (denominator === null) withheld = 'no-production-reported';
  else if (coverage < definition.coverageMin) withheld = 'coverage';
  else if (denominator <= 0) withheld = 'zero-production';
  return {
    id: indicatorIdOf(enterprise, definition.name, window, start),
    enterprise,
    name: definition.name,
    window,
    start,
    end,
    value: withheld === null ? roundTo15Digits(numerator! / denominator!) : null,
    unit: definition.unit,
    coverage,
    withheld,
    numerator,
    denominator,
    inputs: inputs.flatMap(({ meter, rollup }) =>
      rollup === undefined ? [] : [{ meter: meter.id, revision: rollup.revision }],
    ),
  };
}

/**
 * The event that publishes a draft after what was published before (undefined: never), or undefined when its numbers
 * are the same. A new revision of an input that left them as they were is no restatement. `publishedAt` rises with the
 * revision, so that what had been published at a time is never in doubt.
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
    a.end === b.end
  );
}

/** Null when none of the meters has a sum. */
function sumIn(unit: string, meters: readonly ScopedMeter[]): number | null {
  const sum = new CompensatedSum();
  let isKnown = false;
  for (const { meter, rollup } of meters) {
    if (rollup === undefined || rollup.sum === null) continue;
    const conversion = unitConversion(meter.unit, unit);
    if ('problem' in conversion)
      throw new Error(`meter ${meter.id} was selected, but ${meter.unit} is no ${unit}`);
    sum.add(rollup.sum * conversion.factor);
    isKnown = true;
  }
  return isKnown ? sum.total() : null;
}
