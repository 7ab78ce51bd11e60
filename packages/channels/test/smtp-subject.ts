import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createLogger } from '@songma/runtime';
import { SMTPServer } from 'smtp-server';
import { SmtpChannel } from '../src/mail/smtp-channel.ts';
import { readMail } from './mail-reading.ts';
import { mailNotice } from './notices.ts';
import { behaviours, type Arrived, type Behaviour, type Subject } from './subject.ts';
import { openTcpDoor } from './tcp-door.ts';

/** {@link SmtpChannel} before a mail server of this process. */
export async function openSmtpSubject(attemptMsMax: number): Promise<Subject> {
  const arrived: Arrived[] = [];
  let behaviour: Behaviour = 'takes';
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onRcptTo(_address, _session, done) {
      if (behaviour === 'defers') done(replyError(450, 'greylisted'));
      else if (behaviour === 'refuses') done(replyError(550, 'no such user'));
      else done();
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
      stream.once('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        void readMail(Buffer.concat(chunks), to).then((mail) => {
          arrived.push(mail);
          done();
        });
      });
    },
  });
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  const door = await openTcpDoor(() => port);
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
    async behave(wanted) {
      behaviour = wanted;
      await door.behave(wanted);
    },
    notice: mailNotice,
    arrived: async () => arrived,
    async close() {
      await channel.close();
      await door.close();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function replyError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
