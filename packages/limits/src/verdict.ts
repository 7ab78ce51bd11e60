import { roundTo15Digits, type Limit, type Rollup } from '@songma/domain';

/** What one averaging window says about a limit. Epoch milliseconds, end exclusive. */
export interface Verdict {
  readonly start: number;
  readonly end: number;
  /** `unjudged`: too little of the window is known, or the limit was not in force. */
  readonly state: 'above' | 'below' | 'unjudged';
  /** Time-weighted mean of the window; null where nothing is known. */
  readonly mean: number | null;
  readonly coverage: number;
}

/**
 * The value that a mean is compared with: the limit's times every factor that is given.
 * @see QCVN 19:2009/BTNMT, section 2.1 (`Cmax = C · Kp · Kv`); QCVN 40:2011/BTNMT, section 2.1 (`Cmax = C · Kq · Kf`)
 */
export function limitValueOf(limit: Limit): number {
  const { kp = 1, kv = 1, kq = 1, kf = 1 } = limit.factors;
  return roundTo15Digits(limit.value * kp * kv * kq * kf);
}

/**
 * Judges the rollup of one averaging window. A mean equal to the limit keeps it. The limit is in force for a window
 * that starts within its validity.
 */
export function judge(limit: Limit, rollup: Pick<Rollup, 'start' | 'end' | 'mean' | 'coverage'>): Verdict {
  const { start, end, mean, coverage } = rollup;
  const isInForce = start >= limit.validFrom && (limit.validTo === undefined || start < limit.validTo);
  if (!isInForce || mean === null || coverage < limit.validShareMin) {
    return { start, end, state: 'unjudged', mean, coverage };
  }
  return { start, end, state: mean > limitValueOf(limit) ? 'above' : 'below', mean, coverage };
}
