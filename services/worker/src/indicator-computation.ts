import { sameDateWindow, type IndicatorEvent, type Meter, type Rollup } from '@songma/domain';
import {
  computeIndicator,
  indicatorDefinitions,
  indicatorIdOf,
  inputRole,
  publishIndicator,
} from '@songma/indicators';
import type { Registry } from '@songma/registry';
import type { SeriesStore } from '@songma/series-store';
import { factDays, type FactHours } from './facts/fact-hours.ts';
import { joinedSpans, type ChangedRollup } from './rollup-computation.ts';

/** An enterprise, the days to compute (start to end, in the zone of its first site), and the meters that count. */
interface TouchedEnterprise {
  readonly enterprise: string;
  readonly zone: string;
  readonly days: Map<number, number>;
  /** Starts of those that are computed because a fact has changed. */
  readonly byFacts: Set<number>;
  readonly meters: readonly { readonly meter: Meter; readonly zone: string }[];
}

/**
 * The indicators of the enterprises and days whose inputs changed, or facts about them, as events: those whose numbers are not what was
 * published last.
 * @param at when they are published, epoch milliseconds
 */
export async function computeIndicators(
  { registry, seriesStore }: { readonly registry: Registry; readonly seriesStore: SeriesStore },
  days: readonly ChangedRollup[],
  facts: readonly FactHours[],
  at: number,
): Promise<IndicatorEvent[]> {
  const touched = touchedEnterprises(registry, days, facts);
  if (touched.length === 0) return [];
  const [published, stored] = await Promise.all([
    publishedBefore(seriesStore, touched),
    seriesStore.rollups({ ranges: touched.flatMap(inputRanges), window: 'P1D' }),
  ]);
  const rollups = new Map<string, Rollup>();
  for (const rollup of stored) rollups.set(`${rollup.meter}/${rollup.start}`, rollup);
  for (const { after } of days) rollups.set(`${after.meter}/${after.start}`, after);

  const events: IndicatorEvent[] = [];
  for (const { enterprise, zone, days: starts, meters, byFacts } of touched) {
    for (const [start, end] of starts) {
      const inputs = meters.map(({ meter, zone: own }) => {
        const day = sameDateWindow('P1D', start, zone, own);
        return { meter, rollup: rollups.get(`${meter.id}/${day.start}`) };
      });
      for (const definition of indicatorDefinitions) {
        if (!definition.windows.includes('P1D')) continue;
        const draft = computeIndicator(definition, { enterprise, window: 'P1D', start, end, meters: inputs });
        if (draft === undefined) continue;
        const before = published.get(indicatorIdOf(enterprise, definition.name, 'P1D', start));
        const event = publishIndicator(draft, before, byFacts.has(start) ? 'registry' : 'readings', at);
        if (event !== undefined) events.push(event);
      }
    }
  }
  return events;
}

function touchedEnterprises(
  registry: Registry,
  days: readonly ChangedRollup[],
  facts: readonly FactHours[],
): TouchedEnterprise[] {
  const touched = new Map<string, TouchedEnterprise>();
  const ofEnterprise = (enterprise: string, zone: string): TouchedEnterprise => {
    let of = touched.get(enterprise);
    if (of === undefined) touched.set(enterprise, (of = untouched(registry, enterprise, zone)));
    return of;
  };
  for (const { after } of days) {
    const context = registry.meter(after.meter);
    if (context === undefined || !isInput(context.meter)) continue;
    const { enterprise, site } = context;
    const of = ofEnterprise(enterprise.id, site.timeZone);
    const day = sameDateWindow('P1D', after.start, site.timeZone, of.zone);
    of.days.set(day.start, day.end);
  }
  for (const fact of facts) {
    const enterprise = registry.get('site', fact.site)?.body.enterprise;
    if (enterprise === undefined || (fact.meter !== undefined && !isInput(fact.meter))) continue;
    const of = ofEnterprise(enterprise, fact.zone);
    for (const start of factDays(fact).keys()) {
      const day = sameDateWindow('P1D', start, fact.zone, of.zone);
      of.days.set(day.start, day.end);
      of.byFacts.add(day.start);
    }
  }
  return [...touched.values()];
}

function untouched(registry: Registry, enterprise: string, zone: string): TouchedEnterprise {
  const sites = registry.sitesOfEnterprise(enterprise);
  const meters = sites.flatMap((site) =>
    registry
      .metersOfSite(site.id)
      .flatMap((meter) => (isInput(meter) ? [{ meter, zone: site.timeZone }] : [])),
  );
  return { enterprise, zone: sites[0]?.timeZone ?? zone, days: new Map(), byFacts: new Set(), meters };
}

/** The days of all its inputs, by the clock of each one's site. */
function inputRanges({ zone, days, meters }: TouchedEnterprise) {
  return [...Map.groupBy(meters, ({ meter }) => meter.site)].flatMap(([site, of]) => {
    const own = new Map<number, number>();
    for (const start of days.keys()) {
      const day = sameDateWindow('P1D', start, zone, of[0]!.zone);
      own.set(day.start, day.end);
    }
    return joinedSpans(own).map((span) => ({ site, meters: of.map(({ meter }) => meter.id), ...span }));
  });
}

/** By id. Enterprises whose days lie far apart are asked for apart: what lies between is not theirs to read. */
async function publishedBefore(store: SeriesStore, touched: readonly TouchedEnterprise[]) {
  const asked = new Map<string, { enterprises: string[]; from: number; to: number }>();
  for (const { enterprise, days } of touched) {
    for (const { from, to } of joinedSpans(days)) {
      const key = `${from} ${to}`;
      const one = asked.get(key);
      if (one === undefined) asked.set(key, { enterprises: [enterprise], from, to });
      else one.enterprises.push(enterprise);
    }
  }
  const answers = await Promise.all(
    [...asked.values()].map((one) => store.indicators({ window: 'P1D', ...one })),
  );
  return new Map(answers.flat().map((indicator) => [indicator.id, indicator]));
}

function isInput(meter: Meter): boolean {
  return indicatorDefinitions.some((definition) => inputRole(definition, meter) !== undefined);
}
