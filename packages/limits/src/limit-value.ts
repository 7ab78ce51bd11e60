import {
  codeOfLimit,
  roundTo15Digits,
  unitConversion,
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

/** What a limit's numbers need about the meter that it is on. */
export type LimitedMeter = Pick<Meter, 'unit'>;

/** Why a limit cannot be compared with what its meter measures. */
export type UnitRefusal =
  'unit-unknown' | 'other-measure' | 'molar-mass-missing' | 'other-cubic-metre' | 'factors-of-scale';

/**
 * The limit with its numbers in the meter's unit, as the meter's readings are compared with them; or why no number of
 * the one is a number of the other.
 */
export function limitOnMeter(limit: Limit, meter: LimitedMeter): Limit | { readonly refusal: UnitRefusal } {
  const { unit = meter.unit, value, range } = limit;
  if (unit === meter.unit) return limit;
  const conversion = unitConversion(unit, meter.unit);
  if ('problem' in conversion) return { refusal: refusalOf(unit, meter.unit) };
  const { factor, offset } = conversion;
  // A factor multiplies an amount, not a mark on a scale with another zero.
  const isMultiplied = Object.keys(limit.factors).length > 0 && factorsApply(limit);
  if (offset !== 0 && isMultiplied) return { refusal: 'factors-of-scale' };
  const converted = (given: number) => roundTo15Digits(given * factor + offset);
  return {
    ...limit,
    unit: meter.unit,
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
  const [plain, otherPlain] = pair.map((text) => text.replaceAll(/Nm(?=[3³])/g, 'm'));
  return converts(plain!, otherPlain!) ? 'other-cubic-metre' : 'other-measure';
}

function converts(from: string, to: string): boolean {
  return !('problem' in unitConversion(from, to));
}
