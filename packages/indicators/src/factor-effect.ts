import type { Factor, FactorKind, Quantity } from '@songma/domain';
import { indicatorDefinitions, type Valuation } from './definitions.ts';

/** What a change of a factor may move. It may name more than moves, never less. */
export interface FactorEffect {
  /** Names of the definitions whose results may be made with it. */
  readonly names: readonly string[];
  /** Only enterprises with meters of these quantities. */
  readonly quantities: readonly Quantity[];
  /** Only with those of this carrier; undefined: of any. */
  readonly carrier: string | undefined;
  /**
   * Only windows that overlap this span: epoch milliseconds, end exclusive, infinite where the factor's validity is.
   */
  readonly from: number;
  readonly to: number;
}

const kindsOf: Readonly<Record<Valuation, readonly FactorKind[]>> = {
  amount: [],
  'final-energy': ['ncv', 'gcv', 'net-of-gross', 'density'],
  'oil-equivalent': ['toe', 'net-of-gross', 'density'],
  combustion: ['ncv', 'gcv', 'net-of-gross', 'density', 'emission', 'gwp'],
  supply: ['grid', 'supply'],
  warming: ['gwp'],
};

const hourMs = 3_600_000;
/** Dates are those of the meter's site: so much earlier or later than in UTC they may begin. */
const earliestZoneMs = 14 * hourMs;
const latestZoneMs = 12 * hourMs;

/**
 * What a change of a registered factor may move; `before` undefined: it is new, `after` undefined: it is retired.
 * Undefined when no number can move, such as when only its name or its source was mended.
 */
export function factorEffect(
  before: Factor | undefined,
  after: Factor | undefined,
): FactorEffect | undefined {
  const factor = after ?? before;
  if (factor === undefined || (before !== undefined && after !== undefined && saysSame(before, after))) {
    return undefined;
  }
  const versions = [before, after].filter((version) => version !== undefined);
  const { kind, carrier } = factor;
  const terms = (definition: (typeof indicatorDefinitions)[number]) => [
    ...definition.resource.terms,
    ...definition.production.terms,
  ];
  const quantities = quantitiesOf(factor);
  return {
    names: indicatorDefinitions
      .filter((definition) =>
        terms(definition).some(
          (term) => quantities.includes(term.quantity) && kindsOf[term.valuation].includes(kind),
        ),
      )
      .map(({ name }) => name),
    quantities,
    carrier: carrier === 'electricity' ? undefined : carrier,
    from: Math.min(...versions.map(({ validFrom }) => edge(validFrom, -Infinity) - earliestZoneMs)),
    // The newest grid factor goes on, provisionally, in the years after it.
    to:
      kind === 'grid'
        ? Infinity
        : Math.max(...versions.map(({ validTo }) => edge(validTo, Infinity) + latestZoneMs)),
  };
}

/** Whose amounts are valued with it. */
function quantitiesOf({ kind, carrier }: Factor): readonly Quantity[] {
  switch (kind) {
    case 'grid':
      return ['electricity'];
    case 'supply':
      return ['electricity', 'heat'];
    case 'emission':
      return ['fuel'];
    case 'gwp':
      return carrier === undefined ? ['fuel'] : ['refrigerant'];
    case 'toe':
    case 'ncv':
    case 'gcv':
    case 'net-of-gross':
    case 'density':
      return carrier === 'electricity' ? ['electricity'] : ['fuel', 'heat'];
  }
}

function saysSame(a: Factor, b: Factor): boolean {
  return (
    a.value === b.value &&
    a.unit === b.unit &&
    a.per === b.per &&
    a.biogenic === b.biogenic &&
    a.validFrom === b.validFrom &&
    a.validTo === b.validTo
  );
}

function edge(date: string | undefined, otherwise: number): number {
  return date === undefined ? otherwise : Date.parse(`${date}T00:00:00Z`);
}
