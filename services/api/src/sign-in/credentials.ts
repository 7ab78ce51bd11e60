import { credentialRecordSchema, type CredentialRecord } from '@songma/domain';
import type { EventLog } from '@songma/event-log';
import type { Logger } from '@songma/runtime';

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The passwords of persons, folded from their topic. */
export interface Credentials {
  /** The hash that stands; undefined where there is none. */
  hashOf(person: string): string | undefined;
  /** Resolves when the log has it and it is in force here. */
  set(record: CredentialRecord): Promise<void>;
  /** Rejects when the log cannot be followed any more. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** Follows the topic from its beginning. */
export async function openCredentials(
  eventLog: Pick<EventLog, 'append' | 'follow'>,
  logger: Pick<Logger, 'warn'>,
): Promise<Credentials> {
  const hashes = new Map<string, string>();
  const apply = ({ person, hash }: CredentialRecord) => {
    if (hash === null) hashes.delete(person);
    else hashes.set(person, hash);
  };
  const following = await eventLog.follow({ topic: 'credentials' }, async (records) => {
    for (const { value, offset } of records) {
      const parsed = credentialRecordSchema.safeParse(JSON.parse(decoder.decode(value)));
      if (parsed.success) apply(parsed.data);
      else logger.warn({ offset }, 'a record of topic credentials has another form and is passed over');
    }
  });
  await following.caughtUp;
  return {
    hashOf: (person) => hashes.get(person),
    async set(record) {
      const headers = {
        ce_specversion: '1.0',
        ce_id: `${record.person}/${record.at}`,
        ce_source: '/api',
        ce_type: 'vn.songma.credential.v1',
        ce_time: new Date(record.at).toISOString(),
        ce_subject: record.person,
      };
      const value = encoder.encode(JSON.stringify(record));
      await eventLog.append('credentials', [{ key: record.person, value, headers }]);
      apply(record);
    },
    closed: following.closed,
    close: () => following.close(),
  };
}
