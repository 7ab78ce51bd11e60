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
}

/** An enterprise with those of its sites that are touched; what touches a site touches it. */
export interface TouchedEnterprise {
  readonly whole: TouchedScope;
  readonly sites: ReadonlyMap<string, TouchedScope>;
}

/** Whose indicators the changed days and months, and the changed facts, may move, and when. */
export function touchedEnterprises(
  registry: Registry,
  { days, months }: Pick<ChangedRollups, 'days' | 'months'>,
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
  for (const day of days) {
    const { scopes, zone } = scopesOf(day);
    for (const scope of scopes) {
      const { start, end } = sameDateWindow('P1D', day.after.start, zone, scope.zone);
      scope.days.set(start, end);
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
    if (enterprise === undefined || (fact.meter !== undefined && !isInput(fact.meter))) continue;
    const { scopes, zone } = scopesOfSite({ enterprise, site: site! });
    for (const scope of scopes) addFactDays(scope, fact, zone);
  }
  return [...touched.values()];
}

/** A meter that is retired does not tell anything any more: what it finished may be open again. */
function addFactDays(scope: TouchedScope, fact: FactHours, zone: string): void {
  for (const own of factDays(fact).keys()) {
    const day = sameDateWindow('P1D', own, zone, scope.zone);
    const month = windowAt('P1M', day.start, scope.zone);
    scope.days.set(day.start, day.end);
    scope.months.set(month.start, month.end);
    scope.factDays.push(day.start);
    if (fact.meter === undefined) scope.toggled.add(month.start);
  }
}

function untouched(
  enterprise: Versioned<Enterprise>,
  site: string | undefined,
  zone: string,
  meters: readonly InputMeter[],
): TouchedScope {
  const nothing = { days: new Map(), months: new Map(), toggled: new Set<number>(), factDays: [] };
  return { enterprise, site, zone, meters, ...nothing };
}

function inputsOf(registry: Registry, enterprise: string): InputMeter[] {
  return registry
    .sitesOfEnterprise(enterprise)
    .flatMap(({ id, timeZone: zone }) =>
      registry.metersOfSite(id).flatMap((meter) => (isInput(meter) ? [{ meter, zone }] : [])),
    );
}
