import { severities, type Severity } from '@songma/domain';

/** Of a range a ratio means nothing: it counts as a band in the middle. */
const rankOfRange = severities.indexOf('from-1.1');

/** The order of bands; what has none, as a range, counts as the second. */
export function rankOf(severity: Severity | null): number {
  return severity === null ? rankOfRange : severities.indexOf(severity);
}

/** Band from which nothing waits: quiet hours, office hours, gathering. */
export const breakingSeverity: Severity = 'from-3';

export function isBreaking(severity: Severity | null): boolean {
  return severity !== null && rankOf(severity) >= rankOf(breakingSeverity);
}

/** Whether what was told is a lesser band than what is. */
export function isWorse(severity: Severity | null, told: readonly (Severity | null)[]): boolean {
  return told.length > 0 && rankOf(severity) > Math.max(...told.map(rankOf));
}
