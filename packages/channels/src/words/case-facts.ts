import type { Bilingual, Language } from '@songma/runtime';
import { comparedTexts, parameterText, quantityText, shareText } from './figures.ts';
import { lengthText, spanText } from './times.ts';

/** A window beyond a limit, as an alert tells it. */
export interface WindowFacts {
  /** Epoch milliseconds, end exclusive. */
  readonly start: number;
  readonly end: number;
  readonly mean: number;
  readonly limitValue: number;
  readonly bound: 'max' | 'min';
  /** Null where the limit is a range. */
  readonly ratio: number | null;
  readonly coverage: number;
}

/** What a message tells of a case. Names are those that people use, in the language in which they are registered. */
export interface CaseFacts {
  /** Id of the case; what people call it follows from it. */
  readonly id: string;
  /** What it is about, to be read behind a parameter: `above the limit`. */
  readonly what: Bilingual;
  readonly enterprise: string;
  readonly site: string;
  readonly source?: string | undefined;
  readonly parameter: string;
  readonly unit: string;
  readonly averaging: 'PT1H' | 'P1D' | 'P1M';
  /** Zone of the site, in which its times are told. */
  readonly zone: string;
  /** Where it was first found to begin, which never moves: the subject of all its messages names that day. */
  readonly origin: number;
  readonly since: number;
  /** End of what is known of it, and whether it may go on. */
  readonly knownUntil: number;
  readonly isOpen: boolean;
  readonly windows: number;
  readonly peak: WindowFacts;
  readonly latest: WindowFacts;
  /** What states the limit, and whether the value was compared with that text. */
  readonly document: string;
  readonly verified: boolean;
}

/** What an exceedance is called. */
export const exceedanceWhat = {
  vi: 'vượt giới hạn tham chiếu',
  en: 'beyond the reference limit',
} as const satisfies Bilingual;

const averages = {
  PT1H: { vi: 'trung bình giờ', en: 'hourly mean' },
  P1D: { vi: 'trung bình ngày', en: 'daily mean' },
  P1M: { vi: 'trung bình tháng', en: 'monthly mean' },
} as const;

/** The place as it is called in a line: source and site, or the site. */
export function placeText({ site, source }: Pick<CaseFacts, 'site' | 'source'>): string {
  return source === undefined ? site : `${source}, ${site}`;
}

/** A value and its limit with units, in as many digits as tell them apart. */
export function valueAndLimit(
  { mean, limitValue }: WindowFacts,
  unit: string,
  language: Language,
): { readonly value: string; readonly limit: string } {
  const { value, limit } = comparedTexts(mean, limitValue, language);
  return { value: quantityText(value, unit), limit: quantityText(limit, unit) };
}

/** `231,5 mg/m³, giới hạn 200 mg/m³ (trung bình giờ)`. */
export function windowText(window: WindowFacts, facts: CaseFacts, language: Language): string {
  const { value, limit } = valueAndLimit(window, facts.unit, language);
  const average = averages[facts.averaging][language];
  const bound = {
    max: { vi: `giới hạn ${limit}`, en: `limit ${limit}` },
    min: { vi: `giới hạn dưới ${limit}`, en: `lower limit ${limit}` },
  }[window.bound][language];
  return `${value}, ${bound} (${average})`;
}

/** What is known of a case, as rows of a table. */
export function caseRows(facts: CaseFacts, language: Language): (readonly [string, string])[] {
  const { peak, since, knownUntil, zone, windows } = facts;
  const vi = language === 'vi';
  const times = ratioText(peak, language);
  return [
    [vi ? 'Nơi' : 'Place', `${placeText(facts)} (${facts.enterprise})`],
    [vi ? 'Thông số' : 'Parameter', parameterText(facts.parameter)],
    [
      vi ? 'Cao nhất' : 'Farthest beyond',
      `${windowText(peak, facts, language)}${times === '' ? '' : `; ${times}`}; ${spanText(peak.start, peak.end, zone)}`,
    ],
    [
      vi ? 'Thời gian' : 'Time',
      `${spanText(since, knownUntil, zone)} (${lengthText(knownUntil - since, language)}${
        facts.isOpen ? (vi ? ', có thể còn tiếp diễn' : ', may go on') : ''
      })`,
    ],
    [vi ? 'Số khoảng vượt' : 'Windows beyond', String(windows)],
    [vi ? 'Độ đầy đủ số liệu' : 'Data coverage', shareText(peak.coverage, language)],
    [vi ? 'Văn bản' : 'Document', facts.document],
  ];
}

/** `1,16 lần giới hạn`; empty for a range. */
export function ratioText({ ratio, bound }: WindowFacts, language: Language): string {
  if (ratio === null || bound === 'min') return '';
  const floor = Math.floor(ratio * 100 + 1e-9) / 100;
  const text = new Intl.NumberFormat(language === 'vi' ? 'vi-VN' : 'en-GB', {
    maximumFractionDigits: 2,
  }).format(floor);
  return language === 'vi' ? `${text} lần giới hạn` : `${text} times the limit`;
}
