import { z } from 'zod';
import { unitConversion } from './units.ts';

const zeroCelsiusK = 273.15;

/**
 * The state that a cubic metre of gas is told in: `Nm3` is one of 0 °C in some rules and of 25 °C in others. 760 mmHg
 * are 101.325 kPa.
 */
export const gasStateSchema = z
  .strictObject({
    moisture: z.enum(['dry', 'wet']).optional(),
    temperatureC: z.number().min(-200).max(2000),
    pressureKpa: z.number().min(1).max(10_000),
  })
  .meta({
    title: 'GasState',
    description:
      'State of the gas that a cubic metre is of: °C, kPa absolute, and `dry` or `wet` where that is stated.',
    examples: [{ moisture: 'dry', temperatureC: 25, pressureKpa: 101.325 }],
  });
export type GasState = z.infer<typeof gasStateSchema>;

/** Oxygen that a concentration is corrected to, volume percent; air has 20.9. */
export const referenceOxygenSchema = z.number().min(0).lt(20.9).meta({
  title: 'ReferenceOxygen',
  description: 'Oxygen that the concentration is corrected to, volume %. Absent: it is not corrected.',
});

/**
 * How a unit tells of a volume of gas: an amount in each volume (`mg/Nm3`), a volume or its flow (`Nm3/h`), a share of
 * it (`ppm`, `%`); undefined where it tells nothing of one.
 */
export type GasMeasure = 'per-volume' | 'volume' | 'share';

const measures: readonly (readonly [GasMeasure, readonly string[]])[] = [
  ['per-volume', ['mg/m3', 'mg/Nm3', 'mol/m3', 'mol/Nm3']],
  ['volume', ['m3', 'Nm3', 'm3/h', 'Nm3/h']],
  ['share', ['ppm', '%']],
];

export function gasMeasureOf(unit: string): GasMeasure | undefined {
  return measures.find(([, units]) =>
    units.some((known) => !('problem' in unitConversion(unit, known))),
  )?.[0];
}

/** By what a volume of gas in one state is multiplied to be its volume in the other; moisture is not looked at. */
export function volumeRatio(from: GasState, to: GasState): number {
  if (from.temperatureC === to.temperatureC && from.pressureKpa === to.pressureKpa) return 1;
  return (
    ((to.temperatureC + zeroCelsiusK) / (from.temperatureC + zeroCelsiusK)) *
    (from.pressureKpa / to.pressureKpa)
  );
}

export function isSameState(a: GasState, b: GasState): boolean {
  return a.moisture === b.moisture && a.temperatureC === b.temperatureC && a.pressureKpa === b.pressureKpa;
}

/** A state in a few characters: `dry, 25 °C, 101.325 kPa`. */
export function gasStateText({ moisture, temperatureC, pressureKpa }: GasState): string {
  return [...(moisture === undefined ? [] : [moisture]), `${temperatureC} °C`, `${pressureKpa} kPa`].join(
    ', ',
  );
}
