import { isDerived, windowsBetween, type Meter, type Window } from '@songma/domain';
import type { Change } from '@songma/series-store';
import { joinedHours, spansOfMeter, type ReadingSpan } from '../reading-plan.ts';
import type { SiteScopes } from '../site-scopes.ts';

/** Hours of a meter that are to be computed because a fact about it has changed. */
export interface FactHours {
  readonly site: string;
  readonly zone: string;
  readonly id: string;
  /** Undefined when it is retired. */
  readonly meter: Meter | undefined;
  readonly changes: readonly Change[];
  /** The hours by the site's clock, ascending, those that touch as one. */
  readonly spans: readonly Window[];
}

/** The changes that name a meter, by meter. Those of a site that is retired are left out: nothing is shown of it. */
export function factHours(scopes: SiteScopes, changes: readonly Change[]): FactHours[] {
  const named = changes.filter(({ meter }) => meter !== undefined);
  return [...Map.groupBy(named, ({ meter }) => meter!)].flatMap(([id, of]) => {
    const scope = scopes.get(of[0]!.site);
    if (scope === undefined) return [];
    const { id: site, timeZone: zone } = scope.site;
    return [{ site, zone, id, meter: scope.meters.get(id), changes: of, spans: joinedHours(of) }];
  });
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
