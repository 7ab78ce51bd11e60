import type { EvidenceDocument, EvidenceReading } from '../document.ts';
import { canonicalBytes, type SealedEvidence } from '../seal.ts';
import { drawChart } from './chart.ts';
import { clockText, figureText, percentText, said, secondsText } from './figures.ts';
import { assuranceText, boundsText, eventText, plainText, stateText, statusText } from './evidence-words.ts';
import { Report, type PdfLanguage } from './report.ts';

/** Rows that are printed of each table; the file inside has them all. */
const rowsMax = 300;

/** Evidence as PDF/A-3a, with the sealed JSON inside. The same evidence and language give the same bytes. */
export async function evidencePdf(sealed: SealedEvidence, language: PdfLanguage): Promise<Uint8Array> {
  const { document: evidence, integrity } = sealed;
  const { place, parameter } = evidence;
  const title = said(
    language,
    `Hồ sơ chứng cứ: ${parameter}, ${place.site.name}`,
    `Evidence: ${parameter}, ${place.site.name}`,
  );
  const report = new Report({
    title,
    language,
    date: new Date(evidence.asOf),
    footer: `${evidence.case} · ${evidence.asOf} · SHA-256 ${integrity.sha256}`,
    attached: {
      name: 'evidence.json',
      bytes: canonicalBytes(sealed),
      description: said(language, 'Toàn bộ chứng cứ, có chữ ký', 'The whole evidence, sealed'),
    },
  });
  report.title(title);
  cover(report, sealed, language);
  chart(report, evidence, language);
  verdicts(report, evidence, language);
  basis(report, evidence, language);
  readings(report, evidence, language);
  timeline(report, evidence, language);
  report.heading(said(language, 'Cách kiểm tra', 'How to verify'));
  report.paragraph(evidence.verification[language]);
  report.heading(said(language, 'Xác nhận của người lập hồ sơ', 'Signature of the officer'));
  report.facts([
    [said(language, 'Họ tên, chức vụ', 'Name and office'), ' '],
    [said(language, 'Ngày, chữ ký', 'Date and signature'), ' '],
  ]);
  return report.bytes();
}

function cover(
  report: Report,
  { document: evidence, integrity }: SealedEvidence,
  language: PdfLanguage,
): void {
  const { place, document, software } = evidence;
  report.strong(evidence.finding[language]);
  if (!document.verified) {
    report.note(
      said(
        language,
        'Giá trị giới hạn chưa được đối chiếu với nguyên văn văn bản.',
        'The value of the limit has not been compared with the text of its document.',
      ),
    );
  }
  const broken = evidence.verdicts.filter(({ state }) => state === 'broken');
  const source = place.source === null ? '' : `${place.source.name}, `;
  report.facts([
    [said(language, 'Cơ sở', 'Enterprise'), `${place.enterprise.name} (${place.enterprise.id})`],
    [said(language, 'Nơi', 'Place'), `${source}${place.site.name}, ${place.site.province}`],
    [said(language, 'Thông số', 'Parameter'), `${evidence.parameter}, ${evidence.unit}`],
    [said(language, 'Giới hạn', 'Limit'), boundsText(evidence, language)],
    [
      said(language, 'Văn bản', 'Document'),
      `${document.name} (${assuranceText(document.assurance, language)})`,
    ],
    [said(language, 'Số khoảng vượt', 'Windows beyond it'), String(broken.length)],
    [said(language, 'Vụ việc', 'Case'), evidence.case],
    [said(language, 'Theo hiểu biết lúc', 'As known at'), secondsText(evidence.asOf)],
    [
      said(language, 'Phần mềm', 'Software'),
      `${software.name} ${software.version}, ${said(language, 'quy tắc', 'rules')} ${software.rules}`,
    ],
    ['SHA-256', integrity.sha256],
  ]);
}

function chart(report: Report, evidence: EvidenceDocument, language: PdfLanguage): void {
  if (evidence.hours.every(({ mean }) => mean === null)) return;
  report.heading(said(language, 'Trung bình giờ', 'Hourly means'));
  const broken = evidence.verdicts.filter(({ state }) => state === 'broken').length;
  const alt = said(
    language,
    `Trung bình giờ của ${evidence.parameter}; ${broken} khoảng vượt giới hạn; số liệu ở bảng sau.`,
    `Hourly means of ${evidence.parameter}; ${broken} windows beyond the limit; the numbers are in the next table.`,
  );
  const height = 190;
  report.figure(alt, height, (pdf, x, y) =>
    drawChart(pdf, evidence, { x, y, width: report.width, height }, language),
  );
}

function verdicts(report: Report, evidence: EvidenceDocument, language: PdfLanguage): void {
  report.heading(said(language, 'Kết quả so sánh từng khoảng', 'Verdict of each window'));
  const rows = evidence.verdicts.map((verdict) => [
    clockText(verdict.start),
    clockText(verdict.end),
    figureText(verdict.mean, language),
    percentText(verdict.coverage, language),
    verdict.validHours === null ? '–' : `${verdict.validHours}/${verdict.operatingHours}`,
    stateText(verdict, language),
  ]);
  const titles = [
    said(language, 'Từ', 'From'),
    said(language, 'Đến', 'To'),
    said(language, 'Trung bình', 'Mean'),
    said(language, 'Đầy đủ', 'Coverage'),
    said(language, 'Giờ hợp lệ', 'Valid hours'),
    said(language, 'Kết quả', 'Verdict'),
  ];
  printed(report, { titles, widths: [0.19, 0.19, 0.14, 0.12, 0.12, 0.24] }, rows, language);
}

