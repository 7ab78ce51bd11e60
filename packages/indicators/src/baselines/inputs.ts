import {
  CompensatedSum,
  productionDriver,
  unitConversion,
  type Baseline,
  type Meter,
  type Quantity,
  type Resource,
  type Window,
} from '@songma/domain';
import { statesNoBasis } from '../valuation.ts';
import {
  alwaysThere,
  areWhole,
  flowCoverage,
  periodFlows,
  type MeterWindowOf,
  type PeriodInput,
  type PeriodRollup,
} from './period-flows.ts';
import { paceOf, type BaselinePeriod, type Measured } from './periods.ts';

/** A meter that counts, and what its amounts are multiplied with to be in the baseline's unit. */
export interface CountedMeter {
  readonly meter: Meter;
  /** Undefined: by the calorific value of its carrier that is in force in the period. */
  readonly factor: number | undefined;
}

/** Which meters a baseline stands on. */
export interface BaselineMeters {
  readonly resource: readonly CountedMeter[];
  readonly production: readonly CountedMeter[];
  /** In the order of the baseline's drivers; undefined for a meter that is not there any more. */
  readonly drivers: readonly (Meter | typeof productionDriver | undefined)[];
  /** Meters of the right quantity whose unit is not the baseline's by any factor: the sums are without them. */
  readonly unconvertible: readonly Meter[];
}

const quantitiesOf: { readonly [R in Resource]: readonly Quantity[] } = {
  electricity: ['electricity'],
  fuel: ['fuel'],
  heat: ['heat'],
  energy: ['electricity', 'fuel', 'heat'],
  water: ['water'],
  'waste-water': ['waste-water'],
  material: ['material'],
};
const unitsOf: { readonly [R in Resource]: string } = {
  electricity: 'kWh',
  fuel: 't',
  heat: 'MJ',
  energy: 'MJ',
  water: 'm3',
  'waste-water': 'm3',
  material: 't',
};

/** UCUM unit in which the baseline's amounts are. */
export function baselineUnit({ unit, resource }: Pick<Baseline, 'unit' | 'resource'>): string {
  return unit ?? unitsOf[resource];
}

/**
 * Sorts the meters of the baseline's scope. What tells no amount (levels, reactive energy) is no meter of a resource.
 * In a baseline of joules a fuel or steam that is metered otherwise counts by the calorific value of its carrier; one
 * whose carrier is not told cannot be converted: it is named, never guessed.
 */
export function baselineMeters(baseline: Baseline, scope: readonly Meter[]): BaselineMeters {
  const unit = baselineUnit(baseline);
  const within =
    baseline.meters.length === 0 ? scope : scope.filter(({ id }) => baseline.meters.includes(id));
  const ordered = within.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const unconvertible: Meter[] = [];
  const counted = (quantities: readonly Quantity[], to: string): CountedMeter[] =>
    ordered.flatMap<CountedMeter>((meter) => {
      if (!quantities.includes(meter.quantity) || meter.kind === 'level' || isReactive(meter)) return [];
      const conversion = unitConversion(meter.unit, to);
      const isGross = meter.quantity === 'fuel' && isEnergy(to) && meter.calorific === 'gross';
      // Of energy that is gross, or a gas that does not say so, the net one is to be found.
      if (isGross || (isEnergy(to) && statesNoBasis(meter))) return [{ meter, factor: undefined }];
      if (!('problem' in conversion)) return [{ meter, factor: conversion.factor }];
      if (meter.carrier !== undefined && burnt.includes(meter.quantity) && isEnergy(to)) {
        return [{ meter, factor: undefined }];
      }
      unconvertible.push(meter);
      return [];
    });
  return {
    resource: counted(quantitiesOf[baseline.resource], unit),
    production: counted(['production'], baseline.productionUnit),
    drivers: baseline.drivers.map((id) =>
      id === productionDriver ? productionDriver : scope.find((meter) => meter.id === id),
    ),
    unconvertible,
  };
}

/** What has a calorific value. */
const burnt: readonly Quantity[] = ['fuel', 'heat'];

function isEnergy(unit: string): boolean {
  return !('problem' in unitConversion(unit, 'MJ'));
}

/** Electricity that does no work: no part of what is used. */
function isReactive({ quantity, unit }: Meter): boolean {
  return quantity === 'electricity' && 'problem' in unitConversion(unit, 'kWh');
}

/**
 * Final energy of what was burnt of a meter in the period, in the baseline's unit; undefined when no factor says it.
 */
export type FuelEnergy = (meter: Meter, amount: number) => number | undefined;

/** What meters told in the part of a period in which all of them are known. */
export interface MatchedPeriod {
  /** Of the period, 0 to 1. */
  readonly share: number;
  /** By meter, in its own unit. */
  readonly sums: ReadonlyMap<string, number>;
}

