import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WakeUps } from '../src/index.ts';
import { promises, runCase } from './conformance.ts';
import { openProcessSubject } from './process-subject.ts';
import { patience } from './subject.ts';

type Handle = Parameters<WakeUps['handle']>[1];
interface Mutant {
  /** The beginning of the promise that must catch it. */
  readonly caughtBy: string;
  readonly mutate: (wakeUps: WakeUps) => Partial<WakeUps>;
}

/** Passes the calls of a handler through `around`. */
function aroundHandler(wakeUps: WakeUps, around: (handle: Handle) => Handle): Partial<WakeUps> {
  return { handle: (queue, handle, options) => wakeUps.handle(queue, around(handle), options) };
}

const mutants: Readonly<Record<string, Mutant>> = {
  'does not wait for the delay': {
    caughtBy: 'a wake-up reaches a handler',
    mutate: (wakeUps) => ({ wake: (queue, keys) => wakeUps.wake(queue, keys) }),
  },
  'drops what nobody handles yet': {
    caughtBy: 'a wake-up reaches a handler',
    mutate(wakeUps) {
      const handled = new Set<string>();
      return {
        wake: async (queue, keys, options) => {
          if (handled.has(queue)) await wakeUps.wake(queue, keys, options);
        },
        handle(queue, handle, options) {
          handled.add(queue);
          return wakeUps.handle(queue, handle, options);
        },
      };
    },
  },
  'mixes queues up': {
    caughtBy: 'a wake-up reaches a handler',
    mutate: (wakeUps) => ({
      wake: (_queue, keys, options) => wakeUps.wake('rollups', keys, options),
    }),
  },
  'runs a key beside itself': {
    caughtBy: 'at most one is waiting',
    mutate: (wakeUps) =>
      aroundHandler(wakeUps, (handle) => async (key, signal) => {
        await Promise.all([handle(key, signal), handle(key, signal)]);
      }),
  },
  'forgets what comes while a key runs': {
    caughtBy: 'a wake-up that arrives while its key runs',
    mutate(wakeUps) {
      const running = new Set<string>();
      return {
        wake: (queue, keys, options) =>
          wakeUps.wake(
            queue,
            keys.filter((key) => !running.has(key)),
            options,
          ),
        ...aroundHandler(wakeUps, (handle) => async (key, signal) => {
          running.add(key);
          await handle(key, signal);
          running.delete(key);
        }),
      };
    },
  },
  'runs a key once for each wake-up': {
    caughtBy: 'a wake-up that arrives while its key runs',
    mutate(wakeUps) {
      let woken = 0;
      return {
        wake(queue, keys, options) {
          woken++;
          return wakeUps.wake(queue, keys, options);
        },
        ...aroundHandler(wakeUps, (handle) => async (key, signal) => {
          while (woken > 0) {
            woken--;
            await handle(key, signal);
          }
        }),
      };
    },
  },
  'takes a rejection for an end': {
    caughtBy: 'a handler that rejects',
    mutate: (wakeUps) =>
      aroundHandler(wakeUps, (handle) => (key, signal) => handle(key, signal).catch(() => {})),
  },
  'calls again without a pause': {
    caughtBy: 'a handler that rejects',
    mutate: (wakeUps) =>
      aroundHandler(wakeUps, (handle) => async (key, signal) => {
        for (let tries = 0; tries < 10; tries++) {
          try {
            return await handle(key, signal);
          } catch {
            // The next round is the mutant's retry.
          }
        }
      }),
  },
  'hides that it is out of reach': {
    caughtBy: '`wake` on an unreachable medium',
    mutate: (wakeUps) => ({
      wake: (queue, keys, options) => wakeUps.wake(queue, keys, options).catch(() => {}),
    }),
  },
  'hangs when it is out of reach': {
    caughtBy: '`wake` on an unreachable medium',
    mutate: (wakeUps) => ({
      wake: (queue, keys, options) =>
        wakeUps.wake(queue, keys, options).catch(() => new Promise<void>(() => {})),
    }),
  },
  'closes without its handlers': {
    caughtBy: '`close` waits',
    mutate: (wakeUps) => ({
      async handle(queue, handle, options) {
        const handling = await wakeUps.handle(queue, handle, options);
        return {
          close: async () => {
            void handling.close();
          },
        };
      },
    }),
  },
};

function mutated(wakeUps: WakeUps, { mutate }: Mutant): WakeUps {
  return {
    wake: (queue, keys, options) => wakeUps.wake(queue, keys, options),
    handle: (queue, handle, options) => wakeUps.handle(queue, handle, options),
    check: () => wakeUps.check(),
    close: () => wakeUps.close(),
    ...mutate(wakeUps),
  };
}

describe('the conformance suite', () => {
  const { ms } = patience;
  beforeAll(() => {
    patience.ms = 1_000;
  });
  afterAll(() => {
    patience.ms = ms;
  });

  it.for(Object.entries(mutants))('catches wake-ups whose adapter %s', async ([, mutant]) => {
    const promise = promises.find(({ title }) => title.startsWith(mutant.caughtBy));
    const openSubject = () => openProcessSubject((wakeUps) => mutated(wakeUps, mutant));
    await expect(runCase(openSubject, promise!.run)).rejects.toThrow(Error);
  });
});
