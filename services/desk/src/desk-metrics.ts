import type { Delivery } from '@songma/channels';
import type { CaseFacts } from '@songma/cases';
import type { NoticeState } from '@songma/duty';
import type { Metrics } from '@songma/runtime';

/** Numbers of the desk about itself. */
export function createDeskMetrics(metrics: Metrics, facts: CaseFacts) {
  const attempts = metrics.counter(
    'songma_desk_deliveries_total',
    'Attempts to deliver a notice, by what became of them.',
    ['outcome'],
  );
  const waited = metrics.histogram(
    'songma_desk_notice_seconds',
    'From the planning of a notice to its being handed over, seconds.',
    [0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 3600],
  );
  metrics.gauge('songma_desk_cases', 'Cases that are known.', [], (gauge) => gauge.set(facts.groups.size));
  metrics.gauge('songma_desk_notices_open', 'Notices that are to be sent.', [], (gauge) =>
    gauge.set(facts.openNotices().length),
  );
  return {
    attempt({ plannedAt }: NoticeState, { kind }: Delivery, at: number): void {
      attempts.inc({ outcome: kind });
      if (kind === 'sent') waited.observe((at - plannedAt) / 1000);
    },
  };
}
