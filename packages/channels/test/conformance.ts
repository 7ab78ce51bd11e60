import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { publicNoticeId } from '../src/index.ts';
import type { OpenSubject, Subject } from './subject.ts';

export interface ConformanceCase {
  readonly title: string;
  /** Deadline of its attempts, where it waits for one. */
  readonly attemptMsMax?: number;
  readonly run: (subject: Subject) => Promise<void>;
}

/** So long that no attempt that can end by itself is ended by it. */
const attemptMsMax = 60_000;

/** What `port.ts` promises, in its order and words. */
export const promises: readonly ConformanceCase[] = [
  {
    title: 'what is answered as sent has arrived, whole, in the recipient’s own words',
    async run(subject) {
      const text = `Ống khói số 1: 231,5 mg/Nm³, "giới hạn" 200.\n.\n..hai dấu chấm\n${'ướt '.repeat(400)}\n`;
      const notice = subject.notice({ subject: 'SO₂ vượt giới hạn: Nhiệt điện Nghi Sơn – đợt “một”', text });
      const answer = await subject.channel.send(notice);
      assert.equal(answer.kind, 'sent');
      const [arrived, ...more] = await subject.arrived();
      assert.equal(more.length, 0);
      assert.equal(arrived!.subject, notice.subject);
      assert.equal(arrived!.text.replaceAll('\r\n', '\n').trimEnd(), text.trimEnd());
    },
  },
  {
    title: 'the same notice sent again carries the same id, so that whoever receives it can tell',
    async run(subject) {
      const notice = subject.notice();
      const [first, second] = [await subject.channel.send(notice), await subject.channel.send(notice)];
      assert.deepEqual(first, second);
      const ids = new Set((await subject.arrived()).map(({ id }) => id));
      assert.deepEqual([...ids], [publicNoticeId(notice.id)]);
    },
  },
  {
    title: 'later notices of a case name its first one',
    async run(subject) {
      const first = subject.notice({ id: 'case/raised/1/an/mail' });
      const later = subject.notice({ id: 'case/worse/1/an/mail', thread: first.id });
      await subject.channel.send(first);
      await subject.channel.send(later);
      const threads = Object.fromEntries((await subject.arrived()).map(({ id, thread }) => [id, thread]));
      assert.deepEqual(threads, {
        [publicNoticeId(first.id)]: publicNoticeId(first.id),
        [publicNoticeId(later.id)]: publicNoticeId(first.id),
      });
    },
  },
  {
    title: 'an outage is answered with later, and a refusal with never: nothing is thrown',
    async run(subject) {
      const expected = { defers: 'later', refuses: 'never', gone: 'later', cuts: 'later' } as const;
      const asked = subject.behaviours.filter((one): one is keyof typeof expected => one in expected);
      for (const behaviour of asked) {
        await subject.behave(behaviour);
        const answer = await subject.channel.send(subject.notice({ id: `case/${behaviour}` }));
        assert.equal(answer.kind, expected[behaviour], behaviour);
      }
      await subject.behave('takes');
      assert.equal((await subject.channel.send(subject.notice())).kind, 'sent', 'it recovers');
    },
  },
  {
    title: 'an attempt ends within its deadline, whatever the other side does',
    attemptMsMax: 1_000,
    async run(subject) {
      if (!subject.behaviours.includes('silent')) return;
      await subject.behave('silent');
      assert.equal((await subject.channel.send(subject.notice())).kind, 'later');
    },
  },
  {
    title: 'one dead address delays no other',
    async run(subject) {
      const dead = subject.deadNotice?.();
      if (dead === undefined) return;
      let isDone = false;
      const waiting = subject.channel.send(dead).finally(() => (isDone = true));
      assert.equal((await subject.channel.send(subject.notice())).kind, 'sent');
      assert.equal(isDone, false, 'the dead one is still waited for');
      await subject.channel.close();
      assert.deepEqual(await waiting, { kind: 'later', code: 'channel_closed' });
    },
  },
  {
    title: 'nothing in a notice adds a header, a recipient or a line of the protocol',
    async run(subject) {
      const plain = subject.notice({ id: 'case/plain' });
      await subject.channel.send(plain);
      const bad = 'x\r\nBcc: other@example.vn\r\nX-Bad: 1\r\n\r\n.\r\nRCPT TO:<other@example.vn>\r\n';
      const { address } = plain;
      const named =
        address.kind === 'mail' ? { ...address, name: `An" <other@example.vn>, ${bad}` } : address;
      await subject.channel.send(
        subject.notice({ id: `case/${bad}`, subject: bad, text: bad, thread: `case/${bad}`, address: named }),
      );
      const [first, second, ...more] = await subject.arrived();
      assert.equal(more.length, 0);
      assert.deepEqual(second!.headers.toSorted(), first!.headers.toSorted());
      assert.deepEqual(second!.to, first!.to);
    },
  },
];

/** Runs every promise, each on an other side of its own. */
export function describeConformance(title: string, open: OpenSubject): void {
  describe(title, () => {
    // oxlint-disable-next-line vitest/expect-expect -- the cases assert
    it.each(promises)('$title', async (promise) => {
      await runCase(promise, open);
    });
  });
}

export async function runCase(promise: ConformanceCase, open: OpenSubject): Promise<void> {
  const subject = await open(promise.attemptMsMax ?? attemptMsMax);
  try {
    await promise.run(subject);
  } finally {
    await subject.close();
  }
}
