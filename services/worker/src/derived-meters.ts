import {
  derivedFrom,
  inputsNow,
  isDerived,
  successionOf,
  toldByReadings,
  windowsBetween,
  withDerived,
  withParts,
  type DerivedMeter,
  type Meter,
  type Window,
} from '@songma/domain';
import type { FactHours } from './facts/fact-hours.ts';
import { readTouched, type TouchedMeter } from './held-readings.ts';
import type { PieceStore } from './piece-store.ts';
import { spansOfInput, type ReadingSpan } from './reading-plan.ts';
import { joinedSpans } from './rollup-computation.ts';
import type { SiteScope, SiteScopes } from './site-scopes.ts';

/** Hours by their start. */
type Hours = Map<number, Window>;

/** The derived meters of a site that are to be computed, and when. */
interface DerivedSite {
  readonly scope: SiteScope;
  /** Each after its inputs. */
  readonly meters: readonly DerivedMeter[];
  /** The meters with readings that these rest on. */
  readonly leaves: readonly Meter[];
  /** These, and the derived ones between them and the leaves, each after its inputs. */
  readonly between: readonly DerivedMeter[];
  readonly hoursOf: ReadonlyMap<string, Hours>;
  /** All of their hours, those that touch as one; ascending. */
  readonly spans: readonly Window[];
}

/**
 * The derived meters whose inputs are touched, directly or over others, or about which a fact has changed, in those
 * hours. What their inputs tell there is read in one question to the store, for all of them together.
 */
export async function deriveTouched(
  store: PieceStore,
  scopes: SiteScopes,
  touched: readonly TouchedMeter[],
  facts: readonly FactHours[],
): Promise<{ readonly touched: readonly TouchedMeter[]; readonly readings: number }> {
  const sites = derivedSites(scopes, touched, facts);
  if (sites.length === 0) return { touched: [], readings: 0 };
  const read = await readTouched(store, scopes, sites.flatMap(inputSpans));
  // Where two of them hold the same hours, the one that sees farther goes before.
  const inputs = Map.groupBy(
    read.touched.toSorted((a, b) => Number(b.seesSurroundings) - Number(a.seesSurroundings)),
    ({ meter }) => meter.id,
  );
  const derived = sites.flatMap((site) => site.spans.flatMap((span) => derivedIn(site, span, inputs)));
  return { touched: derived, readings: read.readings };
}

function derivedSites(
  scopes: SiteScopes,
  touched: readonly TouchedMeter[],
  facts: readonly FactHours[],
): DerivedSite[] {
  const named = [
    ...touched.map(({ meter, hours }) => ({ site: meter.site, id: meter.id, hours })),
    ...facts.map(({ site, id, zone, spans }) => ({
      site,
      id,
      hours: spans.flatMap(({ start, end }) => windowsBetween('PT1H', start, end, zone)),
    })),
  ];
  return [...Map.groupBy(named, ({ site }) => site)].flatMap(([site, of]) => {
    const scope = scopes.get(site);
    if (scope === undefined) return [];
    const meters = derivedFrom(scope.meters, new Set(of.map(({ id }) => id)));
    const succession = successionOf(scope.meters);
    if (meters.length === 0) return [];
    const hoursOf = new Map<string, Hours>();
    const add = (id: string, hours: Iterable<Window>): void => {
      const known = hoursOf.get(id) ?? new Map<number, Window>();
      for (const hour of hours) known.set(hour.start, hour);
      hoursOf.set(id, known);
    };
    for (const { id, hours } of of) add(id, hours);
    const all: Hours = new Map();
    for (const meter of meters) {
      const inputs = inputsNow(meter, (id) => scope.meters.get(id), succession);
      for (const input of inputs) add(meter.id, hoursOf.get(input)?.values() ?? []);
      for (const hour of hoursOf.get(meter.id)!.values()) all.set(hour.start, hour);
    }
    const spans = joinedSpans(new Map(Array.from(all.values(), ({ start, end }) => [start, end])));
    return [
      {
        scope,
        meters,
        ...partsOf(scope, meters),
        hoursOf,
        spans: spans.map(({ from, to }) => ({ start: from, end: to })),
      },
    ];
  });
}

function partsOf(
  { meters }: SiteScope,
  derived: readonly DerivedMeter[],
): Pick<DerivedSite, 'leaves' | 'between'> {
  const ids = derived.map(({ id }) => id);
  const parts = withParts((id) => meters.get(id), ids, successionOf(meters));
  return {
    leaves: [...parts].flatMap((id) => meters.get(id) ?? []).filter((meter) => !isDerived(meter)),
    between: derivedFrom(meters, undefined).filter(({ id }) => parts.has(id)),
  };
}

function inputSpans({ scope, leaves, spans }: DerivedSite): ReadingSpan[] {
  return leaves.flatMap((meter) => spansOfInput(scope, meter, spans));
}

/** What the derived meters tell in one span of hours. */
function derivedIn(
  { scope, meters, leaves, between, hoursOf }: DerivedSite,
  span: Window,
  inputs: ReadonlyMap<string, readonly TouchedMeter[]>,
): TouchedMeter[] {
  const zone = scope.site.timeZone;
  const told = leaves.map((meter) => {
    const of = inputs.get(meter.id)?.find(({ hours }) => holds(hours, span));
    if (of === undefined) throw new Error(`meter ${meter.id} was not read for what is derived from it`);
    return toldByReadings(meter, zone, of.readings);
  });
  const all = withDerived(told, between, zone);
  return meters.flatMap((meter) => {
    const hours = [...hoursOf.get(meter.id)!.values()]
      .filter(({ start }) => start >= span.start && start < span.end)
      .toSorted((a, b) => a.start - b.start);
    if (hours.length === 0) return [];
    const { readings, spans } = all.get(meter.id)!;
    return [{ meter, zone, hours, readings, spans, inputs: scope.meters, seesSurroundings: false }];
  });
}

function holds(hours: readonly Window[], { start, end }: Window): boolean {
  return hours.some((hour) => hour.start === start) && hours.some((hour) => hour.end === end);
}
