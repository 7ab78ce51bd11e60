import { unitConversion, type Meter } from '@songma/domain';
import type { IndicatorDefinition, SumDefinition } from './definitions.ts';

/** In which amounts of one dimension are told, whatever their meters say: of mass always, as every norm does. */
const massUnit = 't';
/** In which they are told where the meters do not agree on one unit. */
const commonUnits = ['MWh', 'm3', 'Nm3', 'm2', 'm'] as const;

/**
 * The unit in which production is added up: tonnes for whatever is a mass; else that of the meters, or a common one of
 * its dimension where they name several (hectolitres and cubic metres make cubic metres). Undefined where they do not
 * measure the same: a tonne and a megawatt hour do not add up, nor does a cubic metre with one at reference conditions.
 */
export function productionUnit(units: readonly string[]): string | undefined {
  const distinct = [...new Set(units)].toSorted();
  const isCommon = (unit: string) => distinct.every((one) => !('problem' in unitConversion(one, unit)));
  if (distinct.length === 0 || isCommon(massUnit)) return massUnit;
  if (distinct.length === 1) return distinct[0];
  return commonUnits.find(isCommon) ?? distinct.find(isCommon);
}

/** The production side of a definition over the meters of what is made; undefined where their units do not add up. */
export function productionOf(
  { production }: IndicatorDefinition,
  made: readonly Pick<Meter, 'unit'>[],
): SumDefinition | undefined {
  const unit = productionUnit(made.map((meter) => meter.unit));
  return unit === undefined ? undefined : { ...production, unit };
}

/** Of the value: that of the definition, with the unit of what is made in the place of the tonne. */
export function indicatorUnit({ form, resource }: IndicatorDefinition, production: string): string {
  return form === 'intensity' ? `${resource.unit}/${production}` : `${production}/${resource.unit}`;
}
