import type { AlertChange } from '@songma/domain';
import type { Metrics } from '@songma/runtime';

/** What one piece of work came to. */
export interface PieceCounts {
  readonly readings: number;
  readonly windows: number;
  /** Rollups that came out otherwise. */
  readonly changed: number;
  readonly indicators: number;
  /** What became of alerts. */
  readonly alertChanges: readonly AlertChange[];
}

export type WorkerMetrics = ReturnType<typeof createWorkerMetrics>;

/** @param now epoch milliseconds */
export function createWorkerMetrics(metrics: Metrics, now: () => number) {
  const readings = metrics.counter(
    'songma_worker_readings_read_total',
    'Readings read to compute rollups from',
  );
  const windows = metrics.counter('songma_worker_windows_computed_total', 'Windows computed, changed or not');
  const changed = metrics.counter('songma_worker_rollups_changed_total', 'Rollups that came out otherwise');
  const indicators = metrics.counter(
    'songma_worker_indicators_published_total',
    'Indicators published or restated',
  );
  const steps = metrics.counter('songma_worker_alert_steps_total', 'Revisions of alerts, by what they do', [
    'step',
  ]);
  const seconds = metrics.histogram(
    'songma_worker_piece_seconds',
    'How long a piece of work took',
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  );
  /** Per shard with something due: since when it has never been seen without. */
  const dueSince = new Map<string, number>();
  metrics.gauge(
    'songma_worker_due_age_seconds',
    'How long the shard that waits longest has had something due',
    [],
    (gauge) => gauge.set(dueSince.size === 0 ? 0 : (now() - Math.min(...dueSince.values())) / 1000),
  );
  return {
    due(shard: string, isDue: boolean): void {
      if (!isDue) dueSince.delete(shard);
      else if (!dueSince.has(shard)) dueSince.set(shard, now());
    },
    piece(tookMs: number, done: PieceCounts): void {
      seconds.observe(tookMs / 1000);
      readings.inc(done.readings);
      windows.inc(done.windows);
      changed.inc(done.changed);
      indicators.inc(done.indicators);
      for (const step of done.alertChanges) steps.inc({ step });
    },
  };
}
