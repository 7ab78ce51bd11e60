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
export {
  acknowledgeToken,
  acknowledgeTokenMs,
  readAcknowledgeToken,
  type AcknowledgeGrant,
  type ReadToken,
} from './acknowledge-token.ts';
export { derivedSecret, openDeskKey } from './desk-key.ts';
export { formerSecretMs, webhookSecret } from './webhook/webhook-signature.ts';
export { exceedanceWhat, type CaseFacts, type WindowFacts } from './words/case-facts.ts';
export type {
  CaseLine,
  CaseLinks,
  CorrectionFacts,
  DigestContent,
  DutyFacts,
  NoticeContent,
} from './words/content.ts';
export { caseCode, caseSubject, writeNotice, type WrittenNotice } from './words/write-notice.ts';