function basis(report: Report, evidence: EvidenceDocument, language: PdfLanguage): void {
  report.heading(said(language, 'Căn cứ', 'What it rests on'));
  const facts = [
    [said(language, 'Giới hạn', 'Limit'), evidence.limit] as const,
    [said(language, 'Công tơ', 'Meter'), evidence.meter] as const,
    ...evidence.inputs.map((input) => [said(language, 'Đầu vào', 'Input'), input] as const),
    ...(evidence.source === null ? [] : [[said(language, 'Nguồn thải', 'Source'), evidence.source] as const]),
    ...evidence.voids.map((fact) => [said(language, 'Tuyên vô hiệu', 'Void'), fact] as const),
  ];
  report.facts(
    facts.map(([label, { id, version, registeredAt, body }]) => [
      `${label} ${id}, ${said(language, 'phiên bản', 'version')} ${version}, ${clockText(registeredAt)}`,
      plainText(body),
    ]),
  );
}

function readings(report: Report, evidence: EvidenceDocument, language: PdfLanguage): void {
  report.heading(said(language, 'Số đọc gốc', 'Readings as they were read'));
  if (evidence.windowsWithoutReadings.length > 0) {
    const { length } = evidence.windowsWithoutReadings;
    report.note(
      said(
        language,
        `Không liệt kê số đọc của ${length} khoảng: quá nhiều. Có thể lấy từ máy chủ với cùng "asOf".`,
        `Readings of ${length} windows are not listed: too many. The server has them, as of the same "asOf".`,
      ),
    );
  }
  printed(
    report,
    readingColumns(language),
    evidence.readings.map((row) => readingRow(row, language)),
    language,
  );
  if (evidence.superseded.length === 0) return;
  report.heading(said(language, 'Giá trị đã bị thay thế', 'Superseded values'));
  printed(
    report,
    readingColumns(language),
    evidence.superseded.map((row) => readingRow(row, language)),
    language,
  );
}

function readingColumns(language: PdfLanguage) {
  const titles = [
    said(language, 'Công tơ', 'Meter'),
    said(language, 'Thời điểm', 'Time'),
    said(language, 'Giá trị', 'Value'),
    said(language, 'Trạng thái', 'Status'),
    said(language, 'Biết lúc', 'Known at'),
    said(language, 'Thay thế lúc', 'Superseded at'),
  ];
  return { titles, widths: [0.18, 0.18, 0.14, 0.14, 0.18, 0.18] };
}

function readingRow(row: EvidenceReading, language: PdfLanguage): string[] {
  const status = [statusText(row.status, language), ...row.flags].join(', ');
  return [
    row.meter,
    secondsText(row.time),
    figureText(row.value, language, 12),
    status,
    clockText(row.knownAt),
    row.supersededAt === null ? '–' : clockText(row.supersededAt),
  ];
}

function timeline(report: Report, evidence: EvidenceDocument, language: PdfLanguage): void {
  report.heading(said(language, 'Diễn biến', 'Timeline'));
  const titles = [
    said(language, 'Lúc', 'At'),
    said(language, 'Việc', 'What'),
    said(language, 'Ai', 'Who'),
    said(language, 'Chi tiết', 'Detail'),
  ];
  const rows = evidence.timeline.map(({ at, what, by, detail }) => [
    secondsText(at).replace(/\.\d+/, ''),
    eventText(what, language),
    by ?? said(language, 'hệ thống', 'system'),
    plainText(detail),
  ]);
  printed(report, { titles, widths: [0.2, 0.16, 0.16, 0.48] }, rows, language);
  if (evidence.restatements.length === 0) return;
  report.heading(said(language, 'Số liệu đã báo được sửa', 'Restatements'));
  const columns = {
    titles: [
      said(language, 'Lúc', 'At'),
      said(language, 'Nguyên nhân', 'Cause'),
      said(language, 'Trước', 'Before'),
      said(language, 'Sau', 'After'),
    ],
    widths: [0.2, 0.16, 0.32, 0.32],
  };
  const numbers = ({ state, windows, peakMean }: EvidenceDocument['restatements'][number]['before']) =>
    `${state}; ${windows}; ${figureText(peakMean, language)}`;
  const restated = evidence.restatements.map(({ at, cause, before, after }) => [
    clockText(at),
    cause,
    numbers(before),
    numbers(after),
  ]);
  printed(report, columns, restated, language);
}

/** The table, as far as it is printed, and how much of it is not. */
function printed(
  report: Report,
  columns: Parameters<Report['table']>[0],
  rows: readonly (readonly string[])[],
  language: PdfLanguage,
): void {
  if (rows.length === 0) {
    report.paragraph(said(language, 'Không có.', 'None.'));
    return;
  }
  report.table(columns, rows.slice(0, rowsMax));
  const left = rows.length - rowsMax;
  if (left > 0) {
    report.note(
      said(
        language,
        `Còn ${left} dòng trong tệp evidence.json đính kèm.`,
        `${left} more rows are in evidence.json inside.`,
      ),
    );
  }
}
