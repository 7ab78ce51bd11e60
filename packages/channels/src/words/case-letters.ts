import type { Bilingual, Language } from '@songma/runtime';
import { caseRows, placeText, valueAndLimit, windowText, type CaseFacts } from './case-facts.ts';
import { said, type CaseLinks, type CorrectionFacts, type NoticeContent } from './content.ts';
import { parameterText, quantityText, numberText } from './figures.ts';
import type { LetterPart } from './letter.ts';
import { timeText } from './times.ts';

export type CaseContent = Extract<NoticeContent, { facts: CaseFacts }>;

/** The letter of a case, by its purpose. */
export function caseLetter(content: CaseContent, language: Language): LetterPart[] {
  const { facts } = content;
  return [
    { part: 'headline', text: headline(content, language) },
    ...paragraphs(content, language),
    { part: 'facts', rows: caseRows(facts, language) },
    ...links(content, language),
    ...caveats(facts, language),
  ];
}

/** What became of it, before what it is; nothing where that is that it is. */
const prefixes: Readonly<Record<CaseContent['purpose'], Bilingual | undefined>> = {
  raised: undefined,
  found: { vi: 'Phát hiện sau', en: 'Found afterwards' },
  worse: { vi: 'Nặng hơn', en: 'Worse' },
  ended: { vi: 'Đã kết thúc', en: 'Ended' },
  continues: { vi: 'Vẫn tiếp diễn', en: 'Continues' },
  withdrawn: { vi: 'Rút lại', en: 'Withdrawn' },
  escalated: { vi: 'Chưa ai xác nhận', en: 'Nobody has acknowledged' },
  lapsed: { vi: 'Xác nhận đã hết hạn', en: 'The acknowledgement has run out' },
  asked: { vi: 'Đề nghị giải trình', en: 'Please answer' },
  'answer-overdue': { vi: 'Quá hạn giải trình', en: 'Answer overdue' },
  answered: { vi: 'Cơ sở đã giải trình', en: 'The plant has answered' },
};

function headline({ facts, purpose }: CaseContent, language: Language): string {
  const name = `${parameterText(facts.parameter)} ${facts.what[language]}, ${placeText(facts)}`;
  const prefix = prefixes[purpose]?.[language];
  return prefix === undefined ? name : `${prefix}: ${name}`;
}

function paragraphs(content: CaseContent, language: Language): LetterPart[] {
  const { facts } = content;
  const { zone, latest } = facts;
  switch (content.purpose) {
    case 'raised':
      return [];
    case 'found': {
      const vi = 'Số liệu đến muộn hoặc được sửa cho thấy đã vượt. Thư này không phải báo động trực.';
      const en = 'Data that came late or were corrected show that this happened. It is not a call to duty.';
      return [{ part: 'paragraph', text: said(language, vi, en) }];
    }
    case 'worse': {
      const now = windowText(latest, facts, language);
      return [{ part: 'paragraph', text: said(language, `Hiện nay: ${now}.`, `Now: ${now}.`) }];
    }
    case 'ended': {
      const vi = 'Giá trị đã trở lại trong giới hạn. Việc đã vượt vẫn là sự việc cần xem xét.';
      const en = 'The value is within its limit again. That it was beyond it remains a fact to be looked at.';
      return [{ part: 'paragraph', text: said(language, vi, en) }];
    }
    case 'continues': {
      const vi =
        'Số liệu mới nối liền với cảnh báo đã gửi. Đây vẫn là một vụ việc, không có gì được rút lại.';
      const en = 'New data join what you were told of. It is the same case, and nothing of it is withdrawn.';
      return [{ part: 'paragraph', text: said(language, vi, en) }];
    }
    case 'withdrawn':
      return [{ part: 'paragraph', text: withdrawal(facts, content.correction, language) }];
    case 'escalated': {
      const told = timeText(content.toldAt, zone);
      const vi = `Đã báo lúc ${told}; chưa ai xác nhận, nên nay chuyển đến bạn (bậc ${content.step}).`;
      const en = `Told at ${told}; nobody has acknowledged, so that it now comes to you (step ${content.step}).`;
      return [{ part: 'paragraph', text: said(language, vi, en) }];
    }
    case 'lapsed': {
      const at = timeText(content.acknowledgedAt, zone);
      const vi = `${content.by} đã xác nhận lúc ${at}. Vụ việc vẫn mở và cần người xác nhận lại.`;
      const en = `${content.by} acknowledged it at ${at}. It is still open and needs somebody again.`;
      return [{ part: 'paragraph', text: said(language, vi, en) }];
    }
    case 'asked': {
      const due = timeText(content.dueAt, zone);
      const vi = `Đề nghị cho biết nguyên nhân và biện pháp trước ${due}.`;
      const en = `Please state the cause and what is done about it by ${due}.`;
      const { by, text } = content;
      const parts: LetterPart[] = [{ part: 'paragraph', text: said(language, vi, en) }];
      if (text !== undefined)
        parts.push({ part: 'paragraph', text: by === undefined ? text : `${by}: ${text}` });
      return parts;
    }
    case 'answer-overdue': {
      const due = timeText(content.dueAt, zone);
      const vi = `Hạn giải trình là ${due}; chưa nhận được giải trình.`;
      const en = `An answer was due by ${due}; none has come.`;
      return [{ part: 'paragraph', text: said(language, vi, en) }];
    }
    case 'answered': {
      const { by, cause, text } = content;
      return [{ part: 'paragraph', text: `${by}${cause === undefined ? '' : ` (${cause})`}: ${text}` }];
    }
  }
}

