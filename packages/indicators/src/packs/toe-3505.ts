import type { Factor } from '@songma/domain';
import { packOf } from './pack.ts';

/**
 * Tonnes of oil equivalent by the ministry's letter, each for the unit in which the carrier is metered. A kilowatt hour
 * is counted as what a power station burns for it: these factors and final energy in joules are two systems, and
 * neither converts into the other. Found in copies of the letter, one of which has 0.6 for cám 5 and 6. Coke (a range), biomass and steam (not listed) are absent.
 */
const rows: readonly (readonly [carrier: string, name: string, value: number, per: string])[] = [
  ['electricity', 'Điện', 0.0001543, 'kWh'],
  ['coal-cam-1-2', 'Than cám 1, 2', 0.7, 't'],
  ['coal-cam-3-4', 'Than cám 3, 4', 0.6, 't'],
  ['coal-cam-5-6', 'Than cám 5, 6', 0.5, 't'],
  ['diesel', 'Dầu DO', 1.02, 't'],
  ['diesel', 'Dầu DO', 0.88, 'm3'],
  ['fuel-oil', 'Dầu FO', 0.99, 't'],
  ['fuel-oil', 'Dầu FO', 0.94, 'm3'],
  ['lpg', 'LPG', 1.09, 't'],
  ['natural-gas', 'Khí tự nhiên', 0.0009, 'm3'],
  ['gasoline', 'Xăng', 1.05, 't'],
  ['gasoline', 'Xăng', 0.83, 'm3'],
  ['jet-fuel', 'Nhiên liệu phản lực', 1.05, 't'],
];

/** @see MOIT letter 3505/BCT-KHCN, 2011-04-19 */
export const toe3505 = packOf(
  'toe-3505',
  2,
  rows.map(([carrier, name, value, per]): Omit<Factor, 'pack'> => ({
    id: `toe-3505-${carrier}-${per.toLowerCase()}`,
    name: `${name}: TOE/${per}`,
    kind: 'toe',
    carrier,
    value,
    unit: 'TOE',
    per,
    source: { document: 'Công văn 3505/BCT-KHCN, 2011-04-19', verified: false, assurance: 'copy' },
    validFrom: '2011-04-19',
  })),
);
