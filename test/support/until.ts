import { setTimeout as wait } from 'node:timers/promises';

/**
 * Asks again and again until the answer is there.
 * @param ask gives undefined while it is not
 * @throws Error naming `what` when it does not come in time
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  deadlineMs = 120_000,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${deadlineMs / 1000} s in vain for ${what}`);
    await wait(25);
  }
}
