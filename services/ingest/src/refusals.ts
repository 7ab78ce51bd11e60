import { fillText, refusalReasons, type Bilingual, type Parameters, type RefusalCode } from '@songma/domain';
import type { Language } from '@songma/runtime';

/** Why one row is not taken: a code of the domain's `refusalReasons` and what fills its text. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly parameters: Parameters;
}

/** What can be wrong with the form of a row: the `{problem}` of the refusal `malformed`. */
export const malformedProblems = {
  not_json: { en: 'it is not valid JSON', vi: 'không phải JSON hợp lệ' },
  not_object: { en: 'it is not a JSON object', vi: 'không phải một đối tượng JSON' },
  field_unknown: { en: 'the field "{field}" is not known', vi: 'không có trường "{field}"' },
  field_not_text: { en: '"{field}" must be a text', vi: '"{field}" phải là chuỗi ký tự' },
  field_missing: { en: '"{field}" is missing', vi: 'thiếu "{field}"' },
  line_too_long: {
    en: 'the line is longer than {limit} characters (INGEST_LINE_BYTES_MAX)',
    vi: 'dòng dài quá {limit} ký tự (INGEST_LINE_BYTES_MAX)',
  },
  fields_count: { en: 'it has {count} fields, not {expected}', vi: 'có {count} trường thay vì {expected}' },
  decimal_mark: {
    en: 'the value "{value}" has another decimal mark than was declared (decimal={declared})',
    vi: 'giá trị "{value}" có dấu thập phân khác với khai báo (decimal={declared})',
  },
  not_message: {
    en: 'it is no MQTT message ({"topic", "at", "payload"})',
    vi: 'không phải thông điệp MQTT ({"topic", "at", "payload"})',
  },
  topic_too_long: {
    en: 'its topic is longer than {limit} characters',
    vi: 'topic dài quá {limit} ký tự',
  },
  payload_binary: {
    en: 'its payload is no text: send a number, JSON or CSV',
    vi: 'nội dung không phải văn bản: hãy gửi số, JSON hoặc CSV',
  },
  message_unreadable: {
    en: 'the message as a whole cannot be taken ({code})',
    vi: 'không nhận được toàn bộ thông điệp ({code})',
  },
  line_head: {
    en: 'it does not begin with a measurement, its tags and a space',
    vi: 'phải bắt đầu bằng measurement, các tag rồi dấu cách',
  },
  line_controls: { en: 'its names have control characters', vi: 'tên chứa ký tự điều khiển' },
  line_fields: {
    en: 'it has no fields of the form key=value after the measurement',
    vi: 'sau measurement phải là các trường dạng key=value',
  },
  line_stamp: {
    en: 'what follows the fields is no time as a whole number',
    vi: 'sau các trường phải là thời điểm dạng số nguyên',
  },
  line_value: {
    en: '"{value}" is no value of line protocol',
    vi: '"{value}" không phải giá trị của line protocol',
  },
  line_not_utf8: { en: 'the line is not UTF-8', vi: 'dòng không phải mã UTF-8' },
  quotes: { en: 'its quotes do not match', vi: 'dấu ngoặc kép không khớp' },
  units_too_many: {
    en: 'the push uses more than {limit} different units',
    vi: 'lần gửi dùng hơn {limit} đơn vị khác nhau',
  },
} as const satisfies Record<string, Bilingual>;
export type MalformedProblem = keyof typeof malformedProblems;

/** Longest text that a refusal quotes, in characters. */
const quotedMax = 64;

export function refusal(code: RefusalCode, parameters: Parameters = {}): Refusal {
  return { code, parameters };
}

export function malformed(kind: MalformedProblem, parameters: Parameters = {}): Refusal {
  return { code: 'malformed', parameters: { ...parameters, problem: kind } };
}

/** What came from outside, short enough to be repeated in a receipt, and without control characters. */
export function quoted(text: unknown, charsMax = quotedMax): string {
  const whole = typeof text === 'string' ? text : jsonText(text);
  const short = whole.length > charsMax ? `${whole.slice(0, charsMax)}…` : whole;
  return short.replace(/\p{Cc}/gu, '\ufffd');
}

/** How deep an object is written out: nobody means more, and writing it would use up the stack. */
const nestingMax = 16;

/** JSON of a value that came from outside, with `…` in place of what is nested deeper than anybody means it. */
export function jsonText(value: unknown): string {
  return JSON.stringify(flattened(value, nestingMax)) ?? String(value);
}

function flattened(value: unknown, levels: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return '…';
  if (Array.isArray(value)) return value.map((item) => flattened(item, levels - 1));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, flattened(item, levels - 1)]));
}

/** The reason in words. Codes that this version does not know are told as they are. */
export function reasonOf(code: string, parameters: Parameters, language: Language): string {
  if (!Object.hasOwn(refusalReasons, code)) return code;
  const reason: Bilingual = refusalReasons[code as RefusalCode];
  const kind = parameters['problem'];
  if (code === 'malformed' && typeof kind === 'string' && Object.hasOwn(malformedProblems, kind)) {
    const words = fillText(malformedProblems[kind as MalformedProblem], language, parameters);
    return fillText(reason, language, { problem: words });
  }
  return fillText(reason, language, parameters);
}
