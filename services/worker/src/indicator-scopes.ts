import { sameDateWindow, saysSomething, windowAt, type Enterprise, type Meter } from '@songma/domain';
import { isInput } from '@songma/indicators';
import type { MeterContext, Registry, Versioned } from '@songma/registry';
import { factDays, type FactHours } from './facts/fact-hours.ts';
import type { ChangedRollup, ChangedRollups } from './rollup-computation.ts';

/** A meter that counts in some indicator, and the zone of its site. */
export interface InputMeter {
  readonly meter: Meter;
  readonly zone: string;
}

/** An enterprise or one of its sites, and when its indicators may have changed. Times are starts to ends in `zone`. */
export interface TouchedScope {
  readonly enterprise: Versioned<Enterprise>;
  /** Undefined: the whole enterprise. */
  readonly site: string | undefined;
  /** Of the site; of an enterprise that of its first site. */
  readonly zone: string;
  /** All of the scope. */
  readonly meters: readonly InputMeter[];
  readonly days: Map<number, number>;
  readonly months: Map<number, number>;
  /** Starts of those of the months in which a meter began to tell something, or ceased to. */
  readonly toggled: Set<number>;
  /** Starts of days about which a fact has changed. */
  readonly factDays: number[];
  /** Starts of days that are computed again because the rules have changed. */
  readonly ruleDays: number[];
}

/** An enterprise with those of its sites that are touched; what touches a site touches it. */
export interface TouchedEnterprise {
  readonly whole: TouchedScope;
  readonly sites: ReadonlyMap<string, TouchedScope>;
}

/**
 * Whose indicators the changed hours and months, and the changed facts, may move, and when. Hours, because a day may say
 * what it said while others of its hours are known.
 */
export function touchedEnterprises(
  registry: Registry,
  { hours, months }: Pick<ChangedRollups, 'hours' | 'months'>,
  facts: readonly FactHours[],
): TouchedEnterprise[] {
  const touched = new Map<string, { whole: TouchedScope; sites: Map<string, TouchedScope> }>();
  const scopesOf = ({ after }: ChangedRollup): { scopes: readonly TouchedScope[]; zone: string } => {
    const context = registry.meter(after.meter);
    if (context === undefined || !isInput(context.meter)) return { scopes: [], zone: '' };
    return scopesOfSite(context);
  };
  const scopesOfSite = ({ enterprise, site }: Pick<MeterContext, 'enterprise' | 'site'>) => {
    let of = touched.get(enterprise.id);
    if (of === undefined) {
      // A meter of it is registered, so it has a site.
      const zone = registry.sitesOfEnterprise(enterprise.id)[0]!.timeZone;
      const stated = registry.get('enterprise', enterprise.id)!;
      const whole = untouched(stated, undefined, zone, inputsOf(registry, enterprise.id));
      touched.set(enterprise.id, (of = { whole, sites: new Map() }));
    }
    let ofSite = of.sites.get(site.id);
    if (ofSite === undefined) {
      const inputs = of.whole.meters.filter(({ meter }) => meter.site === site.id);
      of.sites.set(site.id, (ofSite = untouched(of.whole.enterprise, site.id, site.timeZone, inputs)));
    }
    return { scopes: [of.whole, ofSite], zone: site.timeZone };
  };
  for (const [, of] of Map.groupBy(hours, ({ after }) => after.meter)) {
    const { scopes, zone } = scopesOf(of[0]!);
    if (scopes.length === 0) continue;
    for (const own of daysOf(of, zone)) {
      for (const scope of scopes) {
        const day = sameDateWindow('P1D', own, zone, scope.zone);
        if (scope.days.has(day.start)) continue;
        const month = windowAt('P1M', day.start, scope.zone);
        scope.days.set(day.start, day.end);
        scope.months.set(month.start, month.end);
      }
    }
  }
  for (const month of months) {
    const { scopes, zone } = scopesOf(month);
    for (const scope of scopes) {
      const { start, end } = sameDateWindow('P1M', month.after.start, zone, scope.zone);
      scope.months.set(start, end);
      if (saysSomething(month.before) !== saysSomething(month.after)) scope.toggled.add(start);
    }
  }
  for (const fact of facts) {
    const site = registry.get('site', fact.site)?.body;
    const enterprise = site && registry.get('enterprise', site.enterprise)?.body;
    if (enterprise === undefined || (fact.meter !== undefined && !mayCount(fact.meter))) continue;
    const { scopes, zone } = scopesOfSite({ enterprise, site: site! });
    for (const scope of scopes) addFactDays(scope, fact, zone);
  }
  return [...touched.values()];
}

/** Starts of the days that one meter's hours lie in. Hours of a day mostly come one after the other. */
function daysOf(hours: readonly ChangedRollup[], zone: string): Set<number> {
  const days = new Set<number>();
  let day = { start: 0, end: 0 };
  for (const { after } of hours) {
    if (after.start < day.start || after.start >= day.end) day = windowAt('P1D', after.start, zone);
    days.add(day.start);
  }
  return days;
}

/** A meter that is retired, or a part now, does not tell anything any more: what it finished may be open again. */
function addFactDays(scope: TouchedScope, fact: FactHours, zone: string): void {
  for (const own of factDays(fact).keys()) {
    const day = sameDateWindow('P1D', own, zone, scope.zone);
    const month = windowAt('P1M', day.start, scope.zone);
    scope.days.set(day.start, day.end);
    scope.months.set(month.start, month.end);
    (fact.cause === 'rules' ? scope.ruleDays : scope.factDays).push(day.start);
    if (fact.meter === undefined || !isInput(fact.meter)) scope.toggled.add(month.start);
  }
}

/** Whether a meter is an input, or was one before it became a part of another's total. */
function mayCount(meter: Meter): boolean {
  return isInput({ ...meter, countsAs: 'total' });
}

function untouched(
  enterprise: Versioned<Enterprise>,
  site: string | undefined,
  zone: string,
  meters: readonly InputMeter[],
): TouchedScope {
  const nothing = {
    days: new Map(),
    months: new Map(),
    toggled: new Set<number>(),
    factDays: [],
    ruleDays: [],
  };
  return { enterprise, site, zone, meters, ...nothing };
}

function inputsOf(registry: Registry, enterprise: string): InputMeter[] {
  return registry
    .sitesOfEnterprise(enterprise)
    .flatMap(({ id, timeZone: zone }) =>
      registry.metersOfSite(id).flatMap((meter) => (isInput(meter) ? [{ meter, zone }] : [])),
    );
}
