import { isDerived, windowsBetween, type Meter, type Window } from '@songma/domain';
import { everyMeter, type Change } from '@songma/series-store';
import { joinedHours, spansOfMeter, type ReadingSpan } from '../reading-plan.ts';
import type { SiteScope, SiteScopes } from '../site-scopes.ts';

/** Hours of a meter that are to be computed because a fact about it has changed. */
export interface FactHours {
  readonly site: string;
  readonly zone: string;
  readonly id: string;
  /** Undefined when it is retired. */
  readonly meter: Meter | undefined;
  /** What has changed: a fact about it, or the rules. */
  readonly cause: 'registry' | 'rules';
  readonly changes: readonly Change[];
  /** The hours by the site's clock, ascending, those that touch as one. */
  readonly spans: readonly Window[];
}

/** The changes that name a meter, by meter. Those of a site that is retired are left out: nothing is shown of it. */
export function factHours(scopes: SiteScopes, changes: readonly Change[]): FactHours[] {
  const named = changes.filter(({ meter }) => meter !== undefined && meter !== everyMeter);
  const byFacts = [...Map.groupBy(named, ({ meter }) => meter!)].flatMap(([id, of]): FactHours[] => {
    const scope = scopes.get(of[0]!.site);
    if (scope === undefined) return [];
    return [hoursOfMeter(scope, id, of, 'registry')];
  });
  return [...byFacts, ...ruleHours(scopes, changes)];
}

/** The changes that name every meter of a site, by meter. */
function ruleHours(scopes: SiteScopes, changes: readonly Change[]): FactHours[] {
  const named = changes.filter(({ meter }) => meter === everyMeter);
  return [...Map.groupBy(named, ({ site }) => site)].flatMap(([site, of]) => {
    const scope = scopes.get(site);
    if (scope === undefined) return [];
    return [...scope.meters.keys()].map((id) => hoursOfMeter(scope, id, of, 'rules'));
  });
}

function hoursOfMeter(
  scope: SiteScope,
  id: string,
  changes: readonly Change[],
  cause: FactHours['cause'],
): FactHours {
  const { id: site, timeZone: zone } = scope.site;
  return { site, zone, id, meter: scope.meters.get(id), cause, changes, spans: joinedHours(changes) };
}

/** What has to be read to compute them. Derived meters have no readings: they follow from their inputs. */
export function factReadings(scopes: SiteScopes, facts: readonly FactHours[]): ReadingSpan[] {
  return facts.flatMap(({ site, meter, changes }) => {
    if (meter === undefined || isDerived(meter)) return [];
    const scope = scopes.get(site);
    return scope === undefined ? [] : spansOfMeter(scope, meter, changes);
  });
}

/** The days of the meter's site that the hours lie in: start to end. */
export function factDays({ zone, spans }: FactHours): Map<number, number> {
  const days = new Map<number, number>();
  for (const { start, end } of spans) {
    for (const day of windowsBetween('P1D', start, end, zone)) days.set(day.start, day.end);
  }
  return days;
}
