import type { Bilingual } from '@songma/runtime';

/** Why an attempt did not arrive: stable codes, and what they mean to a person. */
export const deliveryCodes = {
  mail_unreachable: {
    en: 'The mail server cannot be reached.',
    vi: 'Không kết nối được máy chủ thư.',
  },
  mail_timeout: {
    en: 'The mail server did not answer in time.',
    vi: 'Máy chủ thư không trả lời kịp.',
  },
  mail_deferred: {
    en: 'The mail server takes the message later.',
    vi: 'Máy chủ thư hẹn nhận sau.',
  },
  mail_login_refused: {
    en: 'The mail server refuses our name and password: look at SMTP_URL.',
    vi: 'Máy chủ thư từ chối tên và mật khẩu của hệ thống: hãy kiểm tra SMTP_URL.',
  },
  mail_unencrypted: {
    en: 'The mail server offers no encryption, or none that can be trusted: look at SMTP_URL.',
    vi: 'Máy chủ thư không có mã hóa đáng tin cậy: hãy kiểm tra SMTP_URL.',
  },
  mail_address_refused: {
    en: 'The mail server refuses the address: it may be mistyped or closed.',
    vi: 'Máy chủ thư từ chối địa chỉ: có thể gõ sai hoặc đã đóng.',
  },
  mail_refused: {
    en: 'The mail server refuses the message.',
    vi: 'Máy chủ thư từ chối thư.',
  },
  file_unwritable: {
    en: 'The message cannot be written to its directory: look at MAIL_DIRECTORY.',
    vi: 'Không ghi được thư vào thư mục: hãy kiểm tra MAIL_DIRECTORY.',
  },
  webhook_unreachable: {
    en: 'The receiving address cannot be reached.',
    vi: 'Không kết nối được địa chỉ nhận.',
  },
  webhook_timeout: {
    en: 'The receiving address did not answer within 15 seconds.',
    vi: 'Địa chỉ nhận không trả lời trong 15 giây.',
  },
  webhook_deferred: {
    en: 'The receiving address is overloaded or out of order.',
    vi: 'Địa chỉ nhận đang quá tải hoặc gặp sự cố.',
  },
  webhook_refused: {
    en: 'The receiving address refuses the message.',
    vi: 'Địa chỉ nhận từ chối thông báo.',
  },
  webhook_redirected: {
    en: 'The receiving address sends elsewhere, which is not followed: register the new address.',
    vi: 'Địa chỉ nhận chuyển hướng sang nơi khác, hệ thống không đi theo: hãy đăng ký địa chỉ mới.',
  },
  webhook_gone: {
    en: 'The receiving address says that it is closed for good.',
    vi: 'Địa chỉ nhận báo đã đóng vĩnh viễn.',
  },
  webhook_unencrypted: {
    en: 'The receiving address is not HTTPS, and its host is not listed in WEBHOOK_HOSTS.',
    vi: 'Địa chỉ nhận không phải HTTPS và máy chủ đó không có trong WEBHOOK_HOSTS.',
  },
  webhook_private: {
    en: 'The receiving address lies in a private network, and its host is not listed in WEBHOOK_HOSTS.',
    vi: 'Địa chỉ nhận nằm trong mạng riêng và máy chủ đó không có trong WEBHOOK_HOSTS.',
  },
  webhook_too_large: {
    en: 'The message is larger than the 20 kB that a gateway has to take.',
    vi: 'Thông báo lớn hơn 20 kB mà cổng nhận phải nhận được.',
  },
  channel_mismatch: {
    en: 'The address is of another kind than the channel.',
    vi: 'Địa chỉ không thuộc loại kênh này.',
  },
  channel_closed: {
    en: 'The channel is being closed.',
    vi: 'Kênh đang đóng.',
  },
} as const satisfies Record<string, Bilingual>;
export type DeliveryCode = keyof typeof deliveryCodes;
