import {
  acknowledgeToken,
  nextAttempt,
  noticeSchema,
  type Channel,
  type Delivery,
  type Notice,
} from '@songma/channels';
import type { CaseBook } from '@songma/cases';
import { tokenPlace, type NoticeStep } from '@songma/domain';
import type { NoticeState } from '@songma/duty';
import { UnavailableError, type Logger } from '@songma/runtime';
import { linkMs } from './words.ts';

/** Notices that are on their way at once, at most. */
const sendingMax = 20;

export interface DeliveriesDeps {
  readonly book: CaseBook;
  readonly channel: Channel;
  readonly deskKey: Uint8Array;
  readonly logger: Logger;
  readonly now: () => number;
  /** Told of each attempt. */
  readonly onAttempt: (notice: NoticeState, delivery: Delivery) => void;
  /** Told when an attempt is over: another may begin. */
  readonly onDone: () => void;
  readonly onBug: (error: unknown) => void;
}

/**
 * Sends planned notices and writes down what became of them. One that is sent and not written down before a crash is
 * sent again, the same, under the same id.
 */
export class Deliveries {
  readonly #deps: DeliveriesDeps;
  readonly #sending = new Map<string, Promise<void>>();
  #isClosed = false;

  constructor(deps: DeliveriesDeps) {
    this.#deps = deps;
  }

  /** Begins to send what is due, as far as there is room. @returns when to look again; Infinity: at a change */
  send(): number {
    const { book, now } = this.#deps;
    let nextAt = Infinity;
    const due = book.facts.openNotices().filter(({ id }) => !this.#sending.has(id));
    for (const notice of due.toSorted((a, b) => a.plannedAt - b.plannedAt)) {
      if (this.#isClosed || this.#sending.size >= sendingMax) break;
      const at = notice.retryAt ?? notice.plannedAt;
      if (at > now()) nextAt = Math.min(nextAt, at);
      else this.#begin(notice);
    }
    return nextAt;
  }

  /** Waits for the attempts under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#sending.values());
  }

  #begin(notice: NoticeState): void {
    const attempt = this.#attempt(notice)
      .catch((error: unknown) => {
        if (!(error instanceof UnavailableError)) this.#deps.onBug(error);
      })
      .finally(() => {
        this.#sending.delete(notice.id);
        this.#deps.onDone();
      });
    this.#sending.set(notice.id, attempt);
  }

  async #attempt(notice: NoticeState): Promise<void> {
    const { book, channel, deskKey, logger, now, onAttempt } = this.#deps;
    const written = noticeOf(notice, deskKey);
    const delivery =
      written === undefined
        ? ({ kind: 'never', code: 'channel_mismatch' } as const)
        : await channel.send(written);
    onAttempt(notice, delivery);
    const step = outcomeOf(notice, delivery, now());
    if (step.step !== 'sent') {
      logger.warn({ ...step, person: notice.person }, 'a notice could not be delivered');
    }
    await book.appendNotices([step]);
  }
}

function noticeOf({ planned }: NoticeState, deskKey: Uint8Array): Notice | undefined {
  if (planned === undefined) return undefined;
  const { notice: id, person, language, address, purpose, subject, thread, template, items, at } = planned;
  const caseId = items.length === 1 ? items[0]!.case : undefined;
  const withToken = (text: string) => {
    if (!text.includes(tokenPlace)) return text;
    const grant = { notice: id, case: caseId ?? '', person, expiresAt: at + linkMs };
    return text.replaceAll(tokenPlace, acknowledgeToken(deskKey, grant));
  };
  const read = noticeSchema.safeParse({
    id,
    ...(caseId === undefined ? {} : { case: caseId }),
    recipient: person,
    language,
    address,
    purpose,
    subject,
    text: withToken(planned.text),
    ...(planned.html === undefined ? {} : { html: withToken(planned.html) }),
    ...(thread === undefined ? {} : { thread }),
    ...(template === undefined ? {} : { template }),
  });
  return read.success ? read.data : undefined;
}

function outcomeOf(notice: NoticeState, delivery: Delivery, at: number): NoticeStep {
  if (delivery.kind === 'sent') return { step: 'sent', notice: notice.id, at, ref: delivery.ref };
  const attempt = notice.attempts + 1;
  const { code } = delivery;
  const attempts = {
    kind: notice.planned?.address.kind ?? 'mail',
    made: attempt,
    firstAt: notice.firstTriedAt ?? at,
    lastAt: at,
    outcome: delivery,
  } as const;
  const retryAt = nextAttempt(attempts, shareOf(`${notice.id} ${attempt}`));
  if (retryAt === undefined) return { step: 'dead', notice: notice.id, at, attempt, code };
  return { step: 'failed', notice: notice.id, at, attempt, code, retryAt };
}

/** A share from 0 to 1 that follows from the text (FNV-1a), so that a desk that starts anew decides alike. */
function shareOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
}
