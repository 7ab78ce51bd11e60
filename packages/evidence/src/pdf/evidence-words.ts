import type { EvidenceDocument, EvidenceVerdict, Json } from '../document.ts';
import { figureText, said } from './figures.ts';
import type { PdfLanguage } from './report.ts';

export function boundsText(
  { bounds: { min, max }, unit, averaging }: EvidenceDocument,
  language: PdfLanguage,
): string {
  const texts = [
    ...(min === null ? [] : [`≥ ${figureText(min, language)}`]),
    ...(max === null ? [] : [`≤ ${figureText(max, language)}`]),
  ];
  const average = {
    PT1H: said(language, 'trung bình giờ', 'hourly mean'),
    P1D: said(language, 'trung bình ngày', 'daily mean'),
    P1M: said(language, 'trung bình tháng', 'monthly mean'),
  }[averaging];
  return `${texts.join(', ')} ${unit} (${average ?? averaging})`;
}

export function stateText({ state, reason }: EvidenceVerdict, language: PdfLanguage): string {
  switch (state) {
    case 'broken':
      return said(language, 'vượt', 'beyond');
    case 'kept':
      return said(language, 'trong giới hạn', 'kept');
    case 'unjudged': {
      const reasons = {
        'not-in-force': said(language, 'giới hạn chưa có hiệu lực', 'limit not in force'),
        'source-off': said(language, 'nguồn không hoạt động', 'source off'),
        invalid: said(language, 'không đủ số liệu hợp lệ', 'too little is valid'),
      };
      return reason === null ? said(language, 'không xét', 'not judged') : reasons[reason];
    }
  }
}

export function assuranceText(assurance: string, language: PdfLanguage): string {
  const texts: Readonly<Record<string, string>> = {
    text: said(language, 'đã đối chiếu nguyên văn', 'compared with the text'),
    copy: said(language, 'theo bản sao', 'from a copy'),
    press: said(language, 'theo tài liệu dẫn lại', 'from where it is told of'),
    memory: said(language, 'chưa tra cứu', 'not looked up'),
  };
  return texts[assurance] ?? assurance;
}

export function statusText(status: string, language: PdfLanguage): string {
  const texts: Readonly<Record<string, string>> = {
    measured: said(language, 'đo', 'measured'),
    calibrating: said(language, 'hiệu chuẩn', 'calibrating'),
    fault: said(language, 'lỗi', 'fault'),
    voided: said(language, 'vô hiệu', 'void'),
    'outside-life': said(language, 'ngoài thời gian sử dụng', 'outside its life'),
  };
  return texts[status] ?? status;
}

export function eventText(what: string, language: PdfLanguage): string {
  const texts: Readonly<Record<string, string>> = {
    raised: said(language, 'phát hiện', 'raised'),
    revised: said(language, 'cập nhật', 'revised'),
    resolved: said(language, 'kết thúc', 'ended'),
    reopened: said(language, 'tiếp diễn', 'reopened'),
    replaced: said(language, 'nhập vào vụ khác', 'replaced'),
    voided: said(language, 'rút lại', 'voided'),
    acknowledged: said(language, 'tiếp nhận', 'acknowledged'),
    notice: said(language, 'thông báo', 'notice'),
    step: said(language, 'xử lý', 'step'),
  };
  return texts[what] ?? what;
}

/** A fact of the registry or an event as a reader sees it: its fields one after the other. */
export function plainText(value: Json): string {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return JSON.stringify(value);
  return Object.entries(value)
    .filter(([, field]) => field !== null)
    .map(([name, field]) => `${name}: ${typeof field === 'string' ? field : JSON.stringify(field)}`)
    .join('; ');
}
