import type { AlertStep, Limit, Rollup } from '@songma/domain';
import { judge, reconcileAlerts, surroundingsOf, type AlertBook, type Verdict } from '@songma/limits';
import type { MeterContext, Registry } from '@songma/registry';
import type { SeriesStore } from '@songma/series-store';
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
}

/**
 * The steps that bring alerts in line with the changed hours of limited meters. Hours that are judged as before, as
 * nearly all are, cost no read.
 * @param at when the steps are made, epoch milliseconds
 */
export async function computeAlerts(
  deps: { readonly registry: Registry; readonly seriesStore: SeriesStore; readonly alerts: AlertBook },
  hours: readonly ChangedRollup[],
  at: number,
): Promise<AlertStep[]> {
  const steps: AlertStep[] = [];
  let open = rejudged(deps.registry, hours);
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
      steps.push(...reconcileAlerts(scope, around.verdicts, deps.alerts.ofLimit(limit.id), at));
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
      found.push({ limit, context, changed: changes.map(({ after }) => after), from, to });
    }
  }
  return found;
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
