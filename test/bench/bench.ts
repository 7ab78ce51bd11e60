import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { CheckReport } from '../support/checker.ts';
import { drive, quantile } from '../support/driver.ts';
import { createJournal, type Journal } from '../support/journal.ts';
import { checkStopped, untilSettled, untilStored } from '../support/settle.ts';
import { seedRegistry } from '../support/stores.ts';
import { startSystem, usageOf, type Furnishing, type System } from '../support/system.ts';
import { designMix, stepsCovered, traffic, type Push } from '../support/traffic.ts';
import { buildWorld, minuteMs, type World } from '../support/world.ts';
import { sizeOf } from './size-of.ts';
import { nativeServers, type NamedProcess } from './native-servers.ts';

export interface BenchOptions {
  readonly target: Furnishing;
  /** Rows per push. */
  readonly batch: number;
  readonly readings: number;
  readonly seed: number;
  readonly progress: (line: string) => void;
}

export interface BenchResult {
  readonly target: Furnishing;
  readonly batch: number;
  readonly readings: number;
  readonly check: CheckReport;
  /** Absent when the checker found a fault: a wrong system has no speed. */
  readonly figures?: BenchFigures;
}

export interface BenchFigures {
  /** Accepted durably, from the first push to the last receipt. */
  readonly acceptedPerSecond: number;
  /** From the first push until every reading is stored and can be queried. */
  readonly endToEndPerSecond: number;
  /** From the first push until everything that stands on them is computed too, the worker's rests included. */
  readonly settledPerSecond: number;
  /** Services and servers, without the load generator. */
  readonly cpuSecondsPerMillion: number;
  /** The same, by process. */
  readonly cpuSecondsPerMillionOfEach: Readonly<Record<string, number>>;
  readonly generatorCpuSecondsPerMillion: number;
  readonly ackMsP50: number;
  readonly ackMsP99: number;
  readonly visibleMsP50: number;
  readonly visibleMsP99: number;
  /** Largest of a process, and all services together. */
  readonly peakMibLargest: number;
  readonly peakMibTotal: number;
  /** Resident in all services together, some time after they were started again on what they keep. */
  readonly idleMibTotal: number;
  /** Data directory of the embedded system, compacted by a clean stop; null where servers keep the data. */
  readonly bytesPerReading: number | null;
}

const enterprises = 40;
const sitesPerEnterprise = 10;
const metersPerSite = 50;
/** Pushes under way at once: enough for small ones to fill the groups that the log commits together. */
const inFlightMaxOf = (batch: number): number => (batch < 100 ? 256 : 64);
/** Of the traffic, the part that is sent as fast as it is taken; the rest follows at half that speed, open loop. */
const saturationShare = 0.8;
const settleDeadlineMs = 300_000;
const probeEveryMs = 100;
/** How long a system that was started again is left alone before its memory is looked at. */
const idleMs = 20_000;

/** Starts a system, drives it, lets it settle, measures it, and has the checker compare it with the journal. */
export async function benchOnce(options: BenchOptions): Promise<BenchResult> {
  const { progress } = options;
  const world = buildWorld({
    seed: options.seed,
    enterprises,
    sitesPerEnterprise,
    metersPerSite,
    from: Date.UTC(2026, 0, 5, 17),
    stepMs: minuteMs,
  });
  const journal = createJournal(
    world,
    stepsCovered(world, { readings: options.readings, batchRows: options.batch }),
  );
  progress('starting');
  const system = await startSystem({
    furnishing: options.target,
    env: { INGEST_PUSHES_PER_SECOND_MAX: '1000000' },
    prepare: (env) => seedRegistry(env, world),
  });
  try {
    const measured = await measure(system, world, journal, options);
    await system.stop();
    progress('checking');
    const bytes = options.target === 'embedded' ? await sizeOf(join(system.dataDir, 'series-store')) : null;
    const check = await checkStopped(system, world, journal);
    progress('started again, idle');
    const idleMibTotal = await idleMib(system);
    const faults = [...measured.wrong, ...check.faults];
    const faultCount = measured.wrong.length + check.faultCount;
    return {
      target: options.target,
      batch: options.batch,
      readings: journal.accepted,
      check: { ...check, faults, faultCount },
      ...(faultCount > 0
        ? {}
        : {
            figures: {
              ...measured.figures,
              idleMibTotal,
              bytesPerReading: bytes === null ? null : bytes / journal.distinct,
            },
          }),
    };
  } finally {
    await system.remove();
  }
}

