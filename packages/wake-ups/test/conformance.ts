import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { UnavailableError } from '@songma/runtime';
import { pass, type Subject, testPause, until } from './subject.ts';

export interface ConformanceCase {
  readonly title: string;
  readonly run: (subject: Subject, gated: GatedHandler) => Promise<void>;
}

const queue = 'rollups';
/** How long a case listens for a call that must not come. Longer than any adapter takes to deliver one. */
const quietMs = 250;
/** Timers and Redis round to milliseconds. */
const roundingMs = 2;
const soonMs = 5_000;

/** A handler that notes its calls and lets each pass when told. */
class GatedHandler {
  readonly calls: { readonly key: string; readonly signal: AbortSignal; readonly pass: () => void }[] = [];
  runningMax = 0;
  #running = 0;
  #isOpen = false;

  readonly handle = async (key: string, signal: AbortSignal): Promise<void> => {
    const gate = Promise.withResolvers<void>();
    this.runningMax = Math.max(this.runningMax, ++this.#running);
    this.calls.push({ key, signal, pass: gate.resolve });
    if (!this.#isOpen) await gate.promise;
    this.#running--;
  };

  /** Lets pass all calls that wait, and those to come: a case that failed must not keep its adapter open. */
  open(): void {
    this.#isOpen = true;
    for (const { pass: letPass } of this.calls) letPass();
  }
}

/** What `port.ts` promises, in its order and words. */
export const promises: readonly ConformanceCase[] = [
  {
    title: 'a wake-up reaches a handler of its queue, in some process, after at least `delayMs`',
    async run(subject) {
      const wakeUps = await subject.open();
      const began = performance.now();
      await wakeUps.wake(queue, ['early', 'both']);
      await wakeUps.wake(queue, ['late'], { delayMs: 300 });
      await wakeUps.wake('elsewhere', ['other']);
      const seen = new Map<string, number>();
      await wakeUps.handle(queue, async (key) => void seen.set(key, performance.now() - began));
      await until(() => seen.size === 3);
      assert.deepEqual([...seen.keys()].toSorted(), ['both', 'early', 'late']);
      assert.ok(seen.get('late')! >= 300 - roundingMs, `${seen.get('late')} ms`);
      assert.ok(seen.get('early')! < 300, `without a delay it took ${seen.get('early')} ms`);
    },
  },
  {
    title: 'at most one is waiting and one running per key',
    async run(subject, gated) {
      const wakeUps = await subject.open();
      for (let i = 0; i < 5; i++) await wakeUps.wake(queue, ['a'], { delayMs: 50 });
      for (let i = 0; i < 2; i++) await wakeUps.handle(queue, gated.handle, { concurrency: 3 });
      await until(() => gated.calls.length === 1);
      for (let i = 0; i < 5; i++) await wakeUps.wake(queue, ['a']);
      await pass(quietMs);
      assert.equal(gated.calls.length, 1, 'ran beside itself');
      gated.calls[0]!.pass();
      await until(() => gated.calls.length === 2);
      gated.calls[1]!.pass();
      await pass(quietMs);
      assert.equal(gated.calls.length, 2);
      assert.equal(gated.runningMax, 1);
    },
  },
  {
    title:
      'a wake-up that arrives while its key runs runs it once more afterwards, none that arrives while one waits adds another',
    async run(subject, gated) {
      const wakeUps = await subject.open();
      await wakeUps.handle(queue, gated.handle, { concurrency: 2 });
      await wakeUps.wake(queue, ['a']);
      await until(() => gated.calls.length === 1);
      for (let round = 1; round <= 3; round++) {
        await wakeUps.wake(queue, ['a']);
        await wakeUps.wake(queue, ['a']);
        gated.calls.at(-1)!.pass();
        await until(() => gated.calls.length === round + 1);
      }
      gated.calls.at(-1)!.pass();
      await pass(quietMs);
      assert.equal(gated.calls.length, 4);

      await wakeUps.wake(queue, ['a']);
      await until(() => gated.calls.length === 5);
      gated.calls[4]!.pass();
    },
  },
  {
    title: 'a handler that rejects is called again after a growing pause',
    async run(subject) {
      const wakeUps = await subject.open();
      const at: number[] = [];
      let others = 0;
      await wakeUps.handle(queue, async (key) => {
        if (key === 'other') {
          others++;
          return;
        }
        at.push(performance.now());
        if (at.length <= 3) throw new Error('not yet');
      });
      await wakeUps.wake(queue, ['a']);
      await until(() => at.length >= 1);
      await wakeUps.wake(queue, ['other']);
      await until(() => others === 1);
      await until(() => at.length === 4);
      for (let i = 1; i <= 3; i++) {
        const leastMs = (testPause.firstMs * 2 ** (i - 1)) / 2;
        const pausedMs = at[i]! - at[i - 1]!;
        assert.ok(pausedMs >= leastMs - roundingMs, `pause ${i} was ${pausedMs} ms, not ${leastMs}`);
      }
      await pass(quietMs);
      assert.equal(at.length, 4, 'called again after it resolved');
    },
  },
  {
    title:
      'losing every wake-up loses nothing but time: after a flush of the medium, new wake-ups work as before',
    async run(subject) {
      const before = await subject.open();
      await before.wake(queue, ['waiting'], { delayMs: 60_000 });
      const seen: string[] = [];
      const handle = async (key: string) => void seen.push(key);
      await before.handle(queue, handle);
      const wakeUps = await subject.lose(before);
      await wakeUps.handle(queue, handle);
      await wakeUps.wake(queue, ['waiting', 'new']);
      await until(() => seen.length === 2);
      await wakeUps.wake(queue, ['waiting']);
      await until(() => seen.length === 3);
      assert.deepEqual(seen.toSorted(), ['new', 'waiting', 'waiting']);
    },
  },
  {
    title: '`wake` on an unreachable medium rejects with `UnavailableError` quickly, it does not hang',
    async run(subject) {
      const wakeUps = await subject.open();
      await wakeUps.wake(queue, ['a']);
      await wakeUps.check();
      await subject.breakOff(wakeUps);
      const began = performance.now();
      await within(soonMs, assert.rejects(wakeUps.wake(queue, ['a']), UnavailableError));
      await within(soonMs, assert.rejects(wakeUps.wake('another-queue', ['b']), UnavailableError));
      await within(soonMs, assert.rejects(wakeUps.check(), UnavailableError));
      assert.ok(performance.now() - began < 2 * soonMs);
    },
  },
  {
    title: '`close` waits for the handlers under way',
    async run(subject, gated) {
      const wakeUps = await subject.open();
      const first = await wakeUps.handle(queue, gated.handle);
      await wakeUps.wake(queue, ['a']);
      await until(() => gated.calls.length === 1);
      await endsAfterItsHandler(() => first.close(), gated.calls[0]!);

      await wakeUps.wake(queue, ['b']);
      await pass(quietMs);
      assert.equal(gated.calls.length, 1, 'a closed handling was called');
      await wakeUps.handle(queue, gated.handle);
      await until(() => gated.calls.length === 2);
      await endsAfterItsHandler(() => wakeUps.close(), gated.calls[1]!);
    },
  },
];

async function endsAfterItsHandler(
  close: () => Promise<void>,
  call: { readonly signal: AbortSignal; readonly pass: () => void },
): Promise<void> {
  let isClosed = false;
  const closing = close().then(() => (isClosed = true));
  await until(() => call.signal.aborted);
  await pass(50);
  assert.equal(isClosed, false, 'closed before its handler ended');
  call.pass();
  await within(soonMs, closing);
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Every promise of the port as a test of the same name. */
export function describeConformance(openSubject: () => Promise<Subject>): void {
  describe('keeps the promises of the port', () => {
    // oxlint-disable-next-line vitest/expect-expect -- the cases assert
    it.for(promises)('$title', ({ run }) => runCase(openSubject, run));
  });
}

export async function runCase(
  openSubject: () => Promise<Subject>,
  run: ConformanceCase['run'],
): Promise<void> {
  const subject = await openSubject();
  const gated = new GatedHandler();
  try {
    await run(subject, gated);
  } finally {
    gated.open();
    await subject.end();
  }
}
