import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmlChannel } from '../src/mail/eml-channel.ts';
import { readMail } from './mail-reading.ts';
import { mailNotice } from './notices.ts';
import type { Subject } from './subject.ts';

/** {@link EmlChannel} in a directory of its own, read as a mail client would. */
export async function openEmlSubject(): Promise<Subject> {
  const directory = await mkdtemp(join(tmpdir(), 'songma-eml-'));
  const sender = { name: 'Songma', mail: 'songma@example.vn' };
  let at = Date.UTC(2026, 0, 1);
  const channel = new EmlChannel({ directory, sender, now: () => (at += 1000) });
  return {
    channel,
    behaviours: ['takes'],
    behave: async () => chmod(directory, 0o700),
    notice: mailNotice,
    async arrived() {
      const entries = await readdir(directory, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile());
      const mails = await Promise.all(
        files.map(async ({ parentPath, name }) => {
          const raw = await readFile(join(parentPath, name));
          return { sentAt: /^Date: (.*)$/m.exec(raw.toString())![1]!, mail: await readMail(raw) };
        }),
      );
      return mails.toSorted((a, b) => Date.parse(a.sentAt) - Date.parse(b.sentAt)).map(({ mail }) => mail);
    },
    close: async () => rm(directory, { recursive: true }),
  };
}
