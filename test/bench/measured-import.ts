import { join } from 'node:path';
import type { CheckReport } from '../support/checker.ts';
import { drive } from '../support/driver.ts';
import { createJournal } from '../support/journal.ts';
import { checkStopped, untilSettled, untilStored } from '../support/settle.ts';
import { seedRegistry } from '../support/stores.ts';
import { startSystem, usageOf } from '../support/system.ts';
import type { Push } from '../support/traffic.ts';
import type { World } from '../support/world.ts';
import { sizeOf } from './size-of.ts';

export interface ImportResult {
  readonly readings: number;
  readonly check: CheckReport;
  /** Absent when the checker found a fault. */
  readonly figures?: ImportFigures;
}

export interface ImportFigures {
  /** From the first push to the last receipt, until all of it is stored, until everything is computed. */
  readonly acceptedSeconds: number;
  readonly storedSeconds: number;
  readonly settledSeconds: number;
  readonly cpuSeconds: number;
  readonly generatorCpuSeconds: number;
  readonly peakMib: number;
  readonly bytesPerReading: number;
  /** Hours, days, months and years computed, by how many hours, days and months there are. */
  readonly timesComputed: number;
  /** Indicators published or restated. */
  readonly publications: number;
}

const inFlightMax = 64;
const settleDeadlineMs = 3_600_000;

/**
 * Starts an embedded system with a world registered, sends it some pushes through the public door, and measures until
 * everything is stored, rolled up and published.
 * @param stepsMax steps of the world that the pushes lie in, at most
 */
export async function measureImport(
  world: World,
  { pushes, stepsMax }: { readonly pushes: Iterable<Push>; readonly stepsMax: number },
  progress: (line: string) => void,
): Promise<ImportResult> {
  const journal = createJournal(world, stepsMax);
  progress('starting');
  const system = await startSystem({
    furnishing: 'embedded',
    env: { INGEST_PUSHES_PER_SECOND_MAX: '1000000' },
    prepare: (env) => seedRegistry(env, world),
  });
  try {
    const pid = system.pid('standalone');
    const cpuBefore = (await usageOf(pid)).cpuSeconds;
    const ownBefore = process.cpuUsage();
    const begun = performance.now();
    const since = () => (performance.now() - begun) / 1000;
    const { wrong } = await drive({ url: system.ingestUrl, pushes, journal, inFlightMax });
    const acceptedSeconds = since();
    progress(
      `${journal.accepted.toLocaleString('en')} readings accepted after ${acceptedSeconds.toFixed(0)} s`,
    );
    await untilStored(system, settleDeadlineMs);
    const storedSeconds = since();
    progress(`stored after ${storedSeconds.toFixed(0)} s`);
    await untilSettled(system, settleDeadlineMs);
    const settledSeconds = since();
    progress(`rolled up after ${settledSeconds.toFixed(0)} s`);
    const { cpuSeconds, peakMib } = await usageOf(pid);
    const own = process.cpuUsage(ownBefore);
    const computed = await counterOf(system.url, 'songma_worker_windows_computed_total');
    const publications = await counterOf(system.url, 'songma_worker_indicators_published_total');
    await system.stop();

    progress('checking');
    const bytes = await sizeOf(join(system.dataDir, 'series-store'));
    const check = await checkStopped(system, world, journal);
    const faults = [...wrong, ...check.faults];
    const faultCount = wrong.length + check.faultCount;
    const figures = {
      acceptedSeconds,
      storedSeconds,
      settledSeconds,
      cpuSeconds: cpuSeconds - cpuBefore,
      generatorCpuSeconds: (own.user + own.system) / 1e6,
      peakMib,
      bytesPerReading: bytes / journal.distinct,
      timesComputed: computed / check.rollups,
      publications,
    };
    return {
      readings: journal.accepted,
      check: { ...check, faults, faultCount },
      ...(faultCount > 0 ? {} : { figures }),
    };
  } finally {
    await system.remove();
  }
}

/** A counter of the system's metrics. */
async function counterOf(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`${name} `) || one.startsWith(`${name}{`));
  if (line === undefined) throw new Error(`there is no metric ${name}`);
  return Number(line.slice(line.lastIndexOf(' ') + 1));
}
