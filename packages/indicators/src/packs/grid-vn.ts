import type { Factor } from '@songma/domain';
import { packOf } from './pack.ts';

/** tCO2/MWh by calendar year. The official value of 2024 was not found: later years use the newest, provisionally. */
const years: readonly (readonly [year: number, value: number, document?: string])[] = [
  [2014, 0.6612],
  [2015, 0.8154],
  [2016, 0.9185],
  [2017, 0.8649],
  [2018, 0.913],
  [2019, 0.8458],
  [2020, 0.8041],
  [2021, 0.7221],
  [2022, 0.6766],
  [2023, 0.6592, 'Công văn 1726/BĐKH-PTCBT, 2024-12'],
];

/** Years whose value others have transcribed, too. */
const copied: readonly number[] = [2018, 2021, 2022, 2023];

/** @see Circular 38/2023/TT-BCT, annex II.2.3: the factor that the ministry publishes for the year of calculation */
export const gridVn = packOf(
  'grid-vn',
  2,
  years.map(
    ([year, value, document = `Hệ số phát thải lưới điện Việt Nam năm ${year}`]): Omit<Factor, 'pack'> => ({
      id: `grid-vn-${year}`,
      name: `Lưới điện Việt Nam ${year}`,
      kind: 'grid',
      value,
      unit: 'tCO2',
      per: 'MWh',
      source: { document, verified: false, assurance: copied.includes(year) ? 'copy' : 'memory' },
      validFrom: `${year}-01-01`,
      validTo: `${year + 1}-01-01`,
    }),
  ),
);