const causeTexts = {
  readings: { vi: 'số liệu đến sau', en: 'readings that came afterwards' },
  correction: { vi: 'số liệu được sửa', en: 'a correction of the readings' },
  void: { vi: 'số liệu bị tuyên vô hiệu', en: 'a void of the readings' },
  limit: { vi: 'giới hạn được sửa', en: 'a change of the limit' },
  registry: { vi: 'thông tin đăng ký được sửa', en: 'a change of what is registered' },
  rules: { vi: 'quy tắc tính mới của phần mềm', en: 'newer rules of the software' },
  clock: { vi: 'thời gian trôi qua', en: 'the passing of time' },
} as const;

function withdrawal(facts: CaseFacts, correction: CorrectionFacts, language: Language): string {
  const { zone, unit, peak } = facts;
  const cause = causeTexts[correction.cause][language];
  const at = timeText(correction.at, zone);
  const by =
    correction.by === undefined ? '' : said(language, `, do ${correction.by}`, `, by ${correction.by}`);
  const before = valueAndLimit(peak, unit, language).value;
  const { meanNow } = correction;
  const now =
    meanNow === undefined || meanNow === null
      ? said(language, 'không còn giá trị', 'no value any more')
      : quantityText(numberText(meanNow, language), unit);
  const change =
    meanNow === undefined
      ? ''
      : said(language, ` Trước: ${before}; nay: ${now}.`, ` Before: ${before}; now: ${now}.`);
  const vi = `Cảnh báo bạn đã nhận không còn căn cứ: ${cause} (${at}${by}).${change}`;
  const en = `What you were told has nothing left to stand on: ${cause} (${at}${by}).${change}`;
  return said(language, vi, en);
}

function links(
  { acknowledgeUrl, caseUrl, purpose }: CaseContent & CaseLinks,
  language: Language,
): LetterPart[] {
  const parts: LetterPart[] = [];
  if (acknowledgeUrl !== undefined && purpose !== 'withdrawn') {
    parts.push({
      part: 'action',
      text: said(language, 'Xác nhận đã tiếp nhận', 'Acknowledge'),
      url: acknowledgeUrl,
    });
  }
  if (caseUrl !== undefined) {
    const answer = purpose === 'asked' || purpose === 'answer-overdue';
    const text = answer
      ? said(language, 'Giải trình', 'Answer')
      : said(language, 'Xem vụ việc', 'See the case');
    parts.push({ part: 'action', text, url: caseUrl });
  }
  return parts;
}

/** What is not to be concluded from a message. */
function caveats({ verified }: CaseFacts, language: Language): LetterPart[] {
  const vi = 'Đây là so sánh với giới hạn tham chiếu; cơ quan có thẩm quyền kết luận.';
  const en = 'This compares with a reference limit; the authority concludes.';
  const parts: LetterPart[] = [{ part: 'note', text: said(language, vi, en) }];
  if (!verified) {
    const unverified = said(
      language,
      'Giá trị giới hạn chưa được đối chiếu với nguyên văn văn bản.',
      'The value of the limit has not been compared with the text of its document.',
    );
    parts.push({ part: 'note', text: unverified });
  }
  return parts;
}
