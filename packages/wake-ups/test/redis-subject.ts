import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import type { WakeUps } from '../src/index.ts';
import { openBullmqWakeUps } from '../src/bullmq/bullmq-wake-ups.ts';
import { RedisProxy } from './redis-proxy.ts';
import { silent, type Subject, testPause } from './subject.ts';

/** Everything under the prefix is gone at once: a flush that other runs on the same Redis do not feel. */
const flushScript = `
local keys = redis.call('KEYS', ARGV[1])
for _, key in ipairs(keys) do redis.call('DEL', key) end
return #keys`;

export interface RedisSubject extends Subject {
  readonly proxy: RedisProxy;
  /** Straight to the database, past the proxy. */
  readonly redis: Redis;
  readonly prefix: string;
  /** Takes away all that the subject has in Redis. */
  flush(): Promise<void>;
}

export async function openRedisSubject(url: string): Promise<RedisSubject> {
  const proxy = await RedisProxy.start(url);
  const redis = new Redis(url);
  const prefix = `test-${randomUUID()}`;
  const opened: WakeUps[] = [];
  const flush = async () => void (await redis.eval(flushScript, 0, `${prefix}:*`));
  return {
    proxy,
    redis,
    prefix,
    flush,
    async open() {
      const wakeUps = await openBullmqWakeUps({
        url: proxy.url,
        prefix,
        logger: silent,
        retryPause: testPause,
      });
      opened.push(wakeUps);
      return wakeUps;
    },
    async lose(wakeUps) {
      await flush();
      return wakeUps;
    },
    breakOff: () => proxy.cut(),
    async end() {
      await Promise.all(opened.map((wakeUps) => wakeUps.close()));
      await flush();
      redis.disconnect();
      await proxy.cut();
    },
  };
}
