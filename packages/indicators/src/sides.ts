import { CompensatedSum, dateIn, unitConversion, type Allocation, type Meter } from '@songma/domain';
import type { IndicatorScope, ScopedMeter } from './compute.ts';
import { inputRole, termOf, type IndicatorDefinition, type SumDefinition } from './definitions.ts';
import { isExpected } from './flows.ts';
import { productionOf, productionUnit } from './production-units.ts';
import type { Valuer } from './valuation.ts';

/** What some meters told together. */
export interface Sum {
  /** Null when no meter has one, a factor is missing, or it is a part of something that cannot be divided. */
  readonly amount: number | null;
  readonly isReported: boolean;
  readonly isFactorMissing: boolean;
  readonly biogenicCo2: number | null;
}

/** What a meter told of a time that begins on a date at its site, in its own unit. */
export interface DatedAmount {
  readonly amount: number;
  /** `2026-01-31`. */
  readonly date: string;
}

/** How what a meter told is counted, and which amounts of it. */
export interface Telling {
  readonly valuer: Valuer;
  readonly amountsOf: (scoped: ScopedMeter) => readonly DatedAmount[];
}

/** All that a meter told in the window. */
export function wholeAmounts({ zone, rollups }: ScopedMeter): DatedAmount[] {
  return rollups.flatMap(({ start, sum }) =>
    sum === null ? [] : [{ amount: sum, date: dateIn(zone, start) }],
  );
}

/** The two sums of an indicator, and the meters that they rest on. */
export interface Sides {
  readonly resource: Sum;
  readonly production: Sum;
  /** Those of the resource, then those of production, each in ascending id. */
  readonly inputs: readonly ScopedMeter[];
  /** Whether there are meters of what is made. */
  readonly isMade: boolean;
  /** In which what is made is added up; undefined where its units do not add up. */
  readonly productionUnit: string | undefined;
  /** Something serves several products, and nothing states how they share it. */
  readonly isAllocationMissing: boolean;
}

/** The products of the scope that some meter names, ascending. */
export function productsOf(meters: Iterable<Meter>): string[] {
  const products = new Set<string>();
  for (const { product } of meters) if (product !== undefined) products.add(product);
  return [...products].toSorted();
}

/** Undefined when the scope has no meters for the resource: the definition does not apply to it. */
export function sidesOf(
  definition: IndicatorDefinition,
  scope: Pick<IndicatorScope, 'meters' | 'product' | 'allocation' | 'window' | 'start' | 'end'>,
  telling: Telling,
): Sides | undefined {
  const { meters, product, allocation } = scope;
  const ordered = meters.toSorted((a, b) => (a.meter.id < b.meter.id ? -1 : 1));
  const resources = ordered.filter(({ meter }) => inputRole(definition, meter) === 'resource');
  const made = ordered.filter(({ meter }) => inputRole(definition, meter) === 'production');
  if (product !== undefined) {
    // What is not there yet, or any more, shares nothing and need not be shared.
    const [there, madeThere] = [resources, made].map((all) => all.filter((one) => isExpected(one, scope)));
    const stated = { product, allocation: allocation?.body, resources: there!, made: madeThere! };
    return sidesOfProduct(definition, stated, telling);
  }
  if (!applies(definition.resource, resources)) return undefined;
  return {
    resource: sumOf(definition.resource, resources, telling),
    ...productionSides(definition, made, telling),
    inputs: [...resources, ...made],
    isAllocationMissing: false,
  };
}

/** What is made by some meters, in their common unit. */
function productionSides(
  definition: IndicatorDefinition,
  made: readonly ScopedMeter[],
  telling: Telling,
): Pick<Sides, 'production' | 'isMade' | 'productionUnit'> {
  const side = productionOf(
    definition,
    made.map(({ meter }) => meter),
  );
  const production =
    side === undefined
      ? { ...nothing, isReported: made.some((scoped) => telling.amountsOf(scoped).length > 0) }
      : sumOf(side, made, telling);
  return { production, isMade: made.length > 0, productionUnit: side?.unit };
}

const nothing: Sum = { amount: null, isReported: false, isFactorMissing: false, biogenicCo2: null };

interface ProductScope {
  readonly product: string;
  readonly allocation: Allocation | undefined;
  /** Of all products and of none. */
  readonly resources: readonly ScopedMeter[];
  readonly made: readonly ScopedMeter[];
}

/**
 * What serves the product alone, and its part of what names no product. The parts of all products make the whole.
 * Where nothing else is made everything is the product's.
 */
