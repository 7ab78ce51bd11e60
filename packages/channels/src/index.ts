export { deliveryCodes, type DeliveryCode } from './delivery-codes.ts';
export {
  noticeAddressSchema,
  noticeIdMax,
  noticePurposes,
  noticeSchema,
  noticeTemplateSchema,
  type Notice,
  type NoticeAddress,
  type NoticePurpose,
  type NoticeTemplate,
} from './notice.ts';
export { messageIdOf, publicNoticeId } from './notice-identity.ts';
export { openChannels } from './open-channels.ts';
export type { Channel, Delivery } from './port.ts';
export {
  afterMsMax,
  attemptsEndAfterMs,
  nextAttempt,
  retryPausesMs,
  type Attempts,
} from './retry-schedule.ts';
export { channelSettings, type ChannelConfig } from './settings.ts';
