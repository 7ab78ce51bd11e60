import { belowDetectionIn, isNoValue, type Bilingual, type NumberTexts } from '@songma/domain';
import type { PushRow } from '@songma/client';
import type { Cell } from './table.ts';

/** Statuses as the door's formats write them: in words, and as five-field files do. */
const statuses = new Map<string, NonNullable<PushRow['status']>>([
  ...(['measured', 'calibrating', 'fault'] as const).map((word) => [word, word] as const),
  ['00', 'measured'],
  ['01', 'calibrating'],
  ['02', 'fault'],
]);

/** The status in a cell; undefined where none is told. */
export function statusIn(cell: Cell): PushRow['status'] | { readonly problem: Bilingual } {
  const text = shown(cell);
  if (text === '') return undefined;
  // A workbook keeps `01` as the number 1.
  const status = statuses.get(text.toLowerCase()) ?? statuses.get(text.padStart(2, '0'));
  if (status !== undefined) return status;
  return {
    problem: {
      en: `"${text}" is no status: use measured, calibrating, fault, or 00, 01, 02`,
      vi: `"${text}" không phải trạng thái: hãy dùng measured, calibrating, fault, hoặc 00, 01, 02`,
    },
  };
}

/** A number, or below detection in the words that the door reads in every convention. */
export function valueOf(
  cell: Cell,
  numbers: NumberTexts,
): (PushRow['value'] & {}) | { readonly problem: Bilingual } {
  if (typeof cell === 'object')
    return {
      problem: {
        en: `${shown(cell)} is a date: the workbook took a number for one`,
        vi: `${shown(cell)} là ngày: bảng tính đã nhận nhầm một con số`,
      },
    };
  if (typeof cell === 'number')
    return Number.isFinite(cell)
      ? cell
      : { problem: { en: `${cell} is no finite number`, vi: `${cell} không phải số hữu hạn` } };
  const text = cell.trim();
  const limit = belowDetectionIn(text);
  if (limit === '') return 'ND';
  const value = numbers.read(limit ?? text);
  if (value === 'ambiguous') {
    return {
      problem: {
        en: `"${cell}" may have decimals or thousands: say "decimal: dot" or "decimal: comma" in the mapping`,
        vi: `không rõ dấu trong "${cell}" là thập phân hay hàng nghìn: hãy ghi "decimal: dot" hoặc "decimal: comma" trong tệp ánh xạ`,
      },
    };
  }
  if (value === 'other-mark') {
    return {
      problem: {
        en: `"${cell}" has another decimal mark than the mapping says`,
        vi: `"${cell}" có dấu thập phân khác với tệp ánh xạ`,
      },
    };
  }
  if (value === undefined || !Number.isFinite(value)) {
    return { problem: { en: `"${cell}" is no number`, vi: `"${cell}" không phải là số` } };
  }
  return limit === undefined ? value : `<${value}`;
}

/** A cell as a person sees it. */
export function shown(cell: Cell): string {
  return typeof cell === 'object' ? new Date(cell.localMs).toISOString().slice(0, 19) : String(cell).trim();
}

/** Whether a device that is calibrating or at fault says nothing but that: nothing, `---` or `NaN`. */
export function saysNothing(cell: Cell): boolean {
  return cell === '' || (typeof cell === 'string' && isNoValue(cell));
}
