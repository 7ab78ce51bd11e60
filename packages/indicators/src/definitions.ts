import {
  indicatorWindows,
  unitConversion,
  type IndicatorWindow,
  type Meter,
  type MeterKind,
  type Quantity,
  type WithheldReason,
} from '@songma/domain';

/**
 * How the amount of a meter becomes one of the sum:
 *
 * - `amount`: as it was metered, in the sum's unit;
 * - `final-energy`: electricity at 3.6 MJ/kWh, heat as metered, fuel (and steam by weight) by its calorific value;
 * - `oil-equivalent`: by the factor for the metered quantity, never by way of joules;
 * - `combustion`: greenhouse gases of the fuel, CO2 of biomass told apart;
 * - `supply`: CO2 of grid electricity by the calendar year, of everything else that is supplied by its own factor;
 * - `warming`: what is topped up, by the global warming potential of its carrier.
 */
export type Valuation = 'amount' | 'final-energy' | 'oil-equivalent' | 'combustion' | 'supply' | 'warming';

/** Meters of one quantity, and how each amount of theirs is counted. */
export interface TermDefinition {
  readonly quantity: Quantity;
  readonly valuation: Valuation;
  /** UCUM; meters whose unit does not convert to it (reactive energy) are left out. Absent: all are counted. */
  readonly unit?: string;
  /** Only meters that name a carrier. */
  readonly isNamed?: true;
  /** Only meters of this substance. */
  readonly substance?: string;
}

/** One side of a ratio. */
export interface SumDefinition {
  /** In which it is added up and told. */
  readonly unit: string;
  readonly terms: readonly TermDefinition[];
  /**
   * Quantities of which there must be meters for the indicator to apply: an unmetered fuel is not a fuel that is not
   * burnt. Empty: any of the terms will do.
   */
  readonly needs: readonly Quantity[];
  /** Said when no meter of it reported. */
  readonly notReported: WithheldReason;
}

/** An indicator as data: a ratio of two sums over an enterprise or a site, and a window. */
export interface IndicatorDefinition {
  readonly name: string;
  /** Of the value, where tonnes are made. */
  readonly unit: string;
  readonly windows: readonly IndicatorWindow[];
  /** An intensity is the resource for the production, a productivity the production for the resource. */
  readonly form: 'intensity' | 'productivity';
  readonly resource: SumDefinition;
  readonly production: SumDefinition;
  /** Below this share of the window, in which all inputs are known, the value is withheld. */
  readonly coverageMin: number;
}

/** Only these tell an amount; a level (a load in kW) does not. */
const amountKinds: readonly MeterKind[] = ['interval', 'counter'];

/** Least share of a window that is enough, until rules bring their own. */
const coverageMinDefault = 0.9;

/** Heat is bought where its carrier is named; that of a boiler of one's own is in the fuel already. */
const boughtHeat = (valuation: Valuation): TermDefinition => ({ quantity: 'heat', valuation, isNamed: true });

const energyTerms = (valuation: Valuation): readonly TermDefinition[] => [
  { quantity: 'electricity', valuation, unit: 'kWh' },
  { quantity: 'fuel', valuation },
  boughtHeat(valuation),
];

const amountOf = (quantity: Quantity, unit: string, notReported: WithheldReason): SumDefinition => ({
  unit,
  terms: [{ quantity, valuation: 'amount', unit }],
  needs: [],
  notReported,
});

/** In whatever unit it is metered: each scope chooses in which it is added up, tonnes where all of it is a mass. */
const production: SumDefinition = {
  unit: 't',
  terms: [{ quantity: 'production', valuation: 'amount' }],
  needs: [],
  notReported: 'no-production-reported',
};
const water = amountOf('water', 'm3', 'no-water-reported');
const energy = (unit: string, terms: readonly TermDefinition[]): SumDefinition => ({
  unit,
  terms,
  needs: [],
  notReported: 'no-energy-reported',
});
const finalEnergy = energy('MJ', energyTerms('final-energy'));
const scope1: readonly TermDefinition[] = [
  { quantity: 'fuel', valuation: 'combustion' },
  { quantity: 'refrigerant', valuation: 'warming' },
];
const scope2: readonly TermDefinition[] = [
  { quantity: 'electricity', valuation: 'supply', unit: 'kWh' },
  boughtHeat('supply'),
];

