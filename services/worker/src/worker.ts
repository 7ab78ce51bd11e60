import { shards } from '@songma/domain';
import type { EventLog } from '@songma/event-log';
import type { Registry } from '@songma/registry';
import { pause, UnavailableError, type Logger, type Metrics, type ReadyCheck } from '@songma/runtime';
import { seeingMeters, seeingVoids, type SeriesStore } from '@songma/series-store';
import type { WakeUps } from '@songma/wake-ups';
import type { WorkerConfig } from './config.ts';
import { healFacts } from './facts/fact-healing.ts';
import { assertRulesKnown, healRules } from './facts/rules-healing.ts';
import { markPassedWindows } from './passed-windows.ts';
import { Rests } from './rests.ts';
import { ShardBacklog } from './shard-backlog.ts';
import { workShard } from './shard-worker.ts';
import { SiteScopes } from './site-scopes.ts';
import { createWorkerMetrics } from './worker-metrics.ts';

export { workerSettings, type WorkerConfig } from './config.ts';

export interface WorkerDeps {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly eventLog: EventLog;
  readonly registry: Registry;
  readonly seriesStore: SeriesStore;
  readonly wakeUps: WakeUps;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export interface Worker {
  readonly checks: readonly ReadyCheck[];
  /** Rejects at a bug: end the process then. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

const queue = 'rollups';

/**
 * Computes what stands on changed readings: hours, days, indicators, limit checks, alerts. It is woken by shard, and
 * looks by itself every now and then, because a wake-up may be lost: what is due is known to the series store alone.
 */
export async function startWorker(deps: WorkerDeps, config: WorkerConfig): Promise<Worker> {
  const { eventLog, registry, wakeUps, logger, now } = deps;
  const seriesStore = seeingMeters(
    seeingVoids(deps.seriesStore, (meter) => registry.voidsOfMeter(meter)),
    (meter) => registry.get('meter', meter)?.body,
  );
  await assertRulesKnown(seriesStore);
  const scopes = new SiteScopes(deps, config.registryGraceMs);
  const shardDeps = {
    ...deps,
    seriesStore,
    scopes,
    metrics: createWorkerMetrics(deps.metrics, deps.now),
  };
  const rests = new Rests(config);
  const zoneOf = (site: string) => registry.get('site', site)?.body.timeZone ?? 'UTC';
  const backlogs = new Map(
    shards.map((shard) => [shard, new ShardBacklog(shard, { config, rests, zoneOf, now: deps.now })]),
  );
  const stop = new AbortController();
  const died = Promise.withResolvers<void>();
  died.promise.catch(() => {});

  const foldedAtStart = registry.foldedTo();
  const handling = await wakeUps.handle(
    queue,
    async (shard, signal) => {
      try {
        await workInTurn(shard, AbortSignal.any([signal, stop.signal]));
      } catch (error) {
        if (stop.signal.aborted || signal.aborted) return;
        if (!(error instanceof UnavailableError)) died.reject(error);
        throw error;
      }
    },
    { concurrency: config.concurrency },
  );
  const reconciling = reconcile().catch((error: unknown) => {
    if (!stop.signal.aborted) died.reject(error);
  });

  const wake = (keys: readonly string[]) => wakeUps.wake(queue, keys);
  const healingDeps = { logger, registry, seriesStore, foldedAtStart, wake };
  const healing = Promise.all([
    healFacts(healingDeps, stop.signal),
    healRules(healingDeps, stop.signal),
  ]).catch((error: unknown) => {
    if (!stop.signal.aborted) died.reject(error);
  });

  /** Whoever may have more due comes again, after its rest, behind those that wait: no shard is always computed. */
  async function workInTurn(shard: string, signal: AbortSignal): Promise<void> {
    const backlog = backlogs.get(shard);
    if (backlog === undefined) throw new Error(`there is no shard ${shard}`);
    const againMs = await workShard(shardDeps, config, { shard, backlog }, signal);
    if (againMs !== undefined) await wakeUps.wake(queue, [shard], { delayMs: againMs });
  }

  /** Wakes every shard in which something is due: what a lost wake-up would have done, and what the clock does. */
  async function reconcile(): Promise<void> {
    for (;;) {
      try {
        await markPassedWindows({ registry, seriesStore, now, graceMs: config.windowGraceMs });
        const due: string[] = [];
        for (const shard of shards) if ((await seriesStore.due(shard, 1)).mark !== null) due.push(shard);
        if (due.length > 0) await wakeUps.wake(queue, due);
      } catch (error) {
        if (!(error instanceof UnavailableError)) throw error;
        logger.warn(
          { code: error.code, reason: error.message },
          'could not look for what is due; looking again',
        );
      }
      // Several workers look at different times.
      await pause(config.reconcileMs * (0.75 + Math.random() / 4), stop.signal);
    }
  }

  return {
    checks: [
      { name: 'series store', check: () => seriesStore.check() },
      { name: 'wake-ups', check: () => wakeUps.check() },
      { name: 'event log', check: () => eventLog.check() },
    ],
    closed: died.promise,
    async close() {
      stop.abort(new Error('the worker is stopping'));
      await handling.close();
      await reconciling;
      await healing;
      scopes.close();
      died.resolve();
    },
  };
}
