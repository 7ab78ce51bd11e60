import { gwpSets, type Factor } from '@songma/domain';
import { packOf } from './pack.ts';

/** kg of CO2 equivalents for a kg, in the order of the sets. */
const rows: readonly (readonly [carrier: string, name: string, ...values: number[]])[] = [
  ['r-22', 'R-22', 1810, 1760, 1960],
  ['r-32', 'R-32', 675, 677, 771],
  ['r-134a', 'R-134a', 1430, 1300, 1530],
  ['r-404a', 'R-404A', 3922, 3943, 4728],
  ['r-410a', 'R-410A', 2088, 1924, 2256],
  ['sf6', 'SF6', 22_800, 23_500, 25_200],
];

/**
 * Global warming potentials over a hundred years of what cooling and switchgear lose; of mixtures by the potentials of
 * their parts.
 * @see Circular 38/2023/TT-BCT, annex II (what is topped up, times its potential)
 */
export const gwpRefrigerants = packOf(
  'gwp-refrigerants',
  2,
  rows.flatMap(([carrier, name, ...values]) =>
    gwpSets.map((gwpSet, i): Omit<Factor, 'pack'> => ({
      id: `gwp-${gwpSet.toLowerCase()}-${carrier}`,
      name: `GWP100 ${name}, ${gwpSet}`,
      kind: 'gwp',
      carrier,
      gwpSet,
      value: values[i]!,
      unit: 'kgCO2e',
      per: 'kg',
      source: { document: `IPCC ${gwpSet}, WG I, 100 years`, verified: false, assurance: 'memory' },
    })),
  ),
);
