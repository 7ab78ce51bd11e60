import { createLogger } from '@songma/runtime';
import type { WakeUps } from '../src/index.ts';
import type { RetryPause } from '../src/retry-pause.ts';

export const silent = createLogger({ service: 'wake-ups-test', level: 'silent' });

/** Short, so that a case that sees three pauses takes a quarter of a second. */
export const testPause: RetryPause = { firstMs: 40, maxMs: 400 };

/** Wake-ups to be tried out, and what a case may do to their medium. */
export interface Subject {
  /** Each time the same medium; what a case leaves open is closed by `end`. */
  open(): Promise<WakeUps>;
  /** Forgets every wake-up that the medium holds. Gives what to go on with. */
  lose(wakeUps: WakeUps): Promise<WakeUps>;
  /** Takes the medium away for good. */
  breakOff(wakeUps: WakeUps): Promise<void>;
  end(): Promise<void>;
}

/** How long `until` waits: mutants are given less. */
export const patience = { ms: 30_000 };

/** Resolves when `condition` holds. @throws Error when patience ends */
export async function until(condition: () => boolean, deadlineMs = patience.ms): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${condition.toString()}`);
    await pass(5);
  }
}

export function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
