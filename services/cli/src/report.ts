import type { Applied } from './apply.ts';
import type { PushReport } from './push.ts';
import type { Say } from './spoken.ts';

/** Refused and unread rows that are listed; the rest is counted. */
const listedMax = 20;

/** What became of a push, in lines. */
export function reportLines(report: Omit<PushReport, 'totals'>, say: Say): string[] {
  const { resumedRows, rows, numbers, unread, refused } = report;
  const lines: string[] = [];
  if (resumedRows > 0) {
    lines.push(
      say({
        en: `Went on after ${resumedRows} rows that were sent before.`,
        vi: `Đã gửi tiếp sau ${resumedRows} dòng gửi lần trước.`,
      }),
    );
  }
  lines.push(say({ en: `${rows} readings sent.`, vi: `Đã gửi ${rows} số đọc.` }));
  if (numbers !== undefined) {
    const { decimal, by } = numbers;
    const marks = { dot: 'dấu chấm', comma: 'dấu phẩy', mixed: 'lẫn lộn' } as const;
    const reasons = { declared: 'theo khai báo', seen: 'thấy trong tệp', assumed: 'giả định' } as const;
    lines.push(
      say({
        en: `Decimal mark: ${decimal} (${by}).`,
        vi: `Dấu thập phân: ${marks[decimal]} (${reasons[by]}).`,
      }),
    );
  }
  for (const { line, column, problem } of unread.slice(0, listedMax)) {
    lines.push(
      say({
        en: `not sent: line ${line}${column === undefined ? '' : `, column "${column}"`}: ${problem.en}`,
        vi: `không gửi: dòng ${line}${column === undefined ? '' : `, cột "${column}"`}: ${problem.vi}`,
      }),
    );
  }
  if (unread.length > 0) {
    lines.push(
      say({
        en: `${unread.length} cells or rows of the file were not sent.`,
        vi: `${unread.length} ô hoặc dòng của tệp không được gửi.`,
      }),
    );
  }
  for (const { batch, row, code, reason } of refused.slice(0, listedMax)) {
    lines.push(
      say({
        en: `refused: batch ${batch}, row ${row}: ${code}: ${reason}`,
        vi: `bị từ chối: lần gửi ${batch}, dòng ${row}: ${code}: ${reason}`,
      }),
    );
  }
  if (refused.length > 0) {
    lines.push(
      say({
        en: `${refused.length} rows were refused and wait in quarantine (GET /v1/quarantine).`,
        vi: `${refused.length} dòng bị từ chối, đang chờ sửa (GET /v1/quarantine).`,
      }),
    );
  }
  return lines;
}

/** What became of one entity of a registry file, and which fields of it. */
export function appliedLines({ collection, id, did, changes }: Applied, say: Say): string[] {
  const words = { created: 'tạo mới', changed: 'thay đổi', unchanged: 'giữ nguyên' } as const;
  const shown = (value: unknown) => JSON.stringify(value) ?? say({ en: 'nothing', vi: 'không có' });
  return [
    `${say({ en: did, vi: words[did] })} ${collection}/${id}`,
    ...changes.map(({ field, before, after }) =>
      say({
        en: `  ${field}: ${shown(before)} is now ${shown(after)}`,
        vi: `  ${field}: ${shown(before)} nay là ${shown(after)}`,
      }),
    ),
  ];
}
