import type { AlertStep, IndicatorEvent } from '@songma/domain';
import type { NewRecord } from '@songma/event-log';
import type { AlertRevision } from '@songma/limits';

const encoder = new TextEncoder();

/** An event for topic `indicators`. The same publication has the same id, however often it is made. */
export function indicatorRecord(event: IndicatorEvent): NewRecord {
  const { enterprise, revision, publishedAt } = event.after;
  return record(enterprise, event, {
    ce_id: `${event.id}/${revision}`,
    ce_type: 'vn.songma.indicator.v1',
    ce_time: new Date(publishedAt).toISOString(),
    ce_subject: event.id,
  });
}

/** A revision of an alert for topic `alerts`. The same revision has the same id, however often it is made. */
export function alertRecord({ change, alert }: AlertRevision): NewRecord {
  const { id, revision, changedAt } = alert;
  const step: AlertStep = { step: 'revised', alert: id, at: changedAt, change, after: alert };
  return record(id, step, {
    ce_id: `${id}/${revision}`,
    ce_type: 'vn.songma.alert-step.v1',
    ce_time: new Date(changedAt).toISOString(),
    ce_subject: id,
  });
}

function record(key: string, value: unknown, headers: Readonly<Record<string, string>>): NewRecord {
  return {
    key,
    value: encoder.encode(JSON.stringify(value)),
    headers: { ce_specversion: '1.0', ce_source: 'songma/worker', ...headers },
  };
}
