import type { EventLog } from '@songma/event-log';
import type { Registry } from '@songma/registry';
import type { Logger } from '@songma/runtime';
import type { Change, Results, SeriesStore } from '@songma/series-store';
import { computeAlerts } from './alert-computation.ts';
import type { WorkerConfig } from './config.ts';
import { deriveTouched } from './derived-meters.ts';
import { eachHourOnce } from './each-hour-once.ts';
import { readTouched } from './held-readings.ts';
import { factHours, factReadings } from './facts/fact-hours.ts';
import { computeIndicators } from './indicator-computation.ts';
import { markMovedBeginnings } from './meter-beginnings.ts';
import { pieceStore } from './piece-store.ts';
import { alertRecord, indicatorRecord } from './publication.ts';
import { spansToRead } from './reading-plan.ts';
import { computeRollups } from './rollup-computation.ts';
import type { ShardBacklog } from './shard-backlog.ts';
import type { SiteScopes } from './site-scopes.ts';
import type { PieceCounts, WorkerMetrics } from './worker-metrics.ts';

export interface ShardWorkerDeps {
  readonly logger: Logger;
  readonly eventLog: EventLog;
  readonly registry: Registry;
  readonly seriesStore: SeriesStore;
  readonly scopes: SiteScopes;
  readonly metrics: WorkerMetrics;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Catching up is told this often, and then other shards have their turn. */
const turnMsMax = 5_000;
/** Changes of the first pieces of a worker: how many readings one costs is not known yet. */
const firstChanges = 500;
/** Changes that are taken from the store and not computed yet, at most; and those that are looked at nevertheless. */
const [takenMax, lookedAtMin] = [200_000, 1_000];

/**
 * Computes what changed in one shard, piece by piece, in the order that its backlog has. A piece is kept when everything
 * that follows from it is published. All of it is settled when nothing is left of it; broken off anywhere, it is due
 * again and comes out the same.
 *
 * Between two pieces it looks for what has changed since, so that live hours do not wait for a backlog.
 *
 * One call per shard at a time; shards do not touch each other's enterprises.
 * @returns undefined when nothing is due any more; else in how many milliseconds to come again: 0 when there is more to
 * compute and others want their turn
 */
export async function workShard(
  deps: ShardWorkerDeps,
  config: WorkerConfig,
  { shard, backlog }: { readonly shard: string; readonly backlog: ShardBacklog },
  signal: AbortSignal,
): Promise<number | undefined> {
  const { seriesStore, scopes, metrics, logger } = deps;
  const begunAt = performance.now();
  let changesDone = 0;
  // Another worker may have computed all of it since.
  if (backlog.size > 0 && (await seriesStore.due(shard, 1)).mark === null) backlog.settled();
  for (;;) {
    signal.throwIfAborted();
    const lookedAtMax = Math.max(lookedAtMin, takenMax - backlog.size);
    backlog.take(await seriesStore.due(shard, lookedAtMax, backlog.mark));
    metrics.due(shard, backlog.mark !== undefined);
    if (backlog.mark === undefined) return undefined;
    const piece = backlog.next(backlog.changesMax(config, firstChanges));
    if (piece === undefined) return backlog.waitMs();
    const startedAt = performance.now();
    const { results, counts } = await workPiece(deps, config, piece.changes);
    if (piece.changes.length < backlog.size) await seriesStore.keep(results);
    else await seriesStore.settle(shard, backlog.mark, results);
    scopes.beginnings.remember(results.rollups.filter(({ window }) => window === 'P1D'));
    const tookMs = performance.now() - startedAt;
    metrics.piece(tookMs, counts);
    backlog.computed(piece, counts.readings, tookMs);
    changesDone += piece.changes.length;
    if (performance.now() - begunAt > turnMsMax) {
      logger.info(
        {
          shard,
          changesDone,
          changesLeft: backlog.size,
          readings: counts.readings,
          tookMs: Math.round(tookMs),
        },
        'catching up',
      );
      return 0;
    }
  }
}

/** Computes and publishes one piece; what it gives back is to be settled. */
async function workPiece(
  deps: ShardWorkerDeps,
  { windowGraceMs: graceMs }: WorkerConfig,
  changes: readonly Change[],
): Promise<{ readonly results: Results; readonly counts: PieceCounts }> {
  const { eventLog, registry, scopes, now } = deps;
  const seriesStore = pieceStore(deps.seriesStore);
  const pieceDeps = { ...deps, seriesStore };
  const ofReadings = changes.filter(({ meter }) => meter === undefined);
  const spans = [...Map.groupBy(ofReadings, ({ site }) => site)].flatMap(([site, of]) => {
    const scope = scopes.get(site);
    return scope === undefined ? [] : spansToRead(scope, of);
  });
  const facts = factHours(scopes, changes);
  // Apart, because a meter may be in both.
  const [byReadings, byFacts] = await Promise.all(
    [spans, factReadings(scopes, facts)].map((some) => readTouched(seriesStore, scopes, some)),
  );
  const touched = eachHourOnce([...byReadings!.touched, ...byFacts!.touched]);
  const derived = await deriveTouched(seriesStore, scopes, touched, facts);
  const readings = byReadings!.readings + byFacts!.readings + derived.readings;
  const changed = await computeRollups(seriesStore, [...touched, ...derived.touched], facts);
  const { hours, days, months, years } = changed;
  const rollups = [...hours, ...days, ...months, ...years].map(({ after }) => after);
  const beginnings = await scopes.beginnings.inPiece(seriesStore, deps.registry, days);
  await markMovedBeginnings({ ...deps, beginnings });
  const at = now();
  const events = await computeIndicators({ ...pieceDeps, beginnings }, changed, facts, at);
  const revisions = await computeAlerts({ registry, seriesStore, graceMs }, hours, facts, at);

  if (events.length > 0) await eventLog.append('indicators', events.map(indicatorRecord));
  if (revisions.length > 0) await eventLog.append('alerts', revisions.map(alertRecord));
  return {
    results: {
      rollups,
      indicators: events,
      alerts: revisions.map(({ alert }) => alert),
    },
    counts: {
      readings,
      windows: changed.computed,
      changed: rollups.length,
      indicators: events.length,
      alertChanges: revisions.map(({ change }) => change),
    },
  };
}
