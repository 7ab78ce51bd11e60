import { lifeOf, type Meter, type Site, type Source } from '@songma/domain';
import type { Problem } from './registry.ts';
import type { RegisteredFacts } from './registry-view.ts';

/**
 * Meters of one site by the names that five-field files know them by: station, then symbol. Those of one symbol lived
 * one after the other, and are in that order.
 */
export type StationMeters = ReadonlyMap<string, ReadonlyMap<string, readonly Meter[]>>;

/** Symbols as they are compared: letters may be composed or decomposed. */
export function symbolText(symbol: string): string {
  return symbol.normalize('NFC');
}

/** The station that a meter is sent under: of its source if that has one, else of its site. */
function stationOf(meter: Meter, site: Site, sources: ReadonlyMap<string, Source>): string | undefined {
  const source = meter.source === undefined ? undefined : sources.get(meter.source);
  return source?.station ?? site.station;
}

/**
 * Meters without a symbol or station are absent. Of two with the same names whose lives overlap the first of `meters` is
 * taken.
 */
export function stationMeters(
  site: Site,
  sources: ReadonlyMap<string, Source>,
  meters: readonly Meter[],
  onCollision?: (taken: Meter, other: Meter) => void,
): StationMeters {
  const stations = new Map<string, Map<string, Meter[]>>();
  for (const meter of meters) {
    const station = stationOf(meter, site, sources);
    if (station === undefined || meter.symbol === undefined) continue;
    const symbols = stations.get(station) ?? new Map<string, Meter[]>();
    stations.set(station, symbols);
    const symbol = symbolText(meter.symbol);
    const all = symbols.get(symbol) ?? [];
    const taken = all.find((other) => livesWith(meter, other));
    if (taken === undefined) symbols.set(symbol, [...all, meter].toSorted(byLife));
    else onCollision?.(taken, meter);
  }
  return stations;
}

function livesWith(a: Meter, b: Meter): boolean {
  const [one, other] = [lifeOf(a), lifeOf(b)];
  return one.from < other.to && other.from < one.to;
}

function byLife(a: Meter, b: Meter): number {
  return lifeOf(a).from < lifeOf(b).from ? -1 : 1;
}

type Placed =
  | { readonly kind: 'site'; readonly body: Site }
  | { readonly kind: 'source'; readonly body: Source }
  | { readonly kind: 'meter'; readonly body: Meter };

/** Why the proposed entity would make a line of a five-field file mean two meters; empty when it would not. */
export function stationCollisions(proposed: Placed, registered: RegisteredFacts): Problem[] {
  switch (proposed.kind) {
    case 'site':
      return [...takenStation(proposed, registered), ...takenSymbols(proposed.body.id, proposed, registered)];
    case 'source':
      return [
        ...takenStation(proposed, registered),
        ...takenSymbols(proposed.body.site, proposed, registered),
      ];
    case 'meter':
      if (proposed.body.symbol === undefined) return [];
      return takenSymbols(proposed.body.site, proposed, registered);
  }
}

function takenStation(
  { kind, body }: Placed & { kind: 'site' | 'source' },
  registered: RegisteredFacts,
): Problem[] {
  if (body.station === undefined) return [];
  const user = registered.stationUser(body.station);
  if (user === undefined || (user.kind === kind && user.id === body.id)) return [];
  return [
    { path: 'station', problem: `${user.kind} "${user.id}" has station "${body.station}": choose another` },
  ];
}

function takenSymbols(siteId: string, proposed: Placed, registered: RegisteredFacts): Problem[] {
  const site = proposed.kind === 'site' ? proposed.body : registered.get('site', siteId)?.body;
  if (site === undefined) return [];
  const sources = new Map(registered.sourcesOfSite(siteId).map((source) => [source.id, source]));
  if (proposed.kind === 'source') sources.set(proposed.body.id, proposed.body);
  const others = registered
    .metersOfSite(siteId)
    .filter(({ id }) => id !== proposed.body.id || proposed.kind !== 'meter');
  const meters = proposed.kind === 'meter' ? [...others, proposed.body] : others;
  const problems: Problem[] = [];
  stationMeters(site, sources, meters, (taken, other) => {
    const path = proposed.kind === 'meter' ? 'symbol' : 'station';
    const station = stationOf(other, site, sources);
    problems.push({
      path,
      problem: `meters "${taken.id}" and "${other.id}" would both be "${other.symbol}" of station "${station}": give one another symbol, a source with a station of its own, or lives (from, to) one after the other`,
    });
  });
  return problems;
}
