import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { CheckReport } from '../support/checker.ts';
import { drive } from '../support/driver.ts';
import { createJournal } from '../support/journal.ts';
import { checkStopped, untilSettled, untilStored } from '../support/settle.ts';
import { seedRegistry } from '../support/stores.ts';
import { startSystem, usageOf } from '../support/system.ts';
import { stepsCovered, traffic } from '../support/traffic.ts';
import { buildWorld, hourMs, minuteMs } from '../support/world.ts';
import { parseCount } from './options.ts';
import { sizeOf } from './size-of.ts';

const usage = `node test/bench/backfill.ts [--days 90] [--meters 2000] [--seed S]

Starts an embedded system, pushes the history of a province's meters at 15 minutes through the public door in batches of
1,000, and measures until everything is stored, rolled up and published: time, CPU, memory, disk, and how often a window
was computed. The checker compares readings, rollups, intensities and alerts with the journal; without its consent there
are no figures. A line of JSON goes to standard output, the rest to standard error.`;

export interface BackfillOptions {
  readonly days: number;
  /** A multiple of 50. */
  readonly meters: number;
  readonly seed: number;
  readonly progress: (line: string) => void;
}

export interface BackfillResult {
  readonly readings: number;
  readonly check: CheckReport;
  /** Absent when the checker found a fault. */
  readonly figures?: {
    /** From the first push to the last receipt, until all of it is stored, until everything is computed. */
    readonly acceptedSeconds: number;
    readonly storedSeconds: number;
    readonly settledSeconds: number;
    readonly cpuSeconds: number;
    readonly generatorCpuSeconds: number;
    readonly peakMib: number;
    readonly bytesPerReading: number;
    /** Hours, days, months and years computed, by how many of them there are. */
    readonly timesComputed: number;
  };
}

const metersPerSite = 50;
const sitesPerEnterprise = 4;
const batchRows = 1_000;
const inFlightMax = 64;
const stepMs = 15 * minuteMs;
const settleDeadlineMs = 3_600_000;

export async function backfill({ days, meters, seed, progress }: BackfillOptions): Promise<BackfillResult> {
  const sites = Math.ceil(meters / metersPerSite);
  const world = buildWorld({
    seed,
    enterprises: Math.ceil(sites / sitesPerEnterprise),
    sitesPerEnterprise: Math.min(sites, sitesPerEnterprise),
    metersPerSite,
    from: Date.UTC(2025, 9, 31, 17),
    stepMs,
  });
  const readings = (world.sites.length * metersPerSite * days * 24 * hourMs) / stepMs;
  const journal = createJournal(world, stepsCovered(world, { readings, batchRows }));
  progress('starting');
  const system = await startSystem({
    furnishing: 'embedded',
    env: { INGEST_PUSHES_PER_SECOND_MAX: '1000000' },
    prepare: (env) => seedRegistry(env, world),
  });
  try {
    const pid = system.pid('standalone');
    const mix = { resent: 0, late: 0, corrected: 0, invalid: 0 };
    const cpuBefore = (await usageOf(pid)).cpuSeconds;
    const ownBefore = process.cpuUsage();
    const begun = performance.now();
    const since = () => (performance.now() - begun) / 1000;
    progress(`${readings.toLocaleString('en')} readings`);
    const pushes = traffic(world, { readings, batchRows, mix });
    const { wrong } = await drive({ url: system.ingestUrl, pushes, journal, inFlightMax });
    const acceptedSeconds = since();
    progress(`accepted after ${acceptedSeconds.toFixed(0)} s`);
    await untilStored(system, settleDeadlineMs);
    const storedSeconds = since();
    progress(`stored after ${storedSeconds.toFixed(0)} s`);
    await untilSettled(system, settleDeadlineMs);
    const settledSeconds = since();
    progress(`rolled up after ${settledSeconds.toFixed(0)} s`);
    const { cpuSeconds, peakMib } = await usageOf(pid);
    const own = process.cpuUsage(ownBefore);
    const computed = await counterOf(system.url, 'songma_worker_windows_computed_total');
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

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      days: { type: 'string', default: '90' },
      meters: { type: 'string', default: '2000' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    process.exit();
  }
  const result = await backfill({
    days: parseCount('--days', values.days),
    meters: parseCount('--meters', values.meters),
    seed: parseCount('--seed', values.seed),
    progress: (line) => console.error(`backfill: ${line}`),
  });
  console.log(JSON.stringify(result));
  if (result.check.faultCount > 0) process.exitCode = 1;
}
