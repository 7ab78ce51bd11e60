import { roundTo15Digits, type HourValidity, type Rollup } from '@songma/domain';
import { isValidHour, type HourFacts } from './hour-validity.ts';
import type { Operation } from './operation.ts';

const hourMs = 3_600_000;

/** An hour that is over: what its meter gave, if anything, and whether the source operated. */
export interface AvailabilityHour {
  /** Milliseconds of it that lie in the meter's life, in which something is expected of it. */
  readonly expectedMs: number;
  readonly given: (HourFacts & Pick<Rollup, 'coveredMs' | 'faultMs' | 'outOfRangeMs'>) | undefined;
  readonly operation: Operation;
}

/** How available a meter was while its source operated. */
export interface Availability {
  /** Hours that are over. */
  readonly hours: number;
  /** Those of them in which the source was not known to be off. */
  readonly operatingHours: number;
  /** Those of the operating ones of which nothing tells whether it operated. */
  readonly unknownHours: number;
  /** Operating hours that are valid by the rule. */
  readonly validHours: number;
  /** `validHours` over `operatingHours`, 0 to 1; null where the source did not operate. */
  readonly availability: number | null;
  /** Time within the operating hours, in hours, with fractions; silent is what nothing speaks for. */
  readonly calibratingHours: number;
  readonly faultHours: number;
  readonly outOfRangeHours: number;
  readonly silentHours: number;
}

/**
 * Availability over operating time.
 * @see 40 CFR 75.32 (valid monitor hours over unit operating hours)
 */
export function availabilityOf(rule: HourValidity, hours: readonly AvailabilityHour[]): Availability {
  let [operating, unknown, valid] = [0, 0, 0];
  let [calibratingMs, faultMs, outOfRangeMs, silentMs] = [0, 0, 0, 0];
  for (const { expectedMs: lengthMs, given, operation } of hours) {
    if (operation === 'off') continue;
    operating++;
    if (operation === 'unknown') unknown++;
    if (given === undefined) {
      silentMs += lengthMs;
      continue;
    }
    if (given.coveredMs > 0 && isValidHour(rule, given)) valid++;
    calibratingMs += given.calibratingMs;
    faultMs += given.faultMs;
    outOfRangeMs += given.outOfRangeMs;
    // A counter's consumption may be known over the time of a fault.
    const spokenMs = given.coveredMs + given.calibratingMs + given.faultMs + given.outOfRangeMs;
    silentMs += Math.max(0, lengthMs - spokenMs);
  }
  return {
    hours: hours.length,
    operatingHours: operating,
    unknownHours: unknown,
    validHours: valid,
    availability: operating === 0 ? null : roundTo15Digits(valid / operating),
    calibratingHours: roundTo15Digits(calibratingMs / hourMs),
    faultHours: roundTo15Digits(faultMs / hourMs),
    outOfRangeHours: roundTo15Digits(outOfRangeMs / hourMs),
    silentHours: roundTo15Digits(silentMs / hourMs),
  };
}
