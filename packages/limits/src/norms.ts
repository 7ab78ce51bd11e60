import {
  parameterCodeOf,
  type Assurance,
  type GasState,
  type Limit,
  type ParameterCode,
} from '@songma/domain';
import { factorsApply } from './limit-value.ts';

type FactorName = keyof Limit['factors'];

/** A value of a regulation's table, from which a limit can be made. Nothing is in force by it alone. */
export interface LimitNorm {
  /** `qcvn-40-2011-b-cod`. */
  readonly id: string;
  readonly medium: 'stack' | 'effluent';
  readonly document: string;
  readonly column: string;
  readonly parameter: string;
  readonly parameterCode: ParameterCode;
  /** For which plants or fuels only; absent: for all. */
  readonly condition?: string;
  readonly unit: string;
  /** State of the gas that the document states its cubic metre in, and how sure that is; absent: not looked up. */
  readonly gasState?: GasState;
  readonly gasStateAssurance?: Assurance;
  /** Upper bound before factors, or both bounds. */
  readonly value?: number;
  readonly range?: { readonly min: number; readonly max: number };
  /** Factors that the value is to be multiplied by. */
  readonly factors: readonly FactorName[];
  /** How sure the value is, and whether it has been compared with the legal text itself. */
  readonly assurance: Assurance;
  readonly verified: boolean;
  /** Last date on which a plant of before the regulation's successor may go by it, and how sure that is. */
  readonly lastDate: string;
  readonly lastDateAssurance: Assurance;
  readonly lastDateVerified: boolean;
}

interface NormTable {
  readonly id: string;
  readonly medium: LimitNorm['medium'];
  readonly document: string;
  readonly columns: readonly string[];
  readonly unit: string;
  readonly gasState?: { readonly state: GasState; readonly assurance: Assurance };
  readonly factors: readonly FactorName[];
  readonly lastDateAssurance: Assurance;
  readonly rows: readonly NormRow[];
}

interface NormRow {
  readonly parameter: string;
  /** In the order of the columns; two numbers are a range. */
  readonly values: readonly (number | readonly [min: number, max: number])[];
  readonly condition?: string;
  readonly unit?: string;
  /** `memory` unless told. */
  readonly assurance?: Assurance;
}

const row = (parameter: string, ...values: NormRow['values']): NormRow => ({ parameter, values });

