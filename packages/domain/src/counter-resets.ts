import type { Meter } from './entities.ts';
import { windowAt } from './windows.ts';

const hourMs = 3_600_000;
const windowOf = { daily: 'P1D', monthly: 'P1M' } as const;

/**
 * Whether a register that is declared to begin again with each day or month does so between two readings: `possible`
 * where one of them lies so near to midnight that the register itself must tell, `several` where what it showed in
 * between is lost.
 */
export type ResetsBetween = 'none' | 'possible' | 'sure' | 'several';

/** Whether it certainly does, whatever it shows. */
export function isSetBack(resets: ResetsBetween): boolean {
  return resets === 'sure' || resets === 'several';
}

/**
 * How often the register begins again between two times, by declaration and the clock of the site. Registers keep to
 * the clock by an interval of the meter or an hour, whichever is less.
 */
export function resetsBetween(
  { resets, intervalMs }: Pick<Meter, 'resets' | 'intervalMs'>,
  zone: string,
  from: number,
  to: number,
): ResetsBetween {
  if (resets === undefined) return 'none';
  const toleranceMs = clockToleranceMs(intervalMs);
  const kind = windowOf[resets];
  let [near, inside] = [0, 0];
  // Three tell all that is asked.
  for (let at = windowAt(kind, to + toleranceMs, zone).start; at >= from - toleranceMs && near < 3;) {
    near++;
    if (at > from + toleranceMs && at <= to - toleranceMs) inside++;
    at = windowAt(kind, at - 1, zone).start;
  }
  if (near === 0) return 'none';
  if (inside >= 2 || near >= 3) return 'several';
  // With one at either end the register was set back after the first reading or before the second.
  return inside === 1 || near === 2 ? 'sure' : 'possible';
}

export function clockToleranceMs(intervalMs: number): number {
  return Math.min(intervalMs, hourMs);
}
