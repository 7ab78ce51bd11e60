import {
  acknowledgeTokenMs,
  exceedanceWhat,
  writeNotice,
  type CaseFacts as CaseWords,
  type CaseLine,
  type NoticeContent,
  type WrittenNotice,
} from '@songma/channels';
import type { CaseFacts } from '@songma/cases';
import { tokenPlace, type Alert, type NoticeItem } from '@songma/domain';
import { judgeCase, type JudgedCase, type Registered } from '@songma/duty';

/** How long the link of a notice acknowledges, from its planning. */
export const linkMs = acknowledgeTokenMs;

export interface WordsDeps {
  readonly facts: CaseFacts;
  readonly registered: Registered;
  /** Where people reach the house; undefined: messages have no links. */
  readonly publicUrl: string | undefined;
}

/** What is told of one case, put into words as it stands at `now`. Undefined where nothing of it is known. */
export function writtenItem(
  deps: WordsDeps,
  item: NoticeItem,
  { language, takesUp }: { readonly language: 'vi' | 'en'; readonly takesUp: boolean },
  now: number,
): WrittenNotice | undefined {
  const content = contentOf(deps, item, takesUp, now);
  return content === undefined ? undefined : writeNotice(content, language);
}

/** Several at once. */
export function writtenGathered(
  deps: WordsDeps,
  items: readonly NoticeItem[],
  language: 'vi' | 'en',
  now: number,
): WrittenNotice {
  const lines = items.flatMap((item): CaseLine[] => {
    const facts = caseWords(deps, item.case, now);
    const became = item.purpose in lineOf ? lineOf[item.purpose as keyof typeof lineOf] : 'open';
    return facts === undefined ? [] : [{ facts, became, caseUrl: caseUrl(deps, item.case) }];
  });
  return writeNotice({ purpose: 'gathered', lines, inboxUrl: inboxUrl(deps) }, language);
}

const lineOf = {
  raised: 'new',
  escalated: 'open',
  found: 'new',
  worse: 'worse',
  ended: 'ended',
  withdrawn: 'withdrawn',
  'answer-overdue': 'unanswered',
} as const satisfies Record<string, CaseLine['became']>;

export function inboxUrl({ publicUrl }: Pick<WordsDeps, 'publicUrl'>): string | undefined {
  return publicUrl === undefined ? undefined : `${publicUrl}/cases`;
}

function caseUrl({ publicUrl, facts }: WordsDeps, id: string): string | undefined {
  const caseId = facts.groups.caseOf(id) ?? id;
  return publicUrl === undefined ? undefined : `${publicUrl}/cases/${encodeURIComponent(caseId)}`;
}