async function measure(system: System, world: World, journal: Journal, options: BenchOptions) {
  const services = system.parts.map((part) => ({ name: part, pid: system.pid(part) }));
  const processes = [...services, ...(await nativeServers(system))];
  const pushes = [
    ...traffic(world, { readings: options.readings, batchRows: options.batch, mix: designMix }),
  ];
  const saturating = pushes.slice(0, Math.floor(pushes.length * saturationShare));
  const cpuBefore = await cpuOf(processes);
  const ownBefore = process.cpuUsage();
  const url = system.ingestUrl;
  const inFlightMax = inFlightMaxOf(options.batch);

  options.progress(`${pushes.length} pushes, as fast as they are taken`);
  const begun = performance.now();
  const fast = await drive({ url, pushes: saturating, journal, inFlightMax });
  await untilStored(system, settleDeadlineMs);
  const endToEndSeconds = (performance.now() - begun) / 1000;
  await untilSettled(system, settleDeadlineMs);
  const settledSeconds = (performance.now() - begun) / 1000;
  const cpuAfter = await cpuOf(processes);
  const own = process.cpuUsage(ownBefore);
  const accepted = fast.acceptedReadings;

  const pushesPerSecond = fast.pushes / endToEndSeconds / 2;
  options.progress(
    `${Math.round(accepted / fast.seconds)} readings/s accepted; now ${pushesPerSecond.toFixed(0)} pushes/s`,
  );
  const probe = visibilityProbe(system, world);
  const paced = await drive({
    url,
    pushes: pushes.slice(saturating.length),
    journal,
    inFlightMax,
    pushesPerSecond,
    onAccepted: (push, sentAt) => probe.sample(push, sentAt),
  });
  const visibleMs = await probe.finish();
  await untilSettled(system, settleDeadlineMs);
  const usages = await Promise.all(services.map(({ pid }) => usageOf(pid)));
  const wrong = [...fast.wrong, ...paced.wrong];
  return { wrong, figures: figures() };

  function figures(): Omit<BenchFigures, 'idleMibTotal' | 'bytesPerReading'> {
    const million = accepted / 1e6;
    const cpuOfEach = [...cpuAfter].map(
      ([name, seconds]) => [name, (seconds - cpuBefore.get(name)!) / million] as const,
    );
    return {
      acceptedPerSecond: accepted / fast.seconds,
      endToEndPerSecond: accepted / endToEndSeconds,
      settledPerSecond: accepted / settledSeconds,
      cpuSecondsPerMillion: cpuOfEach.reduce((sum, [, seconds]) => sum + seconds, 0),
      cpuSecondsPerMillionOfEach: Object.fromEntries(cpuOfEach),
      generatorCpuSecondsPerMillion: (own.user + own.system) / 1e6 / million,
      ackMsP50: quantile(paced.ackMs, 0.5),
      ackMsP99: quantile(paced.ackMs, 0.99),
      visibleMsP50: quantile(visibleMs, 0.5),
      visibleMsP99: quantile(visibleMs, 0.99),
      peakMibLargest: Math.max(...usages.map(({ peakMib }) => peakMib)),
      peakMibTotal: usages.reduce((sum, { peakMib }) => sum + peakMib, 0),
    };
  }
}

/** Samples a few pushes a second: how long until a reading of the push is answered by the api. */
function visibilityProbe(system: System, world: World) {
  const visibleMs: number[] = [];
  const waiting: Promise<void>[] = [];
  let last = 0;
  return {
    sample(push: Push, sentAt: number) {
      if (performance.now() - last < probeEveryMs) return;
      last = performance.now();
      const [meter, step] = push.effects.at(-1)!;
      waiting.push(
        untilVisible(push.site.meters[meter]!.id, world.spec.from + step * world.spec.stepMs, sentAt),
      );
    },
    async finish() {
      await Promise.all(waiting);
      return visibleMs;
    },
  };

  async function untilVisible(meter: string, time: number, sentAt: number): Promise<void> {
    const query = new URLSearchParams({
      meter,
      from: new Date(time).toISOString(),
      to: new Date(time + world.spec.stepMs).toISOString(),
      format: 'json',
    });
    for (let tries = 0; tries < 2_000; tries++) {
      const response = await fetch(`${system.url}/v1/series?${query.toString()}`);
      const { items } = (await response.json()) as { items?: unknown[] };
      if (items !== undefined && items.length > 0) {
        visibleMs.push(performance.now() - sentAt);
        return;
      }
      await wait(5);
    }
    visibleMs.push(Number.POSITIVE_INFINITY);
  }
}

async function idleMib(system: System): Promise<number> {
  for (const part of system.parts) await system.start(part);
  await wait(idleMs);
  const usages = await Promise.all(system.parts.map((part) => usageOf(system.pid(part))));
  await system.stop();
  return usages.reduce((sum, { residentMib }) => sum + residentMib, 0);
}

/** CPU seconds that each process has used so far, by its name. */
async function cpuOf(processes: readonly NamedProcess[]): Promise<Map<string, number>> {
  const used = processes.map(async ({ name, pid }) => [name, (await usageOf(pid)).cpuSeconds] as const);
  return new Map(await Promise.all(used));
}
