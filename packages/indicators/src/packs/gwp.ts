import { gwpSets, type Factor, type Gas, type GwpSet } from '@songma/domain';
import { packOf } from './pack.ts';

/**
 * Of the gases that combustion emits, kg of CO2 equivalents for a kg. Methane of AR6 is that of other than fossil origin,
 * and of AR5 without the CO2 that it becomes; fossil methane has 29.8 and 30.
 */
const potentials: Readonly<Record<GwpSet, Readonly<Record<Gas, number>>>> = {
  AR4: { CO2: 1, CH4: 25, N2O: 298 },
  AR5: { CO2: 1, CH4: 28, N2O: 265 },
  AR6: { CO2: 1, CH4: 27, N2O: 273 },
};
const documents: Readonly<Record<GwpSet, string>> = {
  AR4: 'IPCC AR4 (2007), WG I, table 2.14, 100 years',
  AR5: 'IPCC AR5 (2013), WG I, table 8.A.1, 100 years',
  AR6: 'IPCC AR6 (2021), WG I, table 7.15, 100 years',
};

/** What a potential is of, where the table has several. */
const origins: { readonly [S in GwpSet]?: { readonly [G in Gas]?: string } } = {
  AR6: { CH4: ' (non-fossil)' },
};

/** Global warming potentials over a hundred years. One set is used in all periods that are compared. */
export const gwp = packOf(
  'gwp',
  2,
  gwpSets.flatMap((gwpSet) =>
    (Object.entries(potentials[gwpSet]) as [Gas, number][]).map(([gas, value]): Omit<Factor, 'pack'> => ({
      id: `gwp-${gwpSet.toLowerCase()}-${gas.toLowerCase()}`,
      name: `GWP100 ${gas}${origins[gwpSet]?.[gas] ?? ''}, ${gwpSet}`,
      kind: 'gwp',
      gas,
      gwpSet,
      value,
      unit: 'kgCO2e',
      per: 'kg',
      source: { document: documents[gwpSet], verified: false, assurance: 'memory' },
    })),
  ),
);
