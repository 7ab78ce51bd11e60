import { CompensatedSum, dateIn, type Allocation, type Meter } from '@songma/domain';
import type { IndicatorScope, ScopedMeter } from './compute.ts';
import { inputRole, termOf, type IndicatorDefinition, type SumDefinition } from './definitions.ts';
import type { Valuer } from './valuation.ts';

/** What some meters told together. */
export interface Sum {
  /** Null when no meter has one, a factor is missing, or it is a part of something that cannot be divided. */
  readonly amount: number | null;
  readonly isReported: boolean;
  readonly isFactorMissing: boolean;
  readonly biogenicCo2: number | null;
}

/** The two sums of an indicator, and the meters that they rest on. */
export interface Sides {
  readonly resource: Sum;
  readonly production: Sum;
  /** Those of the resource, then those of production, each in ascending id. */
  readonly inputs: readonly ScopedMeter[];
  /** Whether there are meters of what is made. */
  readonly isMade: boolean;
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
  { meters, product, allocation }: Pick<IndicatorScope, 'meters' | 'product' | 'allocation'>,
  valuer: Valuer,
): Sides | undefined {
  const ordered = meters.toSorted((a, b) => (a.meter.id < b.meter.id ? -1 : 1));
  const resources = ordered.filter(({ meter }) => inputRole(definition, meter) === 'resource');
  const made = ordered.filter(({ meter }) => inputRole(definition, meter) === 'production');
  if (product !== undefined) {
    return sidesOfProduct(definition, { product, allocation: allocation?.body, resources, made }, valuer);
  }
  if (!applies(definition.resource, resources)) return undefined;
  return {
    resource: sumOf(definition.resource, resources, valuer),
    production: sumOf(definition.production, made, valuer),
    inputs: [...resources, ...made],
    isMade: made.length > 0,
    isAllocationMissing: false,
  };
}

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
  valuer: Valuer,
): Sides | undefined {
  const isOwn = ({ meter }: ScopedMeter) => meter.product === product;
  const isShared = ({ meter }: ScopedMeter) => meter.product === undefined;
  const serving = resources.filter((one) => isOwn(one) || isShared(one));
  if (!applies(definition.resource, serving)) return undefined;
  const ownMade = made.filter(isOwn);
  const production = sumOf(definition.production, ownMade, valuer);
  const isMade = ownMade.length > 0;
  const isOnly = isMade && serving.length === resources.length && ownMade.length === made.length;
  if (isOnly || !serving.some(isShared)) {
    const resource = sumOf(definition.resource, serving, valuer);
    return { resource, production, inputs: [...serving, ...ownMade], isMade, isAllocationMissing: false };
  }
  const own = sumOf(definition.resource, serving.filter(isOwn), valuer);
  const shared = sumOf(definition.resource, serving.filter(isShared), valuer);
  const weights = weightsOf(allocation, made);
  const share =
    weights && shareOf(product, weights, made, (some) => sumOf(definition.production, some, valuer));
  return {
    resource: withPartOf(own, shared, share),
    production,
    inputs: [...serving, ...made],
    isMade,
    isAllocationMissing: weights === undefined,
  };
}

/** What a tonne of each product counts; undefined where the allocation does not say it of everything that is made. */
function weightsOf(
  allocation: Allocation | undefined,
  made: readonly ScopedMeter[],
): ReadonlyMap<string, number> | undefined {
  if (allocation === undefined || allocation.rule === 'direct') return undefined;
  const stated = new Map(allocation.weights?.map(({ product, weight }) => [product, weight]));
  const weights = new Map<string, number>();
  for (const { meter } of made) {
    const { product } = meter;
    if (product === undefined) return undefined;
    const weight = allocation.rule === 'mass' ? 1 : stated.get(product);
    if (weight === undefined) return undefined;
    weights.set(product, weight);
  }
  return weights;
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
    isFactorMissing,
    biogenicCo2: isBiogenic ? biogenic.total() : null,
  };
}
