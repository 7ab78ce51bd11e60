import { windowAt, type Alert } from '@songma/domain';
import { staleAfterWindows } from '@songma/limits';
import type { Registry } from '@songma/registry';
import type { SeriesStore, ShardedChange } from '@songma/series-store';
import { allAlerts } from './alerts-of-limits.ts';
import { judgedLimits, storedHours, verdictsOf, type JudgedLimit, type LimitSpan } from './limit-verdicts.ts';

const hourMs = 3_600_000;
/**
 * How much later than their grace windows are looked at: whoever computes them may have a clock that is behind, and must
 * find that their grace has passed.
 */
export const clockSkewMaxMs = 60_000;
/** Limits that are looked at together. */
const limitsPerRead = 200;

export interface PassedDeps {
  readonly registry: Registry;
  readonly seriesStore: Pick<SeriesStore, 'markedTo' | 'mark' | 'rollups' | 'alerts'>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** How long after its end a window waits for what may still come. */
  readonly graceMs: number;
}

/**
 * Makes due what follows from time alone: windows whose grace has passed and that say something else than their limit's
 * alerts, and open alerts of which nothing has been judged any more. The store keeps up to where the clock was looked
 * at, so that nothing is missed while no worker runs. Where alerts say what the windows say, nothing is marked.
 * @returns shards in which something was made due
 */
export async function markPassedWindows(deps: PassedDeps): Promise<string[]> {
  const { registry, seriesStore, now, graceMs } = deps;
  const to = now() - graceMs - clockSkewMaxMs;
  // A store without a position has no results either, or whatever is computed is judged by the clock as it is.
  const from = (await seriesStore.markedTo('clock')) ?? to;
  if (from > to) return [];
  const spans = registry
    .list('site')
    .flatMap(({ id }) => registry.metersOfSite(id))
    .flatMap(({ id }) => judgedLimits(registry, id))
    .flatMap((of) => passedSpan(of, from, to));
  const shards = new Set<string>();
  for (let at = 0; at < spans.length; at += limitsPerRead) {
    const marks = await marksOf(deps, spans.slice(at, at + limitsPerRead), to);
    for (const { shard } of marks) shards.add(shard);
    await seriesStore.mark(marks, from, 'clock');
  }
  await seriesStore.mark([], to, 'clock');
  return [...shards];
}

/** The windows of a limit that ended in `(from, to]`; none when no window ended. */
function passedSpan(of: JudgedLimit, from: number, to: number): LimitSpan[] {
  const { averaging } = of.limit;
  const zone = of.context.site.timeZone;
  const [first, last] = [windowAt(averaging, from, zone).start, windowAt(averaging, to, zone).start];
  return first < last ? [{ of, from: first, to: last }] : [];
}

async function marksOf(
  { seriesStore }: PassedDeps,
  spans: readonly LimitSpan[],
  passedTo: number,
): Promise<ShardedChange[]> {
  const held = await storedHours(seriesStore, spans);
  const limits = spans.map(({ of }) => of.limit.id);
  const span = {
    from: Math.min(...spans.map(({ from }) => from)),
    to: Math.max(...spans.map(({ to }) => to)),
  };
  const found = await allAlerts(seriesStore, { limits, states: ['open', 'resolved'], span });
  const alertsOf = Map.groupBy(found, ({ limit }) => limit);
  return spans.flatMap((one) => {
    const { of } = one;
    const alerts = alertsOf.get(of.limit.id) ?? [];
    const isOpen = alerts.some(({ state }) => state === 'open');
    const untold = verdictsOf(one, held)
      .filter(({ start, end, state }) =>
        state === 'broken'
          ? !alerts.some((alert) => alert.since <= start && alert.knownUntil >= end)
          : isOpen && state === 'kept',
      )
      .map(({ end }) => end);
    const ageing = alerts.filter((alert) => mayAge(of, alert, passedTo)).map(({ latest }) => latest.end);
    const { site, shard, meter } = of.context;
    return [...new Set([...untold, ...ageing])].map((end) => ({
      shard,
      site: site.id,
      meter: meter.id,
      hour: Math.floor((end - 1) / hourMs) * hourMs,
    }));
  });
}

/** Whether an open alert may have become stale, or ended with its limit: whether it has is found when it is computed. */
function mayAge({ limit, context }: JudgedLimit, alert: Alert, passedTo: number): boolean {
  if (alert.state !== 'open') return false;
  if (limit.validTo !== undefined && limit.validTo <= passedTo) return true;
  if (alert.stale) return false;
  let end = alert.knownUntil;
  for (let i = 0; i < staleAfterWindows; i++) end = windowAt(limit.averaging, end, context.site.timeZone).end;
  return end <= passedTo;
}
