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
 * - `final-energy`: electricity at 3.6 MJ/kWh, fuel by its net calorific value;
 * - `oil-equivalent`: by the factor for the metered quantity, never by way of joules;
 * - `combustion`: greenhouse gases of the fuel, CO2 of biomass told apart;
 * - `grid`: CO2 of grid electricity by the calendar year.
 */
export type Valuation = 'amount' | 'final-energy' | 'oil-equivalent' | 'combustion' | 'grid';

/** Meters of one quantity, and how each amount of theirs is counted. */
export interface TermDefinition {
  readonly quantity: Quantity;
  readonly valuation: Valuation;
  /** UCUM; meters whose unit does not convert to it (reactive energy, pieces) are left out. Absent: all are counted. */
  readonly unit?: string;
}

/** One side of a ratio. */
export interface SumDefinition {
  /** In which it is added up and told. */
  readonly unit: string;
  readonly terms: readonly TermDefinition[];
  /** Of which terms there must be meters for the indicator to apply: an unmetered fuel is not a fuel that is not burnt. */
  readonly needs: 'any-term' | 'every-term';
  /** Said when no meter of it reported. */
  readonly notReported: WithheldReason;
}

/** An indicator as data: a ratio of two sums over an enterprise or a site, and a window. */
export interface IndicatorDefinition {
  readonly name: string;
  /** Of the value. */
  readonly unit: string;
  readonly windows: readonly IndicatorWindow[];
  /** An intensity is the resource for the production, a productivity the production for the resource. */
  readonly form: 'intensity' | 'productivity';
  readonly resource: SumDefinition;
  readonly production: SumDefinition;
  /** Below this share of any input the value is withheld. */
  readonly coverageMin: number;
}

/** Only these tell an amount; a level (a load in kW) does not. */
const amountKinds: readonly MeterKind[] = ['interval', 'counter'];

/** Least share of a window that is enough, until rules bring their own. */
const coverageMinDefault = 0.9;

const energyTerms = (valuation: Valuation): readonly TermDefinition[] => [
  { quantity: 'electricity', valuation, unit: 'kWh' },
  { quantity: 'fuel', valuation },
];

const amountOf = (quantity: Quantity, unit: string, notReported: WithheldReason): SumDefinition => ({
  unit,
  terms: [{ quantity, valuation: 'amount', unit }],
  needs: 'any-term',
  notReported,
});

const production = amountOf('production', 't', 'no-production-reported');
const water = amountOf('water', 'm3', 'no-water-reported');
const energy = (unit: string, terms: readonly TermDefinition[]): SumDefinition => ({
  unit,
  terms,
  needs: 'any-term',
  notReported: 'no-energy-reported',
});
const finalEnergy = energy('MJ', energyTerms('final-energy'));
const combustion: TermDefinition = { quantity: 'fuel', valuation: 'combustion' };
const grid: TermDefinition = { quantity: 'electricity', valuation: 'grid', unit: 'kWh' };

const defaults = { windows: indicatorWindows, production, coverageMin: coverageMinDefault } as const;

function intensity(name: string, resource: SumDefinition): IndicatorDefinition {
  return { ...defaults, name, unit: `${resource.unit}/t`, form: 'intensity', resource };
}

function productivity(name: string, resource: SumDefinition): IndicatorDefinition {
  return { ...defaults, name, unit: `t/${resource.unit}`, form: 'productivity', resource };
}

/**
 * Every indicator that is computed.
 * @see ISO 50006:2014, 4.4.2 (energy performance indicator as a ratio of measured values); GRI 302-3, 305-4
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
  intensity('ghg-scope-1-intensity', energy('kgCO2e', [combustion])),
  intensity('ghg-scope-2-intensity', energy('kgCO2e', [grid])),
  intensity('ghg-scope-1-2-intensity', { ...energy('kgCO2e', [combustion, grid]), needs: 'every-term' }),
  productivity('energy-productivity', finalEnergy),
  productivity('water-productivity', water),
];

/** The term of a sum that a meter belongs to, if to any. */
export function termOf({ terms }: SumDefinition, meter: Meter): TermDefinition | undefined {
  if (!amountKinds.includes(meter.kind)) return undefined;
  return terms.find(
    ({ quantity, unit }) =>
      meter.quantity === quantity && (unit === undefined || !('problem' in unitConversion(meter.unit, unit))),
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
