import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pause, type Logger, type Metrics, type ReadyCheck } from '@songma/runtime';
import { inboxOf, type FilesConfig } from './config.ts';
import type { FilesDoor } from './door.ts';
import type { StationFault } from './faults.ts';
import { createFilesMetrics } from './files-metrics.ts';
import { isFolder, listStations } from './inbox/folder.ts';
import { clearShelves } from './inbox/shelf.ts';
import { Slots } from './inbox/slots.ts';
import { isStationFault, Station } from './inbox/station.ts';

export { filesSettings, inboxOf, type FilesConfig } from './config.ts';
export { createFilesDoor, type FilesDoor } from './door.ts';

export interface FilesDeps {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly door: FilesDoor;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export interface Files {
  readonly checks: readonly ReadyCheck[];
  /** Rejects at a bug: end the process then. */
  readonly closed: Promise<void>;
  /** Nothing new is begun; what is under way is left to be taken again. */
  close(): Promise<void>;
}

const stationsMax = 2_000;
const namesMax = 200_000;
const faultPauseMs = 5_000;
const faultPauseMsMax = 60_000;
const clearEveryMs = 3_600_000;

/** A station as the looks go on. */
interface StationState {
  readonly station: Station;
  waiting: number;
  /** Turns in a row that ended with a fault. */
  faults: number;
  fault: StationFault | undefined;
  /** `performance.now()` before which it is not looked at. */
  restUntil: number;
  clearedAt: number;
  isBusy: boolean;
}

/**
 * Looks at the stations' folders and pushes what it finds there through the public door. A station that is at fault
 * holds up no other one. Nothing is remembered beside the folders: a killed process begins anew, and what it had
 * pushed but not moved is pushed again under the same batch id.
 */
export async function startFiles(deps: FilesDeps, config: FilesConfig): Promise<Files | undefined> {
  const { logger, door, now } = deps;
  const places = inboxOf(config);
  if (places === undefined) return undefined;
  const { inbox, keys } = places;
  await mkdir(inbox, { recursive: true });
  await mkdir(keys, { recursive: true, mode: 0o700 });

  const stopping = new AbortController();
  const states = new Map<string, StationState>();
  const slots = new Slots(config.inFlightMax, config.inFlightBytesMax);
  const metrics = createFilesMetrics(deps.metrics, {
    waiting: () => [...states.values()].reduce((sum, { waiting }) => sum + waiting, 0),
    *faults() {
      for (const { fault } of states.values()) if (fault !== undefined) yield fault.code;
    },
  });
  const underWay = new Set<Promise<void>>();
  const ended = Promise.withResolvers<void>();
  let inboxProblem: unknown;

  const open = (name: string): StationState => ({
    station: new Station(
      { door, slots, metrics, logger, signal: stopping.signal, now },
      {
        station: name,
        folder: join(inbox, name),
        keys,
        namesMax,
        fileBytesMax: config.fileBytesMax,
        settleMs: config.settleSeconds * 1_000,
        unendedMs: config.unendedSeconds * 1_000,
      },
    ),
    waiting: 0,
    faults: 0,
    fault: undefined,
    restUntil: 0,
    clearedAt: 0,
    isBusy: false,
  });

  async function turn(name: string, state: StationState): Promise<void> {
    try {
      state.waiting = (await state.station.turn()).waiting;
      if (now() - state.clearedAt > clearEveryMs) {
        state.clearedAt = now();
        await clearShelves(join(inbox, name), config.keepDays, now());
      }
      if (state.fault !== undefined) logger.info({ station: name }, 'files of the station are taken again');
      state.faults = 0;
      state.fault = undefined;
    } catch (error) {
      if (stopping.signal.aborted) return;
      if (!isStationFault(error)) throw error;
      if (state.fault?.code !== error.code) {
        logger.warn(
          { station: name, code: error.code, reason: error.text },
          'files of a station are not taken',
        );
      }
      state.fault = error;
      state.restUntil = performance.now() + Math.min(faultPauseMs * 2 ** state.faults, faultPauseMsMax);
      state.faults += 1;
    }
  }

  async function look(): Promise<void> {
    const names = new Set(await listStations(inbox, stationsMax));
    for (const [name, { isBusy }] of states) if (!names.has(name) && !isBusy) states.delete(name);
    for (const name of names) {
      const state = states.get(name) ?? open(name);
      states.set(name, state);
      if (state.isBusy || performance.now() < state.restUntil) continue;
      state.isBusy = true;
      const done = turn(name, state)
        .catch((error: unknown) => ended.reject(error))
        .finally(() => {
          state.isBusy = false;
          underWay.delete(done);
        });
      underWay.add(done);
    }
  }

  async function lookOn(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await look();
        inboxProblem = undefined;
      } catch (error) {
        // The folder itself may be away for a while: a share that is not mounted.
        if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
        if (inboxProblem === undefined) logger.error({ err: error, inbox }, 'the inbox cannot be read');
        inboxProblem = error;
      }
      await pause(config.lookSeconds * 1_000, stopping.signal).catch(() => {});
    }
  }
  const looking = lookOn().catch((error: unknown) => ended.reject(error));

  return {
    checks: [
      {
        name: 'inbox',
        check: async () => {
          if (inboxProblem !== undefined) throw inboxProblem as Error;
          if (!(await isFolder(inbox))) throw new Error(`${inbox} is not there`);
        },
      },
    ],
    closed: ended.promise,
    async close() {
      stopping.abort(new Error('the process is stopping'));
      await looking;
      await Promise.all(underWay);
      await door.close();
      ended.resolve();
    },
  };
}
