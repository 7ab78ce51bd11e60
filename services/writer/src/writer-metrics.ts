import type { BlockOutcome } from '@songma/domain';
import type { Metrics } from '@songma/runtime';

/** What the writer counts. Times are in seconds, as Prometheus has it. */
export interface WriterMetrics {
  wrote(blocks: number, readings: number, seconds: number): void;
  outcomes(outcomes: readonly BlockOutcome[]): void;
  /** A block can be queried this long after its push was accepted. */
  visible(seconds: number): void;
  wakeFailed(): void;
}

/** @param lag how many records the writer has not handled */
export function createWriterMetrics(metrics: Metrics, lag: () => Promise<number>): WriterMetrics {
  const readings = metrics.counter('songma_writer_readings_total', 'Readings by what became of them', [
    'outcome',
  ]);
  const writes = metrics.histogram(
    'songma_writer_write_seconds',
    'Time that the series store took for a write',
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  );
  const sizes = metrics.histogram(
    'songma_writer_write_readings',
    'Readings in a write',
    [1, 10, 100, 1_000, 10_000, 50_000, 100_000, 500_000],
  );
  const blocks = metrics.counter('songma_writer_blocks_total', 'Blocks of pushes that were stored');
  const visibility = metrics.histogram(
    'songma_writer_visibility_seconds',
    'Time from the acceptance of a push to where its readings can be queried',
    [0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 15, 60],
  );
  const wakeFailures = metrics.counter(
    'songma_writer_wake_failures_total',
    'Wake-ups of the worker that failed',
  );
  metrics.gauge(
    'songma_writer_lag_records',
    'Log records that the writer has not handled',
    [],
    async (gauge) => {
      // A log that is down is told by readiness; the figures of everything else are still wanted.
      gauge.set(await lag().catch(() => Number.NaN));
    },
  );
  return {
    wrote(count, size, seconds) {
      blocks.inc(count);
      sizes.observe(size);
      writes.observe(seconds);
    },
    outcomes(all) {
      for (const { stored, duplicate, superseding, refused } of all) {
        if (stored > 0) readings.inc({ outcome: 'stored' }, stored);
        if (duplicate.length > 0) readings.inc({ outcome: 'duplicate' }, rowsIn(duplicate));
        if (superseding.length > 0) readings.inc({ outcome: 'superseding' }, rowsIn(superseding));
        if (refused.length > 0) readings.inc({ outcome: 'refused' }, refused.length);
      }
    },
    visible: (seconds) => visibility.observe(seconds),
    wakeFailed: () => wakeFailures.inc(),
  };
}

function rowsIn(runs: readonly (readonly [number, number])[]): number {
  return runs.reduce((sum, [, count]) => sum + count, 0);
}
