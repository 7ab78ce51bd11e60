import type { Language } from '@songma/runtime';
import { placeText, windowText } from './case-facts.ts';
import type { CaseContent } from './case-letters.ts';
import { said, type CaseLine, type DigestContent, type NoticeContent } from './content.ts';
import { parameterText } from './figures.ts';
import type { LetterPart } from './letter.ts';
import { lengthText, spanText, timeText } from './times.ts';

export type OtherContent = Exclude<NoticeContent, CaseContent>;

/** The letter of what is of no single case. */
export function otherLetter(content: OtherContent, language: Language): LetterPart[] {
  const headline: LetterPart = { part: 'headline', text: otherTitle(content, language) };
  return [headline, ...otherParts(content, language)];
}

/** What it is about, in a line: also its subject. */
export function otherTitle(content: OtherContent, language: Language): string {
  switch (content.purpose) {
    case 'gathered':
      return said(
        language,
        `${content.lines.length} tin về các vụ việc`,
        `News of ${content.lines.length} cases`,
      );
    case 'digest-daily': {
      const span = spanText(content.from, content.to, content.zone);
      return said(language, `Tổng hợp ngày ${span}`, `Daily summary, ${span}`);
    }
    case 'digest-weekly': {
      const span = spanText(content.from, content.to, content.zone);
      return said(language, `Tổng hợp tuần ${span}`, `Weekly summary, ${span}`);
    }
    case 'site-silent':
      return said(language, `Mất tín hiệu: ${content.site}`, `Silent: ${content.site}`);
    case 'outage':
      return said(
        language,
        `Gián đoạn truyền số liệu: ${content.site}`,
        `Transmission interrupted: ${content.site}`,
      );
    case 'sites-silent': {
      const count = content.sites.length;
      return said(
        language,
        `${count} cơ sở cùng mất tín hiệu: ${content.area}`,
        `${count} sites fell silent together: ${content.area}`,
      );
    }
    case 'heard-again':
      return said(language, `Đã có tín hiệu trở lại: ${content.site}`, `Heard again: ${content.site}`);
    case 'shelf-ends':
      return said(language, `Sắp hết tạm hoãn: ${content.scope}`, `A shelf ends soon: ${content.scope}`);
    case 'roster-gap':
      return said(
        language,
        `Lịch trực còn trống: ${content.roster}`,
        `Nobody on the roster: ${content.roster}`,
      );
    case 'undelivered':
      return said(language, `Không gửi được: ${content.recipient}`, `Undelivered: ${content.recipient}`);
    case 'deaf':
      return said(language, 'Hệ thống không nhận được số liệu nào', 'No readings arrive at all');
    case 'trial':
      return said(language, 'Thư thử', 'Trial message');
  }
}

