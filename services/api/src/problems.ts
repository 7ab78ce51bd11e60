import { fillText, type Bilingual, type Parameters } from '@songma/domain';
import { HttpProblem, type ProblemPlace } from '@songma/runtime';

interface ProblemKind extends Bilingual {
  readonly status: number;
}

/**
 * Every refusal that this service itself answers with: stable code, HTTP status, what happened and the way out.
 * `{name}` places are filled per request. The README lists the same codes; a test compares the two both ways.
 */
export const apiProblems = {
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
  sign_in_refused: {
    status: 401,
    en: 'Person or password is wrong.',
    vi: 'Sai tên người dùng hoặc mật khẩu.',
  },
  sign_in_slowed: {
    status: 429,
    en: 'There were too many wrong tries. Wait as Retry-After says, then try again.',
    vi: 'Đã thử sai quá nhiều lần. Hãy chờ theo Retry-After rồi thử lại.',
  },
  password_too_short: {
    status: 422,
    en: 'The password has fewer than {least} characters. Take a longer one; spaces count.',
    vi: 'Mật khẩu ngắn hơn {least} ký tự. Hãy chọn mật khẩu dài hơn; dấu cách cũng được tính.',
  },
  former_password_wrong: {
    status: 422,
    en: 'The password is changed with the one that stands, and "former" is not it.',
    vi: 'Muốn đổi mật khẩu phải gửi kèm mật khẩu hiện tại; "former" không đúng.',
  },
  host_refused: {
    status: 403,
    en: 'Reading without a key is answered only under the names {hosts}, not "{host}". Use one of them, or send a key.',
    vi: 'Chỉ trả lời yêu cầu không có khóa dưới tên {hosts}, không phải "{host}". Hãy dùng một trong các tên đó hoặc gửi kèm khóa.',
  },
  role_forbidden: {
    status: 403,
    en: 'A key of role {role} may not do this; it is for {roles}.',
    vi: 'Khóa có vai trò {role} không được làm việc này; chỉ dành cho {roles}.',
  },
  not_found: {
    status: 404,
    en: 'There is no {kind} "{id}".',
    vi: 'Không có {kind} "{id}".',
  },
  case_voided: {
    status: 409,
    en: 'Nothing stands of case "{id}" any more: the readings that raised it were corrected. It can be commented.',
    vi: 'Vụ việc "{id}" không còn hiệu lực: số liệu gây ra nó đã được sửa. Vẫn có thể ghi chú.',
  },
  case_closed: {
    status: 409,
    en: 'Case "{id}" is closed. Reopen it first.',
    vi: 'Vụ việc "{id}" đã khép lại. Hãy mở lại trước.',
  },
  shelf_too_long: {
    status: 422,
    en: 'One officer may shelve this for {alone} days, with a second one for {second}. Shorten it, or name the second in "second"; for longer times register an outage.',
    vi: 'Một cán bộ được tạm hoãn {alone} ngày, có người thứ hai thì {second} ngày. Hãy rút ngắn, hoặc nêu người thứ hai ở "second"; lâu hơn thì đăng ký ngừng hoạt động (outage).',
  },
  time_passed: {
    status: 422,
    en: '{time} has passed. Give a time that lies ahead.',
    vi: '{time} đã qua. Hãy chọn thời điểm trong tương lai.',
  },
  person_unknown: {
    status: 422,
    en: 'No person "{id}" works at the office. Name one of /v1/persons that is not of a plant.',
    vi: 'Không có người "{id}" trong cơ quan. Hãy nêu một người trong /v1/persons không thuộc cơ sở.',
  },
  link_invalid: {
    status: 403,
    en: 'The link is not one of ours, or not copied whole. Open the message again, or sign in.',
    vi: 'Liên kết không hợp lệ hoặc chép thiếu. Hãy mở lại thư, hoặc đăng nhập.',
  },
  link_expired: {
    status: 410,
    en: 'The link has expired: it holds for 72 hours. Sign in to acknowledge.',
    vi: 'Liên kết đã hết hạn (72 giờ). Hãy đăng nhập để tiếp nhận.',
  },
  not_acceptable: {
    status: 406,
    en: 'This is answered as application/json, text/csv, application/x-ndjson, application/vnd.apache.parquet or a workbook (XLSX). Ask for one of them in Accept, or by format=json, csv, ndjson, parquet or xlsx.',
    vi: 'Nội dung này có các dạng application/json, text/csv, application/x-ndjson, application/vnd.apache.parquet và bảng tính (XLSX). Hãy chọn một dạng trong Accept, hoặc bằng format=json, csv, ndjson, parquet hay xlsx.',
  },
  answer_too_large: {
    status: 503,
    en: 'Parts of this answer cannot be had now: it is too large to be kept, or too many are. Ask for the whole without Range, or for a shorter span.',
    vi: 'Hiện không lấy được từng phần của câu trả lời này: nó quá lớn để lưu tạm, hoặc đang lưu quá nhiều. Hãy lấy toàn bộ (không gửi Range) hoặc rút ngắn khoảng thời gian.',
  },
  precondition_required: {
    status: 428,
    en: 'Say what you saw: "If-Match" with the ETag of the version that you change, or "If-None-Match: *" to create.',
    vi: 'Hãy cho biết phiên bản đã xem: "If-Match" kèm ETag của phiên bản cần sửa, hoặc "If-None-Match: *" để tạo mới.',
  },
  precondition_invalid: {
    status: 400,
    en: '{header} must be {expected}.',
    vi: '{header} phải là {expected}.',
  },
  version_conflict: {
    status: 409,
    en: 'The {kind} "{id}" stands at version {version} (0: it does not exist), not at the one that you saw. Read it again, then repeat your change.',
    vi: '{kind} "{id}" đang ở phiên bản {version} (0: chưa có), khác với phiên bản bạn đã xem. Hãy đọc lại rồi sửa lại.',
  },
  entity_invalid: {
    status: 422,
    en: 'The {kind} "{id}" cannot be kept like this; "errors" names each place.',
    vi: 'Không lưu được {kind} "{id}" như thế này; "errors" nêu từng chỗ sai.',
  },
  cursor_invalid: {
    status: 400,
    en: 'The cursor does not belong to this query. Leave it out to begin again, and keep every other parameter as it was while paging.',
    vi: 'Con trỏ trang không thuộc truy vấn này. Hãy bỏ nó để bắt đầu lại, và giữ nguyên các tham số khác khi sang trang.',
  },
  span_invalid: {
    status: 400,
    en: '"from" must lie before "to".',
    vi: '"from" phải sớm hơn "to".',
  },
  span_too_long: {
    status: 400,
    en: 'This asks for about {windows} windows; one request may ask for {windowsMax}. Ask for a shorter span, fewer meters or a longer window, or for the raw readings, which have no such bound.',
    vi: 'Yêu cầu này cần khoảng {windows} khoảng thời gian; mỗi yêu cầu tối đa {windowsMax}. Hãy rút ngắn thời gian, bớt công tơ, chọn khoảng dài hơn, hoặc lấy số liệu gốc (không giới hạn).',
  },
  meter_derived: {
    status: 400,
    en: 'Meter "{id}" is derived and has no readings of its own. Ask for its windows, such as window=PT15M, or for the readings of {inputs}.',
    vi: 'Công tơ "{id}" được tính theo công thức nên không có số đọc riêng. Hãy chọn khoảng thời gian, ví dụ window=PT15M, hoặc lấy số đọc của {inputs}.',
  },
  alert_voided: {
    status: 409,
    en: 'The alert "{id}" was voided: what it stood on has been corrected. There is nothing to acknowledge.',
    vi: 'Cảnh báo "{id}" đã bị hủy: số liệu làm căn cứ đã được sửa. Không còn gì để xác nhận.',
  },
  baseline_meters_unconvertible: {
    status: 409,
    en: 'Of the meters in the scope of baseline "{id}", {meters} cannot be added up in {units}. Register a baseline that names in "meters" those that count.',
    vi: 'Trong phạm vi của đường cơ sở "{id}", không thể cộng {meters} theo {units}. Hãy đăng ký một đường cơ sở nêu rõ trong "meters" những công tơ được tính.',
  },
  question_too_long: {
    status: 422,
    en: 'The answer took longer than {seconds} s to make. Ask for a shorter span, fewer meters or a longer window, or read it in pages with "limit".',
    vi: 'Việc lập câu trả lời kéo dài quá {seconds} giây. Hãy rút ngắn thời gian, bớt công tơ, chọn khoảng dài hơn, hoặc đọc theo trang bằng "limit".',
  },
  too_many_questions: {
    status: 429,
    en: 'This key has asked more at once than is kept waiting ({limit} questions). Wait for answers before you ask on, and read them to their end.',
    vi: 'Khóa này đang hỏi cùng lúc nhiều hơn mức được giữ chờ ({limit} câu hỏi). Hãy đợi câu trả lời rồi mới hỏi tiếp, và đọc hết từng câu trả lời.',
  },
  too_many_files: {
    status: 429,
    en: 'More files are being made than are kept waiting. Ask again in some seconds.',
    vi: 'Đang lập nhiều tệp hơn mức được giữ chờ. Hãy hỏi lại sau vài giây.',
  },
  too_many_streams_of_key: {
    status: 429,
    en: 'This key has as many live streams open as one key may ({streamsMax}). Close one, or share one among your screens.',
    vi: 'Khóa này đã mở tối đa số luồng trực tiếp của một khóa ({streamsMax}). Hãy đóng bớt, hoặc dùng chung một luồng cho các màn hình.',
  },
  too_many_streams: {
    status: 503,
    en: 'As many live streams are open as this server keeps ({streamsMax}). Try again later.',
    vi: 'Đã mở tối đa số luồng trực tiếp mà máy chủ giữ ({streamsMax}). Hãy thử lại sau.',
  },
} as const satisfies Record<string, ProblemKind>;
export type ApiProblemCode = keyof typeof apiProblems;

export interface ProblemExtras {
  readonly errors?: readonly ProblemPlace[];
  readonly retryAfterMs?: number;
}

/** The refusal `code` to throw out of a handler, its places filled. */
export function problem(
  code: ApiProblemCode,
  parameters: Parameters = {},
  extras: ProblemExtras = {},
): HttpProblem {
  const kind = apiProblems[code];
  const detail = { en: fillText(kind, 'en', parameters), vi: fillText(kind, 'vi', parameters) };
  return new HttpProblem(kind.status, code, detail, extras);
}
