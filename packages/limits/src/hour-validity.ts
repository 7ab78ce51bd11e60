import type { HourValidity, Limit, Rollup } from '@songma/domain';

const quarterMs = 900_000;

/** What the validity of an hour is told by. */
export type HourFacts = Pick<
  Rollup,
  'start' | 'end' | 'validMs' | 'quarters' | 'validSpanMs' | 'calibrating' | 'calibratingMs'
>;

/** The limit's rule: `share` with its least share where it names none. */
export function validityOf(limit: Pick<Limit, 'validity' | 'validShareMin'>): HourValidity {
  return limit.validity ?? { rule: 'share', min: limit.validShareMin };
}

/**
 * Whether an hour is valid by a rule. A share is of the time that its readings speak for by themselves: five readings of
 * twelve are no valid hour because each is held until the next.
 *
 * @param ran quarters in which the source operated, as bits like those of a rollup. Unless it is known the whole hour
 * counts, which asks for more.
 * @see 40 CFR 60.13(h)(2): (i) a full hour, (ii) a partial hour, (iii) an hour with maintenance or quality assurance
 */
export function isValidHour(rule: HourValidity, hour: HourFacts, ran?: number): boolean {
  if (rule.rule === 'share') return hour.validMs / (hour.end - hour.start) >= rule.min;
  const inHour = (1 << Math.ceil((hour.end - hour.start) / quarterMs)) - 1;
  const asked = (ran ?? inHour) & inHour;
  const valid = hour.quarters ?? 0;
  if (asked === 0 || valid === 0) return false;
  const isMaintained = hour.calibrating > 0 || hour.calibratingMs > 0;
  if (!isMaintained) return (valid & asked) === asked;
  const isSingle = (asked & (asked - 1)) === 0;
  return isSingle ? (valid & asked) !== 0 : (hour.validSpanMs ?? 0) >= quarterMs;
}
