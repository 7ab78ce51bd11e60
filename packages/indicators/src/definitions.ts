import { unitConversion, type Meter, type MeterKind, type Quantity, type WindowKind } from '@songma/domain';

/** Which meters go into one side of a ratio, and the unit in which they are added up. */
export interface MeterSelection {
  readonly quantity: Quantity;
  readonly kinds: readonly MeterKind[];
  /** UCUM; meters whose unit does not convert to it (reactive energy, pieces) are left out. */
  readonly unit: string;
}

/** An intensity as data: a ratio of two sums over an enterprise and a window. */
export interface IndicatorDefinition {
  readonly name: string;
  /** Of the value. */
  readonly unit: string;
  readonly windows: readonly Exclude<WindowKind, 'PT1H'>[];
  readonly numerator: MeterSelection;
  readonly denominator: MeterSelection;
  /** Below this share of every input the value is withheld. */
  readonly coverageMin: number;
  /** Said when no input of the numerator reported. */
  readonly numeratorMissing: 'no-energy-reported';
}

/** Least share of a day that is enough for an intensity, until rules bring their own. */
const coverageMinDefault = 0.9;

/**
 * Every indicator that is computed.
 * @see ISO 50006:2014, 4.4.2 (energy performance indicator as a ratio of measured values)
 */
export const indicatorDefinitions: readonly IndicatorDefinition[] = [
  {
    name: 'electricity-intensity',
    unit: 'kWh/t',
    windows: ['P1D'],
    numerator: { quantity: 'electricity', kinds: ['interval', 'counter'], unit: 'kWh' },
    denominator: { quantity: 'production', kinds: ['interval', 'counter'], unit: 't' },
    coverageMin: coverageMinDefault,
    numeratorMissing: 'no-energy-reported',
  },
];

/** On which side of the definition a meter stands, if on any. */
export function inputRole(
  definition: IndicatorDefinition,
  meter: Meter,
): 'numerator' | 'denominator' | undefined {
  if (isSelected(definition.numerator, meter)) return 'numerator';
  return isSelected(definition.denominator, meter) ? 'denominator' : undefined;
}

function isSelected({ quantity, kinds, unit }: MeterSelection, meter: Meter): boolean {
  return (
    meter.quantity === quantity &&
    kinds.includes(meter.kind) &&
    !('problem' in unitConversion(meter.unit, unit))
  );
}
