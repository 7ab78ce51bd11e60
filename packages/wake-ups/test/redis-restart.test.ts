import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, UnavailableError } from '@songma/runtime';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probeServers, recipeOf } from '../../../infra/native/servers.ts';
import { nativeSettings } from '../../../infra/native/settings.ts';
import { endRecipe, startRecipe } from '../../../infra/native/supervisor.ts';
import { adapterAvailability, titleOf } from '../../../test/support/adapters.ts';
import { openBullmqWakeUps } from '../src/bullmq/bullmq-wake-ups.ts';
import { silent, testPause, until } from './subject.ts';

const available = await adapterAvailability('redis');
const { redis: probe } = await probeServers();
const isNative = available.available && probe.origin === 'native';
/** Away from the ports that other tests start servers on. */
const portOffset = 3_379;

// oxlint-disable-next-line vitest/valid-title -- a text; the reason of a skip is known at run time only
describe.skipIf(!isNative)(titleOf('BullmqWakeUps on a Redis of its own', available), () => {
  const runDir = join(tmpdir(), `songma-redis-${process.pid}`);
  const caller = { uid: process.getuid?.() ?? -1, homeDir: process.env['HOME'] ?? tmpdir() };
  const settings = nativeSettings(
    { ...process.env, SONGMA_NATIVE_RUN_DIR: runDir, SONGMA_NATIVE_PORT_OFFSET: String(portOffset) },
    caller,
  );
  const recipe = recipeOf('redis', settings);
  const url = `redis://${recipe.host}:${recipe.port}`;
  const start = () => startRecipe(recipe, settings, () => {});
  const kill = () => endRecipe(recipe, settings, 'kill', () => {});

  beforeAll(start);
  afterAll(async () => {
    await kill();
    await rm(runDir, { recursive: true, force: true });
  });

  it('goes on by itself after Redis was killed and started again, also with a key that ran meanwhile', async () => {
    const wakeUps = await openBullmqWakeUps({
      url,
      prefix: 'restart',
      logger: silent,
      retryPause: testPause,
    });
    const gate = Promise.withResolvers<void>();
    const seen: string[] = [];
    await wakeUps.handle(
      'rollups',
      async (key) => {
        seen.push(key);
        if (key === 'long') await gate.promise;
      },
      { concurrency: 2 },
    );
    await wakeUps.wake('rollups', ['long', 'before']);
    await until(() => seen.length === 2);

    await kill();
    await expect(wakeUps.wake('rollups', ['meanwhile'])).rejects.toThrow(UnavailableError);
    gate.resolve();
    await start();

    await expect.poll(() => wakeUps.wake('rollups', ['after', 'long']).then(() => true)).toBe(true);
    await until(() => seen.includes('after') && seen.filter((key) => key === 'long').length >= 2);
    await wakeUps.close();
  });

  it('goes on after FLUSHALL, with a worker that waits for work and one whose key runs', async () => {
    const wakeUps = await openBullmqWakeUps({ url, prefix: 'flush', logger: silent, retryPause: testPause });
    const gate = Promise.withResolvers<void>();
    const seen: string[] = [];
    const handle = async (key: string) => {
      seen.push(key);
      if (key === 'long') await gate.promise;
    };
    await wakeUps.handle('busy', handle);
    await wakeUps.handle('idle', handle);
    await wakeUps.wake('busy', ['long']);
    await until(() => seen.length === 1);

    const redis = new Redis(url);
    await redis.flushall();
    redis.disconnect();
    await wakeUps.wake('idle', ['a']);
    await until(() => seen.includes('a'));
    await wakeUps.wake('busy', ['b', 'long']);
    gate.resolve();
    await until(() => seen.includes('b') && seen.filter((key) => key === 'long').length === 2);
    expect(seen.toSorted()).toEqual(['a', 'b', 'long', 'long']);
    await wakeUps.close();
  });

  it('refuses a Redis that would drop jobs when its memory is full', async () => {
    const redis = new Redis(url);
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    redis.disconnect();
    const opening = openBullmqWakeUps({ url, prefix: 'restart', logger: silent });
    await expect(opening).rejects.toThrow(ConfigError);
    await expect(opening).rejects.toThrow(/allkeys-lru.*\n.*noeviction/);
  });

  it('gives up on a Redis that does not answer in time when it opens', async () => {
    await kill();
    const opening = openBullmqWakeUps({ url, prefix: 'restart', logger: silent, openMsMax: 200 });
    await expect(opening).rejects.toThrow(UnavailableError);
  });
});
