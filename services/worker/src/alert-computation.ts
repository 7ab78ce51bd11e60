import type { AlertStep, Limit, LimitAveraging, OperatingSignal, Rollup } from '@songma/domain';
import {
  judge,
  operationOf,
  reconcileAlerts,
  surroundingsOf,
  validMeanOf,
  type AlertBook,
} from '@songma/limits';
import type { Registry } from '@songma/registry';
import type { FactHours } from './facts/fact-hours.ts';
import {
  byMeter,
  judgedLimits,
  storedHours,
  verdictsOf,
  wholeWindows,
  type HoursByMeter,
  type JudgedLimit,
  type LimitSpan,
} from './limit-verdicts.ts';
import type { PieceStore } from './piece-store.ts';
import type { ChangedRollup } from './rollup-computation.ts';

const dayMs = 86_400_000;
/** How far around a change its condition is looked for: at first, when that is not enough, and at last. */
const reachesMs: Readonly<Record<LimitAveraging, readonly [number, number, number]>> = {
  PT1H: [2 * dayMs, 64 * dayMs, Number.POSITIVE_INFINITY],
  P1D: [16 * dayMs, 256 * dayMs, Number.POSITIVE_INFINITY],
  P1M: [100 * dayMs, 1000 * dayMs, Number.POSITIVE_INFINITY],
};

/** A limit of which a window may be judged otherwise than before: whole windows. */
interface Rejudged extends LimitSpan {
  /** Whether it is looked at although no window's verdict has changed: the limit itself may have. */
  readonly isSure: boolean;
  /** Why an alert of it is voided. */
  readonly reason: 'corrected' | 'limit-changed';
}

/**
 * The steps that bring alerts in line with the changed hours of limited meters and of those that tell whether a source
 * operates, and with the hours for which a limit itself may have changed. Hours that are judged as before, as nearly
 * all are, cost no read; of a longer average, one of the windows that they lie in.
 * @param at when the steps are made, epoch milliseconds
 */
export async function computeAlerts(
  deps: { readonly registry: Registry; readonly seriesStore: PieceStore; readonly alerts: AlertBook },
  hours: readonly ChangedRollup[],
  facts: readonly FactHours[],
  at: number,
): Promise<AlertStep[]> {
  const { registry, seriesStore, alerts } = deps;
  const steps = voidedWithLimit(deps, facts, at);
  const changed = byMeter(hours.map(({ after }) => after));
  const candidates = [
    ...rejudgedByHours(registry, hours, new Set(facts.map(({ id }) => id))),
    ...rejudgedByOperation(registry, hours),
    ...rejudgedByFacts(registry, changed, facts),
  ];
  let open = await otherwise(seriesStore, joined(candidates), changed);
  for (const i of [0, 1, 2] as const) {
    const spans = open.map(({ of, from, to }) =>
      wholeWindows(of, from, to, reachesMs[of.limit.averaging][i]),
    );
    const held = await storedHours(seriesStore, spans);
    const farther: Rejudged[] = [];
    for (const [n, one] of open.entries()) {
      const around = surroundingsOf(verdictsOf(spans[n]!, held, changed), one.from, one.to);
      if ((around.isOpenBefore || around.isOpenAfter) && i < 2) {
        farther.push(one);
        continue;
      }
      const { limit } = one.of;
      const known = alerts.ofLimit(limit.id);
      steps.push(...reconcileAlerts(scopeOf(one.of), around.verdicts, known, at, one.reason));
    }
    open = farther;
  }
  return steps;
}

function scopeOf({ limit, version, context: { meter, site, enterprise } }: JudgedLimit) {
  const { source, unit } = meter;
  return { limit, version, site: site.id, source, enterprise: enterprise.id, unit };
}

/** Limits of the meters whose hours have changed, where that may alter a verdict; meters with facts come below. */
function rejudgedByHours(
  registry: Registry,
  hours: readonly ChangedRollup[],
  withFacts: ReadonlySet<string>,
): Rejudged[] {
  const others = hours.filter(({ after }) => !withFacts.has(after.meter));
  return [...Map.groupBy(others, ({ after }) => after.meter)].flatMap(([meter, changes]) =>
    judgedLimits(registry, meter).flatMap((of) =>
      spanning(
        of,
        changes.filter(({ before, after }) => saysOtherwise(of.limit, before, after)),
      ),
    ),
  );
}

