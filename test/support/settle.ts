import { setTimeout as wait } from 'node:timers/promises';
import { shards } from '@songma/domain';
import { checkSystem, type CheckReport } from './checker.ts';
import type { Journal } from './journal.ts';
import { withEventLog, withSeriesStore } from './stores.ts';
import type { System } from './system.ts';
import type { World } from './world.ts';

/** For a machine that does much else: a test of how soon it must be gives another. */
const patienceMs = 5 * 60_000;

interface Status {
  readonly lag?: number | null;
  readonly due?: number | null;
}

/**
 * Waits until the writer has caught up with the log: everything accepted is stored.
 * @throws Error with the last status when that does not happen in time
 */
export function untilStored(system: System, deadlineMs = patienceMs): Promise<void> {
  return untilStatus(system, deadlineMs, ({ lag }) => lag === 0);
}

/**
 * Waits until everything accepted is stored and nothing is due.
 * @throws Error with the last status when that does not happen in time, or with the last words of a part that has ended
 */
export function untilSettled(system: System, deadlineMs = patienceMs): Promise<void> {
  return untilStatus(system, deadlineMs, ({ lag, due }) => lag === 0 && due === 0);
}

async function untilStatus(
  system: System,
  deadlineMs: number,
  isReached: (status: Status) => boolean,
): Promise<void> {
  const begun = performance.now();
  let status: Status = {};
  for (let waited = 0; waited < deadlineMs; waited = performance.now() - begun) {
    system.checkAlive();
    status = await fetch(`${system.url}/v1/status`).then(
      (response) => response.json() as Promise<Status>,
      () => ({}),
    );
    if (isReached(status)) return;
    // The longer it takes the less it matters when it was, and asking costs what is measured.
    await wait(Math.max(50, Math.min(waited / 20, 500)));
  }
  throw new Error(`not reached after ${deadlineMs / 1000} s: ${JSON.stringify(status)}`);
}

/** Has the checker look into the stores of a system that was stopped. */
export async function checkStopped(system: System, world: World, journal: Journal): Promise<CheckReport> {
  return withEventLog(system.env, (eventLog) =>
    withSeriesStore(system.env, async (seriesStore) => {
      const due = await Promise.all(shards.map((shard) => seriesStore.due(shard, 1)));
      const check = await checkSystem(world, journal, { eventLog, seriesStore });
      const unsettled = due.filter(({ mark }) => mark !== null).length;
      if (unsettled === 0) return check;
      const faults = [`${unsettled} shards have changes due`, ...check.faults];
      return { ...check, faults, faultCount: check.faultCount + 1 };
    }),
  );
}
