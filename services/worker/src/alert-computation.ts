import type { AlertStep, Limit, Rollup } from '@songma/domain';
import { judge, reconcileAlerts, surroundingsOf, type AlertBook, type Verdict } from '@songma/limits';
import type { MeterContext, Registry } from '@songma/registry';
import type { SeriesStore } from '@songma/series-store';
import type { FactHours } from './facts/fact-hours.ts';
import type { ChangedRollup } from './rollup-computation.ts';

const dayMs = 86_400_000;
/** How far around a change its condition is looked for: at first, when that is not enough, and at last. */
const reachesMs = [2 * dayMs, 64 * dayMs, Number.POSITIVE_INFINITY];
/** Times that a Date can have. */
const timeMax = 8.64e15;

/** A limit of which an hour is judged otherwise than before. */
interface Rejudged {
  readonly limit: Limit;
  readonly context: MeterContext;
  readonly changed: readonly Rollup[];
  readonly from: number;
  readonly to: number;
  /** Why an alert of it is voided. */
  readonly reason: 'corrected' | 'limit-changed';
}

/**
 * The steps that bring alerts in line with the changed hours of limited meters, and with the hours for which a limit
 * itself may have changed. Hours that are judged as before, as nearly all are, cost no read.
 * @param at when the steps are made, epoch milliseconds
 */
export async function computeAlerts(
  deps: { readonly registry: Registry; readonly seriesStore: SeriesStore; readonly alerts: AlertBook },
  hours: readonly ChangedRollup[],
  facts: readonly FactHours[],
  at: number,
): Promise<AlertStep[]> {
  const steps = voidedWithLimit(deps, facts, at);
  const withFacts = new Set(facts.map(({ id }) => id));
  const [ofFacts = [], others = []] = [true, false].map((is) =>
    hours.filter(({ after }) => withFacts.has(after.meter) === is),
  );
  let open = [...rejudged(deps.registry, others), ...rejudgedByFacts(deps.registry, ofFacts, facts)];
  for (const reach of reachesMs) {
    const verdicts = await verdictsAround(deps.seriesStore, open, reach);
    const farther: Rejudged[] = [];
    for (const one of open) {
      const { limit, context, from, to } = one;
      const around = surroundingsOf(verdicts.get(limit.id)!, from, to);
      if ((around.isOpenBefore || around.isOpenAfter) && reach !== Number.POSITIVE_INFINITY) {
        farther.push(one);
        continue;
      }
      const scope = {
        limit,
        site: context.site.id,
        source: context.meter.source,
        enterprise: context.enterprise.id,
        unit: context.meter.unit,
      };
      const known = deps.alerts.ofLimit(limit.id);
      steps.push(...reconcileAlerts(scope, around.verdicts, known, at, one.reason));
    }
    open = farther;
  }
  return steps;
}

function rejudged(registry: Registry, hours: readonly ChangedRollup[]): Rejudged[] {
  const found: Rejudged[] = [];
  for (const [meter, changes] of Map.groupBy(hours, ({ after }) => after.meter)) {
    const limits = registry.limitsOfMeter(meter);
    if (limits.length === 0) continue;
    const context = registry.meter(meter);
    if (context === undefined) continue;
    for (const limit of limits) {
      const changed = changes
        .filter(({ before, after }) => stateOf(limit, before) !== stateOf(limit, after))
        .map(({ after }) => after);
      if (changed.length === 0) continue;
      const from = Math.min(...changed.map(({ start }) => start));
      const to = Math.max(...changed.map(({ end }) => end));
      const all = changes.map(({ after }) => after);
      found.push({ limit, context, changed: all, from, to, reason: 'corrected' });
    }
  }
  return found;
}

/** Every limit of the meters, over the hours in which a fact about them has changed. */
function rejudgedByFacts(
  registry: Registry,
  hours: readonly ChangedRollup[],
  facts: readonly FactHours[],
): Rejudged[] {
  return facts.flatMap(({ id, spans }) => {
    const context = registry.meter(id);
    if (context === undefined) return [];
    const changed = hours.filter(({ after }) => after.meter === id).map(({ after }) => after);
    const from = Math.min(spans[0]!.start, ...changed.map(({ start }) => start));
    const to = Math.max(spans.at(-1)!.end, ...changed.map(({ end }) => end));
    // Where the hours came out otherwise it was not the limit: a multiplier, or what is void.
    const reason = changed.length > 0 ? 'corrected' : 'limit-changed';
    return registry.limitsOfMeter(id).map((limit) => ({ limit, context, changed, from, to, reason }));
  });
}

/** Alerts of a limit that was withdrawn: it was never to be judged by. */
function voidedWithLimit(
  { registry, alerts }: { readonly registry: Registry; readonly alerts: AlertBook },
  facts: readonly FactHours[],
  at: number,
): AlertStep[] {
  if (facts.length === 0) return [];
  const meters = new Set(facts.map(({ id }) => id));
  return [...alerts.all()]
    .filter(
      ({ meter, limit, voided }) =>
        voided === undefined && meters.has(meter) && registry.get('limit', limit) === undefined,
    )
    .map(({ id }) => ({ step: 'voided', alert: id, at, reason: 'limit-changed' }));
}

function stateOf(limit: Limit, hour: Rollup | undefined): Verdict['state'] {
  return hour === undefined ? 'unjudged' : judge(limit, hour).state;
}

/** Per limit the verdicts as they will be, `reach` around what changed, in one question to the store. */
async function verdictsAround(
  store: SeriesStore,
  limits: readonly Rejudged[],
  reach: number,
): Promise<Map<string, Verdict[]>> {
  if (limits.length === 0) return new Map();
  const ranges = limits.map(({ context, limit, from, to }) => ({
    site: context.site.id,
    meters: [limit.meter],
    from: Math.max(-timeMax, from - reach),
    to: Math.min(timeMax, to + reach),
  }));
  const stored = Map.groupBy(await store.rollups({ ranges, window: 'PT1H' }), ({ meter }) => meter);
  return new Map(
    limits.map(({ limit, changed }) => {
      const hours = new Map((stored.get(limit.meter) ?? []).map((hour) => [hour.start, hour]));
      for (const hour of changed) hours.set(hour.start, hour);
      const ordered = [...hours.values()].toSorted((a, b) => a.start - b.start);
      return [limit.id, ordered.map((hour) => judge(limit, hour))];
    }),
  );
}