/** Stack norms for all plants since 2015: columns A and B1 ended with 2014. */
const tables: readonly NormTable[] = [
  {
    id: 'qcvn-19-2009',
    medium: 'stack',
    document: 'QCVN 19:2009/BTNMT, bảng 1',
    columns: ['B'],
    unit: 'mg/Nm3',
    // Section 1.3.3: 25 °C and 760 mmHg; of moisture nothing is known here, and the table has no reference oxygen.
    gasState: { state: { temperatureC: 25, pressureKpa: 101.325 }, assurance: 'memory' },
    factors: ['kp', 'kv'],
    lastDateAssurance: 'memory',
    rows: [
      row('PM', 200),
      { ...row('PM', 50), condition: 'dust with silica' },
      row('NH3', 50),
      row('Sb', 10),
      row('As', 10),
      row('Cd', 5),
      row('Pb', 5),
      row('CO', 1000),
      row('Cl2', 10),
      row('Cu', 10),
      row('Zn', 30),
      row('HCl', 50),
      row('HF', 20),
      row('H2S', 7.5),
      row('SO2', 500),
      row('NOx', 850),
      { ...row('NOx', 1000), condition: 'chemical plants' },
      row('SO3', 50),
      row('HNO3', 500),
    ],
  },
  {
    id: 'qcvn-23-2009',
    medium: 'stack',
    document: 'QCVN 23:2009/BTNMT, bảng 1',
    columns: ['B2'],
    unit: 'mg/Nm3',
    factors: ['kp', 'kv'],
    lastDateAssurance: 'memory',
    rows: [row('PM', 100), row('CO', 500), row('NOx', 1000), row('SO2', 500)],
  },
  {
    id: 'qcvn-22-2009',
    medium: 'stack',
    document: 'QCVN 22:2009/BTNMT, bảng 1',
    columns: ['B'],
    unit: 'mg/Nm3',
    factors: ['kp', 'kv'],
    lastDateAssurance: 'memory',
    rows: [
      { ...row('PM', 200), condition: 'coal' },
      { ...row('PM', 50), condition: 'gas', assurance: 'press' },
      { ...row('NOx', 1000), condition: 'coal with at most 10 % volatiles' },
      { ...row('NOx', 650), condition: 'coal with more than 10 % volatiles' },
      { ...row('NOx', 250), condition: 'gas', assurance: 'press' },
      { ...row('SO2', 500), condition: 'coal' },
      { ...row('SO2', 300), condition: 'gas', assurance: 'press' },
    ],
  },
  {
    id: 'qcvn-40-2011',
    medium: 'effluent',
    document: 'QCVN 40:2011/BTNMT, bảng 1',
    columns: ['A', 'B'],
    unit: 'mg/L',
    factors: ['kq', 'kf'],
    lastDateAssurance: 'press',
    rows: [
      { ...row('Temp', 40, 40), unit: 'Cel' },
      { ...row('Color', 50, 150), unit: 'Pt/Co' },
      { ...row('pH', [6, 9], [5.5, 9]), unit: '[pH]' },
      row('BOD5', 30, 50),
      row('COD', 75, 150),
      row('TSS', 50, 100),
      row('As', 0.05, 0.1),
      row('Hg', 0.005, 0.01),
      row('Pb', 0.1, 0.5),
      row('Cd', 0.05, 0.1),
      row('Cr6', 0.05, 0.1),
      row('Cr3', 0.2, 1),
      row('Cu', 2, 2),
      row('Zn', 3, 3),
      row('Ni', 0.2, 0.5),
      row('Mn', 0.5, 1),
      row('Fe', 1, 5),
      row('cyanide', 0.07, 0.1),
      row('phenol', 0.1, 0.5),
      row('mineral oil', 5, 10),
      row('sulfide', 0.2, 0.5),
      row('fluoride', 5, 10),
      row('NH4', 5, 10),
      row('TN', 20, 40),
      row('TP', 4, 6),
      { ...row('chloride', 500, 1000), condition: 'receiver not saline or brackish' },
      row('residual chlorine', 1, 2),
      row('organochlorine pesticides', 0.05, 0.1),
      row('organophosphorus pesticides', 0.3, 1),
      row('PCB', 0.003, 0.01),
      { ...row('coliform', 3000, 5000), unit: 'MPN/100ml' },
      { ...row('gross alpha', 0.1, 0.1), unit: 'Bq/L' },
      { ...row('gross beta', 1, 1), unit: 'Bq/L' },
    ],
  },
];

/**
 * The values of the regulations that plants of before their successors may go by until the end of 2031, in ascending
 * id. Where a plant has an environmental permit, the permit goes before. Values of QCVN 19:2024 and 40:2025 are not
 * here.
 */
export const limitNorms: readonly LimitNorm[] = tables
  .flatMap((table) =>
    table.rows.flatMap((of) => table.columns.map((column, i) => normOf(table, of, column, i))),
  )
  .toSorted((a, b) => (a.id < b.id ? -1 : 1));

function normOf(table: NormTable, of: NormRow, column: string, index: number): LimitNorm {
  const value = of.values[index]!;
  const { assurance = 'memory' } = of;
  const name = [of.parameter, of.condition ?? ''].join(' ').trim();
  return {
    id: `${table.id}-${column}-${name}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
    medium: table.medium,
    document: table.document,
    column,
    parameter: of.parameter,
    parameterCode: parameterCodeOf(of.parameter) ?? 'other',
    ...(of.condition === undefined ? {} : { condition: of.condition }),
    unit: of.unit ?? table.unit,
    ...(table.gasState === undefined
      ? {}
      : { gasState: table.gasState.state, gasStateAssurance: table.gasState.assurance }),
    ...(typeof value === 'number' ? { value } : { range: { min: value[0], max: value[1] } }),
    factors: factorsApply(of) ? table.factors : [],
    assurance,
    verified: assurance === 'text',
    lastDate: '2031-12-31',
    lastDateAssurance: table.lastDateAssurance,
    lastDateVerified: table.lastDateAssurance === 'text',
  };
}