function otherParts(content: OtherContent, language: Language): LetterPart[] {
  switch (content.purpose) {
    case 'gathered':
      return [...caseLists(content.lines, language), ...inbox(content.inboxUrl, language)];
    case 'digest-daily':
    case 'digest-weekly':
      return digestParts(content, language);
    case 'site-silent':
    case 'outage': {
      const { since, knownUntil, zone, enterprise, duty } = content;
      const from = timeText(since, zone);
      const length = lengthText(knownUntil - since, language);
      const vi = `Không nhận được số liệu từ ${from}, đã ${length} (${enterprise}).`;
      const en = `Nothing has arrived since ${from}, for ${length} (${enterprise}).`;
      const parts: LetterPart[] = [{ part: 'paragraph', text: said(language, vi, en) }];
      if (duty === undefined) return parts;
      const { withinHours, to, document, verified } = duty;
      const sure = verified
        ? ''
        : said(language, ', chưa đối chiếu nguyên văn', ', not compared with the text');
      const dutyVi = `Phải thông báo bằng văn bản trong ${withinHours} giờ cho ${to} (${document}${sure}).`;
      const dutyEn = `A notice in writing is due within ${withinHours} hours to ${to} (${document}${sure}).`;
      return [...parts, { part: 'paragraph', text: said(language, dutyVi, dutyEn) }];
    }
    case 'sites-silent': {
      const from = timeText(content.since, content.zone);
      const vi = `Từ ${from}. Nhiều nơi cùng lúc thường do đường truyền hoặc điện, không do từng cơ sở.`;
      const en = `Since ${from}. Many at once are usually of the network or the power, not of each site.`;
      return [
        { part: 'paragraph', text: said(language, vi, en) },
        { part: 'list', items: content.sites },
      ];
    }
    case 'heard-again': {
      const { since, until, zone } = content;
      const length = lengthText(until - since, language);
      const span = spanText(since, until, zone);
      const vi = `Gián đoạn ${length}: ${span}. Số liệu còn thiếu vẫn phải gửi bù.`;
      const en = `It was silent for ${length}: ${span}. What is missing is still owed.`;
      return [{ part: 'paragraph', text: said(language, vi, en) }];
    }
    case 'shelf-ends': {
      const until = timeText(content.until, content.zone);
      const vi = `Tạm hoãn đến ${until} (${content.reason}). Sau đó, việc còn mở sẽ được báo như mới.`;
      const en = `Shelved until ${until} (${content.reason}). What is open then will be told as new.`;
      return [{ part: 'paragraph', text: said(language, vi, en) }];
    }
    case 'roster-gap': {
      const span = spanText(content.from, content.to, content.zone);
      const vi = `Không có ai trực: ${span}. Hãy bổ sung vào lịch trực.`;
      const en = `Nobody is on duty: ${span}. Add somebody to the roster.`;
      return [{ part: 'paragraph', text: said(language, vi, en) }];
    }
    case 'undelivered': {
      const { address, reason, subject } = content;
      const vi = `Không gửi được đến ${address}: ${reason.vi} Thư: "${subject}".`;
      const en = `It could not be delivered to ${address}: ${reason.en} Message: "${subject}".`;
      return [{ part: 'paragraph', text: said(language, vi, en) }];
    }
    case 'deaf': {
      const from = timeText(content.since, content.zone);
      const vi = `Từ ${from}, không nơi nào gửi đến. Nhiều khả năng lỗi ở phía máy chủ: hãy kiểm tra cổng tiếp nhận.`;
      const en = `Since ${from} nobody has sent anything. It is probably ours: look at the door of the readings.`;
      return [{ part: 'paragraph', text: said(language, vi, en) }];
    }
    case 'trial': {
      const at = timeText(content.at, content.zone);
      const vi = `Kênh này hoạt động. Gửi lúc ${at}.`;
      const en = `This channel works. Sent at ${at}.`;
      return [{ part: 'paragraph', text: said(language, vi, en) }];
    }
  }
}

function digestParts(content: DigestContent, language: Language): LetterPart[] {
  const { lines, notes, logRoot, inboxUrl } = content;
  const lists: LetterPart[] = [
    ...caseLists(lines, language),
    ...notes
      .filter(({ items }) => items.length > 0)
      .map(({ title, items }): LetterPart => ({ part: 'list', title: title[language], items })),
  ];
  if (lists.length === 0) {
    const vi = 'Không có gì phải báo trong thời gian này. Hệ thống vẫn hoạt động.';
    const en = 'There is nothing to tell of this time. The system works.';
    lists.push({ part: 'paragraph', text: said(language, vi, en) });
  }
  if (logRoot !== undefined) {
    const vi = `Dấu vân tay của nhật ký: ${logRoot}`;
    const en = `Fingerprint of the log: ${logRoot}`;
    lists.push({ part: 'note', text: said(language, vi, en) });
  }
  return [...lists, ...inbox(inboxUrl, language)];
}

const groups = [
  ['new', { vi: 'Mới', en: 'New' }],
  ['worse', { vi: 'Nặng hơn', en: 'Worse' }],
  ['open', { vi: 'Còn mở', en: 'Open' }],
  ['unanswered', { vi: 'Chưa giải trình', en: 'Without an answer' }],
  ['repeating', { vi: 'Lặp lại', en: 'Repeating' }],
  ['ended', { vi: 'Đã kết thúc', en: 'Ended' }],
  ['withdrawn', { vi: 'Đã rút lại', en: 'Withdrawn' }],
] as const;

/** Each case once, under what became of it. */
function caseLists(lines: readonly CaseLine[], language: Language): LetterPart[] {
  return groups.flatMap(([became, title]): LetterPart[] => {
    const items = lines.filter((line) => line.became === became).map((line) => caseLine(line, language));
    return items.length === 0 ? [] : [{ part: 'list', title: title[language], items }];
  });
}

function caseLine({ facts, caseUrl }: CaseLine, language: Language): string {
  const { peak, since, knownUntil, zone } = facts;
  const window = windowText(peak, facts, language);
  const line = `${parameterText(facts.parameter)}, ${placeText(facts)}: ${window}; ${spanText(since, knownUntil, zone)}`;
  return caseUrl === undefined ? line : `${line} ${caseUrl}`;
}

function inbox(url: string | undefined, language: Language): LetterPart[] {
  if (url === undefined) return [];
  return [{ part: 'action', text: said(language, 'Mở danh sách vụ việc', 'Open the list of cases'), url }];
}
