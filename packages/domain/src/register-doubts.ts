import { clockToleranceMs } from './counter-resets.ts';
import { judgeCounter } from './counters.ts';
import type { Meter } from './entities.ts';
import type { MeterReadings } from './meter-readings.ts';
import { windowAt, windowsBetween } from './windows.ts';

const dayMs = 86_400_000;

/** What is not sure about a register, in some readings of it. */
export interface RegisterDoubts {
  /** Resets that lie where a day or a month begins and are not declared. */
  readonly suspectedResets: 'daily' | 'monthly' | null;
  /** Readings with which nothing is booked until more follows. */
  readonly held: number;
  /** Readings that are left out as false. */
  readonly glitches: number;
  /** Readings at which the register stands where consumption cannot have brought it: nothing is booked. */
  readonly unexplained: number;
}

/** A daily reset is suspected from so many nights on, and when most resets lie there and most nights have one. */
const nightsMin = 3;
const resetShareMin = 0.8;
const nightShareMin = 0.5;
/** A monthly one when the readings span so much and no reset lies elsewhere. */
const monthlySpanMs = 20 * dayMs;

/**
 * What is not sure about a counter's readings, ascending in time; undefined for other meters. A suspicion changes no
 * amount: it asks for a declaration.
 */
export function registerDoubts(
  meter: Meter,
  zone: string,
  readings: MeterReadings,
): RegisterDoubts | undefined {
  if (meter.kind !== 'counter') return undefined;
  const { verdicts, begins } = judgeCounter(meter, zone, readings);
  const { times } = readings;
  const count = (wanted: string) => verdicts.filter((verdict) => verdict === wanted).length;
  const resets = verdicts.flatMap((verdict, i) =>
    verdict === 'reset' ? [{ from: times[begins[i]!]!, to: times[i]! }] : [],
  );
  const toleranceMs = clockToleranceMs(meter.intervalMs);
  const isAt = (kind: 'P1D' | 'P1M') => (step: { readonly from: number; readonly to: number }) =>
    windowAt(kind, step.to + toleranceMs, zone).start >= step.from - toleranceMs;
  const spanMs = times.length === 0 ? 0 : times.at(-1)! - times[0]!;
  const suspected = () => {
    if (meter.resets !== undefined || resets.length === 0) return null;
    if (spanMs >= monthlySpanMs && resets.every(isAt('P1M'))) return 'monthly';
    const nights = windowsBetween('P1D', times[0]!, times.at(-1)!, zone).length - 1;
    const atNight = resets.filter(isAt('P1D')).length;
    const isDaily = atNight >= resetShareMin * resets.length && atNight >= nightShareMin * nights;
    return atNight >= nightsMin && isDaily ? 'daily' : null;
  };
  return {
    suspectedResets: suspected(),
    held: count('held'),
    glitches: count('glitch'),
    unexplained: count('swap-undeclared'),
  };
}
