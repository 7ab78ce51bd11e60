import type { SendMailOptions } from 'nodemailer';
import { messageIdOf, publicNoticeId } from '../notice-identity.ts';
import type { Notice } from '../notice.ts';

/** Who the messages are from. */
export interface Sender {
  readonly name: string;
  readonly mail: string;
}

/** A notice as a mail, ready to be composed: headers, envelope, text and HTML. */
export interface MailMessage extends SendMailOptions {
  readonly messageId: string;
}

export interface MailOptions {
  readonly sender: Sender;
  /** When it is sent, epoch milliseconds. */
  readonly now: number;
}

/**
 * The mail that a notice to `to` is. Only digests can be unsubscribed from: firewalls follow plain links, and a duty is
 * no subscription.
 * @see RFC 3834, section 5 (Auto-Submitted); RFC 2919 (List-Id); RFC 8058 (one-click unsubscribing)
 */
export function mailMessage(
  notice: Notice,
  to: { readonly mail: string; readonly name?: string | undefined },
  { sender, now }: MailOptions,
): MailMessage {
  const domain = domainOf(sender);
  const thread = notice.thread === undefined || notice.thread === notice.id ? undefined : notice.thread;
  const first = thread === undefined ? undefined : messageIdOf(thread, domain);
  return {
    // Objects, never text: what is parsed as a list of addresses may hold another one.
    from: { name: oneLine(sender.name), address: sender.mail },
    to: { name: oneLine(to.name ?? ''), address: to.mail },
    envelope: { from: sender.mail, to: [to.mail] },
    subject: oneLine(notice.subject),
    messageId: messageIdOf(notice.id, domain),
    ...(first === undefined ? {} : { inReplyTo: first, references: [first] }),
    date: new Date(now),
    text: notice.text,
    ...(notice.html === undefined ? {} : { html: notice.html }),
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      'Content-Language': notice.language,
      'List-Id': `Songma <desk.${domain}>`,
      ...unsubscribing(notice),
    },
    // The same notice is the same message: nothing in it is drawn by lot.
    baseBoundary: publicNoticeId(notice.id),
    xMailer: false,
    newline: 'win',
    // A notice is text: it never reads a file or an address of this machine.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function unsubscribing({ digest }: Notice): Record<string, string> {
  const url = digest?.unsubscribeUrl;
  if (url === undefined) return {};
  return { 'List-Unsubscribe': `<${url}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
}

/** The part of an address behind its `@`, lower-case. */
export function domainOf({ mail }: Pick<Sender, 'mail'>): string {
  return mail.slice(mail.lastIndexOf('@') + 1).toLowerCase();
}

/** Without anything that could begin another line or header. */
function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
}
