import type { Factor, Gas } from '@songma/domain';
import { packOf } from './pack.ts';

interface Fuel {
  /** Under these names meters may mean it; the factors of each are apart, so that each can be mended by itself. */
  readonly carriers: readonly string[];
  readonly name: string;
  /** Net calorific value, TJ/Gg; absent where it depends on the site. */
  readonly ncv?: number;
  /** kg/TJ. */
  readonly co2: number;
  readonly ch4: number;
  readonly n2o: number;
  readonly isBiogenic?: true;
}

const fuels: readonly Fuel[] = [
  fuel(['anthracite'], 'Anthracite', 26.7, 98_300, 10, 1.5),
  // The fine coals that are sold in Viet Nam are anthracite, whose emissions are per joule. Their calorific values differ
  // by grade (the ministry's 0.5 TOE of cám 5 and 6 would be 20.9 MJ/kg) and the document has none: a plant registers
  // that of its laboratory or its supplier.
  fuel(['coal-cam-1-2', 'coal-cam-3-4', 'coal-cam-5-6'], 'Anthracite', undefined, 98_300, 10, 1.5),
  fuel(['coking-coal'], 'Coking coal', 28.2, 94_600, 10, 1.5),
  fuel(['other-bituminous-coal'], 'Other bituminous coal', 25.8, 94_600, 10, 1.5),
  fuel(['sub-bituminous-coal'], 'Sub-bituminous coal', 18.9, 96_100, 10, 1.5),
  fuel(['lignite'], 'Lignite', 11.9, 101_000, 10, 1.5),
  fuel(['coke'], 'Coke oven coke', 28.2, 107_000, 10, 1.5),
  fuel(['petroleum-coke'], 'Petroleum coke', 32.5, 97_500, 3, 0.6),
  fuel(['diesel'], 'Gas/diesel oil', 43, 74_100, 3, 0.6),
  fuel(['fuel-oil'], 'Residual fuel oil', 40.4, 77_400, 3, 0.6),
  fuel(['gasoline'], 'Motor gasoline', 44.3, 69_300, 3, 0.6),
  fuel(['kerosene'], 'Other kerosene', 43.8, 71_900, 3, 0.6),
  fuel(['lpg'], 'Liquefied petroleum gases', 47.3, 63_100, 1, 0.1),
  fuel(['natural-gas'], 'Natural gas', 48, 56_100, 1, 0.1),
  biomass(['wood'], 'Wood and wood waste', 15.6, 112_000, 30, 4),
  biomass(['solid-biomass', 'bagasse', 'rice-husk'], 'Other primary solid biomass', 11.6, 100_000, 30, 4),
  biomass(['charcoal'], 'Charcoal', 29.5, 112_000, 200, 4),
  biomass(['biogas'], 'Biogas', 50.4, 54_600, 1, 0.1),
  fuel(['waste-oil'], 'Waste oil', 40.2, 73_300, 30, 4),
  fuel(['industrial-waste'], 'Industrial waste, not biogenic', undefined, 143_000, 30, 4),
  fuel(['blast-furnace-gas'], 'Blast furnace gas', 2.47, 260_000, 1, 0.1),
];

/**
 * Net calorific values and emissions of stationary combustion in manufacturing. Energy industries have other values of
 * methane (1 instead of 10 kg/TJ for coal): these are not for power stations.
 * @see IPCC 2006 Guidelines, vol. 2, tables 1.2 and 2.3
 */
export const ipcc2006 = packOf(
  'ipcc-2006',
  2,
  fuels.flatMap((one) => one.carriers.flatMap((carrier) => factorsOf(carrier, one))),
);

function factorsOf(carrier: string, burnt: Fuel): Omit<Factor, 'pack'>[] {
  const { name, ncv, co2, ch4, n2o, isBiogenic } = burnt;
  const emission = (gas: Gas, value: number): Omit<Factor, 'pack'> => ({
    id: `ipcc-2006-${carrier}-${gas.toLowerCase()}`,
    name: `${name} (${carrier}): ${gas}`,
    kind: 'emission',
    carrier,
    gas,
    ...(isBiogenic === true && gas === 'CO2' ? { biogenic: true } : {}),
    value,
    unit: 'kg',
    per: 'TJ',
    source: {
      document: 'IPCC 2006 Guidelines, vol. 2, table 2.3, manufacturing industries',
      verified: false,
      assurance: 'memory',
    },
  });
  const calorific: Omit<Factor, 'pack'>[] =
    ncv === undefined
      ? []
      : [
          {
            id: `ipcc-2006-${carrier}-ncv`,
            name: `${name} (${carrier}): NCV`,
            kind: 'ncv',
            carrier,
            value: ncv,
            unit: 'MJ',
            per: 'kg',
            source: {
              document: 'IPCC 2006 Guidelines, vol. 2, table 1.2',
              verified: false,
              assurance: 'memory',
            },
          },
        ];
  return [...calorific, emission('CO2', co2), emission('CH4', ch4), emission('N2O', n2o)];
}

function fuel(
  carriers: readonly string[],
  name: string,
  ncv: number | undefined,
  co2: number,
  ch4: number,
  n2o: number,
): Fuel {
  return { carriers, name, ...(ncv === undefined ? {} : { ncv }), co2, ch4, n2o };
}

function biomass(...row: Parameters<typeof fuel>): Fuel {
  return { ...fuel(...row), isBiogenic: true };
}