function sidesOfProduct(
  definition: IndicatorDefinition,
  { product, allocation, resources, made }: ProductScope,
  telling: Telling,
): Sides | undefined {
  const isOwn = ({ meter }: ScopedMeter) => meter.product === product;
  const isShared = ({ meter }: ScopedMeter) => meter.product === undefined;
  const serving = resources.filter((one) => isOwn(one) || isShared(one));
  if (!applies(definition.resource, serving)) return undefined;
  const ownMade = made.filter(isOwn);
  const produced = productionSides(definition, ownMade, telling);
  const { isMade } = produced;
  const isOnly = isMade && serving.length === resources.length && ownMade.length === made.length;
  if (isOnly || !serving.some(isShared)) {
    const resource = sumOf(definition.resource, serving, telling);
    return { resource, ...produced, inputs: [...serving, ...ownMade], isAllocationMissing: false };
  }
  const own = sumOf(definition.resource, serving.filter(isOwn), telling);
  const shared = sumOf(definition.resource, serving.filter(isShared), telling);
  const weights = weightsOf(allocation, made);
  const share =
    weights &&
    shareOf(product, weights, made, (some) => productionSides(definition, some, telling).production);
  return {
    resource: withPartOf(own, shared, share),
    ...produced,
    inputs: [...serving, ...made],
    isAllocationMissing: weights === undefined,
  };
}

/**
 * What a unit of each product counts, a tonne unless it is made in another; undefined where the allocation does not say
 * it of everything that is made.
 */
function weightsOf(
  allocation: Allocation | undefined,
  made: readonly ScopedMeter[],
): ReadonlyMap<string, number> | undefined {
  if (allocation === undefined || allocation.rule === 'direct') return undefined;
  const stated = new Map(allocation.weights?.map(({ product, weight }) => [product, weight]));
  const weights = new Map<string, number>();
  for (const { meter } of made) {
    const { product } = meter;
    if (product === undefined || (allocation.rule === 'mass' && !isMass(meter))) return undefined;
    const weight = allocation.rule === 'mass' ? 1 : stated.get(product);
    if (weight === undefined) return undefined;
    weights.set(product, weight);
  }
  const isTold = [...weights.keys()].every((product) => {
    const units = made.flatMap(({ meter }) => (meter.product === product ? [meter.unit] : []));
    return productionUnit(units) !== undefined;
  });
  return isTold ? weights : undefined;
}

function isMass({ unit }: Meter): boolean {
  return !('problem' in unitConversion(unit, 't'));
}

/** The product's part of the equivalent production, 0 to 1; undefined while nothing is made. */
function shareOf(
  product: string,
  weights: ReadonlyMap<string, number>,
  made: readonly ScopedMeter[],
  sum: (some: readonly ScopedMeter[]) => Sum,
): number | undefined {
  const equivalents = new CompensatedSum();
  let own = 0;
  for (const [one, weight] of weights) {
    const { amount } = sum(made.filter(({ meter }) => meter.product === one));
    const equivalent = (amount ?? 0) * weight;
    equivalents.add(equivalent);
    if (one === product) own = equivalent;
  }
  const whole = equivalents.exact();
  return whole > 0 ? own / whole : undefined;
}

function withPartOf(own: Sum, shared: Sum, share: number | undefined): Sum {
  const isFactorMissing = own.isFactorMissing || shared.isFactorMissing;
  const isReported = own.isReported || shared.isReported;
  const partOf = (a: number | null, b: number | null): number | null => {
    if (a === null && b === null) return null;
    const sum = new CompensatedSum();
    sum.add(a ?? 0);
    sum.add((b ?? 0) * (share ?? 0));
    return sum.total();
  };
  const isDivided = share !== undefined && !isFactorMissing;
  return {
    amount: isDivided ? partOf(own.amount, shared.amount) : null,
    isReported,
    isFactorMissing,
    biogenicCo2: isDivided ? partOf(own.biogenicCo2, shared.biogenicCo2) : null,
  };
}

function applies({ needs }: SumDefinition, meters: readonly ScopedMeter[]): boolean {
  return (
    meters.length > 0 && needs.every((quantity) => meters.some(({ meter }) => meter.quantity === quantity))
  );
}

function sumOf(side: SumDefinition, meters: readonly ScopedMeter[], { valuer, amountsOf }: Telling): Sum {
  const amount = new CompensatedSum();
  const biogenic = new CompensatedSum();
  let [isReported, isFactorMissing, isBiogenic] = [false, false, false];
  for (const scoped of meters) {
    const { meter } = scoped;
    const { valuation } = termOf(side, meter)!;
    for (const told of amountsOf(scoped)) {
      isReported = true;
      const valued = valuer.value(valuation, { ...told, meter }, side.unit);
      isFactorMissing ||= valued === undefined;
      amount.add(valued?.amount ?? 0);
      isBiogenic ||= valued?.biogenicCo2 !== undefined;
      biogenic.add(valued?.biogenicCo2 ?? 0);
    }
  }
  return {
    amount: isReported && !isFactorMissing ? amount.total() : null,
    isReported,
    isFactorMissing,
    biogenicCo2: isBiogenic ? biogenic.total() : null,
  };
}
