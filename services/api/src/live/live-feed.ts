import { indicatorEventSchema, readAlertStep, type AlertStep } from '@songma/domain';
import type { EventLog, LogRecord } from '@songma/event-log';
import type { Registry } from '@songma/registry';
import type { KeptAlert, SeriesStore } from '@songma/series-store';
import { alertWire } from '../alerts/alert-wire.ts';
import { publicationWire } from '../indicators/publication-wire.ts';
import type { EventStreams } from './streams.ts';

/** The following of the log for live streams. */
export interface LiveFeed {
  /** Rejects when the log cannot be followed any more. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

export interface LiveFeedDeps {
  readonly eventLog: EventLog;
  readonly registry: Registry;
  readonly seriesStore: Pick<SeriesStore, 'alerts'>;
  readonly now: () => number;
}

/** Events older than this are not kept for readers that come back. */
const liveAgeMaxMs = 15 * 60_000;
/** Alerts that the store is asked for together. */
const alertsPerRead = 500;
const decoder = new TextDecoder();

/** A step of an alert as live readers are told of it. */
interface ToldStep {
  readonly name: string;
  readonly alert: KeptAlert;
}

/** Follows topics `alerts` and `indicators` and tells live readers of what is new in them. */
export async function openLiveFeed(deps: LiveFeedDeps, streams: EventStreams): Promise<LiveFeed> {
  const { eventLog, registry, now } = deps;
  // Old ones need not be understood: the headers tell their age.
  const isOld = ({ headers }: LogRecord) => Date.parse(headers['ce_time'] ?? '') < now() - liveAgeMaxMs;
  const followAlerts = await eventLog.follow({ topic: 'alerts' }, async (records) => {
    const steps = records.map((record) => (isOld(record) ? undefined : stepOf(record)));
    const taken = await acknowledgedOf(deps, steps);
    for (const [index, record] of records.entries()) {
      const place = placeOf('a', record);
      const told = toldOf(steps[index], taken);
      if (told === undefined) streams.skip(place);
      else {
        const data = JSON.stringify({ step: told.name, alert: alertWire(told.alert, registry) });
        const { enterprise, site } = told.alert.alert;
        streams.publish(place, { type: 'alert', enterprise, site, data });
      }
    }
  });
  const followIndicators = await eventLog.follow({ topic: 'indicators' }, async (records) => {
    for (const record of records) {
      const place = placeOf('i', record);
      if (isOld(record)) {
        streams.skip(place);
        continue;
      }
      const event = indicatorEventSchema.parse(JSON.parse(decoder.decode(record.value)));
      const data = JSON.stringify(publicationWire(event, registry));
      const { enterprise, site } = event.after;
      streams.publish(place, { type: 'indicator', enterprise, site, data });
    }
  });
  return {
    closed: Promise.race([followAlerts.closed, followIndicators.closed]),
    async close() {
      await followIndicators.close();
      await followAlerts.close();
    },
  };
}

function stepOf({ value }: LogRecord): AlertStep | undefined {
  return readAlertStep(JSON.parse(decoder.decode(value)));
}

/** The alerts of the steps as the store has them, by id: who has taken them up is in no revision. */
async function acknowledgedOf(
  { seriesStore }: LiveFeedDeps,
  steps: readonly (AlertStep | undefined)[],
): Promise<Map<string, KeptAlert>> {
  const ids = [...new Set(steps.flatMap((step) => step?.alert ?? []))];
  const found = new Map<string, KeptAlert>();
  for (let at = 0; at < ids.length; at += alertsPerRead) {
    const some = ids.slice(at, at + alertsPerRead);
    for (const one of await seriesStore.alerts({ ids: some, limit: some.length }))
      found.set(one.alert.id, one);
  }
  return found;
}

/** Nothing is told of a step of an earlier build, or of an alert that is not known. */
function toldOf(step: AlertStep | undefined, stored: ReadonlyMap<string, KeptAlert>): ToldStep | undefined {
  const kept = step && stored.get(step.alert);
  switch (step?.step) {
    case 'revised':
      return { name: step.change, alert: { alert: step.after, acknowledged: kept?.acknowledged } };
    case 'acknowledged': {
      if (kept === undefined) return undefined;
      const { alert, at, by, note } = step;
      const given = { alert, at, by, ...(note === undefined ? {} : { note }) };
      return { name: step.step, alert: { alert: kept.alert, acknowledged: kept.acknowledged ?? given } };
    }
    case 'raised':
    case 'resolved':
    case 'voided':
    case undefined:
      return undefined;
  }
}

function placeOf(topic: 'a' | 'i', { partition, offset }: LogRecord) {
  return { partition: `${topic}${partition}`, offset };
}
