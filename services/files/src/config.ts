import { join } from 'node:path';
import { setting, type SettingsOf } from '@songma/runtime';
import { z } from 'zod';

const mib = 1024 * 1024;
const positive = z.coerce.number().int().positive();
const seconds = z.coerce.number().min(0);

/** Settings of the door for files. */
export const filesSettings = {
  dataDir: setting('SONGMA_DATA', z.string().min(1).default('./data'), {
    description:
      'Directory of everything that is kept by the embedded stores. One process has it open at a time.',
  }),
  inbox: setting('FILES_INBOX', z.string().min(1).optional(), {
    description:
      'Folder with one folder a station, into which an FTP or SFTP server puts files; SONGMA_DATA/inbox unless told, `off` for none.',
    example: '/srv/songma/inbox',
  }),
  keys: setting('FILES_KEYS', z.string().min(1).optional(), {
    description:
      'Folder with the API key of each station folder as <folder>.key, readable by its owner only; SONGMA_DATA/inbox-keys unless told.',
    example: '/srv/songma/inbox-keys',
  }),
  lookSeconds: setting('FILES_LOOK_SECONDS', z.coerce.number().positive().default(2), {
    description: 'How far apart the folders are looked at, in seconds.',
  }),
  settleSeconds: setting('FILES_SETTLE_SECONDS', seconds.default(5), {
    description: 'How long a file has to stay as it is before it is taken, in seconds.',
  }),
  unendedSeconds: setting('FILES_UNENDED_SECONDS', seconds.default(60), {
    description:
      'How long instead when the file does not end with a line end, so that its upload may have broken off, in seconds.',
  }),
  fileBytesMax: setting('FILES_BYTES_MAX', positive.default(4 * mib), {
    description: 'Largest file that is taken, in bytes; no more than INGEST_BODY_BYTES_MAX.',
  }),
  inFlightMax: setting('FILES_IN_FLIGHT_MAX', positive.max(1_000).default(32), {
    description: 'Files that are read and pushed at once, over all stations.',
  }),
  inFlightBytesMax: setting('FILES_IN_FLIGHT_BYTES_MAX', positive.default(32 * mib), {
    description: 'Bytes of the files that are read and pushed at once, over all stations.',
  }),
  pushDeadlineSeconds: setting('FILES_PUSH_DEADLINE_SECONDS', positive.default(60), {
    description:
      'How long one push is repeated while the door is away or busy, in seconds; the file stays and is tried again later.',
  }),
  keepDays: setting('FILES_KEEP_DAYS', positive.default(90), {
    description: 'How long taken and refused files are kept beside their receipts, in days.',
  }),
};
export type FilesConfig = SettingsOf<typeof filesSettings>;

/** Where stations' folders and keys are; undefined when files are not taken. */
export function inboxOf(
  config: Pick<FilesConfig, 'dataDir' | 'inbox' | 'keys'>,
): { inbox: string; keys: string } | undefined {
  if (config.inbox === 'off') return undefined;
  return {
    inbox: config.inbox ?? join(config.dataDir, 'inbox'),
    keys: config.keys ?? join(config.dataDir, 'inbox-keys'),
  };
}

/** Where the files are pushed, in a process of its own. */
export const ingestUrlSetting = setting(
  'INGEST_URL',
  z
    .url({ protocol: /^https?$/ })
    .transform((text) => text.replace(/\/+$/, ''))
    .default('http://127.0.0.1:8081'),
  { description: 'Address of the ingest service behind the gateway.' },
);
