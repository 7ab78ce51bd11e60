import type { Receipt } from '@songma/domain';
import type { Metrics } from '@songma/runtime';
import type { InFlight } from './admission.ts';

const appendSecondsBuckets = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What the door counts. */
export function createIngestMetrics(metrics: Metrics, inFlight: Pick<InFlight, 'pushes' | 'bytes'>) {
  const readings = metrics.counter('songma_ingest_readings_total', 'Rows of pushes, by outcome', ['outcome']);
  const acceptedReadings = readings.labels({ outcome: 'accepted' });
  const refusedReadings = readings.labels({ outcome: 'refused' });
  const refusals = metrics.counter('songma_ingest_refusals_total', 'Refused rows, by code', ['code']);
  const pushes = metrics.counter('songma_ingest_pushes_total', 'Pushes, by outcome', ['outcome']);
  const acceptedPushes = pushes.labels({ outcome: 'accepted' });
  const replayedPushes = pushes.labels({ outcome: 'replayed' });
  const bytes = metrics.counter('songma_ingest_bytes_total', 'Bytes of pushes, by how they were counted', [
    'kind',
  ]);
  const sentBytes = bytes.labels({ kind: 'sent' });
  const unpackedBytes = bytes.labels({ kind: 'unpacked' });
  const appendSeconds = metrics.histogram(
    'songma_ingest_append_seconds',
    'Time until the log had a push durably',
    appendSecondsBuckets,
  );
  metrics.gauge('songma_ingest_in_flight_pushes', 'Pushes under way', [], (gauge) =>
    gauge.set(inFlight.pushes),
  );
  metrics.gauge('songma_ingest_in_flight_bytes', 'Bytes of pushes under way', [], (gauge) =>
    gauge.set(inFlight.bytes),
  );

  return {
    received(sent: number, unpacked: number): void {
      sentBytes.inc(sent);
      unpackedBytes.inc(unpacked);
    },
    /** Call what it gives back when the log has the push. */
    appending(): () => void {
      const start = performance.now();
      return () => appendSeconds.observe((performance.now() - start) / 1000);
    },
    accepted(receipt: Receipt): void {
      acceptedPushes.inc();
      acceptedReadings.inc(receipt.accepted);
      if (receipt.refused.length === 0) return;
      refusedReadings.inc(receipt.refused.length);
      for (const [, code] of receipt.refused) refusals.inc({ code });
    },
    replayed: () => replayedPushes.inc(),
    /** A push was refused as a whole. */
    refused(code: string): void {
      pushes.inc({ outcome: code });
    },
  };
}
export type IngestMetrics = ReturnType<typeof createIngestMetrics>;
