/** A text in both languages that a person may read. */
export interface Bilingual {
  readonly en: string;
  readonly vi: string;
}

/** Values that fill the `{name}` places of a text. */
export type Parameters = Readonly<Record<string, string | number>>;

/**
 * Why a row was refused: stable codes with the reason and the way to mend it. `{name}` places are filled from the
 * refusal's parameters.
 */
export const refusalReasons = {
  malformed: {
    en: 'The row cannot be read: {problem}.',
    vi: 'Không đọc được dòng này: {problem}.',
  },
  meter_unknown: {
    en: 'No meter "{meter}" is registered. Register it, mend its id, or use the key of its plant, and replay the row.',
    vi: 'Chưa đăng ký công tơ "{meter}". Hãy đăng ký, sửa mã hoặc dùng khóa của nhà máy sở hữu, rồi gửi lại dòng này.',
  },
  /** Earlier builds told with it that there is such a meter; it is in their records. */
  meter_forbidden: {
    en: 'This key may not push for meter "{meter}". Use the key of its plant.',
    vi: 'Khóa này không được gửi số liệu cho công tơ "{meter}". Hãy dùng khóa của nhà máy sở hữu.',
  },
  source_unmapped: {
    en: 'No source mapping says which meter {origin} is. Register one at /v1/source-mappings/ID such as {rule}, and replay the row.',
    vi: 'Chưa có quy tắc ánh xạ nào cho biết {origin} là công tơ nào. Hãy đăng ký tại /v1/source-mappings/ID, ví dụ {rule}, rồi gửi lại dòng này.',
  },
  mapped_meter_unknown: {
    en: 'The source mapping "{mapping}" says that {origin} is meter "{meter}", which is not registered where the mapping and this key apply. Register it or mend the mapping, and replay the row.',
    vi: 'Quy tắc ánh xạ "{mapping}" cho rằng {origin} là công tơ "{meter}", nhưng công tơ này chưa đăng ký trong phạm vi của quy tắc và khóa này. Hãy đăng ký hoặc sửa quy tắc, rồi gửi lại dòng này.',
  },
  meter_derived: {
    en: 'Meter "{meter}" is derived from others by a formula and takes no readings. Push for the meters that it is made of.',
    vi: 'Công tơ "{meter}" được tính từ các công tơ khác theo công thức nên không nhận số đọc. Hãy gửi cho các công tơ thành phần.',
  },
  value_not_finite: {
    en: 'The value "{value}" is not a finite number.',
    vi: 'Giá trị "{value}" không phải là số hữu hạn.',
  },
  value_ambiguous: {
    en: 'The value "{value}" may have decimals or thousands, and the push does not tell which. Send it with ?decimal=dot or ?decimal=comma, under a new batch id.',
    vi: 'Không rõ dấu trong giá trị "{value}" là dấu thập phân hay dấu phân cách hàng nghìn. Hãy gửi lại với ?decimal=dot hoặc ?decimal=comma, dùng mã lần gửi mới.',
  },
  value_missing: {
    en: 'A value is required unless the status is "fault" or "calibrating".',
    vi: 'Phải có giá trị, trừ khi trạng thái là "fault" (thiết bị hỏng) hoặc "calibrating" (hiệu chuẩn).',
  },
  detection_of_counter: {
    en: 'The value "{value}" says below detection, which the register of a counter never is.',
    vi: 'Giá trị "{value}" nghĩa là dưới ngưỡng phát hiện, nhưng số chỉ công tơ không bao giờ như vậy.',
  },
  detection_limit_not_positive: {
    en: 'The value "{value}" says below detection, and its limit is not above zero in the meter\'s unit.',
    vi: 'Giá trị "{value}" nghĩa là dưới ngưỡng phát hiện, nhưng ngưỡng không lớn hơn 0 theo đơn vị của công tơ.',
  },
  unit_unknown: {
    en: 'The unit "{unit}" is not known (UCUM). The meter is registered in {meterUnit}.',
    vi: 'Không nhận ra đơn vị "{unit}" (UCUM). Công tơ được đăng ký theo {meterUnit}.',
  },
  unit_incompatible: {
    en: 'The unit "{unit}" cannot be converted to the meter\'s {meterUnit}.',
    vi: 'Không quy đổi được đơn vị "{unit}" sang {meterUnit} của công tơ.',
  },
  time_unreadable: {
    en: 'The time "{time}" cannot be read. Use ISO 8601 such as 2026-01-31T13:45:00+07:00.',
    vi: 'Không đọc được thời điểm "{time}". Hãy dùng ISO 8601, ví dụ 2026-01-31T13:45:00+07:00.',
  },
  time_ambiguous: {
    en: 'The clock shows "{time}" twice, and nothing before it in this push tells which is meant. Send it with an offset such as +02:00, or after the reading before it.',
    vi: 'Đồng hồ hiện "{time}" hai lần và trong lần gửi này không có số đọc đứng trước để biết là lần nào. Hãy ghi kèm độ lệch giờ như +02:00, hoặc gửi sau số đọc liền trước.',
  },
  time_in_future: {
    en: 'The time {time} lies more than {toleranceMinutes} minutes in the future. Check the clock of the logger.',
    vi: 'Thời điểm {time} ở tương lai quá {toleranceMinutes} phút. Hãy kiểm tra đồng hồ của thiết bị ghi.',
  },
  time_too_old: {
    en: 'The time {time} lies before {oldest}, the earliest that is taken.',
    vi: 'Thời điểm {time} sớm hơn {oldest}, mốc sớm nhất được nhận.',
  },
  status_unknown: {
    en: 'The status "{status}" is not known. Use measured, calibrating or fault (00, 01, 02 in five-field files).',
    vi: 'Trạng thái "{status}" không hợp lệ. Hãy dùng measured, calibrating, fault (00, 01, 02 trong tệp năm trường).',
  },
  symbol_unknown: {
    en: 'Station "{station}" has no meter with symbol "{symbol}".',
    vi: 'Trạm "{station}" không có thông số ký hiệu "{symbol}".',
  },
  station_unknown: {
    en: 'No site or source is registered with station "{station}".',
    vi: 'Chưa có cơ sở hay nguồn thải nào đăng ký trạm "{station}".',
  },
  repeated_in_push: {
    en: 'Meter "{meter}" has another value at the same time in this push (row {other}).',
    vi: 'Công tơ "{meter}" có giá trị khác cùng thời điểm trong lần gửi này (dòng {other}).',
  },
  refused_by_store: {
    en: 'The store refused the reading: {problem}.',
    vi: 'Kho số liệu từ chối số đọc này: {problem}.',
  },
} as const satisfies Record<string, Bilingual>;
export type RefusalCode = keyof typeof refusalReasons;

/** The text in `language`, its places filled. A place without a parameter stays as it is. */
export function fillText(text: Bilingual, language: 'en' | 'vi', parameters: Parameters = {}): string {
  return text[language].replace(/\{(\w+)\}/g, (place, name: string) => String(parameters[name] ?? place));
}
