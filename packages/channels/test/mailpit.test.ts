import { createLogger } from '@songma/runtime';
import { describe } from 'vitest';
import { bringMailpit, hasMailpit, startMailpit } from '../../../infra/mailpit/mailpit.ts';
import { SmtpChannel } from '../src/mail/smtp-channel.ts';
import { describeConformance } from './conformance.ts';
import { readMail } from './mail-reading.ts';
import { mailNotice } from './notices.ts';
import { behaviours, type Subject } from './subject.ts';
import { openTcpDoor } from './tcp-door.ts';

const isRequired = (process.env.REQUIRE_ADAPTERS ?? '').split(',').includes('mailpit');
if (isRequired) await bringMailpit();

/** What the server answers to each recipient: nothing of its own, a deferral, a refusal. */
const errorCodes = { defers: 451, refuses: 550 } as const;

/** {@link SmtpChannel} before a Mailpit of its own, which is told to fail by its chaos switch. */
async function openMailpitSubject(attemptMsMax: number): Promise<Subject> {
  const mailpit = await startMailpit();
  const door = await openTcpDoor(() => mailpit.smtpPort);
  const channel = new SmtpChannel({
    url: `smtp://127.0.0.1:${door.port}`,
    sender: { name: 'Songma', mail: 'songma@example.vn' },
    now: Date.now,
    logger: createLogger({ service: 'test', level: 'silent' }),
    attemptMsMax,
  });
  return {
    channel,
    behaviours,
    async behave(behaviour) {
      const code = behaviour === 'defers' || behaviour === 'refuses' ? errorCodes[behaviour] : undefined;
      const trigger = { ErrorCode: code ?? 451, Probability: code === undefined ? 0 : 100 };
      const answer = await fetch(`${mailpit.url}/api/v1/chaos`, {
        method: 'PUT',
        body: JSON.stringify({ Recipient: trigger }),
      });
      if (!answer.ok) throw new Error(`chaos answers ${answer.status}: ${await answer.text()}`);
      await door.behave(behaviour);
    },
    notice: mailNotice,
    async arrived() {
      const answer = await fetch(`${mailpit.url}/api/v1/messages`);
      const { messages } = (await answer.json()) as { messages: { ID: string }[] };
      // The latest comes first.
      return Promise.all(
        messages.toReversed().map(async ({ ID }) => {
          const raw = await fetch(`${mailpit.url}/api/v1/message/${ID}/raw`);
          return readMail(new Uint8Array(await raw.arrayBuffer()));
        }),
      );
    },
    async close() {
      await channel.close();
      await door.close();
      await mailpit.close();
    },
  };
}

const skipped = hasMailpit()
  ? ''
  : ', skipped: Mailpit is not there, and REQUIRE_ADAPTERS does not ask for mailpit';
describe.skipIf(!hasMailpit())(`A real mail server${skipped}`, () => {
  describeConformance('SmtpChannel to Mailpit', openMailpitSubject);
});
