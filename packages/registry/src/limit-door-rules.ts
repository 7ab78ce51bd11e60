import {
  codeOfLimit,
  derivedFrom,
  gasBasisOf,
  gasMeasureOf,
  gasStateText,
  moistureVi,
  parameterCodes,
  type Bilingual,
  type EntityOf,
  type GasBasis,
  type GasState,
  type Meter,
} from '@songma/domain';
import { limitOnMeter, type LimitedMeter, type UnitRefusal } from '@songma/limits';
import type { Problem } from './registry.ts';
import type { RegistryView } from './registry-view.ts';

type Limit = EntityOf<'limit'>;

/** Why a limit says nothing about what its meter measures, by this machine's tables of units and parameters. */
export function limitDoorProblems(limit: Limit, registered: Pick<RegistryView, 'get'>): Problem[] {
  const meter = registered.get('meter', limit.meter)?.body;
  // That a meter is not registered is told elsewhere; the limit's unit can be looked at all the same.
  const measured: LimitedMeter =
    meter === undefined
      ? { ...statedOf(limit), unit: limit.unit ?? '1' }
      : measuredBy(meter, (id) => registered.get('meter', id)?.body);
  const problems = basisProblems(limit, limit.unit ?? measured.unit);
  const found = limitOnMeter(limit, measured);
  if ('refusal' in found) {
    const { refusal } = found;
    const { en, vi } = refusals[refusal]({ limit, meter: measured, id: limit.meter });
    problems.push({ path: pathsOf[refusal] ?? 'unit', problem: en, vi });
  }
  if (Object.keys(limit.factors).length > 0 && codeOfLimit(limit) === undefined) {
    const codes = parameterCodes.join(', ');
    problems.push({
      path: 'parameterCode',
      problem: `whether factors apply to "${limit.parameter}" is not known: say what it is, by one of ${codes}`,
      vi: `không rõ có áp dụng hệ số cho "${limit.parameter}" hay không: hãy chọn một mã trong ${codes}`,
    });
  }
  return problems;
}

/**
 * Why a meter cannot tell of a gas as it says: by itself, by its formula, or because limits on it, or on what is made
 * of it, could not be compared any more.
 */
export function gasProblems(
  meter: Meter,
  registered: Pick<RegistryView, 'get' | 'limitsOfMeter' | 'metersOfSite'>,
): Problem[] {
  const problems = basisProblems(meter, meter.unit);
  const meterOf = (id: string) => (id === meter.id ? meter : registered.get('meter', id)?.body);
  const own = gasBasisOf(meter, meterOf);
  if ('problem' in own) problems.push({ path: own.path, problem: own.problem.en, vi: own.problem.vi });
  const former = registered.get('meter', meter.id)?.body;
  // What is new has no limits and nothing is made of it; what tells of the same gas as before bears on nothing.
  if (problems.length > 0 || former === undefined || isSameGas(former, meter)) return problems;
  const meters = new Map(registered.metersOfSite(meter.site).map((other) => [other.id, other]));
  meters.set(meter.id, meter);
  const above = derivedFrom(meters, new Set([meter.id])).filter(({ id }) => id !== meter.id);
  return [meter, ...above].flatMap((affected) => [
    ...(affected === meter ? [] : conflictsAbove(affected, meterOf)),
    ...registered
      .limitsOfMeter(affected.id)
      .flatMap((limit) => limitProblem(limit, meter, affected, meterOf)),
  ]);
}

function conflictsAbove(affected: Meter, meterOf: (id: string) => Meter | undefined): Problem[] {
  const found = gasBasisOf(affected, meterOf);
  if (!('problem' in found)) return [];
  return [
    {
      path: 'gasState',
      problem: `the formula of meter "${affected.id}" then ${found.problem.en}`,
      vi: `công thức của công tơ "${affected.id}" khi đó ${found.problem.vi}`,
    },
  ];
}

function limitProblem(
  limit: Limit,
  changed: Meter,
  affected: Meter,
  meterOf: (id: string) => Meter | undefined,
): Problem[] {
  const measured = measuredBy(affected, meterOf);
  const found = limitOnMeter(limit, measured);
  if (!('refusal' in found)) return [];
  const { en, vi } = refusals[found.refusal]({ limit, meter: measured, id: affected.id });
  const isOxygen = pathsOf[found.refusal] === 'referenceOxygen';
  const path = isOxygen ? (changed.formula === undefined ? 'referenceOxygen' : 'formula') : 'gasState';
  return [
    {
      path,
      problem:
        `limit "${limit.id}" could not be compared any more: ${en}. Retire the limit, change the meter, and register ` +
        'the limit again as it is then',
      vi:
        `không còn so sánh được với giới hạn "${limit.id}": ${vi}. Hãy ngừng giới hạn, sửa công tơ rồi đăng ký lại ` +
        'giới hạn cho phù hợp',
    },
  ];
}