/** Limits of sources whose operation is told by the meters whose hours have changed. */
function rejudgedByOperation(registry: Registry, hours: readonly ChangedRollup[]): Rejudged[] {
  return [...Map.groupBy(hours, ({ after }) => after.meter)].flatMap(([meter, changes]) => {
    const { site } = changes[0]!.after;
    return registry.sourcesOfSite(site).flatMap(({ id, operating }) => {
      if (operating?.meter !== meter) return [];
      const moved = changes.filter(({ before, after }) => operatesOtherwise(operating, before, after));
      return registry
        .metersOfSite(site)
        .filter(({ source }) => source === id)
        .flatMap((limited) => judgedLimits(registry, limited.id).flatMap((of) => spanning(of, moved)));
    });
  });
}

function spanning(of: JudgedLimit, changes: readonly ChangedRollup[]): Rejudged[] {
  if (changes.length === 0) return [];
  const from = Math.min(...changes.map(({ after }) => after.start));
  const to = Math.max(...changes.map(({ after }) => after.end));
  const isSure = of.limit.averaging === 'PT1H';
  return [{ ...wholeWindows(of, from, to), isSure, reason: 'corrected' }];
}

/** Every limit of the meters, over the hours in which a fact about them has changed. */
function rejudgedByFacts(registry: Registry, hours: HoursByMeter, facts: readonly FactHours[]): Rejudged[] {
  return facts.flatMap(({ id, spans }) => {
    const changed = [...(hours.get(id)?.values() ?? [])];
    const from = Math.min(spans[0]!.start, ...changed.map(({ start }) => start));
    const to = Math.max(spans.at(-1)!.end, ...changed.map(({ end }) => end));
    // Where the hours came out otherwise it was not the limit: a multiplier, or what is void.
    const reason = changed.length > 0 ? 'corrected' : 'limit-changed';
    return judgedLimits(registry, id).map((of) => ({ ...wholeWindows(of, from, to), isSure: true, reason }));
  });
}

/** Those of one limit as one. */
function joined(candidates: readonly Rejudged[]): Rejudged[] {
  return [...Map.groupBy(candidates, ({ of }) => of.limit.id).values()].map((some) => ({
    of: some[0]!.of,
    from: Math.min(...some.map(({ from }) => from)),
    to: Math.max(...some.map(({ to }) => to)),
    isSure: some.some(({ isSure }) => isSure),
    reason: some.some(({ reason }) => reason === 'corrected') ? 'corrected' : 'limit-changed',
  }));
}

/** Without those of which every window is judged as before. */
async function otherwise(
  store: PieceStore,
  candidates: readonly Rejudged[],
  changed: HoursByMeter,
): Promise<Rejudged[]> {
  const doubtful = candidates.filter(({ isSure }) => !isSure);
  const held = await storedHours(store, doubtful);
  return candidates.filter((one) => {
    if (one.isSure) return true;
    const before = new Map(verdictsOf(one, held).map(({ start, state }) => [start, state]));
    return verdictsOf(one, held, changed).some(
      ({ start, state }) => (before.get(start) ?? 'unjudged') !== state,
    );
  });
}

/** Whether an hour may give its window another verdict, operation aside. */
function saysOtherwise(limit: Limit, before: Rollup | undefined, after: Rollup): boolean {
  const ofHour = (hour: Rollup) =>
    limit.averaging === 'PT1H' ? judge(limit, hour).state : validMeanOf(limit, hour);
  const nothing = limit.averaging === 'PT1H' ? 'unjudged' : null;
  return (before === undefined ? nothing : ofHour(before)) !== ofHour(after);
}

function operatesOtherwise(signal: OperatingSignal, before: Rollup | undefined, after: Rollup): boolean {
  return (operationOf(signal, before) === 'off') !== (operationOf(signal, after) === 'off');
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
