import { fillText, type Bilingual, type Parameters } from '@songma/domain';
import { HttpProblem } from '@songma/runtime';

interface ProblemKind extends Bilingual {
  readonly status: number;
}

/**
 * Every problem that the door answers a whole request with: stable code, HTTP status, what happened and the way out.
 * `{name}` places are filled per request. The README lists the same codes; a test compares the two both ways.
 * Refusals of single rows are in the domain's `refusalReasons`.
 */
export const ingestProblems = {
  batch_id_invalid: {
    status: 400,
    en: 'Idempotency-Key must be 1 to 128 printable ASCII characters without spaces.',
    vi: 'Idempotency-Key phải gồm 1 đến 128 ký tự ASCII in được, không có dấu cách.',
  },
  body_not_utf8: {
    status: 400,
    en: 'The body is not UTF-8 text.',
    vi: 'Nội dung gửi không phải văn bản UTF-8.',
  },
  gzip_damaged: {
    status: 400,
    en: 'The body says Content-Encoding: gzip but cannot be unpacked.',
    vi: 'Nội dung khai Content-Encoding: gzip nhưng không giải nén được.',
  },
  body_not_json: {
    status: 400,
    en: 'The body is not valid JSON: {problem}.',
    vi: 'Nội dung gửi không phải JSON hợp lệ: {problem}.',
  },
  body_not_readings: {
    status: 400,
    en: 'The body must be {"readings": [ … ]} and nothing beside it.',
    vi: 'Nội dung gửi phải có dạng {"readings": [ … ]} và không có gì khác.',
  },
  csv_header_invalid: {
    status: 400,
    en: 'The first line must name the columns: meter, time, value, and if wanted unit, status. Found: {header}.',
    vi: 'Dòng đầu phải ghi tên cột: meter, time, value và nếu cần unit, status. Đang có: {header}.',
  },
  csv_column_twice: {
    status: 400,
    en: 'Two columns are named "{column}": number {first} and number {second}. Remove or rename one.',
    vi: 'Có hai cột cùng tên "{column}": cột thứ {first} và cột thứ {second}. Hãy bỏ hoặc đổi tên một cột.',
  },
  decimal_mark_unknown: {
    status: 400,
    en: 'decimal="{decimal}" is none: say decimal=dot or decimal=comma, or leave it out.',
    vi: 'Không có decimal="{decimal}": hãy ghi decimal=dot hoặc decimal=comma, hoặc bỏ trống.',
  },
  precision_unknown: {
    status: 400,
    en: 'precision="{precision}" is none: say ns, us, ms, s, m or h, or leave it out for ns.',
    vi: 'Không có precision="{precision}": hãy ghi ns, us, ms, s, m hoặc h, hoặc bỏ trống nếu là ns.',
  },
  file_name_missing: {
    status: 400,
    en: 'The name of the file is needed for {format}: ?file=NAME or Content-Disposition with filename.',
    vi: 'Cần có tên tệp khi gửi {format}: ?file=TÊN hoặc Content-Disposition có filename.',
  },
  mapping_invalid: {
    status: 400,
    en: 'The source mapping cannot be followed: {path}: {problem}.',
    vi: 'Không áp dụng được quy tắc ánh xạ: {path}: {problem}.',
  },
  influx_query_unsupported: {
    status: 400,
    en: 'The write interface answers no queries but CREATE DATABASE, SHOW DATABASES and the like. Readings are asked for at GET /v1/series.',
    vi: 'Giao diện ghi chỉ trả lời CREATE DATABASE, SHOW DATABASES và tương tự, không trả lời truy vấn. Hãy đọc số liệu tại GET /v1/series.',
  },
  workbook_unusable: {
    status: 400,
    en: 'The workbook {reason}.',
    vi: 'Tệp Excel {reason}.',
  },
  workbook_header_missing: {
    status: 400,
    en: 'None of the first {rows} rows of the first sheet names the columns meter, time and value. The first row is: {found}',
    vi: 'Không có dòng nào trong {rows} dòng đầu của trang tính thứ nhất nêu các cột công tơ, thời gian và giá trị. Dòng đầu là: {found}',
  },
  workbook_head_merged: {
    status: 400,
    en: 'Cells {cells} of the header are merged. Split them, so that each column has its name.',
    vi: 'Các ô tiêu đề {cells} bị gộp. Hãy tách ra để mỗi cột có tên riêng.',
  },
  no_rows: {
    status: 400,
    en: 'The push has no rows.',
    vi: 'Lần gửi này không có dòng nào.',
  },
  key_missing: {
    status: 401,
    en: 'This needs an API key: send "Authorization: Bearer sgm_…" or "X-Api-Key: sgm_…".',
    vi: 'Cần khóa API: gửi kèm "Authorization: Bearer sgm_…" hoặc "X-Api-Key: sgm_…".',
  },
  key_invalid: {
    status: 401,
    en: 'The API key is not one that is in force. Check that it was copied whole, or ask for a new one.',
    vi: 'Khóa API không có hiệu lực. Hãy kiểm tra xem đã chép đủ chưa, hoặc xin khóa mới.',
  },
  key_scheme_unknown: {
    status: 401,
    en: 'Authorization must be "Bearer" and the key, such as "Bearer sgm_…"; its scheme is "{scheme}". Or send X-Api-Key.',
    vi: 'Authorization phải là "Bearer" kèm khóa, ví dụ "Bearer sgm_…"; hiện là "{scheme}". Hoặc gửi X-Api-Key.',
  },
  key_expired: {
    status: 401,
    en: 'The API key has expired. Ask an administrator for a new one.',
    vi: 'Khóa API đã hết hạn. Hãy xin quản trị viên cấp khóa mới.',
  },
  role_forbidden: {
    status: 403,
    en: 'A key of role {role} may not do this; it is for {roles}.',
    vi: 'Khóa có vai trò {role} không được làm việc này; chỉ dành cho {roles}.',
  },
  enterprise_forbidden: {
    status: 403,
    en: 'This key may not push for enterprise "{enterprise}". Leave ?enterprise= out, or use a key of that enterprise.',
    vi: 'Khóa này không được gửi số liệu cho doanh nghiệp "{enterprise}". Hãy bỏ ?enterprise= hoặc dùng khóa của doanh nghiệp đó.',
  },
  batch_unknown: {
    status: 404,
    en: 'No batch "{batch}" of this key or its enterprise is known.',
    vi: 'Không có lần gửi "{batch}" nào của khóa này hoặc doanh nghiệp của khóa.',
  },
  quarantine_unknown: {
    status: 404,
    en: 'No row "{id}" is in quarantine.',
    vi: 'Không có dòng "{id}" trong danh sách chờ sửa.',
  },
  format_unknown: {
    status: 409,
    en: 'This build does not read rows of format "{format}". Send the row mended, as "reading".',
    vi: 'Phiên bản này không đọc được dòng dạng "{format}". Hãy gửi lại dòng đã sửa trong "reading".',
  },
  already_replayed: {
    status: 409,
    en: 'The row has been replayed already, in batch "{batch}".',
    vi: 'Dòng này đã được gửi lại trong lần gửi "{batch}".',
  },
  body_too_slow: {
    status: 408,
    en: 'The body came more slowly than {limit} bytes a second (INGEST_BODY_BYTES_PER_SECOND_MIN). Nothing was taken; send the same push again, in smaller parts over a slow line.',
    vi: 'Nội dung gửi đến chậm hơn {limit} byte mỗi giây (INGEST_BODY_BYTES_PER_SECOND_MIN). Chưa nhận gì; hãy gửi lại đúng lần gửi này, chia nhỏ nếu đường truyền chậm.',
  },
  body_too_large: {
    status: 413,
    en: 'The body is larger than {limit} bytes (INGEST_BODY_BYTES_MAX). Send fewer rows a push.',
    vi: 'Nội dung gửi lớn hơn {limit} byte (INGEST_BODY_BYTES_MAX). Hãy gửi ít dòng hơn mỗi lần.',
  },
  unpacked_too_large: {
    status: 413,
    en: 'The body is larger than {limit} bytes when unpacked (INGEST_UNPACKED_BYTES_MAX). Send fewer rows a push.',
    vi: 'Nội dung sau giải nén lớn hơn {limit} byte (INGEST_UNPACKED_BYTES_MAX). Hãy gửi ít dòng hơn mỗi lần.',
  },
  gzip_ratio_too_high: {
    status: 413,
    en: 'The body becomes more than {limit} times larger when unpacked (INGEST_GZIP_RATIO_MAX).',
    vi: 'Nội dung sau giải nén lớn hơn quá {limit} lần (INGEST_GZIP_RATIO_MAX).',
  },
  too_many_rows: {
    status: 413,
    en: 'The push has more than {limit} rows (INGEST_ROWS_MAX). Split it.',
    vi: 'Lần gửi này có hơn {limit} dòng (INGEST_ROWS_MAX). Hãy chia nhỏ.',
  },
  media_type_unsupported: {
    status: 415,
    en: 'Content-Type must be one of {types}, in UTF-8.',
    vi: 'Content-Type phải là một trong {types}, mã UTF-8.',
  },
  file_extension_unknown: {
    status: 415,
    en: 'The name {file} ends with none of {extensions}, so that its format is not known. Rename it, or send its Content-Type.',
    vi: 'Tên tệp {file} không có đuôi nào trong {extensions} nên không rõ định dạng. Hãy đổi tên hoặc gửi kèm Content-Type.',
  },
  content_encoding_unsupported: {
    status: 415,
    en: 'Content-Encoding may be gzip or absent.',
    vi: 'Content-Encoding chỉ có thể là gzip hoặc bỏ trống.',
  },
  batch_reused: {
    status: 422,
    en: 'Batch "{batch}" was sent before with other content. Use a new Idempotency-Key for new content.',
    vi: 'Lần gửi "{batch}" đã được gửi với nội dung khác. Hãy dùng Idempotency-Key mới cho nội dung mới.',
  },
  rows_all_refused: {
    status: 422,
    en: 'Every row was refused; "refused" says why, row by row. Those that were kept wait in quarantine, and sending the same again is answered by the same.',
    vi: 'Tất cả các dòng đều bị từ chối; "refused" nêu lý do từng dòng. Các dòng được giữ lại nằm trong danh sách chờ sửa; gửi lại y nguyên sẽ nhận cùng câu trả lời.',
  },
  lines_all_refused: {
    status: 422,
    en: 'None of the {count} values was taken; they wait in quarantine. The first: {reason}',
    vi: 'Không nhận được giá trị nào trong {count} giá trị; chúng nằm trong danh sách chờ sửa. Giá trị đầu tiên: {reason}',
  },
  replay_refused: {
    status: 422,
    en: 'The row is refused again: {reason}',
    vi: 'Dòng này vẫn bị từ chối: {reason}',
  },
  too_many_pushes: {
    status: 429,
    en: 'This key may send {limit} pushes a second. Send more rows in each push.',
    vi: 'Khóa này được gửi {limit} lần mỗi giây. Hãy gửi nhiều dòng hơn trong mỗi lần.',
  },
  key_overloaded: {
    status: 429,
    en: 'This key has its share of what may be under way ({limit}). Nothing was taken; wait for answers, and send the same push again after Retry-After seconds.',
    vi: 'Khóa này đã dùng hết phần được gửi cùng lúc ({limit}). Chưa nhận gì; hãy đợi trả lời rồi gửi lại đúng lần gửi này sau số giây ghi ở Retry-After.',
  },
  overloaded: {
    status: 503,
    en: 'Too much is under way ({limit}). Nothing was taken; send the same push again after Retry-After seconds.',
    vi: 'Hệ thống đang nhận quá nhiều ({limit}). Chưa nhận gì; hãy gửi lại đúng lần gửi này sau số giây ghi ở Retry-After.',
  },
} as const satisfies Record<string, ProblemKind>;
export type IngestProblemCode = keyof typeof ingestProblems;

/** The problem to throw, its places filled. */
export function problem(
  code: IngestProblemCode,
  parameters: Parameters | ((language: 'en' | 'vi') => Parameters) = {},
  options: { retryAfterMs?: number; cause?: unknown } = {},
): HttpProblem {
  const kind: ProblemKind = ingestProblems[code];
  const filled = (language: 'en' | 'vi') =>
    fillText(kind, language, typeof parameters === 'function' ? parameters(language) : parameters);
  return new HttpProblem(kind.status, code, { en: filled('en'), vi: filled('vi') }, options);
}
