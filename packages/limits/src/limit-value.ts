import { roundTo15Digits, type Limit } from '@songma/domain';

/**
 * Parameters, spelled as {@link spelled} gives them, to which no factor applies: their value is the limit.
 * @see QCVN 40:2011/BTNMT, section 2.1.2
 */
export const factorExempt: ReadonlySet<string> = new Set([
  'temp',
  'temperature',
  'color',
  'colour',
  'ph',
  'coliform',
  'grossalpha',
  'grossbeta',
]);

/** Whether Kq, Kf, Kp and Kv apply to a parameter, however it is spelled: `Temp`, `gross alpha`. */
export function factorsApply(parameter: string): boolean {
  return !factorExempt.has(spelled(parameter));
}

/** Bounds that a mean is held against; one that is met is kept. */
export interface Bounds {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/**
 * The limit's value times every factor that is given and applies, or its range as it is.
 * @see QCVN 19:2009/BTNMT, section 2.1 (`Cmax = C · Kp · Kv`); QCVN 40:2011/BTNMT, section 2.1 (`Cmax = C · Kq · Kf`)
 */
export function boundsOf(limit: Pick<Limit, 'value' | 'range' | 'factors' | 'parameter'>): Bounds {
  if (limit.value === undefined) return limit.range ?? {};
  const { kp = 1, kv = 1, kq = 1, kf = 1 } = factorsApply(limit.parameter) ? limit.factors : {};
  return { max: roundTo15Digits(limit.value * kp * kv * kq * kf) };
}

function spelled(parameter: string): string {
  return parameter.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}
