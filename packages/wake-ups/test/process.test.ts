import { UnavailableError } from '@songma/runtime';
import { describe, expect, it } from 'vitest';
import { openWakeUps } from '../src/index.ts';
import { ProcessWakeUps } from '../src/process/process-wake-ups.ts';
import { delayMsMax } from '../src/request.ts';
import { retryPauseMs } from '../src/retry-pause.ts';
import { describeConformance } from './conformance.ts';
import { openProcessSubject } from './process-subject.ts';
import { silent } from './subject.ts';

describe('ProcessWakeUps', () => {
  describeConformance(openProcessSubject);

  it('holds as many keys as it may and refuses one more, but takes those that it holds', async () => {
    const wakeUps = new ProcessWakeUps({ logger: silent, keysMax: 2 });
    await wakeUps.wake('q', ['a', 'b']);
    await wakeUps.wake('q', ['a']);
    await expect(wakeUps.wake('q', ['c'])).rejects.toThrow(UnavailableError);
    await wakeUps.close();
  });
});

describe('a request', () => {
  it.for([
    ['Rollups', ['a'], 0],
    ['', ['a'], 0],
    ['q', ['a:b'], 0],
    ['q', ['good', ''], 0],
    ['q', ['a'], -1],
    ['q', ['a'], Number.NaN],
    ['q', ['a'], delayMsMax + 1],
  ] as const)('to queue "%s" with keys %s and a delay of %s ms is a bug', async ([queue, keys, delayMs]) => {
    const wakeUps = new ProcessWakeUps({ logger: silent });
    await expect(wakeUps.wake(queue, keys, { delayMs })).rejects.toThrow(RangeError);
    await wakeUps.wake('q', ['a'], { delayMs: delayMsMax });
    await wakeUps.close();
  });
});

it('a pause doubles up to its greatest and is drawn from the upper half', () => {
  const pause = { firstMs: 100, maxMs: 1_000 };
  expect([1, 2, 3, 4, 5, 2_000].map((n) => retryPauseMs(n, pause, 1))).toEqual([
    100, 200, 400, 800, 1_000, 1_000,
  ]);
  expect(retryPauseMs(1, pause, 0)).toBe(50);
});

it('openWakeUps names the setting that Redis needs and does not have', async () => {
  const opening = openWakeUps(
    { adapter: 'redis', redisUrl: undefined, prefix: 'songma' },
    { logger: silent },
  );
  await expect(opening).rejects.toThrow(/REDIS_URL/);
});
