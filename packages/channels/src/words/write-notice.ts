import type { Language } from '@songma/runtime';
import type { Notice, NoticeTemplate } from '../notice.ts';
import { publicNoticeId } from '../notice-identity.ts';
import { placeText, valueAndLimit, type CaseFacts } from './case-facts.ts';
import { caseLetter } from './case-letters.ts';
import type { NoticeContent } from './content.ts';
import { parameterText } from './figures.ts';
import { letterHtml, letterText, type LetterPart } from './letter.ts';
import { otherLetter, otherTitle } from './other-letters.ts';
import { dayText, spanText } from './times.ts';

/** What of a notice is words. */
export type WrittenNotice = Pick<Notice, 'purpose' | 'language' | 'subject' | 'text' | 'html'> & {
  readonly template?: NoticeTemplate;
};

/**
 * Puts a notice into words. Whatever becomes of a case, its subject stays, so that mail programs keep its messages
 * together; what became of it is the first line.
 */
export function writeNotice(content: NoticeContent, language: Language): WrittenNotice {
  const { purpose } = content;
  const parts: LetterPart[] = [
    ...('facts' in content ? caseLetter(content, language) : otherLetter(content, language)),
    { part: 'note', text: signature(content, language) },
  ];
  const written = {
    purpose,
    language,
    subject:
      'facts' in content ? caseSubject(content.facts, language) : `[Songma] ${otherTitle(content, language)}`,
    text: letterText(parts),
    html: letterHtml(parts, language),
  };
  return 'facts' in content ? { ...written, template: templateOf(content.facts, language) } : written;
}

/** What a case is called between people: eight letters and digits that follow from its id. */
export function caseCode(id: string): string {
  const text = publicNoticeId(id).slice(0, 8).toUpperCase();
  return `${text.slice(0, 4)}-${text.slice(4)}`;
}

/** The subject of every message of a case. */
export function caseSubject(facts: CaseFacts, language: Language): string {
  const { id, what, parameter, origin, zone } = facts;
  return `[Songma ${caseCode(id)}] ${parameterText(parameter)} ${what[language]}: ${placeText(facts)}, ${dayText(origin, zone)}`;
}

function templateOf(facts: CaseFacts, language: Language): NoticeTemplate {
  const { peak, unit, zone, id } = facts;
  return {
    site: placeText(facts),
    parameter: parameterText(facts.parameter),
    ...valueAndLimit(peak, unit, language),
    time: spanText(peak.start, peak.end, zone),
    code: caseCode(id),
  };
}

function signature(content: NoticeContent, language: Language): string {
  const code = 'facts' in content ? ` · ${caseCode(content.facts.id)}` : '';
  return language === 'vi'
    ? `Songma${code}. Thư tự động, xin không trả lời thư này.`
    : `Songma${code}. An automatic message; please do not reply to it.`;
}