function contentOf(
  deps: WordsDeps,
  item: NoticeItem,
  takesUp: boolean,
  now: number,
): NoticeContent | undefined {
  const { facts, registered, publicUrl } = deps;
  const caseId = facts.groups.caseOf(item.case) ?? item.case;
  const context = facts.context(caseId, registered);
  if (context === undefined) return undefined;
  const judged = judgeCase(context, now);
  const { state } = judged;
  const incident = facts.incident(state.leading.id);
  if (incident !== undefined) return silenceContent(deps, judged);
  const words = caseWords(deps, caseId, now);
  if (words === undefined) return undefined;
  const links = {
    caseUrl: caseUrl(deps, caseId),
    // Officers take cases up; what a plant says is its answer.
    ...(publicUrl === undefined || !takesUp ? {} : { acknowledgeUrl: `${publicUrl}/a#t=${tokenPlace}` }),
  };
  const of = { facts: words, ...links };
  const nameOf = (person: string) => registered.get('person', person)?.body.name ?? person;
  switch (item.purpose) {
    case 'worse':
    case 'ended':
    case 'found':
      return { purpose: item.purpose, ...of };
    case 'continues':
      return { purpose: 'continues', ...of };
    case 'withdrawn': {
      const alert = facts.alert(state.leading.id);
      const correction = { cause: alert?.cause ?? 'correction', at: alert?.changedAt ?? now } as const;
      return { purpose: 'withdrawn', ...of, correction };
    }
    case 'escalated': {
      const toldAt = context.notices[0]?.plannedAt ?? state.raisedAt;
      return { purpose: 'escalated', ...of, toldAt, step: state.escalations.length };
    }
    case 'lapsed': {
      const { acknowledged } = state;
      if (acknowledged === undefined) return { purpose: 'raised', ...of };
      return { purpose: 'lapsed', ...of, by: nameOf(acknowledged.by), acknowledgedAt: acknowledged.at };
    }
    case 'asked': {
      const { question } = state;
      if (question === undefined) return { purpose: 'raised', ...of };
      const by = question.by === undefined ? undefined : nameOf(question.by);
      return { purpose: 'asked', ...of, by, text: question.text, dueAt: question.dueAt };
    }
    case 'answer-overdue':
      return { purpose: 'answer-overdue', ...of, dueAt: state.question?.dueAt ?? now };
    case 'answered': {
      const { answer } = state;
      if (answer === undefined) return { purpose: 'raised', ...of };
      return { purpose: 'answered', ...of, by: nameOf(answer.by), cause: answer.cause, text: answer.text };
    }
    case 'shelf-ends': {
      const { current } = judged.shelf;
      if (current === undefined) return { purpose: 'raised', ...of };
      const scope = `${words.parameter}, ${words.site}`;
      const reason = current.text ?? current.reason;
      return { purpose: 'shelf-ends', scope, reason, until: current.until, zone: words.zone };
    }
    default:
      return { purpose: 'raised', ...of };
  }
}

function silenceContent({ facts, registered }: WordsDeps, { state }: JudgedCase): NoticeContent | undefined {
  const incident = facts.incident(state.leading.id);
  if (incident === undefined) return undefined;
  const site = registered.get('site', incident.site)?.body;
  const zone = site?.timeZone ?? 'Asia/Ho_Chi_Minh';
  const names = {
    site: site?.name ?? incident.site,
    enterprise: registered.get('enterprise', incident.enterprise)?.body.name ?? incident.enterprise,
    zone,
    since: incident.since,
  };
  if (incident.until !== null) return { purpose: 'heard-again', ...names, until: incident.until };
  const purpose = incident.kind === 'site-silent' ? 'site-silent' : 'outage';
  return { purpose, ...names, knownUntil: incident.changedAt };
}

/** A case in the words that people use; undefined where no alert tells its numbers. */
export function caseWords({ facts, registered }: WordsDeps, id: string, now: number): CaseWords | undefined {
  const caseId = facts.groups.caseOf(id) ?? id;
  const context = facts.context(caseId, registered);
  if (context === undefined) return undefined;
  const { state } = judgeCase(context, now);
  const alert = facts.alert(state.leading.id);
  return alert === undefined ? undefined : alertWords(alert, caseId, registered);
}

function alertWords(alert: Alert, id: string, registered: Registered): CaseWords {
  const site = registered.get('site', alert.site)?.body;
  const source = alert.source === undefined ? undefined : registered.get('source', alert.source)?.body.name;
  const { enterprise, parameter, unit, averaging, origin, since, knownUntil, windows } = alert;
  return {
    id,
    what: exceedanceWhat,
    enterprise: registered.get('enterprise', enterprise)?.body.name ?? enterprise,
    site: site?.name ?? alert.site,
    source,
    parameter,
    unit,
    averaging,
    zone: site?.timeZone ?? 'Asia/Ho_Chi_Minh',
    origin,
    since,
    knownUntil,
    isOpen: alert.state === 'open',
    windows,
    peak: alert.peak,
    latest: alert.latest,
    document: alert.document,
    verified: alert.verified,
  };
}
