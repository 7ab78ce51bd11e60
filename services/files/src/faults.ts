import type { Bilingual } from '@songma/runtime';

/** Why a file is refused before the door has seen it: moved to `refused/` with this in its receipt. */
export const fileFaults = {
  not_a_file: {
    en: 'It is a {kind}. Send plain files only.',
    vi: 'Đây là {kind}, không phải tệp thường. Chỉ gửi tệp thường.',
  },
  hard_link: {
    en: 'The file has another name elsewhere (a hard link). Send a copy.',
    vi: 'Tệp này còn có tên khác ở nơi khác (liên kết cứng). Hãy gửi một bản sao.',
  },
  name_unprintable: {
    en: 'The name has control characters or is not UTF-8. Rename the file and send it again.',
    vi: 'Tên tệp có ký tự điều khiển hoặc không phải UTF-8. Hãy đổi tên tệp rồi gửi lại.',
  },
  name_too_long: {
    en: 'The name has more than {limit} bytes. Rename the file and send it again.',
    vi: 'Tên tệp dài hơn {limit} byte. Hãy đổi tên tệp rồi gửi lại.',
  },
  file_too_large: {
    en: 'The file has {bytes} bytes, more than {limit} (FILES_BYTES_MAX). Split it and send the parts.',
    vi: 'Tệp có {bytes} byte, nhiều hơn {limit} (FILES_BYTES_MAX). Hãy chia nhỏ rồi gửi từng phần.',
  },
} as const satisfies Record<string, Bilingual>;
export type FileFaultCode = keyof typeof fileFaults;

/** Why nothing of a station's folder is taken for now: the files stay, and it is tried again. */
export const stationFaults = {
  key_missing: {
    en: 'No key at {path}. Put the API key of the station there: chmod 600.',
    vi: 'Không có khóa tại {path}. Hãy đặt khóa API của trạm vào đó: chmod 600.',
  },
  key_readable: {
    en: 'Others may read {path}. chmod 600 it, and make a new key if somebody else may have seen this one.',
    vi: 'Người khác đọc được {path}. Hãy chmod 600, và tạo khóa mới nếu có thể đã bị lộ.',
  },
  key_unusable: {
    en: '{path} holds no API key: one line that begins with sgm_.',
    vi: '{path} không chứa khóa API: một dòng bắt đầu bằng sgm_.',
  },
  key_refused: {
    en: 'The door refuses the key of the station: {detail}',
    vi: 'Cửa nhận số liệu từ chối khóa của trạm: {detail}',
  },
  door_refused: {
    en: 'The door answers {status}: {detail}',
    vi: 'Cửa nhận số liệu trả lời {status}: {detail}',
  },
  door_unavailable: {
    en: 'The door does not answer: {detail}',
    vi: 'Cửa nhận số liệu không trả lời: {detail}',
  },
  shelf_not_folder: {
    en: '{path} is no folder. Remove it: taken and refused files are kept there.',
    vi: '{path} không phải thư mục. Hãy xóa đi: đây là nơi giữ tệp đã nhận và bị từ chối.',
  },
  disk_full: {
    en: 'The disk of {path} is full. What was pushed is in the log; free some space, and the files go on.',
    vi: 'Ổ đĩa chứa {path} đã đầy. Số liệu đã gửi vẫn an toàn; hãy giải phóng chỗ trống để xử lý tiếp.',
  },
  not_writable: {
    en: 'Files cannot be moved at {path} ({errno}). Let the user of this service write there.',
    vi: 'Không chuyển được tệp tại {path} ({errno}). Hãy cấp quyền ghi cho tài khoản chạy dịch vụ.',
  },
  not_readable: {
    en: '{path} cannot be read ({errno}). Let the user of this service read there.',
    vi: 'Không đọc được {path} ({errno}). Hãy cấp quyền đọc cho tài khoản chạy dịch vụ.',
  },
} as const satisfies Record<string, Bilingual>;
export type StationFaultCode = keyof typeof stationFaults;

export type FaultParameters = Readonly<Record<string, string | number | Bilingual>>;

/** A station's folder cannot be taken from now. */
export class StationFault extends Error {
  override readonly name = 'StationFault';
  readonly code: StationFaultCode;
  readonly text: Bilingual;

  constructor(code: StationFaultCode, parameters: FaultParameters = {}, options: { cause?: unknown } = {}) {
    const text = filled(stationFaults[code], parameters);
    super(text.en, options);
    this.code = code;
    this.text = text;
  }
}

/** The text with its `{places}` filled. */
export function filled(text: Bilingual, parameters: FaultParameters): Bilingual {
  const fill = (language: 'en' | 'vi') =>
    text[language].replace(/\{(\w+)\}/g, (place, name: string) => {
      const value = parameters[name];
      return value === undefined ? place : typeof value === 'object' ? value[language] : String(value);
    });
  return { en: fill('en'), vi: fill('vi') };
}

const fullCodes = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** What a file system says, as a fault of the station; anything that is not of a file system is thrown on. */
export function faultOfFileSystem(
  error: unknown,
  path: string,
  doing: 'not_readable' | 'not_writable',
): StationFault {
  if (error instanceof StationFault) return error;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) throw error;
  if (fullCodes.has(code)) return new StationFault('disk_full', { path }, { cause: error });
  return new StationFault(doing, { path, errno: code }, { cause: error });
}
