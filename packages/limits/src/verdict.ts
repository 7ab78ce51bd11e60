import {
  CompensatedSum,
  roundTo15Digits,
  windowAt,
  type Limit,
  type Rollup,
  type Window,
} from '@songma/domain';
import { isValidHour, validityOf, type HourFacts } from './hour-validity.ts';
import { boundsOf } from './limit-value.ts';
import type { Operation } from './operation.ts';

const hourMs = 3_600_000;
/** Least share of valid hours unless the limit tells: 18 of 24. */
const validHoursShareDefault = 0.75;

/** Why a window is not judged, the first that applies. */
export type UnjudgedReason = 'not-in-force' | 'source-off' | 'invalid';

/** What one averaging window says about a limit. Epoch milliseconds, end exclusive. */
export interface Verdict extends Window {
  readonly state: 'broken' | 'kept' | 'unjudged';
  /** Set where it is not judged: the limit is not in force, the source was off, or too little is valid. */
  readonly reason: UnjudgedReason | undefined;
  /** Which bound is broken; undefined where none is. */
  readonly bound: 'max' | 'min' | undefined;
  /** Time-weighted mean of an hour; of a longer window the mean of its valid hours. Null where nothing is known. */
  readonly mean: number | null;
  /** Coverage of an hour; of a longer window the share of valid ones among its operating hours. */
  readonly coverage: number;
  /** Of longer windows: hours that are valid, and hours in which the source operated or may have. */
  readonly hours: { readonly valid: number; readonly operating: number } | undefined;
}

/** An hour of the limit's meter. */
export type LimitedHour = HourFacts & Pick<Rollup, 'mean' | 'coverage'>;

/** What the hour gives to a longer average: its mean when it is valid, or null. */
export function validMeanOf(limit: Limit, hour: LimitedHour): number | null {
  return hour.mean !== null && isValidHour(validityOf(limit), hour) ? hour.mean : null;
}

/**
 * Judges an hour. A mean equal to the limit keeps it. The limit is in force for a window that starts within its
 * validity, and is not asked in an hour in which the source was off.
 */
export function judge(limit: Limit, hour: LimitedHour, operation: Operation = 'unknown'): Verdict {
  const { start, end, mean, coverage } = hour;
  const isValid = validMeanOf(limit, hour) !== null;
  return verdict(limit, { start, end, mean, coverage, hours: undefined }, operation === 'off', isValid);
}

/**
 * The verdicts of a limit on its hours: of each hour, or of each day or month that an hour lies in, ascending. A longer
 * window is judged on the mean of its valid hours when they are at least `validHoursShareMin` of the hours in which the
 * source was not known to be off, hours that are not given counting as operating and not valid.
 *
 * @param hours ascending; of a day or month all that there are
 * @param zone of the site, whose days they are
 */
export function judgeHours(
  limit: Limit,
  hours: readonly LimitedHour[],
  zone: string,
  operationAt: (hour: LimitedHour) => Operation = () => 'unknown',
): Verdict[] {
  const { averaging } = limit;
  if (averaging === 'PT1H') return hours.map((hour) => judge(limit, hour, operationAt(hour)));
  const verdicts: Verdict[] = [];
  for (let at = 0; at < hours.length;) {
    const window = windowAt(averaging, hours[at]!.start, zone);
    const first = at;
    while (at < hours.length && hours[at]!.start < window.end) at++;
    verdicts.push(judgeLonger(limit, window, hours.slice(first, at), operationAt));
  }
  return verdicts;
}

function judgeLonger(
  limit: Limit,
  { start, end }: Window,
  hours: readonly LimitedHour[],
  operationAt: (hour: LimitedHour) => Operation,
): Verdict {
  const sum = new CompensatedSum();
  let [valid, operating] = [0, Math.round((end - start) / hourMs)];
  for (const hour of hours) {
    if (operationAt(hour) === 'off') {
      operating--;
      continue;
    }
    const mean = validMeanOf(limit, hour);
    if (mean === null) continue;
    valid++;
    sum.add(mean);
  }
  const mean = valid === 0 ? null : roundTo15Digits(sum.total() / valid);
  const coverage = operating <= 0 ? 0 : valid / operating;
  const isValid = valid > 0 && coverage >= (limit.validHoursShareMin ?? validHoursShareDefault);
  const told = { start, end, mean, coverage, hours: { valid, operating } };
  return verdict(limit, told, operating <= 0, isValid);
}

function verdict(
  limit: Limit,
  told: Omit<Verdict, 'state' | 'reason' | 'bound'>,
  isOff: boolean,
  isValid: boolean,
): Verdict {
  const { start, mean } = told;
  const isInForce = start >= limit.validFrom && (limit.validTo === undefined || start < limit.validTo);
  const unjudged = (reason: UnjudgedReason): Verdict => ({
    ...told,
    state: 'unjudged',
    reason,
    bound: undefined,
  });
  if (!isInForce) return unjudged('not-in-force');
  if (isOff) return unjudged('source-off');
  if (mean === null || !isValid) return unjudged('invalid');
  const { min = -Infinity, max = Infinity } = boundsOf(limit);
  const bound = mean > max ? 'max' : mean < min ? 'min' : undefined;
  return { ...told, state: bound === undefined ? 'kept' : 'broken', reason: undefined, bound };
}
