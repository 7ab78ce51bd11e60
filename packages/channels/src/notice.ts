import { z } from 'zod';

/**
 * Why a notice is sent:
 *
 * - `raised`, `worse`, `ended`, `withdrawn`, `continues`: what became of a case; `found` is one raised long afterwards;
 * - `asked`, `answer-overdue`, `answered`: a plant's answer;
 * - `escalated`, `lapsed`: nobody has acknowledged, or the acknowledgement has run out;
 * - `gathered`: several of these at once;
 * - `digest-daily`, `digest-weekly`: the regular summary;
 * - `site-silent`, `sites-silent`, `outage`, `heard-again`: of the delivery of readings;
 * - `shelf-ends`: a shelf is about to end;
 * - `roster-gap`, `undelivered`, `deaf`: to the administrator, about the desk itself;
 * - `trial`: asked for by a person, to see that a channel works.
 */
export const noticePurposes = [
  'raised',
  'worse',
  'ended',
  'withdrawn',
  'continues',
  'found',
  'asked',
  'answer-overdue',
  'answered',
  'escalated',
  'lapsed',
  'gathered',
  'digest-daily',
  'digest-weekly',
  'site-silent',
  'sites-silent',
  'outage',
  'heard-again',
  'shelf-ends',
  'roster-gap',
  'undelivered',
  'deaf',
  'trial',
] as const;
export type NoticePurpose = (typeof noticePurposes)[number];

/** Characters of an id, a line and a body at most. */
export const noticeIdMax = 400;
const lineMax = 300;
const bodyMax = 200_000;

const lineSchema = z.string().max(lineMax);

const mailAddressSchema = z.strictObject({
  kind: z.literal('mail'),
  mail: z.email().max(254),
  /** What the recipient is called. */
  name: z.string().max(200).optional(),
});

const webhookAddressSchema = z.strictObject({
  kind: z.literal('webhook'),
  url: z.url({ protocol: /^https?$/ }).max(2000),
  /** Id of the channel, which its secret is derived for. */
  channel: z.string().min(1).max(64),
  secretVersion: z.int().positive(),
  /** Epoch milliseconds: since when that version holds. The one before signs as well for a day. */
  secretSince: z.int().optional(),
});

/** Where a notice goes. */
export const noticeAddressSchema = z.discriminatedUnion('kind', [mailAddressSchema, webhookAddressSchema]);
export type NoticeAddress = z.infer<typeof noticeAddressSchema>;

/** What a gateway fills an approved template of a messenger with: flat, short, in the recipient's language. */
export const noticeTemplateSchema = z.strictObject({
  site: lineSchema,
  parameter: lineSchema,
  value: lineSchema,
  limit: lineSchema,
  time: lineSchema,
  /** Short enough to be read out on the telephone; the case is found by it. */
  code: lineSchema,
});
export type NoticeTemplate = z.infer<typeof noticeTemplateSchema>;

/** A message to one person by one channel, written out. */
export const noticeSchema = z.object({
  /** Case, purpose, number, recipient and channel: the same for ever, however often it is sent. */
  id: z.string().min(1).max(noticeIdMax),
  /** Absent where it is of no case: a digest, the desk itself. */
  case: z.string().min(1).max(200).optional(),
  recipient: z.string().min(1).max(64),
  language: z.enum(['vi', 'en']),
  address: noticeAddressSchema,
  purpose: z.enum(noticePurposes),
  subject: z.string().min(1).max(lineMax),
  text: z.string().min(1).max(bodyMax),
  html: z.string().max(bodyMax).optional(),
  /** Id of the first notice of the case to that recipient; absent where it is this one. */
  thread: z.string().min(1).max(noticeIdMax).optional(),
  template: noticeTemplateSchema.optional(),
  /** Of a digest: where it is switched off, by a POST alone. */
  digest: z.strictObject({ unsubscribeUrl: z.url().max(2000).optional() }).optional(),
});
export type Notice = z.infer<typeof noticeSchema>;
