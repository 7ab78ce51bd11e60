import type { Metrics } from '@songma/runtime';

export interface MqttState {
  readonly connections: () => number;
  readonly waitingBytes: () => number;
}

/** What the door counts. */
export function createMqttMetrics(metrics: Metrics) {
  const messages = metrics.counter('songma_mqtt_messages_total', 'Messages, by outcome', ['outcome']);
  const rows = metrics.counter('songma_mqtt_rows_total', 'Values of messages, by outcome', ['outcome']);
  const pushes = metrics.counter('songma_mqtt_pushes_total', 'Pushes that messages went together in');
  const waits = metrics.counter('songma_mqtt_waits_total', 'Pushes that had to wait, by code', ['code']);
  const ended = metrics.counter('songma_mqtt_connections_ended_total', 'Connections ended by this side', [
    'why',
  ]);
  const taken = messages.labels({ outcome: 'taken' });
  const acceptedRows = rows.labels({ outcome: 'accepted' });
  const refusedRows = rows.labels({ outcome: 'refused' });
  return {
    /** Figures that are asked for when somebody looks. */
    watch({ connections, waitingBytes }: MqttState): void {
      metrics.gauge('songma_mqtt_connections', 'Connections', [], (gauge) => gauge.set(connections()));
      metrics.gauge('songma_mqtt_waiting_bytes', 'Bytes of messages that wait for the log', [], (gauge) =>
        gauge.set(waitingBytes()),
      );
    },
    pushed({ accepted, refused }: { readonly accepted: number; readonly refused: readonly unknown[] }): void {
      pushes.inc();
      acceptedRows.inc(accepted);
      if (refused.length > 0) refusedRows.inc(refused.length);
    },
    waited: (code: string) => waits.inc({ code }),
    message(outcome: 'taken' | 'refused' | 'untaken' | 'dropped' | 'ignored'): void {
      if (outcome === 'taken') taken.inc();
      else messages.inc({ outcome });
    },
    ended: (why: string) => ended.inc({ why }),
  };
}
export type MqttMetrics = ReturnType<typeof createMqttMetrics>;