function isSameGas(a: Meter, b: Meter): boolean {
  return (['gasState', 'referenceOxygen', 'formula', 'inputs'] as const).every(
    (field) => JSON.stringify(a[field]) === JSON.stringify(b[field]),
  );
}

/** Whether what is stated of a gas bears on numbers in the unit. */
function basisProblems({ gasState, referenceOxygen }: Pick<Meter, keyof GasBasis>, unit: string): Problem[] {
  const measure = gasMeasureOf(unit);
  const problems: Problem[] = [];
  if (gasState !== undefined && measure === undefined) {
    problems.push({
      path: 'gasState',
      problem: `is of a cubic metre of gas, and "${unit}" tells of none: leave it out`,
      vi: `là trạng thái của một mét khối khí, còn "${unit}" không phải đơn vị của khí: hãy bỏ trống`,
    });
  }
  if (referenceOxygen !== undefined && measure !== 'per-volume' && measure !== 'share') {
    problems.push({
      path: 'referenceOxygen',
      problem: `only a concentration is corrected to it, and "${unit}" is none: leave it out`,
      vi: `chỉ nồng độ mới quy về oxy tham chiếu, còn "${unit}" không phải nồng độ: hãy bỏ trống`,
    });
  }
  return problems;
}

function measuredBy(meter: Meter, meterOf: (id: string) => Meter | undefined): LimitedMeter {
  const basis = gasBasisOf(meter, meterOf);
  return { ...('problem' in basis ? {} : basis), unit: meter.unit };
}

function statedOf({ gasState, referenceOxygen }: Limit): GasBasis {
  return {
    ...(gasState === undefined ? {} : { gasState }),
    ...(referenceOxygen === undefined ? {} : { referenceOxygen }),
  };
}

/** Where a refusal lies in the limit; `unit` for the others. */
const pathsOf: { readonly [R in UnitRefusal]?: string } = {
  'factors-of-scale': 'factors',
  'gas-state-of-meter-missing': 'gasState',
  'gas-state-of-limit-missing': 'gasState',
  'other-moisture': 'gasState',
  'reference-oxygen-of-meter-missing': 'referenceOxygen',
  'reference-oxygen-of-limit-missing': 'referenceOxygen',
  'other-reference-oxygen': 'referenceOxygen',
};

interface Place {
  readonly limit: Limit;
  readonly meter: LimitedMeter;
  /** The meter's. */
  readonly id: string;
}

const stateOf = (state: GasState | undefined): string => (state === undefined ? '–' : gasStateText(state));
const moistureOf = (state: GasState | undefined): 'dry' | 'wet' => state?.moisture ?? 'dry';

