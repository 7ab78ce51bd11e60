import type { AlertStep, IndicatorEvent } from '@songma/domain';
import type { NewRecord } from '@songma/event-log';

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

/** A step for topic `alerts`. The same step has the same id, however often it is made. */
export function alertRecord(step: AlertStep): NewRecord {
  return record(step.alert, step, {
    ce_id: `${step.alert}/${step.step}`,
    ce_type: 'vn.songma.alert-step.v1',
    ce_time: new Date(step.at).toISOString(),
    ce_subject: step.alert,
  });
}

function record(key: string, value: unknown, headers: Readonly<Record<string, string>>): NewRecord {
  return {
    key,
    value: encoder.encode(JSON.stringify(value)),
    headers: { ce_specversion: '1.0', ce_source: 'songma/worker', ...headers },
  };
}
