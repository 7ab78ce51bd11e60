import { fillText, type Bilingual, type Parameters } from '@songma/domain';
import { placeWords } from './words.ts';

/** Why an enterprise does not meet a target, is not known to, or is not asked. `{name}` places are filled. */
export const programmeReasons = {
  'not-declared': {
    en: 'Nobody has declared it.',
    vi: 'Chưa có khai báo.',
  },
  'declared-not': {
    en: 'Declared not to be so since {since} ({evidence}).',
    vi: 'Đã khai báo là không, từ {since} ({evidence}).',
  },
  'not-yet': {
    en: 'It is so only from {since} on.',
    vi: 'Chỉ có từ {since}.',
  },
  untrained: {
    en: '{trained} of {of} are trained, as counted on {on}.',
    vi: '{trained}/{of} người đã được đào tạo, tính đến {on}.',
  },
  'size-not-asked': {
    en: 'The target does not ask enterprises of size {size}.',
    vi: 'Chỉ tiêu không áp dụng cho doanh nghiệp quy mô {size}.',
  },
  'size-unknown': {
    en: 'Whether it is asked is not known: its size is not registered.',
    vi: 'Chưa đăng ký quy mô nên chưa rõ có thuộc diện áp dụng không.',
  },
  'sector-not-named': {
    en: 'The target names other industries than {sector}.',
    vi: 'Chỉ tiêu nêu các ngành khác, không có ngành {sector}.',
  },
  'not-applying': {
    en: 'The target asks those that apply cleaner production; this one is not known to.',
    vi: 'Chỉ tiêu áp dụng cho cơ sở đang áp dụng sản xuất sạch hơn; cơ sở này chưa được ghi nhận.',
  },
  'no-baseline': {
    en: 'There is no baseline of the whole enterprise for {resource}.',
    vi: 'Chưa có đường cơ sở của cả doanh nghiệp cho {resource}.',
  },
  'several-baselines': {
    en: 'There are several baselines for {resource} ({baselines}): its participation must name the one that counts.',
    vi: 'Có nhiều đường cơ sở cho {resource} ({baselines}): cần nêu rõ đường được tính trong hồ sơ tham gia.',
  },
  'meters-unconvertible': {
    en: 'Meters in the scope of baseline "{baseline}" cannot be added up in its unit.',
    vi: 'Có công tơ trong phạm vi đường cơ sở "{baseline}" không cộng được theo đơn vị của nó.',
  },
  'baseline-withheld': {
    en: 'Baseline "{baseline}" cannot be fitted: {withheld}.',
    vi: 'Chưa lập được đường cơ sở "{baseline}": {withheld}.',
  },
  'baseline-overlaps': {
    en: 'Baseline "{baseline}" overlaps the twelve months that are judged: it ends on {to}.',
    vi: 'Đường cơ sở "{baseline}" trùng với 12 tháng được xét: kết thúc ngày {to}.',
  },
  'saving-withheld': {
    en: 'The saving is withheld: {counted} of the twelve months count against baseline "{baseline}".',
    vi: 'Chưa công bố mức tiết kiệm: chỉ {counted} của 12 tháng tính được theo đường cơ sở "{baseline}".',
  },
  'saving-below': {
    en: 'It saves {saving} against baseline "{baseline}"; {min} is asked for.',
    vi: 'Tiết kiệm {saving} so với đường cơ sở "{baseline}"; yêu cầu {min}.',
  },
} as const satisfies Record<string, Bilingual>;
export type ProgrammeReasonCode = keyof typeof programmeReasons;

/** A reason with what its places hold. */
export interface ProgrammeReason {
  readonly code: ProgrammeReasonCode;
  readonly parameters: Parameters;
}

export function reason(code: ProgrammeReasonCode, parameters: Parameters = {}): ProgrammeReason {
  return { code, parameters };
}

/** Places that hold a share, 0 to 1. */
const shares: readonly string[] = ['saving', 'min', 'counted'];

/** The reason in both languages, its places filled: codes in words, a share in percent, to two decimals. */
export function reasonText({ code, parameters }: ProgrammeReason): Bilingual {
  const textIn = (language: 'en' | 'vi') => {
    const shown = Object.entries(parameters).map(([name, value]) => {
      const word = placeWords[name]?.[value]?.[language] ?? value;
      return [name, shares.includes(name) ? percentIn(language, Number(value)) : word];
    });
    return fillText(programmeReasons[code], language, Object.fromEntries(shown) as Parameters);
  };
  return { en: textIn('en'), vi: textIn('vi') };
}

function percentIn(language: 'en' | 'vi', share: number): string {
  const text = String(Number((100 * share).toFixed(2)));
  return `${language === 'vi' ? text.replace('.', ',') : text} %`;
}