const refusals: { readonly [R in UnitRefusal]: (place: Place) => Bilingual } = {
  'unit-unknown': ({ limit: { unit = '' } }) => ({
    en: `"${unit}" is not a UCUM unit: use one such as mg/Nm3, mg/L, Cel or [pH]`,
    vi: `"${unit}" không phải đơn vị UCUM: hãy dùng đơn vị như mg/Nm3, mg/L, Cel hoặc [pH]`,
  }),
  'other-measure': ({ limit: { unit = '' }, meter, id }) => ({
    en:
      `meter "${id}" measures in "${meter.unit}", and nothing in "${unit}" is that: state the limit in ` +
      `"${meter.unit}", or name the meter that it is about`,
    vi:
      `công tơ "${id}" đo bằng "${meter.unit}", không quy đổi được từ "${unit}": hãy ghi giới hạn bằng ` +
      `"${meter.unit}", hoặc chọn đúng công tơ`,
  }),
  'molar-mass-missing': ({ limit: { unit = '' }, meter, id }) => ({
    en:
      `"${unit}" is "${meter.unit}", in which meter "${id}" measures, only by a molar mass and a gas state: ` +
      `convert by hand and state the limit in "${meter.unit}"`,
    vi:
      `chỉ quy đổi được "${unit}" sang "${meter.unit}" của công tơ "${id}" khi biết khối lượng mol và trạng thái ` +
      `khí: hãy tự quy đổi và ghi giới hạn bằng "${meter.unit}"`,
  }),
  'other-cubic-metre': ({ limit: { unit = '' }, meter, id }) => ({
    en:
      `a cubic metre of "${unit}" is not one of "${meter.unit}", in which meter "${id}" measures: Nm3 is at reference ` +
      `conditions, m3 as it is; state the "gasState" of both, or put the limit on a meter in "${unit}"`,
    vi:
      `mét khối của "${unit}" không phải của "${meter.unit}" mà công tơ "${id}" đo: Nm3 ở điều kiện chuẩn, m3 ở điều ` +
      `kiện thực; hãy ghi "gasState" cho cả hai, hoặc đặt giới hạn lên công tơ đo bằng "${unit}"`,
  }),
  'factors-of-scale': ({ limit: { unit = '' }, meter }) => ({
    en:
      `factors multiply an amount, and "${unit}" has another zero than "${meter.unit}": leave them out, or state the ` +
      `limit in "${meter.unit}"`,
    vi:
      `hệ số nhân với một lượng, còn "${unit}" có điểm không khác "${meter.unit}": hãy bỏ hệ số, hoặc ghi giới hạn ` +
      `bằng "${meter.unit}"`,
  }),
  'gas-state-of-meter-missing': ({ limit, id }) => ({
    en:
      `the limit is for gas of ${stateOf(limit.gasState)}, and meter "${id}" does not state as much: state the ` +
      '"gasState" of the meter',
    vi:
      `giới hạn áp dụng cho khí ở ${stateOf(limit.gasState)}, còn công tơ "${id}" chưa ghi đủ: hãy ghi "gasState" ` +
      'của công tơ',
  }),
  'gas-state-of-limit-missing': ({ meter, id }) => ({
    en:
      `meter "${id}" tells of gas of ${stateOf(meter.gasState)}, and the limit does not state as much: state its ` +
      '"gasState" as its rule does',
    vi:
      `công tơ "${id}" đo khí ở ${stateOf(meter.gasState)}, còn giới hạn chưa ghi đủ: hãy ghi "gasState" của giới ` +
      'hạn theo quy chuẩn',
  }),
  'other-moisture': ({ limit, meter, id }) => ({
    en:
      `the limit is for ${moistureOf(limit.gasState)} gas and meter "${id}" tells of ${moistureOf(meter.gasState)} ` +
      'gas: only the water in the gas converts one to the other, so put the limit on a derived meter that does',
    vi:
      `giới hạn áp dụng cho khí ${moistureVi[moistureOf(limit.gasState)]}, còn công tơ "${id}" đo khí ` +
      `${moistureVi[moistureOf(meter.gasState)]}: chỉ quy đổi được khi biết độ ẩm, hãy đặt giới hạn lên công tơ tính ` +
      'theo công thức quy đổi',
  }),
  'reference-oxygen-of-meter-missing': ({ limit, id }) => ({
    en:
      `the limit is for ${limit.referenceOxygen} % of oxygen, and meter "${id}" is not corrected to any: put the limit ` +
      `on a derived meter with atReferenceOxygen(…, ${limit.referenceOxygen}), or state the meter's "referenceOxygen"`,
    vi:
      `giới hạn áp dụng ở ${limit.referenceOxygen} % oxy, còn công tơ "${id}" chưa quy về mức nào: hãy đặt giới hạn lên ` +
      `công tơ tính bằng atReferenceOxygen(…, ${limit.referenceOxygen}), hoặc ghi "referenceOxygen" của công tơ`,
  }),
  'reference-oxygen-of-limit-missing': ({ meter, id }) => ({
    en:
      `meter "${id}" is corrected to ${meter.referenceOxygen} % of oxygen, and the limit states none: state its ` +
      '"referenceOxygen", or put it on the meter that is not corrected',
    vi:
      `công tơ "${id}" đã quy về ${meter.referenceOxygen} % oxy, còn giới hạn không ghi mức nào: hãy ghi ` +
      '"referenceOxygen" của giới hạn, hoặc đặt lên công tơ chưa quy đổi',
  }),
  'other-reference-oxygen': ({ limit, meter, id }) => ({
    en:
      `the limit is for ${limit.referenceOxygen} % of oxygen and meter "${id}" is corrected to ` +
      `${meter.referenceOxygen} %: put it on a meter that is corrected to ${limit.referenceOxygen} %`,
    vi:
      `giới hạn áp dụng ở ${limit.referenceOxygen} % oxy, còn công tơ "${id}" quy về ${meter.referenceOxygen} %: hãy đặt ` +
      `lên công tơ quy về ${limit.referenceOxygen} %`,
  }),
};
