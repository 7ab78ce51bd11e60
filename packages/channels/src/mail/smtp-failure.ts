import type { NodemailerError } from 'nodemailer/lib/errors';
import type { Delivery } from '../port.ts';

type Failure = Exclude<Delivery, { kind: 'sent' }>;

/** Commands in which a server speaks of a message or its recipient; in all others it speaks of us. */
const messageCommands = /^(MAIL FROM|RCPT TO|DATA)/;

/** Failures without an answer of the server, by the client's code for them. */
const failureOfCode: Readonly<Record<string, Failure>> = {
  ETIMEDOUT: { kind: 'later', code: 'mail_timeout' },
  EABORT: { kind: 'later', code: 'mail_timeout' },
  ECONNECTION: { kind: 'later', code: 'mail_unreachable' },
  ESOCKET: { kind: 'later', code: 'mail_unreachable' },
  EDNS: { kind: 'later', code: 'mail_unreachable' },
  EPROTOCOL: { kind: 'later', code: 'mail_unreachable' },
  ETLS: { kind: 'later', code: 'mail_unencrypted' },
  EAUTH: { kind: 'later', code: 'mail_login_refused' },
  ENOAUTH: { kind: 'later', code: 'mail_login_refused' },
  // Without an answer: an address that SMTP cannot carry.
  EENVELOPE: { kind: 'never', code: 'mail_address_refused' },
};

/**
 * What a failed attempt comes to. A server's 4xx is later, 450 (greylisting) above all, and its 5xx never, but where
 * it refuses us and not the message: then our settings are wrong, and the message waits until they are mended.
 *
 * @throws what it was given where that is no failure of sending: a bug
 * @see RFC 5321, section 4.2.1
 */
export function smtpFailure(error: unknown): Failure {
  const { code = '', responseCode, command = '', rejectedErrors } = error as NodemailerError;
  const told = rejectedErrors?.[0]?.responseCode ?? responseCode;
  if (told !== undefined && code !== 'EAUTH' && code !== 'ETLS') {
    const isOfMessage = messageCommands.test(rejectedErrors?.[0]?.command ?? command);
    if (!isOfMessage || told < 500 || told === 503) return { kind: 'later', code: 'mail_deferred' };
    const isOfAddress = code === 'EENVELOPE' && !command.startsWith('MAIL');
    return { kind: 'never', code: isOfAddress ? 'mail_address_refused' : 'mail_refused' };
  }
  const failure = failureOfCode[code];
  if (failure === undefined) throw error;
  return failure;
}
