import type { Registry } from '@songma/registry';
import { pause, UnavailableError, type Logger } from '@songma/runtime';
import type { SeriesStore, ShardedChange } from '@songma/series-store';
import { factSpans, joinedFactSpans, type FactSpan } from './fact-spans.ts';

export interface FactHealingDeps {
  readonly logger: Logger;
  readonly registry: Registry;
  readonly seriesStore: SeriesStore;
  /** Up to where the registry was folded before anything was computed: where a store without a position begins. */
  readonly foldedAtStart: number;
  /** Called with the shards in which something was made due. */
  readonly wake: (shards: readonly string[]) => Promise<void>;
}

const hourMs = 3_600_000;
/** Changes of facts that come together are looked at together. */
const gatherMs = 50;
const retryMs = 1_000;
/** Hours that are marked in one call. */
const marksMax = 20_000;

/**
 * Makes due what rests on a fact that has changed: a multiplier, a limit, what is void. The store keeps up to where
 * the registry was looked at, so what changes while no worker runs is found at the next start. Runs until `signal`
 * aborts, and then rejects with its reason.
 */
export async function healFacts(deps: FactHealingDeps, signal: AbortSignal): Promise<never> {
  const { registry, seriesStore, logger } = deps;
  let changed = Promise.withResolvers<void>();
  const stop = registry.onChange(() => changed.resolve());
  signal.addEventListener('abort', () => changed.resolve(), { once: true });
  let lookedTo: number | undefined;
  try {
    for (;;) {
      signal.throwIfAborted();
      changed = Promise.withResolvers();
      try {
        // A store without a position has no results either: nothing rests on what was before the start.
        lookedTo ??= await seriesStore.markedTo();
        lookedTo = await look(deps, lookedTo);
      } catch (error) {
        if (!(error instanceof UnavailableError)) throw error;
        logger.warn(
          { code: error.code, reason: error.message },
          'changed facts could not be looked at; again soon',
        );
        await pause(retryMs, signal);
        continue;
      }
      if (registry.foldedTo() === lookedTo) await changed.promise;
      await pause(gatherMs, signal);
    }
  } finally {
    stop();
  }
}

/** @returns up to where the registry is looked at now */
async function look(deps: FactHealingDeps, lookedTo: number | undefined): Promise<number> {
  const { registry, seriesStore, logger, wake } = deps;
  const from = lookedTo ?? deps.foldedAtStart;
  const to = registry.foldedTo();
  if (to === lookedTo) return to;
  const spans = joinedFactSpans(registry.changesSince(from).flatMap((change) => factSpans(change, registry)));
  const shards = new Set<string>();
  let hours = 0;
  for (const span of spans) {
    for await (const marks of marksOf(seriesStore, span)) {
      hours += marks.length;
      shards.add(span.shard);
      await seriesStore.mark(marks, from);
    }
  }
  await seriesStore.mark([], to);
  if (hours === 0) return to;
  logger.info({ spans: spans.length, hours }, 'facts have changed: what rests on them is computed again');
  await wake([...shards]);
  return to;
}

/**
 * The hours of a span in which there are readings or results, or one hour of each such day, in pieces of bounded size,
 * ascending.
 */
async function* marksOf(
  store: SeriesStore,
  { shard, site, meters, from, to, grain, shownBy }: FactSpan,
): AsyncGenerator<ShardedChange[]> {
  const ranges = [{ site, meters, from, to }];
  const meter = meters[0]!;
  const hours = new Set<number>();
  if (shownBy.includes('readings')) {
    for await (const { times } of store.read({ ranges })) {
      for (const time of times) hours.add(Math.floor(time / hourMs) * hourMs);
    }
  }
  if (shownBy.includes('rollups')) {
    // A window by the site's clock may lie across two hours of UTC.
    for (const { start, end } of await store.rollups({ ranges, window: grain === 'hour' ? 'PT1H' : 'P1D' })) {
      const last = grain === 'hour' ? end : start + 1;
      for (let hour = Math.floor(start / hourMs) * hourMs; hour < last; hour += hourMs) hours.add(hour);
    }
  }
  const ordered = [...hours].toSorted((a, b) => a - b);
  for (let at = 0; at < ordered.length; at += marksMax) {
    yield ordered.slice(at, at + marksMax).map((hour) => ({ shard, site, meter, hour }));
  }
}
