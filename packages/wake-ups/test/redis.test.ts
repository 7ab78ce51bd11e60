import { UnavailableError } from '@songma/runtime';
import { describe, expect, it } from 'vitest';
import { adapterAvailability, titleOf } from '../../../test/support/adapters.ts';
import { openBullmqWakeUps } from '../src/bullmq/bullmq-wake-ups.ts';
import { describeConformance } from './conformance.ts';
import { openRedisSubject, type RedisSubject } from './redis-subject.ts';
import { silent, until } from './subject.ts';

const redis = await adapterAvailability('redis');
const url = redis.available ? redis.settings.url : '';

/** For a machine that does much else. */
const slackMs = 10_000;

async function withSubject(work: (subject: RedisSubject) => Promise<void>): Promise<void> {
  const subject = await openRedisSubject(url);
  try {
    await work(subject);
  } finally {
    await subject.end();
  }
}

// oxlint-disable-next-line vitest/valid-title -- a text; the reason of a skip is known at run time only
describe.skipIf(!redis.available)(titleOf('BullmqWakeUps', redis), () => {
  describeConformance(() => openRedisSubject(url));

  it('a flush while a key runs and another rests after a rejection wedges neither', () =>
    withSubject(async (subject) => {
      const wakeUps = await subject.open();
      const gate = Promise.withResolvers<void>();
      const calls = { long: 0, failing: 0, other: 0 };
      let beside = 0;
      let isLongRunning = false;
      const handling = async (key: string) => {
        calls[key as keyof typeof calls]++;
        if (key === 'failing' && calls.failing === 1) throw new Error('once');
        if (key !== 'long') return;
        if (isLongRunning) beside++;
        isLongRunning = true;
        if (calls.long === 1) await gate.promise;
        isLongRunning = false;
      };
      await wakeUps.handle('rollups', handling, { concurrency: 3 });
      await wakeUps.wake('rollups', ['long', 'failing']);
      await until(() => calls.long === 1 && calls.failing === 1);
      await subject.flush();

      await wakeUps.wake('rollups', ['other', 'failing', 'long']);
      await until(() => calls.other === 1 && calls.failing === 2);
      gate.resolve();
      await until(() => calls.long === 2);
      await wakeUps.wake('rollups', ['long', 'failing', 'other']);
      await until(() => calls.long >= 3 && calls.failing >= 3 && calls.other >= 2);
      expect(beside).toBe(0);
    }));

  it('wakes a handler that another process opened', () =>
    withSubject(async (subject) => {
      const [sender, receiver] = [await subject.open(), await subject.open()];
      const seen: string[] = [];
      await receiver.handle('rollups', async (key) => void seen.push(key));
      await sender.wake('rollups', ['S00', 'S15']);
      await until(() => seen.length === 2);
      expect(seen.toSorted()).toEqual(['S00', 'S15']);
    }));

  it('a key whose worker is gone in the middle runs with another within 15 seconds', () =>
    withSubject(async (subject) => {
      const lost = await subject.open();
      const gate = Promise.withResolvers<void>();
      let hasBegun = false;
      await lost.handle('rollups', async () => {
        hasBegun = true;
        await gate.promise;
      });
      await lost.wake('rollups', ['a']);
      await until(() => hasBegun);
      await subject.proxy.cut();

      const other = await openBullmqWakeUps({ url, prefix: subject.prefix, logger: silent });
      const seen: string[] = [];
      try {
        await other.handle('rollups', async (key) => void seen.push(key));
        // A wake-up meanwhile is kept for later: the key counts as running.
        await other.wake('rollups', ['a']);
        await until(() => seen.length > 0, 15_000 + slackMs);
        await until(() => seen.length === 2);
        expect(seen).toEqual(['a', 'a']);
      } finally {
        gate.resolve();
        await other.close();
      }
    }));

  it('tells within seconds that a Redis which lets nothing through is out of reach', () =>
    withSubject(async (subject) => {
      const wakeUps = await subject.open();
      await wakeUps.wake('rollups', ['a']);
      subject.proxy.silence();
      const began = performance.now();
      await expect(wakeUps.wake('rollups', ['a'])).rejects.toThrow(UnavailableError);
      await expect(wakeUps.check()).rejects.toThrow(UnavailableError);
      expect(performance.now() - began).toBeLessThan(6_000);
    }));

  it('leaves nothing of a finished wake-up in Redis, and never anything but ids', () =>
    withSubject(async (subject) => {
      const wakeUps = await subject.open();
      let calls = 0;
      await wakeUps.handle('rollups', async () => {
        if (++calls === 1) throw new Error('password=river');
      });
      await wakeUps.wake('rollups', ['a']);
      await until(() => calls === 1);
      const dump: string[] = [];
      for (const key of await subject.redis.keys(`${subject.prefix}:*`)) {
        if ((await subject.redis.type(key)) === 'hash') {
          dump.push(JSON.stringify(await subject.redis.hgetall(key)));
        }
      }
      expect(dump.join()).not.toContain('river');
      await until(() => calls === 2);
      await expect.poll(() => subject.redis.keys(`${subject.prefix}:rollups:[0-9]*`)).toEqual([]);
    }));
});