const defaults = { windows: indicatorWindows, production, coverageMin: coverageMinDefault } as const;

function intensity(name: string, resource: SumDefinition): IndicatorDefinition {
  return { ...defaults, name, unit: `${resource.unit}/t`, form: 'intensity', resource };
}

function productivity(name: string, resource: SumDefinition): IndicatorDefinition {
  return { ...defaults, name, unit: `t/${resource.unit}`, form: 'productivity', resource };
}

/**
 * Every indicator that is computed, but for those of pollutants.
 * @see ISO 50006:2014, 4.3 (energy performance indicator as a ratio of measured values); GRI 302-3, 305-4
 * @see MOIT letter 3505/BCT-KHCN (oil equivalents); Circular 38/2023/TT-BCT, annex II (greenhouse gases)
 * @see UNIDO/UNEP RECP primer (2010) (productivity: product output for resource use; intensity: its inverse)
 */
export const indicatorDefinitions: readonly IndicatorDefinition[] = [
  intensity(
    'electricity-intensity',
    energy('kWh', [{ quantity: 'electricity', valuation: 'amount', unit: 'kWh' }]),
  ),
  intensity('final-energy-intensity', finalEnergy),
  intensity('oil-equivalent-intensity', energy('TOE', energyTerms('oil-equivalent'))),
  intensity('water-intensity', water),
  intensity('waste-water-intensity', amountOf('waste-water', 'm3', 'no-waste-water-reported')),
  intensity('material-intensity', amountOf('material', 't', 'no-material-reported')),
  intensity('ghg-scope-1-intensity', energy('kgCO2e', scope1)),
  intensity('ghg-scope-2-intensity', energy('kgCO2e', scope2)),
  intensity('ghg-scope-1-2-intensity', {
    ...energy('kgCO2e', [...scope1, ...scope2]),
    needs: ['fuel', 'electricity'],
  }),
  productivity('energy-productivity', finalEnergy),
  productivity('water-productivity', water),
];

/** What pollutants' indicators are called, each with its substance: `pollutant-intensity:NOx`. */
export const pollutantIntensity = 'pollutant-intensity';

/**
 * Every indicator that may apply where there are these meters: a pollutant has one of its own for each substance.
 * @see ISO 14031:2021 (operational performance: outputs); UNIDO/UNEP RECP primer (2010)
 *   (intensity: pollution for product)
 */
export function definitionsFor(meters: Iterable<Meter>): readonly IndicatorDefinition[] {
  const substances = new Set<string>();
  for (const { substance } of meters) if (substance !== undefined) substances.add(substance);
  return [...indicatorDefinitions, ...[...substances].toSorted().map(pollutantDefinition)];
}

function pollutantDefinition(substance: string): IndicatorDefinition {
  const mass = amountOf('pollutant', 'kg', 'no-pollutant-reported');
  const terms = mass.terms.map((term) => ({ ...term, substance }));
  return intensity(`${pollutantIntensity}:${substance}`, { ...mass, terms });
}

/** Whether the meter counts in some indicator. */
export function isInput(meter: Meter): boolean {
  return definitionsFor([meter]).some((definition) => inputRole(definition, meter) !== undefined);
}

/** The term of a sum that a meter belongs to, if to any. */
export function termOf({ terms }: SumDefinition, meter: Meter): TermDefinition | undefined {
  if (!amountKinds.includes(meter.kind) || meter.countsAs === 'part') return undefined;
  return terms.find(
    ({ quantity, unit, isNamed, substance }) =>
      meter.quantity === quantity &&
      (substance === undefined || meter.substance === substance) &&
      (isNamed === undefined || meter.carrier !== undefined) &&
      (unit === undefined || !('problem' in unitConversion(meter.unit, unit))),
  );
}

/** On which side of the definition a meter stands, if on any. */
export function inputRole(
  definition: IndicatorDefinition,
  meter: Meter,
): 'resource' | 'production' | undefined {
  if (termOf(definition.resource, meter) !== undefined) return 'resource';
  return termOf(definition.production, meter) === undefined ? undefined : 'production';
}
