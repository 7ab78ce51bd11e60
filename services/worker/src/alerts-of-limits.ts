import type { Alert } from '@songma/domain';
import type { AlertQuery, SeriesStore } from '@songma/series-store';
import type { LimitSpan } from './limit-verdicts.ts';

/** Alerts that are read at a time. */
const alertsPerRead = 5_000;

type AlertStore = Pick<SeriesStore, 'alerts'>;

/** Every alert of the limits that lasted or was first found in one of the spans, or between them; by limit. */
export async function alertsOfLimits(
  store: AlertStore,
  spans: readonly LimitSpan[],
): Promise<Map<string, readonly Alert[]>> {
  const limits = [...new Set(spans.map(({ of }) => of.limit.id))];
  const from = Math.min(...spans.map((span) => span.from));
  const to = Math.max(...spans.map((span) => span.to));
  const found = await allAlerts(store, { limits, span: { from, to } });
  return Map.groupBy(found, ({ limit }) => limit);
}

/** All pages of a question. */
export async function allAlerts(
  store: AlertStore,
  query: Omit<AlertQuery, 'limit' | 'after'>,
): Promise<Alert[]> {
  const found: Alert[] = [];
  for (let after: AlertQuery['after']; ;) {
    const page = await store.alerts({
      ...query,
      limit: alertsPerRead,
      ...(after === undefined ? {} : { after }),
    });
    found.push(...page.map(({ alert }) => alert));
    if (page.length < alertsPerRead) return found;
    after = found.at(-1)!;
  }
}
