import { lastsUntil, type Alert, type AlertCause } from '@songma/domain';
import {
  isStanding,
  reconcileAlerts,
  surroundingsOf,
  type AlertRevision,
  type LimitScope,
} from '@songma/limits';
import type { Registry } from '@songma/registry';
import { HourCauses, otherCause } from './alert-causes.ts';
import { allAlerts, alertsOfLimits } from './alerts-of-limits.ts';
import type { FactHours } from './facts/fact-hours.ts';
import {
  byMeter,
  isComplete,
  storedHours,
  verdictsOf,
  wholeWindows,
  type HoursByMeter,
  type JudgedLimit,
  type LimitSpan,
} from './limit-verdicts.ts';
import type { PieceStore } from './piece-store.ts';
import { rejudgedLimits, type RejudgedLimit } from './rejudged-limits.ts';
import type { ChangedRollup } from './rollup-computation.ts';
import { WindowEndings } from './window-endings.ts';

const dayMs = 86_400_000;
/** How far around a change its condition is looked for: at first, when that is not enough, and at last. */
const reachesMs = {
  PT1H: [2 * dayMs, 64 * dayMs, Number.POSITIVE_INFINITY],
  P1D: [16 * dayMs, 256 * dayMs, Number.POSITIVE_INFINITY],
  P1M: [100 * dayMs, 1000 * dayMs, Number.POSITIVE_INFINITY],
} as const;

export interface AlertDeps {
  readonly registry: Registry;
  readonly seriesStore: PieceStore;
  /** How long after its end a window waits for what may still come. */
  readonly graceMs: number;
}

/**
 * The revisions that bring alerts in line with the changed hours of limited meters and of those that tell whether a
 * source operates, with the hours for which a limit itself may have changed, and with the windows that are over since
 * something newer has come. Hours that are judged as before cost no read; those that kept their limit and keep it, or
 * begin to be judged, one question for the alerts of all limits together.
 * @param at when the revisions are made, epoch milliseconds
 */
export async function computeAlerts(
  { registry, seriesStore, graceMs }: AlertDeps,
  hours: readonly ChangedRollup[],
  facts: readonly FactHours[],
  at: number,
): Promise<AlertRevision[]> {
  const changed = byMeter(hours.map(({ after }) => after));
  const endings = new WindowEndings({ registry, seriesStore }, hours, { now: at, graceMs });
  const causes = new HourCauses(registry, hours, facts);
  const revisions = await voidedWithLimits({ registry, seriesStore }, facts, at);
  let open = await rejudgedLimits({ registry, seriesStore, endings }, hours, facts);
  for (const [round, isLast] of [false, false, true].entries()) {
    if (open.length === 0) break;
    const spans = open.map(({ of, from, to }) =>
      wholeWindows(of, from, to, reachesMs[of.limit.averaging][round]),
    );
    const alerts = await alertsOfLimits(seriesStore, spans);
    const [touched, touchedSpans] = concerned(open, spans, alerts);
    const held = await storedHours(seriesStore, touchedSpans);
    const farther: RejudgedLimit[] = [];
    for (const [index, one] of touched.entries()) {
      const span = touchedSpans[index]!;
      const { of } = one;
      const verdicts = await overVerdicts(span, { held, changed, endings });
      const around = surroundingsOf(verdicts, one.from, one.to);
      if ((around.isOpenBefore || around.isOpenAfter) && !isLast) {
        farther.push(one);
        continue;
      }
      const judged = {
        from: around.isOpenBefore ? -Infinity : around.verdicts[0]!.start,
        to: around.isOpenAfter ? Infinity : around.verdicts.at(-1)!.end,
        verdicts: around.verdicts,
        overUntil: around.isOpenAfter ? await endings.overUntil(of.context.site.id) : endings.overByClock,
      };
      const causeOf = (revised: {
        readonly from: number;
        readonly to: number;
        readonly before: Alert | undefined;
      }): AlertCause =>
        causes.in(of.meters, revised) ??
        (one.isOfFact ? otherCause(registry, of, { ...revised, graceMs }) : 'readings');
      const known = alerts.get(of.limit.id) ?? [];
      revisions.push(...reconcileAlerts(scopeOf(of), judged, known, { at, causeOf }));
    }
    open = farther;
  }
  return revisions;
}

function scopeOf({ limit, version, context: { meter, site, enterprise } }: JudgedLimit): LimitScope {
  const { source, unit } = meter;
  const { id, timeZone: zone } = site;
  return { limit, version, site: id, zone, source, enterprise: enterprise.id, unit };
}

/**
 * Those that alerts may follow from: where nothing is or was beyond the limit, only an alert that lasted in that time
 * can be another one now.
 */
function concerned(
  open: readonly RejudgedLimit[],
  spans: readonly LimitSpan[],
  alerts: ReadonlyMap<string, readonly Alert[]>,
): [RejudgedLimit[], LimitSpan[]] {
  const indices = [...open.keys()].filter((index) => {
    const { of, from, to, isBroken } = open[index]!;
    const lasts = (alert: Alert) => isStanding(alert) && alert.since < to && lastsUntil(alert) > from;
    return isBroken || alerts.get(of.limit.id)?.some(lasts) === true;
  });
  return [indices.map((index) => open[index]!), indices.map((index) => spans[index]!)];
}

/** The verdicts of those windows of a span that are over. */
async function overVerdicts(
  span: LimitSpan,
  known: { readonly held: HoursByMeter; readonly changed: HoursByMeter; readonly endings: WindowEndings },
) {
  const { held, changed, endings } = known;
  const ended = verdictsOf(span, held, changed).filter((verdict) => endings.mayBeOver(verdict));
  const isDoubtful = ended.some(({ end }) => end > endings.overByClock);
  const newest = isDoubtful ? await endings.newestOf(span.of.context.site.id) : -Infinity;
  return ended.filter((verdict) => endings.isOver(verdict, isComplete(span, verdict, held, changed), newest));
}

/** Alerts of limits that were withdrawn: they were never to be judged by. */
async function voidedWithLimits(
  { registry, seriesStore }: Omit<AlertDeps, 'graceMs'>,
  facts: readonly FactHours[],
  at: number,
): Promise<AlertRevision[]> {
  const revisions: AlertRevision[] = [];
  for (const [site, of] of Map.groupBy(facts, (one) => one.site)) {
    const meters = new Set(of.map(({ id }) => id));
    const span = {
      from: Math.min(...of.map(({ spans }) => spans[0]!.start)),
      to: Math.max(...of.map(({ spans }) => spans.at(-1)!.end)),
    };
    const standing = await allAlerts(seriesStore, { sites: [site], states: ['open', 'resolved'], span });
    for (const alert of standing) {
      if (!meters.has(alert.meter) || registry.get('limit', alert.limit) !== undefined) continue;
      revisions.push(withdrawn(alert, at));
    }
  }
  return revisions;
}

function withdrawn({ resolvedAt: _, ...alert }: Alert, at: number): AlertRevision {
  const changedAt = Math.max(at, alert.changedAt + 1);
  const revision = alert.revision + 1;
  return {
    change: 'voided',
    alert: { ...alert, state: 'voided', stale: false, revision, cause: 'limit', changedAt },
  };
}
