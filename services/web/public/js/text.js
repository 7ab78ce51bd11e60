/** Every word of the page, in both languages. Functions fill in what changes. */
const texts = {
  title: { vi: 'Tình hình vận hành', en: 'What runs' },
  tagline: { vi: 'Dòng số liệu của nhà máy', en: 'The river of plant readings' },
  skip: { vi: 'Đến nội dung chính', en: 'Skip to content' },
  apiDocs: { vi: 'Thử API', en: 'Try the API' },
  apiDescription: { vi: 'Mô tả OpenAPI', en: 'OpenAPI description' },
  signOut: { vi: 'Thoát', en: 'Sign out' },
  signInTitle: { vi: 'Cần khóa để xem', en: 'A key is needed' },
  signInWhy: {
    vi: 'Nhập khóa API có quyền đọc. Khóa chỉ được giữ trong thẻ trình duyệt này.',
    en: 'Enter an API key that may read. It is kept in this browser tab only.',
  },
  key: { vi: 'Khóa API', en: 'API key' },
  signIn: { vi: 'Xem', en: 'Show' },
  keyRefused: { vi: 'Khóa không có hiệu lực.', en: 'The key is not in force.' },
  disconnected: {
    vi: 'Mất kết nối với máy chủ; đang thử lại. Số liệu bên dưới có thể đã cũ.',
    en: 'The server does not answer; trying again. What is shown below may be old.',
  },
  failed: { vi: 'Không tải được: {reason}', en: 'Could not be loaded: {reason}' },

  readings: { vi: 'Số đọc mỗi giây', en: 'Readings per second' },
  lastMinute: { vi: '{count} trong một phút qua', en: '{count} in the last minute' },
  readingsSpark: { vi: 'Một phút gần nhất', en: 'The last minute' },
  services: { vi: 'Dịch vụ', en: 'Services' },
  allReady: { vi: 'Sẵn sàng', en: 'Ready' },
  someDown: { vi: '{count} chưa sẵn sàng', en: '{count} not ready' },
  down: { vi: 'chưa sẵn sàng: {what}', en: 'not ready: {what}' },
  waiting: { vi: 'Chờ ghi vào kho', en: 'Waiting to be stored' },
  pushes: { vi: 'lần gửi', en: 'pushes' },
  unknown: { vi: 'không rõ', en: 'unknown' },
  registered: { vi: 'Đã đăng ký', en: 'Registered' },
  enterprisesCount: { vi: 'doanh nghiệp', en: 'enterprises' },
  sitesAndMeters: { vi: '{sites} cơ sở · {meters} công tơ', en: '{sites} sites · {meters} meters' },

  enterprises: { vi: 'Doanh nghiệp', en: 'Enterprises' },
  enterprisesHint: {
    vi: 'Suất tiêu hao điện của ngày trọn gần nhất, và 30 ngày qua',
    en: 'Electricity intensity of the latest whole day, and the last 30 days',
  },
  noEnterprises: {
    vi: 'Chưa có doanh nghiệp nào được đăng ký.',
    en: 'No enterprise is registered yet.',
  },
  noIndicator: { vi: 'Chưa có chỉ số', en: 'No indicator yet' },
  withheld: { vi: 'Không công bố', en: 'Withheld' },
  'withheld.coverage': { vi: 'số liệu chưa đủ', en: 'too little data' },
  'withheld.no-production-reported': { vi: 'chưa có số liệu sản lượng', en: 'no production reported' },
  'withheld.production-mixed': {
    vi: 'sản lượng đo bằng các đơn vị không cộng được với nhau',
    en: 'production in units that do not add up',
  },
  'withheld.zero-production': { vi: 'không sản xuất', en: 'nothing was produced' },
  'withheld.no-energy-reported': { vi: 'chưa có số liệu năng lượng', en: 'no energy reported' },
  'withheld.no-water-reported': { vi: 'chưa có số liệu nước', en: 'no water reported' },
  'withheld.no-waste-water-reported': { vi: 'chưa có số liệu nước thải', en: 'no waste water reported' },
  'withheld.no-material-reported': { vi: 'chưa có số liệu nguyên liệu', en: 'no material reported' },
  'withheld.factor-missing': { vi: 'thiếu hệ số quy đổi', en: 'a factor is missing' },
  'withheld.zero-resource': { vi: 'không tiêu thụ', en: 'nothing was used' },
  'withheld.unfinished': { vi: 'kỳ chưa kết thúc', en: 'not over yet' },
  coverage: { vi: 'độ phủ', en: 'coverage' },
  outOfRange: { vi: '{count} số đọc ngoài khoảng đo', en: '{count} readings out of range' },
  belowDetection: { vi: '{count} số đọc dưới ngưỡng phát hiện', en: '{count} readings below detection' },
  trend: { vi: '30 ngày qua', en: 'Last 30 days' },

  openAlerts: { vi: 'Cảnh báo đang mở', en: 'Open alerts' },
  alertsHint: { vi: 'Trung bình giờ, ngày so với giới hạn', en: 'Means of hours and days against limits' },
  averagePT1H: { vi: 'trung bình giờ', en: 'hourly mean' },
  averageP1D: { vi: 'trung bình ngày', en: 'daily mean' },
  averageP1M: { vi: 'trung bình tháng', en: 'monthly mean' },
  noAlerts: { vi: 'Không có cảnh báo nào đang mở.', en: 'No alert is open.' },
  moreAlerts: { vi: 'Còn nữa: xem /v1/alerts', en: 'There are more: see /v1/alerts' },
  since: { vi: 'từ {time}', en: 'since {time}' },
  against: { vi: 'giới hạn', en: 'limit' },
  againstMin: { vi: 'giới hạn dưới', en: 'lower limit' },
  peakOf: {
    vi: 'cao nhất trong {count} kỳ, lúc {time}',
    en: 'peak of {count} windows, at {time}',
  },
  knownUntil: { vi: 'biết đến {time}', en: 'known until {time}' },
  stale: { vi: 'chưa có số liệu mới', en: 'nothing judged since' },
  acknowledged: { vi: 'đã xác nhận', en: 'acknowledged' },
  unverified: { vi: 'giới hạn chưa đối chiếu', en: 'limit not verified' },

  chart: { vi: 'Theo giờ', en: 'By the hour' },
  enterprise: { vi: 'Doanh nghiệp', en: 'Enterprise' },
  meter: { vi: 'Công tơ', en: 'Meter' },
  'span.1': { vi: '24 giờ', en: '24 hours' },
  'span.7': { vi: '7 ngày', en: '7 days' },
  'span.30': { vi: '30 ngày', en: '30 days' },
  asTable: { vi: 'Xem dạng bảng', en: 'Show as a table' },
  time: { vi: 'Giờ', en: 'Hour' },
  sum: { vi: 'Tổng', en: 'Sum' },
  mean: { vi: 'Trung bình', en: 'Mean' },
  limit: { vi: 'Giới hạn', en: 'Limit' },
  captionAmount: {
    vi: 'Lượng mỗi giờ, {unit}, theo giờ tại cơ sở ({zone}). Nền cát: giờ chưa đủ số liệu.',
    en: 'Amount per hour, {unit}, by the site’s clock ({zone}). Sand ground: hours with missing data.',
  },
  captionLevel: {
    vi: 'Trung bình giờ, {unit}, theo giờ tại cơ sở ({zone}). Nền cát: giờ chưa đủ số liệu.',
    en: 'Hourly mean, {unit}, by the site’s clock ({zone}). Sand ground: hours with missing data.',
  },
  captionLimit: {
    vi: ' Đường đỏ: giới hạn {value} {unit} ({document}{mark}).',
    en: ' Red line: limit {value} {unit} ({document}{mark}).',
  },
  captionUnverified: { vi: '; chưa đối chiếu văn bản', en: '; not verified against the text' },
  noSeries: { vi: 'Chưa có số liệu trong khoảng này.', en: 'No data in this span yet.' },
  csv: { vi: 'Tải CSV', en: 'Download CSV' },
};

