import type { CaseBook } from '@songma/cases';
import { isOver, type NoticeState } from '@songma/duty';
import type { EvidenceEvent, Json } from '@songma/evidence';
import type { Registry } from '@songma/registry';
import type { Reader } from '../access.ts';
import { houseZone, isoInZone } from '../iso-time.ts';
import { shownTo } from './case-wire.ts';

type Deps = { readonly book: CaseBook; readonly registry: Registry };

/**
 * What people did about a case and whom the desk told, as it was known at a time (epoch milliseconds). Asked again for
 * the same time it is the same, whatever became of notices since. Acknowledgements stand with the alerts.
 */
export function evidenceEvents(
  { book, registry }: Deps,
  reader: Reader,
  caseId: string,
  asOf: number,
): EvidenceEvent[] {
  const context = book.facts.context(book.facts.groups.caseOf(caseId) ?? caseId, registry);
  if (context === undefined) return [];
  const [first] = context.file.occurrences;
  const zone = (first && registry.get('site', first.site)?.body.timeZone) ?? houseZone;
  const known = shownTo(reader, context, registry);
  const steps = known.steps.flatMap((step): EvidenceEvent[] => {
    if (step.at > asOf || step.step === 'acknowledged') return [];
    const { at, id: _id, case: _case, ...said } = step;
    const by = 'by' in step ? (step.by ?? null) : null;
    return [{ at: isoInZone(at, zone), what: 'step', alert: null, by, detail: plain(said) }];
  });
  const notices = known.notices
    .filter(({ plannedAt }) => plannedAt <= asOf)
    .map((notice): EvidenceEvent => {
      const { id, person, channel, purpose, plannedAt } = notice;
      const detail = { notice: id, person, channel, purpose, ...outcomeOf(notice, asOf, zone) };
      return { at: isoInZone(plannedAt, zone), what: 'notice', alert: null, by: null, detail };
    });
  return [...steps, ...notices];
}

/** How the notice ended. What has not ended yet, or had not at that time, is on its way. */
function outcomeOf(notice: NoticeState, asOf: number, zone: string) {
  if (!isOver(notice) || notice.at > asOf) return { state: 'planned', stateAt: null };
  return { state: notice.state, stateAt: isoInZone(notice.at, zone) };
}

function plain(said: object): Json {
  return JSON.parse(JSON.stringify(said)) as Json;
}
