import { isDerived, nearReadingsMax, reachMs, windowAt, type Meter, type Window } from '@songma/domain';
import type { Change, SeriesRange } from '@songma/series-store';
import type { SiteScope } from './site-scopes.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;

/** Some meters of a site, what changed of the site, and the readings that computing it may need. */
export interface ReadingSpan {
  readonly scope: SiteScope;
  /** Those that are computed from it, by id. */
  readonly meters: ReadonlyMap<string, Meter>;
  /** How far readings of these meters may lie from the windows that they touch, but for silences of counters. */
  readonly reachMs: number;
  /** Whether the changed hours are computed although no reading of them changed. */
  readonly isForced: boolean;
  /** Hours in which something changed, joined where they touch; ascending and apart. */
  readonly changed: readonly Window[];
  /** Read as one range; it may bring meters that are not computed from it. */
  readonly range: SeriesRange;
}

/**
 * How far the first read looks for the neighbours of what changed. Counters reach farther over a silence, which is
 * looked into only where there is one.
 */
function firstReachMs(meter: Meter): number {
  return meter.kind === 'counter' ? nearReadingsMax * meter.intervalMs : reachMs(meter);
}

/**
 * Meters of similar reach are read together, so that a daily meter does not make a minute's one be read for a day, nor a
 * monthly one an hour's for months.
 */
const reachSteps = [15 * minuteMs, 2 * hourMs, 72 * hourMs, Number.POSITIVE_INFINITY];

/**
 * What has to be read to compute everything that the changes of one site may touch. A changed reading touches the
 * hours up to its reach after it (a counter's: before it too), and these hours need their neighbours.
 */
export function spansToRead(scope: SiteScope, changes: readonly Change[]): ReadingSpan[] {
  const changed = joinedHours(changes);
  const groups = Map.groupBy(
    [...scope.meters.values()].filter((meter) => !isDerived(meter)),
    (meter) => reachSteps.findIndex((step) => firstReachMs(meter) <= step),
  );
  const ordered = [...groups.values()].toSorted((a, b) => b.length - a.length);
  // A site without a registered meter is read too: what it sends tells that the registry is behind.
  return (ordered.length === 0 ? [[]] : ordered).flatMap((meters, i) =>
    // The largest group is read without a list, so that a meter that is not registered yet shows.
    rangesAround(scope, changed, meters, { isForced: false, isListed: i > 0 }),
  );
}

/** What has to be read to compute the changed hours of one meter, and whatever else they touch, from anew. */
export function spansOfMeter(scope: SiteScope, meter: Meter, changes: readonly Change[]): ReadingSpan[] {
  return rangesAround(scope, joinedHours(changes), [meter], { isForced: true, isListed: true });
}

/** What has to be read of a meter to evaluate formulas over it in some spans of hours, ascending and apart. */
export function spansOfInput(scope: SiteScope, meter: Meter, hours: readonly Window[]): ReadingSpan[] {
  // Pieces of time are cut by all that tells on them. Intervals that overlap reach in from farther than their own
  // reach.
  const back = meter.kind === 'interval' ? reachMs(meter) : 0;
  const spans = hours.map(({ start, end }) => ({ start: start - back, end }));
  return rangesAround(scope, spans, [meter], { isForced: true, isListed: true });
}

function rangesAround(
  scope: SiteScope,
  changed: readonly Window[],
  meters: readonly Meter[],
  { isForced, isListed }: { readonly isForced: boolean; readonly isListed: boolean },
): ReadingSpan[] {
  const { id: site, timeZone } = scope.site;
  const reach = Math.max(0, ...meters.map(firstReachMs));
  // The consumption up to a counter's first changed reading began at the reading before it.
  const back = meters.some(({ kind }) => kind === 'counter') ? reach : 0;
  const ranges: { from: number; to: number; changed: Window[] }[] = [];
  for (const one of changed) {
    const from = windowAt('PT1H', one.start - back, timeZone).start - reach;
    const to = windowAt('PT1H', one.end + reach, timeZone).end + reach;
    const last = ranges.at(-1);
    if (last !== undefined && from <= last.to) {
      last.to = to;
      last.changed.push(one);
    } else {
      ranges.push({ from, to, changed: [one] });
    }
  }
  const byId = new Map(meters.map((meter) => [meter.id, meter]));
  return ranges.map(({ from, to, changed: inside }) => ({
    scope,
    meters: byId,
    reachMs: reach,
    isForced,
    changed: inside,
    range: { site, from, to, ...(isListed ? { meters: [...byId.keys()] } : {}) },
  }));
}

/** The changed hours as spans, ascending, those that touch as one. */
export function joinedHours(changes: readonly Pick<Change, 'hour'>[]): Window[] {
  const spans: { start: number; end: number }[] = [];
  for (const { hour } of changes.toSorted((a, b) => a.hour - b.hour)) {
    const last = spans.at(-1);
    if (last !== undefined && hour <= last.end) last.end = Math.max(last.end, hour + hourMs);
    else spans.push({ start: hour, end: hour + hourMs });
  }
  return spans;
}
