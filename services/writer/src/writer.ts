import type { EventLog, LogRecord, NewRecord } from '@songma/event-log';
import type { Registry } from '@songma/registry';
import { UnavailableError, type Logger, type Metrics, type ReadyCheck } from '@songma/runtime';
import type { SeriesStore } from '@songma/series-store';
import type { WakeUps } from '@songma/wake-ups';
import type { WriterConfig } from './config.ts';
import { keepAcknowledgements } from './alert-steps.ts';
import { blockOutcome, outcomeRecords, type ToldOutcome } from './outcome-records.ts';
import { slicesOf, type PushedBlock } from './pushed-blocks.ts';
import { refusedRows } from './refused-rows.ts';
import { createWriterMetrics } from './writer-metrics.ts';

export { writerSettings, type WriterConfig } from './config.ts';
export { refillStore } from './refill.ts';

export interface WriterDeps {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly eventLog: EventLog;
  readonly registry: Registry;
  readonly seriesStore: SeriesStore;
  readonly wakeUps: WakeUps;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export interface Writer {
  readonly checks: readonly ReadyCheck[];
  /** Rejects when the log cannot be read on, or holds what cannot be understood: end the process then. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

const group = 'writer';
const queue = 'rollups';

/**
 * Carries readings from the log to the series store, and what people did with alerts.
 *
 * A batch of records counts as handled when its readings are stored, the rows that the store refused are in
 * quarantine, and the outcomes of its blocks are logged. Until then it comes again, and then everything has the same
 * answer, because the store judges a block by when it became known and not by when it is written. So an outage of
 * the store or the log costs time and nothing else. A wake-up of the worker that fails is only counted: what is due is
 * known to the store.
 *
 * A record that cannot be understood ends the writer with nothing committed: the log is written by ingest alone, and
 * whoever finds it corrupt has to decide what was in it.
 */
export async function startWriter(deps: WriterDeps, config: WriterConfig): Promise<Writer> {
  const { eventLog, registry, seriesStore, wakeUps, logger, now } = deps;
  const metrics = createWriterMetrics(deps.metrics, () => eventLog.lag('readings', group));
  const wakings = new Set<Promise<void>>();

  function wake(shards: ReadonlySet<string>): void {
    if (shards.size === 0) return;
    const waking = wakeUps
      .wake(queue, [...shards], { delayMs: config.wakeDelayMs })
      .catch((error: unknown) => {
        if (!(error instanceof UnavailableError)) throw error;
        metrics.wakeFailed();
        logger.warn(
          { code: error.code, reason: error.message },
          'the worker could not be woken; it looks by itself',
        );
      })
      .finally(() => wakings.delete(waking));
    wakings.add(waking);
  }

  async function write(blocks: readonly PushedBlock[]): Promise<void> {
    const started = performance.now();
    const results = await seriesStore.write(blocks);
    const readings = blocks.reduce((sum, { block }) => sum + block.times.length, 0);
    metrics.wrote(blocks.length, readings, (performance.now() - started) / 1000);

    const told: ToldOutcome[] = [];
    const refused: NewRecord[] = [];
    const touched = new Set<string>();
    for (const [i, pushed] of blocks.entries()) {
      const result = results[i]!;
      const outcome = blockOutcome(pushed, result);
      told.push({ outcome, enterprise: pushed.enterprise, readings: pushed.block.times.length });
      if (result.refused.length > 0) refused.push(...refusedRows(pushed, result, registry));
      if (outcome.stored > 0 || outcome.superseding.length > 0) touched.add(pushed.shard);
      metrics.visible(Math.max(0, now() - pushed.block.knownUs / 1000) / 1000);
    }
    wake(touched);
    if (refused.length > 0) await eventLog.append('quarantine', refused);
    await eventLog.append('outcomes', outcomeRecords(told, now()));
    metrics.outcomes(told.map(({ outcome }) => outcome));
  }

  async function handle(records: readonly LogRecord[]): Promise<void> {
    for (const blocks of slicesOf(records, registry, config.writeReadingsMax)) await write(blocks);
  }

  const reading = await eventLog.consume(
    { topic: 'readings', group, bytesMax: config.batchBytesMax, paceMs: config.paceMs },
    handle,
  );
  const keeping = await eventLog.consume({ topic: 'alerts', group }, (records) =>
    keepAcknowledgements(seriesStore, records),
  );
  return {
    checks: [
      { name: 'event log', check: () => eventLog.check() },
      { name: 'series store', check: () => seriesStore.check() },
    ],
    closed: Promise.race([reading.closed, keeping.closed]),
    async close() {
      await Promise.all([reading.close(), keeping.close()]);
      await Promise.all(wakings);
    },
  };
}
