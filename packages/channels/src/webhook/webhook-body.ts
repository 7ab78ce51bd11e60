import type { Notice } from '../notice.ts';
import { publicNoticeId } from '../notice-identity.ts';

/** A gateway has to take so much. @see https://www.standardwebhooks.com (payload size) */
export const webhookBytesMax = 20_000;
/** What is left of a text that makes the body larger than that. */
const shortenedCharacters = 4_000;

/** What a gateway is given: the same words as a mail, and the fields of an approved template. */
export interface WebhookBody {
  readonly type: string;
  readonly timestamp: string;
  readonly data: {
    readonly id: string;
    /** Id of the first notice of the case to that recipient; the notice's own where it is that one. */
    readonly thread: string;
    readonly purpose: Notice['purpose'];
    readonly recipient: string;
    readonly language: Notice['language'];
    readonly subject: string;
    readonly text: string;
    /** Whether `text` is only its beginning. */
    readonly shortened: boolean;
    readonly template: Notice['template'] | null;
  };
}

/** The body of a notice, as text; undefined where even its shortened text makes it too large. */
export function webhookBody(notice: Notice, now: number): string | undefined {
  for (const text of [notice.text, `${notice.text.slice(0, shortenedCharacters)}…`]) {
    const body: WebhookBody = {
      type: `notice.${notice.purpose}`,
      timestamp: new Date(now).toISOString(),
      data: {
        id: publicNoticeId(notice.id),
        thread: publicNoticeId(notice.thread ?? notice.id),
        purpose: notice.purpose,
        recipient: notice.recipient,
        language: notice.language,
        subject: notice.subject,
        text,
        shortened: text !== notice.text,
        template: notice.template ?? null,
      },
    };
    const written = JSON.stringify(body);
    if (Buffer.byteLength(written) <= webhookBytesMax) return written;
  }
  return undefined;
}
