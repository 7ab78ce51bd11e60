import { codeOfLimit, parameterCodes, type EntityOf } from '@songma/domain';
import { limitOnMeter, type UnitRefusal } from '@songma/limits';
import type { Problem } from './registry.ts';
import type { RegistryView } from './registry-view.ts';

/** Why a limit says nothing about what its meter measures, by this machine's tables of units and parameters. */
export function limitDoorProblems(
  limit: EntityOf<'limit'>,
  registered: Pick<RegistryView, 'get'>,
): Problem[] {
  const meter = registered.get('meter', limit.meter)?.body;
  // That a meter is not registered is told elsewhere; the limit's unit can be looked at all the same.
  const found = limitOnMeter(limit, meter ?? { unit: limit.unit ?? '1' });
  const problems: Problem[] = [];
  if ('refusal' in found) {
    const { unit = '' } = limit;
    problems.push({
      path: found.refusal === 'factors-of-scale' ? 'factors' : 'unit',
      problem: refusals[found.refusal](unit, meter?.unit ?? unit, limit.meter),
    });
  }
  if (Object.keys(limit.factors).length > 0 && codeOfLimit(limit) === undefined) {
    problems.push({
      path: 'parameterCode',
      problem:
        `whether factors apply to "${limit.parameter}" is not known: say what it is, ` +
        `by one of ${parameterCodes.join(', ')}`,
    });
  }
  return problems;
}

const refusals: {
  readonly [R in UnitRefusal]: (unit: string, meterUnit: string, meter: string) => string;
} = {
  'unit-unknown': (unit) => `"${unit}" is not a UCUM unit: use one such as mg/Nm3, mg/L, Cel or [pH]`,
  'other-measure': (unit, meterUnit, meter) =>
    `meter "${meter}" measures in "${meterUnit}", and nothing in "${unit}" is that: state the limit in "${meterUnit}", ` +
    'or name the meter that it is about',
  'molar-mass-missing': (unit, meterUnit, meter) =>
    `"${unit}" is "${meterUnit}", in which meter "${meter}" measures, only by a molar mass and a gas state: ` +
    `convert by hand and state the limit in "${meterUnit}"`,
  'other-cubic-metre': (unit, meterUnit, meter) =>
    `a cubic metre of "${unit}" is not one of "${meterUnit}", in which meter "${meter}" measures: Nm3 is at reference ` +
    `conditions, m3 as it is; put the limit on a meter in "${unit}", a derived one maybe`,
  'factors-of-scale': (unit, meterUnit) =>
    `factors multiply an amount, and "${unit}" has another zero than "${meterUnit}": leave them out, or state the ` +
    `limit in "${meterUnit}"`,
};
