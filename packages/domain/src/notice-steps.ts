import { z } from 'zod';
import { severities } from './limit.ts';

/** What a notice tells of one case; `key` is `{case}/{purpose}/{n}` and is told once to a person by a channel. */
export const noticeItemSchema = z.object({
  key: z.string(),
  case: z.string(),
  purpose: z.string(),
  severity: z.enum(severities).nullable(),
});
export type NoticeItem = z.infer<typeof noticeItemSchema>;

/** Where a notice goes, as it was when it was planned. */
const noticeTargetSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('mail'), mail: z.string(), name: z.string().optional() }),
  z.object({
    kind: z.literal('webhook'),
    url: z.string(),
    channel: z.string(),
    secretVersion: z.int().positive(),
  }),
]);

const noticeStep = <N extends string, S extends z.ZodRawShape>(name: N, shape: S) =>
  z.object({ step: z.literal(name), notice: z.string(), at: z.int(), ...shape });

/** One step in the life of a notice: the value of a record of topic `notices`. It is evidence that somebody was told. */
export const noticeStepSchema = z.discriminatedUnion('step', [
  /** Durable before it is sent, whole: what is sent again after a crash is the same. */
  noticeStep('planned', {
    person: z.string(),
    channel: z.string(),
    address: noticeTargetSchema,
    language: z.enum(['vi', 'en']),
    purpose: z.string(),
    items: z.array(noticeItemSchema),
    /** First notice of the case to that person; absent where it is this one. */
    thread: z.string().optional(),
    subject: z.string(),
    /** Where the token of an acknowledge link goes, both have {@link tokenPlace}. */
    text: z.string(),
    html: z.string().optional(),
    template: z.record(z.string(), z.string()).optional(),
  }),
  noticeStep('sent', { ref: z.string() }),
  noticeStep('failed', { attempt: z.int().positive(), code: z.string(), retryAt: z.int() }),
  noticeStep('dead', { attempt: z.int().positive(), code: z.string() }),
  noticeStep('withdrawn', {}),
]);
export type NoticeStep = z.infer<typeof noticeStepSchema>;
export type PlannedNotice = Extract<NoticeStep, { readonly step: 'planned' }>;

/** Stands in a planned notice for the token of its link, which is not kept. */
export const tokenPlace = 'songma-acknowledge-token';

const noticeStepNames: ReadonlySet<string> = new Set(
  noticeStepSchema.options.map(({ shape }) => shape.step.value),
);
const namedNoticeStepSchema = z.object({ step: z.string() });

/** Reads the value of a record of topic `notices`; undefined for a step that this build does not know. */
export function readNoticeStep(value: unknown): NoticeStep | undefined {
  const { step: name } = namedNoticeStepSchema.parse(value);
  return noticeStepNames.has(name) ? noticeStepSchema.parse(value) : undefined;
}
