/** What a version of the rules changed, in the words of those who read the results. */
export interface RulesChange {
  readonly version: number;
  /** When it was made, as an ISO date. */
  readonly date: string;
  readonly changes: readonly { readonly vi: string; readonly en: string }[];
}

/**
 * The rules by which results are computed from readings and facts, in ascending version: whoever changes what the same
 * readings come to adds a version here. What rests on an earlier one is then computed again. Version 0 is that of all
 * builds before there was one.
 */
export const rulesHistory: readonly RulesChange[] = [
  {
    version: 1,
    date: '2026-11-28',
    changes: [
      {
        vi: 'Giá trị ngoài khoảng đo hợp lệ và giá trị dưới giới hạn phát hiện không được tính như giá trị đo; giờ được coi là hợp lệ theo chính các số đọc của nó.',
        en: 'Values outside of the valid range and below the limit of detection do not count as measured; an hour is valid by its own readings.',
      },
      {
        vi: 'Công tơ không khai báo công suất tối đa: bước tăng bất thường được giữ lại và báo, không còn bị tính hay bỏ một cách lặng lẽ.',
        en: 'Counters without a rating: a rise out of proportion is held and told.',
      },
      {
        vi: 'Suất tiêu hao được chia trên khoảng thời gian mà mọi số liệu đầu vào đều có.',
        en: 'Ratios are over the time in which all inputs are known.',
      },
      {
        vi: 'Cảnh báo luôn theo số liệu: thời điểm, trung bình, đỉnh và mức độ được tính lại khi số liệu thay đổi.',
        en: 'Alerts follow their data: times, mean, peak and severity change with the readings.',
      },
      {
        vi: 'Hệ số Kq, Kf, Kp, Kv không áp dụng cho nhiệt độ, độ màu, pH, coliform và phóng xạ, dù thông số được ghi bằng tiếng Việt hay tiếng Anh.',
        en: 'Kq, Kf, Kp and Kv do not apply to temperature, colour, pH, coliform and radioactivity, in whichever language the parameter is named.',
      },
    ],
  },
  {
    version: 2,
    date: '2026-11-29',
    changes: [
      {
        vi: 'Công tơ tính theo công thức: số đọc và số đọc phải có là của công tơ thành phần được đọc thưa nhất; công tơ thay thế được dùng tiếp trong công thức.',
        en: 'Derived meters: readings and expected readings are those of the input that is read most rarely; a meter that took over from an input is read in its place.',
      },
    ],
  },
];

/** That of this build. */
export const rulesVersion = Math.max(...rulesHistory.map(({ version }) => version));
