import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import MailComposer from 'nodemailer/lib/mail-composer';
import { publicNoticeId } from '../notice-identity.ts';
import type { Channel, Delivery } from '../port.ts';
import type { Notice } from '../notice.ts';
import { mailMessage, type Sender } from './mail-message.ts';

export interface EmlOptions {
  /** Made when it is not there. */
  readonly directory: string;
  readonly sender: Sender;
  readonly now: () => number;
}

/**
 * Writes each mail as a file that every mail client opens, `<day>/<id>.eml`: for a machine without a mail server. The
 * same notice sent again replaces its file where it is of the same day (UTC), and carries the same Message-ID.
 */
export class EmlChannel implements Channel {
  readonly #options: EmlOptions;

  constructor(options: EmlOptions) {
    this.#options = options;
  }

  async send(notice: Notice): Promise<Delivery> {
    const { directory, sender, now } = this.#options;
    if (notice.address.kind !== 'mail') return { kind: 'never', code: 'channel_mismatch' };
    const message = mailMessage(notice, notice.address, { sender, now: now() });
    const bytes = await new MailComposer(message).compile().build();
    const folder = join(directory, new Date(now()).toISOString().slice(0, 10));
    const file = join(folder, `${publicNoticeId(notice.id)}.eml`);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(`${file}.part`, bytes, { mode: 0o600, flush: true });
      await rename(`${file}.part`, file);
    } catch {
      return { kind: 'later', code: 'file_unwritable' };
    }
    return { kind: 'sent', ref: message.messageId };
  }

  async close(): Promise<void> {}
}
