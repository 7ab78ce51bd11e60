import { expect, describe, it } from 'vitest';
import type { Channel, Notice } from '../src/index.ts';
import { promises, runCase } from './conformance.ts';
import type { Subject } from './subject.ts';
import { openWebhookSubject } from './webhook-subject.ts';

interface Mutant {
  /** The beginning of the promise that must catch it. */
  readonly caughtBy: string;
  readonly send: (channel: Channel, notice: Notice) => ReturnType<Channel['send']>;
}

let number = 0;
let before: Promise<unknown> = Promise.resolve();

const mutants: Readonly<Record<string, Mutant>> = {
  'says sent and sends nothing': {
    caughtBy: 'what is answered as sent',
    send: async () => ({ kind: 'sent', ref: 'x' }),
  },
  'leaves marks out': {
    caughtBy: 'what is answered as sent',
    send: async (channel, notice) => channel.send({ ...notice, text: notice.text.normalize('NFD') }),
  },
  'gives each attempt an id of its own': {
    caughtBy: 'the same notice sent again',
    send: async (channel, notice) => channel.send({ ...notice, id: `${notice.id}/${++number}` }),
  },
  'forgets the thread': {
    caughtBy: 'later notices of a case',
    send: async (channel, { thread: _thread, ...notice }) => channel.send(notice),
  },
  'throws on a refusal': {
    caughtBy: 'an outage is answered',
    async send(channel, notice) {
      const answer = await channel.send(notice);
      if (answer.kind === 'never') throw new Error(answer.code);
      return answer;
    },
  },
  'takes every failure for an outage': {
    caughtBy: 'an outage is answered',
    async send(channel, notice) {
      const answer = await channel.send(notice);
      return answer.kind === 'never' ? { kind: 'later', code: answer.code } : answer;
    },
  },
  'sends one after the other': {
    caughtBy: 'one dead address',
    async send(channel, notice) {
      const answer = before.then(async () => channel.send(notice));
      before = answer.catch(() => {});
      return answer;
    },
  },
};

/** So that what never ends fails in a second. */
async function openMutant({ send }: Mutant, attemptMsMax: number): Promise<Subject> {
  const subject = await openWebhookSubject(Math.min(attemptMsMax, 1_000));
  const { channel } = subject;
  return {
    ...subject,
    channel: { send: async (notice) => send(channel, notice), close: async () => channel.close() },
  };
}

describe('The conformance suite', () => {
  it.each(Object.entries(mutants))('notices a channel that %s', async (_name, mutant) => {
    const promise = promises.find(({ title }) => title.startsWith(mutant.caughtBy))!;
    const run = runCase(promise, async (attemptMsMax) => openMutant(mutant, attemptMsMax));
    await expect(run).rejects.toBeInstanceOf(Error);
  });
});
