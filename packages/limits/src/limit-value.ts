import {
  codeOfLimit,
  gasMeasureOf,
  roundTo15Digits,
  unitConversion,
  volumeRatio,
  type GasBasis,
  type GasState,
  type Limit,
  type Meter,
  type ParameterCode,
} from '@songma/domain';

/**
 * Parameters to which no factor applies: their value is the limit.
 * @see QCVN 40:2011/BTNMT, section 2.1.2
 */
export const factorExempt: ReadonlySet<ParameterCode> = new Set<ParameterCode>([
  'temperature',
  'colour',
  'ph',
  'coliform',
  'gross-alpha',
  'gross-beta',
]);

/** Whether Kq, Kf, Kp and Kv apply to a limit's parameter; they do where its code is not known. */
export function factorsApply(limit: Pick<Limit, 'parameter' | 'parameterCode'>): boolean {
  const code = codeOfLimit(limit);
  return code === undefined || !factorExempt.has(code);
}

/** Bounds that a mean is held against; one that is met is kept. */
export interface Bounds {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/**
 * The limit's value times every factor that is given and applies, or its range as it is, in the unit that its numbers
 * are in.
 * @see QCVN 19:2009/BTNMT, section 2.1 (`Cmax = C · Kp · Kv`); QCVN 40:2011/BTNMT, section 2.1 (`Cmax = C · Kq · Kf`)
 */
export function boundsOf(
  limit: Pick<Limit, 'value' | 'range' | 'factors' | 'parameter' | 'parameterCode'>,
): Bounds {
  if (limit.value === undefined) return limit.range ?? {};
  const { kp = 1, kv = 1, kq = 1, kf = 1 } = factorsApply(limit) ? limit.factors : {};
  return { max: roundTo15Digits(limit.value * kp * kv * kq * kf) };
}

/** What a limit's numbers need about the meter that it is on. @see gasBasisOf */
export type LimitedMeter = Pick<Meter, 'unit'> & GasBasis;

/** Why a limit cannot be compared with what its meter measures. */
export type UnitRefusal =
  | 'unit-unknown'
  | 'other-measure'
  | 'molar-mass-missing'
  | 'other-cubic-metre'
  | 'factors-of-scale'
  | GasRefusal;

/**
 * - `gas-state-of-meter-missing`, `gas-state-of-limit-missing`: one states a gas state (or its moisture) and the other
 *   does not;
 * - `other-moisture`: one is of dry gas and the other of wet, which only the water in the gas converts;
 * - `reference-oxygen-of-meter-missing`, `reference-oxygen-of-limit-missing`: one is corrected and the other is not;
 * - `other-reference-oxygen`: both are, to different ones.
 */
export type GasRefusal =
  | 'gas-state-of-meter-missing'
  | 'gas-state-of-limit-missing'
  | 'other-moisture'
  | 'reference-oxygen-of-meter-missing'
  | 'reference-oxygen-of-limit-missing'
  | 'other-reference-oxygen';

type Refused<R> = { readonly refusal: R };

/**
 * The limit with its numbers in the meter's unit and gas state, as the meter's readings are compared with them; or why
 * no number of the one is a number of the other.
 */
export function limitOnMeter(limit: Limit, meter: LimitedMeter): Limit | Refused<UnitRefusal> {
  const { unit = meter.unit } = limit;
  if (unit !== meter.unit && !converts(plainVolume(unit), plainVolume(meter.unit))) {
    return { refusal: refusalOf(unit, meter.unit) };
  }
  const gas = gasFactor(limit, meter);
  if (typeof gas !== 'number') return gas;
  const isStated = limit.gasState !== undefined && meter.gasState !== undefined;
  // In stated states a cubic metre is a cubic metre, by whichever name.
  const [from, to] = isStated ? [plainVolume(unit), plainVolume(meter.unit)] : [unit, meter.unit];
  return inUnit(limit, { from, to, gas, meterUnit: meter.unit });
}

/**
 * The limit as the meter is judged by it. One that states neither gas state nor reference oxygen, of before that was
 * asked, is judged by its unit alone, as it was; the door takes no new one where the meter states either.
 */
export function judgedLimitOnMeter(limit: Limit, meter: LimitedMeter): Limit | Refused<UnitRefusal> {
  return limitOnMeter(limit, statesNothing(limit) ? { unit: meter.unit } : meter);
}

function statesNothing({ gasState, referenceOxygen }: Pick<Limit, keyof GasBasis>): boolean {
  return gasState === undefined && referenceOxygen === undefined;
}

/**
 * By what a number of the limit is multiplied for the state of the meter's gas: an amount per cubic metre by
 * `(T_limit / T_meter) · (p_meter / p_limit)`, temperatures in kelvin; a volume by the inverse.
 */
function gasFactor(limit: Pick<Limit, keyof GasBasis>, meter: LimitedMeter): number | Refused<GasRefusal> {
  if (statesNothing(limit) && statesNothing(meter)) return 1;
  const measure = gasMeasureOf(meter.unit);
  // Nothing in the unit is of a gas: what is stated of it bears on no number.
  if (measure === undefined) return 1;
  if (measure !== 'volume' && limit.referenceOxygen !== meter.referenceOxygen) {
    if (meter.referenceOxygen === undefined) return { refusal: 'reference-oxygen-of-meter-missing' };
    if (limit.referenceOxygen === undefined) return { refusal: 'reference-oxygen-of-limit-missing' };
    return { refusal: 'other-reference-oxygen' };
  }
  const [of, on] = [limit.gasState, meter.gasState];
  if (of === undefined && on === undefined) return 1;
  if (measure === 'share') return moistureRefusal(of?.moisture, on?.moisture) ?? 1;
  if (on === undefined) return { refusal: 'gas-state-of-meter-missing' };
  if (of === undefined) return { refusal: 'gas-state-of-limit-missing' };
  return (
    moistureRefusal(of.moisture, on.moisture) ??
    (measure === 'volume' ? volumeRatio(of, on) : volumeRatio(on, of))
  );
}

type Moisture = GasState['moisture'];

function moistureRefusal(limit: Moisture, meter: Moisture): Refused<GasRefusal> | undefined {
  if (limit === meter) return undefined;
  if (meter === undefined) return { refusal: 'gas-state-of-meter-missing' };
  return { refusal: limit === undefined ? 'gas-state-of-limit-missing' : 'other-moisture' };
}

interface Conversion {
  readonly from: string;
  readonly to: string;
  readonly gas: number;
  readonly meterUnit: string;
}

function inUnit(limit: Limit, { from, to, gas, meterUnit }: Conversion): Limit | Refused<UnitRefusal> {
  const { value, range } = limit;
  if (from === to && gas === 1) return limit;
  const conversion = unitConversion(from, to);
  if ('problem' in conversion) return { refusal: refusalOf(from, to) };
  const { factor, offset } = conversion;
  // A factor multiplies an amount, not a mark on a scale with another zero.
  const isMultiplied = Object.keys(limit.factors).length > 0 && factorsApply(limit);
  if (offset !== 0 && isMultiplied) return { refusal: 'factors-of-scale' };
  const converted = (given: number) => roundTo15Digits(given * factor * gas + offset);
  return {
    ...limit,
    unit: meterUnit,
    ...(value === undefined ? {} : { value: converted(value) }),
    ...(range === undefined ? {} : { range: convertedRange(range, converted) }),
  };
}

function convertedRange({ min, max }: NonNullable<Limit['range']>, converted: (given: number) => number) {
  return {
    ...(min === undefined ? {} : { min: converted(min) }),
    ...(max === undefined ? {} : { max: converted(max) }),
  };
}

function refusalOf(unit: string, other: string): UnitRefusal {
  const pair = [unit, other];
  if (pair.some((text) => 'problem' in unitConversion(text, text))) return 'unit-unknown';
  const isMassOfVolume = (text: string) => ['mg/m3', 'mg/Nm3'].some((known) => converts(text, known));
  const isParts = (text: string) => ['ppm', '%'].some((known) => converts(text, known));
  if (pair.some(isMassOfVolume) && pair.some(isParts)) return 'molar-mass-missing';
  const [plain, otherPlain] = pair.map(plainVolume);
  return converts(plain!, otherPlain!) ? 'other-cubic-metre' : 'other-measure';
}

/** The unit with a cubic metre that says nothing of its state. */
function plainVolume(unit: string): string {
  return unit.replaceAll(/Nm(?=[3³])/g, 'm');
}

function converts(from: string, to: string): boolean {
  return !('problem' in unitConversion(from, to));
}
