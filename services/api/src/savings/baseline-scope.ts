import { dateIn, windowsBetween, type Baseline, type Meter, type Window } from '@songma/domain';
import type { BaselineMeters, MatchedRollup, PeriodRollup, Valuer } from '@songma/indicators';
import type { MeterContext } from '@songma/registry';
import { instantOf } from '../answers/spans.ts';

/** Whose meters a baseline adds up, and by which clock its periods are told. */
export interface BaselineScope {
  readonly baseline: Baseline;
  readonly meters: BaselineMeters;
  readonly zone: string;
  /** Values what is burnt, and remembers with which factors. */
  readonly valuer: Valuer;
  /** Zone of each meter's site. */
  readonly zoneOf: (meter: Meter) => string;
}

/** Dates, the last exclusive. Each meter's periods are cut by the clock of its own site. */
export interface DateSpan {
  readonly from: string;
  readonly to: string;
}

/** What is known of a meter in a window. */
export type HeldWindow = PeriodRollup & MatchedRollup;

/** What is known of meters, by the date that their windows bear at their own sites. */
export class HeldWindows {
  readonly #windows = new Map<string, HeldWindow>();

  add({ meter, site }: MeterContext, windows: readonly HeldWindow[]): void {
    for (const one of windows) this.#windows.set(`${meter.id}/${dateIn(site.timeZone, one.start)}`, one);
  }

  get(meter: string, date: string): HeldWindow | undefined {
    return this.#windows.get(`${meter}/${date}`);
  }
}

/** The periods of the dates, by the scope's clock. */
export function windowsOf({ baseline, zone }: BaselineScope, { from, to }: DateSpan): Window[] {
  return windowsBetween(baseline.period, instantOf(from, zone), instantOf(to, zone), zone);
}