/**
 * The meters whose time in common is to be found in a period, of which `rollupOf` knows; none where nothing of it is
 * missing, or so much of a resource that it does not count. Production and drivers that are hardly known do not count
 * either, and what does not need them goes on without. Of a meter that is not there in the period nothing is missing.
 */
export function metersToMatch(
  { resource, production, drivers }: BaselineMeters,
  rollupOf: (meter: string) => PeriodRollup | undefined,
  { coverageMin, windowOf }: { readonly coverageMin: number; readonly windowOf: MeterWindowOf },
): PeriodInput[] {
  const coveragesOf = (inputs: readonly PeriodInput[]) =>
    periodFlows(inputs, windowOf).map((flow) => flowCoverage(flow, inputs, rollupOf));
  const used = resource.map(({ meter }) => ({ meter, isMade: false }));
  const ofUsed = coveragesOf(used);
  if (ofUsed.length === 0 || ofUsed.some((coverage) => coverage < coverageMin)) return [];
  const made = production.map(({ meter }) => ({ meter, isMade: true }));
  const amounts = drivers.flatMap((one) =>
    typeof one === 'object' && one.kind !== 'level' ? [{ meter: one, isMade: true }] : [],
  );
  const known = [made, ...amounts.map((one) => [one])].filter((side) =>
    coveragesOf(side).every((coverage) => coverage >= coverageMin),
  );
  const all = new Map([used, ...known].flat().map((input) => [input.meter.id, input]));
  const inputs = [...all.values()];
  const isMissed = coveragesOf(inputs).some((coverage) => coverage !== 1);
  return isMissed || !areWhole(inputs, windowOf) ? inputs : [];
}

/**
 * One period out of what is known of each meter in it. A meter without a rollup is one that reported nothing; one that
 * is not there in the period is not missed.
 * @param matched what the meters told in their time in common, where that is not all of the period
 * @param windowOf always there unless told
 */
export function baselinePeriod(
  { start, end }: Window,
  meters: BaselineMeters,
  rollupOf: (meter: string) => PeriodRollup | undefined,
  fuelEnergy: FuelEnergy,
  {
    matched,
    windowOf = alwaysThere({ start, end }),
  }: { readonly matched?: MatchedPeriod | undefined; readonly windowOf?: MeterWindowOf } = {},
): BaselinePeriod {
  const toldBy = (meter: string): PeriodRollup | undefined => {
    const rollup = rollupOf(meter);
    const sum = matched?.sums.get(meter);
    return rollup === undefined || sum === undefined ? rollup : { ...rollup, sum };
  };
  const share = matched === undefined ? {} : { matchedShare: matched.share };
  const total = (counted: readonly CountedMeter[]) => totalOf(counted, { toldBy, fuelEnergy, windowOf });
  const production = total(meters.production);
  return {
    start,
    end,
    resource: total(meters.resource),
    production,
    drivers: meters.drivers.map((driver) => {
      if (driver === productionDriver) return paceOf(production, share);
      if (driver === undefined) return unknown;
      const told = driverOf(driver, toldBy(driver.id));
      return driver.kind === 'level' ? told : paceOf(told, share);
    }),
    ...share,
  };
}

function totalOf(
  meters: readonly CountedMeter[],
  {
    toldBy,
    fuelEnergy,
    windowOf,
  }: {
    readonly toldBy: (meter: string) => PeriodRollup | undefined;
    readonly fuelEnergy: FuelEnergy;
    readonly windowOf: MeterWindowOf;
  },
): Measured {
  const sum = new CompensatedSum();
  let [isKnown, isFactorMissing] = [false, false];
  const inputs = meters.map(({ meter }) => ({ meter, isMade: false }));
  const flows = periodFlows(inputs, windowOf);
  const coverage = flows.reduce(
    (least, flow) => Math.min(least, flowCoverage(flow, inputs, toldBy)),
    flows.length === 0 ? 0 : 1,
  );
  for (const { meter, factor } of meters) {
    const rollup = toldBy(meter.id);
    if (rollup === undefined || rollup.sum === null) continue;
    const amount = factor === undefined ? fuelEnergy(meter, rollup.sum) : rollup.sum * factor;
    isFactorMissing ||= amount === undefined;
    sum.add(amount ?? 0);
    isKnown = true;
  }
  if (isFactorMissing) return { value: null, coverage, isFactorMissing };
  return { value: isKnown ? sum.total() : null, coverage };
}

const unknown: Measured = { value: null, coverage: 0 };

/** A temperature by its mean, an amount by its sum; in the meter's own unit. */
function driverOf(meter: Meter, rollup: PeriodRollup | undefined): Measured {
  if (rollup === undefined) return unknown;
  return { value: meter.kind === 'level' ? rollup.mean : rollup.sum, coverage: rollup.coverage };
}
