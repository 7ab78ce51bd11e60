import {
  mergeRollups,
  rollupHours,
  sameRollup,
  windowsBetween,
  type Rollup,
  type RollupDraft,
} from '@songma/domain';
import type { SeriesRange, SeriesStore } from '@songma/series-store';
import type { TouchedMeter } from './held-readings.ts';

/** A rollup that came out otherwise than it is stored, with its next revision; and what is stored. */
export interface ChangedRollup {
  readonly after: Rollup;
  readonly before: Rollup | undefined;
}

export interface ChangedRollups {
  readonly hours: readonly ChangedRollup[];
  readonly days: readonly ChangedRollup[];
  /** Windows computed, changed or not. */
  readonly computed: number;
}

/** Rollups of one meter by their start. */
type ByStart = Map<number, Rollup>;

/** A meter's days of which an hour has changed: start to end. */
interface TouchedDays {
  readonly meter: string;
  readonly zone: string;
  readonly days: Map<number, number>;
}

/**
 * The touched hours, from the readings; then the days that the changed ones lie in, from all of their hours. What
 * comes out as it is stored is left alone.
 */
export async function computeRollups(
  store: SeriesStore,
  touched: readonly TouchedMeter[],
): Promise<ChangedRollups> {
  if (touched.length === 0) return { hours: [], days: [], computed: 0 };
  // Whole days of hours: what the hours are compared with, and what a day is merged from.
  const ranges = dayRanges(touched);
  const [storedHours, storedDays] = await Promise.all([
    store.rollups({ ranges, window: 'PT1H' }),
    store.rollups({ ranges, window: 'P1D' }),
  ]);
  const hoursOf = byMeter(storedHours);
  const daysOf = byMeter(storedDays);
  const hours: ChangedRollup[] = [];
  const touchedDays = new Map<string, TouchedDays>();
  let computed = 0;
  for (const { meter, zone, readings, hours: windows } of touched) {
    const held = ofMeter(hoursOf, meter.id);
    computed += windows.length;
    for (const draft of rollupHours(meter, zone, readings, windows)) {
      const changed = revised(draft, held.get(draft.start));
      if (changed === undefined) continue;
      hours.push(changed);
      held.set(draft.start, changed.after);
      let of = touchedDays.get(meter.id);
      if (of === undefined) touchedDays.set(meter.id, (of = { meter: meter.id, zone, days: new Map() }));
      for (const day of windowsBetween('P1D', draft.start, draft.end, zone)) of.days.set(day.start, day.end);
    }
  }

  const days: ChangedRollup[] = [];
  for (const { meter, zone, days: starts } of touchedDays.values()) {
    const held = ofMeter(hoursOf, meter);
    for (const [start, end] of starts) {
      const parts = windowsBetween('PT1H', start, end, zone).flatMap((hour) => held.get(hour.start) ?? []);
      const changed = revised(mergeRollups('P1D', { start, end }, parts), ofMeter(daysOf, meter).get(start));
      computed++;
      if (changed !== undefined) days.push(changed);
    }
  }
  return { hours, days, computed };
}

/** The draft as the next revision; undefined when it says what is stored, or nothing where nothing is stored. */
function revised(draft: RollupDraft, before: Rollup | undefined): ChangedRollup | undefined {
  if (before === undefined) {
    const saysNothing = draft.count === 0 && draft.coveredMs === 0;
    return saysNothing ? undefined : { after: { ...draft, revision: 1 }, before };
  }
  return sameRollup(draft, before)
    ? undefined
    : { after: { ...draft, revision: before.revision + 1 }, before };
}

/** Per site the days that its touched hours lie in, joined where they touch, with the meters that are touched. */
function dayRanges(touched: readonly TouchedMeter[]): SeriesRange[] {
  const sites = new Map<string, { meters: Set<string>; days: Map<number, number> }>();
  for (const { meter, zone, hours } of touched) {
    let site = sites.get(meter.site);
    if (site === undefined) sites.set(meter.site, (site = { meters: new Set(), days: new Map() }));
    site.meters.add(meter.id);
    for (const { start, end } of hours) {
      for (const day of windowsBetween('P1D', start, end, zone)) site.days.set(day.start, day.end);
    }
  }
  return [...sites].flatMap(([site, { meters, days }]) =>
    joinedSpans(days).map((span) => ({ site, meters: [...meters], ...span })),
  );
}

/** Spans given as start to end, ascending, those that touch as one. */
export function joinedSpans(spans: ReadonlyMap<number, number>): { from: number; to: number }[] {
  const ranges: { from: number; to: number }[] = [];
  for (const [from, to] of [...spans].toSorted(([a], [b]) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else ranges.push({ from, to });
  }
  return ranges;
}

function byMeter(rollups: readonly Rollup[]): Map<string, ByStart> {
  const meters = new Map<string, ByStart>();
  for (const rollup of rollups) ofMeter(meters, rollup.meter).set(rollup.start, rollup);
  return meters;
}

function ofMeter(meters: Map<string, ByStart>, meter: string): ByStart {
  let of = meters.get(meter);
  if (of === undefined) meters.set(meter, (of = new Map()));
  return of;
}
