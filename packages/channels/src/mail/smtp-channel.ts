import { isIP } from 'node:net';
import type { Logger } from '@songma/runtime';
import { createTransport, type Transporter } from 'nodemailer';
import { AttemptSlots } from '../attempt-slots.ts';
import type { Notice } from '../notice.ts';
import type { Channel, Delivery } from '../port.ts';
import { mailMessage, type Sender } from './mail-message.ts';
import { smtpFailure } from './smtp-failure.ts';

/** Connections to the mail server at once, and how long an attempt may take, waiting for one of them included. */
export const smtpConnectionsMax = 8;
export const smtpAttemptMsMax = 60_000;
const connectMsMax = 10_000;
const greetingMsMax = 10_000;
const silenceMsMax = 20_000;

export interface SmtpOptions {
  /** `smtp://` (upgraded by STARTTLS) or `smtps://`, with name and password where the server asks for them. */
  readonly url: string;
  readonly sender: Sender;
  readonly now: () => number;
  readonly logger: Logger;
  /** For tests: shorter than the bounds above. */
  readonly attemptMsMax?: number;
}

/**
 * Hands mails to a mail server, a connection for each: one that hangs holds nothing up but itself. Without encryption
 * only to this machine.
 */
export class SmtpChannel implements Channel {
  readonly #options: SmtpOptions;
  readonly #transport: Transporter;
  readonly #slots = new AttemptSlots(smtpConnectionsMax);

  constructor(options: SmtpOptions) {
    this.#options = options;
    const url = new URL(options.url);
    const attemptMsMax = options.attemptMsMax ?? smtpAttemptMsMax;
    const secure = url.protocol === 'smtps:';
    const host = url.hostname.replace(/^\[|\]$/g, '');
    this.#transport = createTransport({
      host,
      port: Number(url.port || (secure ? 465 : 587)),
      secure,
      ...(isLoopback(host) ? { opportunisticTLS: true } : { requireTLS: !secure }),
      ...(url.username === ''
        ? {}
        : { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }),
      connectionTimeout: Math.min(connectMsMax, attemptMsMax),
      greetingTimeout: Math.min(greetingMsMax, attemptMsMax),
      socketTimeout: Math.min(silenceMsMax, attemptMsMax),
      dnsTimeout: Math.min(connectMsMax, attemptMsMax),
      socketCloseTimeout: 0,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  async send(notice: Notice): Promise<Delivery> {
    const { sender, now, logger, attemptMsMax = smtpAttemptMsMax } = this.#options;
    if (notice.address.kind !== 'mail') return { kind: 'never', code: 'channel_mismatch' };
    const message = mailMessage(notice, notice.address, { sender, now: now() });
    const answer = await this.#slots.attempt(attemptMsMax, async (signal) => {
      try {
        await this.#transport.sendMail({ ...message, signal });
        return { kind: 'sent', ref: message.messageId } as const;
      } catch (error) {
        const failure = smtpFailure(error);
        logger.warn({ notice: notice.id, code: failure.code, err: error }, 'a mail was not taken');
        return failure;
      }
    });
    if (answer === 'closed') return { kind: 'later', code: 'channel_closed' };
    return answer === 'late' ? { kind: 'later', code: 'mail_timeout' } : answer;
  }

  async close(): Promise<void> {
    await this.#slots.close();
    this.#transport.close();
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
