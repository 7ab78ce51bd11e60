import PostalMime from 'postal-mime';
import type { Arrived } from './subject.ts';

/** What a mail client reads in a message. */
export async function readMail(raw: string | Uint8Array, envelopeTo?: readonly string[]): Promise<Arrived> {
  const mail = await PostalMime.parse(raw);
  const id = leftOf(mail.messageId);
  return {
    id,
    thread: mail.inReplyTo === undefined ? id : leftOf(mail.inReplyTo),
    to: envelopeTo ?? (mail.to ?? []).map(({ address }) => address ?? ''),
    subject: mail.subject ?? '',
    text: mail.text ?? '',
    headers: mail.headers.map(({ key }) => key),
  };
}

function leftOf(messageId: string | undefined): string {
  return /^<([^@]+)@/.exec(messageId ?? '')?.[1] ?? '';
}
