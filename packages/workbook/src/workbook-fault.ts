import { fillText, type Bilingual, type Parameters } from '@songma/domain';

/** Why a workbook cannot be read; a sentence that goes on after its name. */
export const workbookFaults = {
  workbook_old: {
    en: 'is an old .xls: save it as .xlsx or as CSV UTF-8',
    vi: 'là tệp .xls cũ: hãy lưu dạng .xlsx hoặc CSV UTF-8',
  },
  workbook_damaged: {
    en: 'is damaged: it cannot be unpacked',
    vi: 'bị hỏng: không giải nén được',
  },
  workbook_unreadable: {
    en: 'cannot be read as .xlsx: {detail}',
    vi: 'không đọc được như tệp .xlsx: {detail}',
  },
  workbook_packed_too_large: {
    en: 'has {bytes} bytes, more than {limit}: save it as CSV UTF-8',
    vi: 'có {bytes} byte, nhiều hơn {limit}: hãy lưu dạng CSV UTF-8',
  },
  workbook_too_large: {
    en: 'would unpack to {bytes} bytes, more than {limit}: save it as CSV UTF-8',
    vi: 'giải nén thành {bytes} byte, nhiều hơn {limit}: hãy lưu dạng CSV UTF-8',
  },
  workbook_ratio_too_high: {
    en: 'would unpack to more than {limit} times its size: save it as CSV UTF-8',
    vi: 'giải nén lớn hơn {limit} lần kích thước tệp: hãy lưu dạng CSV UTF-8',
  },
  workbook_parts_too_many: {
    en: 'has {parts} parts, more than {limit}',
    vi: 'có {parts} phần, nhiều hơn {limit}',
  },
  workbook_cells_too_many: {
    en: 'has a table of {rows} rows and {columns} columns, more than {limit} cells: remove what stands far out',
    vi: 'có bảng {rows} dòng và {columns} cột, nhiều hơn {limit} ô: hãy xóa các ô nằm ngoài vùng dữ liệu',
  },
  workbook_cell_unreadable: {
    en: 'has a cell or row with the address "{address}", which no sheet has',
    vi: 'có ô hoặc dòng mang địa chỉ "{address}" không có trong trang tính',
  },
} as const satisfies Record<string, Bilingual>;
export type WorkbookFaultCode = keyof typeof workbookFaults;

/** A workbook that cannot be read, or would take more than it may. */
export class WorkbookFault extends Error {
  override readonly name = 'WorkbookFault';
  readonly code: WorkbookFaultCode;
  /** Without the workbook's name before it. */
  readonly text: Bilingual;

  constructor(code: WorkbookFaultCode, parameters: Parameters = {}, options: { cause?: unknown } = {}) {
    const kind = workbookFaults[code];
    const text = { en: fillText(kind, 'en', parameters), vi: fillText(kind, 'vi', parameters) };
    super(text.en, options);
    this.code = code;
    this.text = text;
  }
}
