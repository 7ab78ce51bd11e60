import { alertStepSchema, indicatorEventSchema, type AlertStep } from '@songma/domain';
import type { EventLog, LogRecord } from '@songma/event-log';
import { AlertBook } from '@songma/limits';
import type { Registry } from '@songma/registry';
import { alertWire } from '../alerts/alert-wire.ts';
import { publicationWire } from '../indicators/publication-wire.ts';
import type { EventStreams } from './streams.ts';

/** What this process knows from following the log: all alerts, and the newest events for live streams. */
export interface LiveFeed {
  readonly alerts: AlertBook;
  /** Rejects when the log cannot be followed any more. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** Events older than this are not kept for readers that come back. */
const liveAgeMaxMs = 15 * 60_000;
const decoder = new TextDecoder();

/** Follows topics `alerts` and `indicators`; resolves when every alert is known. */
export async function openLiveFeed(
  deps: { readonly eventLog: EventLog; readonly registry: Registry; readonly now: () => number },
  streams: EventStreams,
): Promise<LiveFeed> {
  const { eventLog, registry, now } = deps;
  const alerts = new AlertBook();
  const followAlerts = await eventLog.follow({ topic: 'alerts' }, async (records) => {
    for (const record of records) {
      const step = alertStepSchema.parse(JSON.parse(decoder.decode(record.value)));
      const isNew = alerts.apply(step) !== undefined || isOurs(alerts, step);
      const alert = alerts.get(step.alert);
      const place = placeOf('a', record);
      if (alert === undefined || !isNew || step.at < now() - liveAgeMaxMs) streams.skip(place);
      else {
        const data = JSON.stringify({ step: step.step, alert: alertWire(alert, registry) });
        streams.publish(place, { type: 'alert', enterprise: alert.enterprise, data });
      }
    }
  });
  const followIndicators = await eventLog.follow({ topic: 'indicators' }, async (records) => {
    for (const record of records) {
      const place = placeOf('i', record);
      // Old ones need not be understood: the headers tell their age.
      if (Date.parse(record.headers['ce_time'] ?? '') < now() - liveAgeMaxMs) {
        streams.skip(place);
        continue;
      }
      const event = indicatorEventSchema.parse(JSON.parse(decoder.decode(record.value)));
      const data = JSON.stringify(publicationWire(event, registry));
      streams.publish(place, { type: 'indicator', enterprise: event.after.enterprise, data });
    }
  });
  await followAlerts.caughtUp;
  return {
    alerts,
    closed: Promise.race([followAlerts.closed, followIndicators.closed]),
    async close() {
      await followIndicators.close();
      await followAlerts.close();
    },
  };
}

/** An acknowledgement that this process has shown before it came back from the log. */
function isOurs(alerts: AlertBook, step: AlertStep): boolean {
  if (step.step !== 'acknowledged') return false;
  const { acknowledged } = alerts.get(step.alert) ?? {};
  return acknowledged?.at === step.at && acknowledged.by === step.by;
}

function placeOf(topic: 'a' | 'i', { partition, offset }: LogRecord) {
  return { partition: `${topic}${partition}`, offset };
}
