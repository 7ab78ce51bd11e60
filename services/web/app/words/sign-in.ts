import type { Bilingual } from '../state/language.ts';

export const signInWords = {
  title: { vi: 'Đăng nhập', en: 'Sign in' },
  person: { vi: 'Tên người dùng hoặc thư điện tử', en: 'Person or mail address' },
  password: { vi: 'Mật khẩu', en: 'Password' },
  signIn: { vi: 'Đăng nhập', en: 'Sign in' },
  withKey: { vi: 'Dùng khóa API', en: 'Use an API key' },
  keyWhy: {
    vi: 'Khóa có quyền đọc. Khóa chỉ được giữ trong thẻ trình duyệt này.',
    en: 'A key that may read. It is kept in this browser tab only.',
  },
  show: { vi: 'Xem', en: 'Show' },
  samples: { vi: 'Vào bằng một người mẫu', en: 'Step in as a sample person' },
  samplesWhy: {
    vi: 'Trên máy này, không cần mật khẩu.',
    en: 'At this machine, without a password.',
  },
  noAccount: {
    vi: 'Chưa có mật khẩu? Quản trị viên của hệ thống cấp lần đầu.',
    en: 'No password yet? An administrator sets the first one.',
  },
  signedInAs: { vi: 'Đang dùng với tên {name}', en: 'Signed in as {name}' },
  account: { vi: 'Tài khoản', en: 'Account' },
  sessions: { vi: 'Các phiên đang mở', en: 'Open sessions' },
  sessionsWhy: {
    vi: 'Mỗi lần đăng nhập là một phiên, kéo dài 12 giờ.',
    en: 'Each sign-in is a session of twelve hours.',
  },
  since: { vi: 'từ {time}', en: 'since {time}' },
  until: { vi: 'đến {time}', en: 'until {time}' },
  thisOne: { vi: 'phiên này', en: 'this one' },
  end: { vi: 'Kết thúc', en: 'End' },
  changePassword: { vi: 'Đổi mật khẩu', en: 'Change the password' },
  former: { vi: 'Mật khẩu hiện tại', en: 'Password that stands' },
  next: { vi: 'Mật khẩu mới (ít nhất 10 ký tự)', en: 'New password (ten characters at least)' },
  changed: {
    vi: 'Đã đổi mật khẩu; các phiên khác đã kết thúc.',
    en: 'Changed; the other sessions have ended.',
  },
  'role.plant': { vi: 'nhà máy', en: 'plant' },
  'role.analyst': { vi: 'phân tích', en: 'analyst' },
  'role.officer': { vi: 'cán bộ', en: 'officer' },
  'role.admin': { vi: 'quản trị', en: 'administrator' },
  signOut: { vi: 'Thoát', en: 'Sign out' },
  nobody: { vi: 'Chưa đăng nhập.', en: 'Not signed in.' },
} as const satisfies Record<string, Bilingual>;