const stored = localStorage.getItem('songma.language');
let language =
  stored ?? (navigator.languages.some((tag) => tag.toLowerCase().startsWith('vi')) ? 'vi' : 'en');

/** @returns {'vi' | 'en'} */
export function currentLanguage() {
  return language === 'vi' ? 'vi' : 'en';
}

/** BCP 47 tag for dates and numbers. */
export function locale() {
  return currentLanguage() === 'vi' ? 'vi-VN' : 'en-GB';
}

/** Changes the language and keeps it for the next visit. */
export function chooseLanguage(chosen) {
  language = chosen;
  localStorage.setItem('songma.language', chosen);
}

/** The text of that name; `{places}` are filled. */
export function text(name, values = {}) {
  const known = texts[name];
  if (known === undefined) return name;
  return known[currentLanguage()].replace(/\{(\w+)\}/g, (_place, key) => String(values[key] ?? ''));
}

/** Writes the words of everything that is in the page from the start. */
export function fillWords() {
  document.documentElement.lang = currentLanguage();
  for (const element of document.querySelectorAll('[data-text]'))
    element.textContent = text(element.dataset.text);
  for (const button of document.querySelectorAll('[data-language]')) {
    button.setAttribute('aria-pressed', String(button.dataset.language === currentLanguage()));
  }
}
