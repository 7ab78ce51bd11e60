import {
  acknowledgementOf,
  readAlertStep,
  revisionOfEarlierStep,
  type Alert,
  type AlertAcknowledgement,
} from '@songma/domain';
import type { LogRecord } from '@songma/event-log';
import type { SeriesStore } from '@songma/series-store';

const decoder = new TextDecoder();

/** Alerts that the store is asked for together. */
const alertsPerRead = 500;

/**
 * Keeps what people did with alerts, which the log has and no worker settles. The revisions of machines are settled by
 * who made them.
 */
export async function keepAcknowledgements(
  seriesStore: Pick<SeriesStore, 'keep'>,
  records: readonly LogRecord[],
): Promise<void> {
  const acknowledgements: AlertAcknowledgement[] = [];
  for (const { value } of records) {
    const step = readAlertStep(JSON.parse(decoder.decode(value)));
    if (step?.step === 'acknowledged') acknowledgements.push(acknowledgementOf(step));
  }
  if (acknowledgements.length > 0) await seriesStore.keep({ rollups: [], indicators: [], acknowledgements });
}

/** Keeps everything that the log has of alerts, also what earlier builds told of them: for a rebuild. */
export async function keepAlertSteps(
  seriesStore: Pick<SeriesStore, 'keep' | 'alerts'>,
  records: readonly LogRecord[],
): Promise<void> {
  const steps = records.flatMap(({ value }) => readAlertStep(JSON.parse(decoder.decode(value))) ?? []);
  const earlier = steps.filter(({ step }) => step !== 'revised' && step !== 'acknowledged');
  const standing = await alertsById(seriesStore, [...new Set(earlier.map(({ alert }) => alert))]);
  const alerts: Alert[] = [];
  const acknowledgements: AlertAcknowledgement[] = [];
  for (const step of steps) {
    if (step.step === 'acknowledged') {
      acknowledgements.push(acknowledgementOf(step));
      continue;
    }
    const after =
      step.step === 'revised' ? step.after : revisionOfEarlierStep(step, standing.get(step.alert));
    if (after === undefined) continue;
    standing.set(after.id, after);
    alerts.push(after);
  }
  await seriesStore.keep({ rollups: [], indicators: [], alerts, acknowledgements });
}

async function alertsById(
  seriesStore: Pick<SeriesStore, 'alerts'>,
  ids: readonly string[],
): Promise<Map<string, Alert>> {
  const found = new Map<string, Alert>();
  for (let at = 0; at < ids.length; at += alertsPerRead) {
    const some = ids.slice(at, at + alertsPerRead);
    for (const { alert } of await seriesStore.alerts({ ids: some, limit: some.length })) {
      found.set(alert.id, alert);
    }
  }
  return found;
}
