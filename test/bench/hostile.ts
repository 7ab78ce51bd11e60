import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { drive, quantile } from '../support/driver.ts';
import { createJournal } from '../support/journal.ts';
import { checkStopped, untilSettled } from '../support/settle.ts';
import { seedRegistry } from '../support/stores.ts';
import { startSystem, usageOf, type System } from '../support/system.ts';
import { designMix, stepsCovered, traffic, type Push } from '../support/traffic.ts';
import { buildWorld, minuteMs, type World } from '../support/world.ts';
import type { HostileOptions } from './hostile-clients.ts';
import { parseCount } from './options.ts';

// Threads have no origin.
/* oxlint-disable unicorn/require-post-message-target-origin */

const usage = `node test/bench/hostile.ts [--seconds 10] [--readings-per-second 10000] [--seed S] [--kinds 'refused rows,nested rows']

Pushes 10,000 readings a second to an embedded system while clients of one other key do their worst, one kind after the
other, and prints how long acknowledgements of the others took beside those of a quiet time before and after. What was
accepted is compared with the stores afterwards; where something is lost there are no figures.`;

const kinds = [
  'quiet',
  'announced bodies',
  'dripping bodies',
  'half requests',
  'made-up cursors',
  'windows of nothing',
  'raw series',
  'slow readers',
  'live streams',
  'refused rows',
  'nested rows',
  'quiet again',
] as const;
const batchRows = 100;
/** Left out at the beginning of each kind, and waited between two: what one began the next one shall not pay for. */
const settlingMs = 2_000;

export interface HostileResult {
  readonly kind: string;
  readonly pushes: number;
  readonly ackMsP50: number;
  readonly ackMsP99: number;
  /** What the hostile clients were answered. */
  readonly answers: Readonly<Record<string, number>>;
}

export async function measureHostile(options: {
  readonly seconds: number;
  readonly readingsPerSecond: number;
  readonly seed: number;
  /** Those of the kinds that are measured, between two quiet times; all when absent. */
  readonly only?: readonly string[] | undefined;
  readonly progress: (line: string) => void;
}): Promise<{
  readonly results: readonly HostileResult[];
  readonly faults: readonly string[];
  readonly peakMib: number;
}> {
  const { seconds, readingsPerSecond, seed, only, progress } = options;
  const measured = kinds.filter((kind) => kind.startsWith('quiet') || (only?.includes(kind) ?? true));
  const world = buildWorld({
    seed,
    enterprises: 10,
    sitesPerEnterprise: 10,
    metersPerSite: 50,
    from: Date.UTC(2026, 0, 5, 17),
    stepMs: minuteMs,
  });
  const size = { readings: measured.length * (seconds + 10) * readingsPerSecond, batchRows };
  const journal = createJournal(world, stepsCovered(world, size));
  const system = await startSystem({ furnishing: 'embedded', prepare: (env) => seedRegistry(env, world) });
  try {
    const acks: { readonly at: number; readonly ms: number }[] = [];
    let isOver = false;
    const driven = drive({
      url: system.url,
      pushes: traffic(world, { ...size, mix: designMix, isEnough: () => isOver }),
      journal,
      inFlightMax: 64,
      pushesPerSecond: readingsPerSecond / batchRows,
      onAccepted: (_push: Push, sentAt) => acks.push({ at: sentAt, ms: performance.now() - sentAt }),
    });
    await wait(3 * settlingMs);
    const clients = new Worker(new URL('./hostile-clients.ts', import.meta.url), {
      workerData: await hostileOptions(system, world),
    });
    const phases: (Pick<HostileResult, 'kind' | 'answers'> & {
      readonly from: number;
      readonly until: number;
    })[] = [];
    for (const kind of measured) {
      progress(kind);
      if (!kind.startsWith('quiet')) clients.postMessage(kind);
      await wait(settlingMs);
      const from = performance.now();
      await wait(seconds * 1_000);
      const until = performance.now();
      let answers: HostileResult['answers'] = {};
      if (!kind.startsWith('quiet')) {
        const told = once(clients, 'message');
        clients.postMessage('stop');
        [answers] = (await told) as [HostileResult['answers']];
      }
      await wait(settlingMs);
      phases.push({ kind, from, until, answers });
      system.checkAlive();
    }
    isOver = true;
    await clients.terminate();
    const { wrong } = await driven;
    await untilSettled(system);
    const { peakMib } = await usageOf(system.pid('standalone'));
    await system.stop();
    const check = await checkStopped(system, world, journal);
    const results = phases.map(({ kind, from, until, answers }): HostileResult => {
      const ms = acks.filter(({ at }) => at >= from && at < until).map((ack) => ack.ms);
      return { kind, pushes: ms.length, ackMsP50: quantile(ms, 0.5), ackMsP99: quantile(ms, 0.99), answers };
    });
    return { results, faults: [...wrong, ...check.faults], peakMib };
  } finally {
    await system.stop().catch(() => undefined);
    await system.remove();
  }
}

/** A key of the first enterprise that only the hostile clients have. */
async function hostileOptions(system: System, world: World): Promise<HostileOptions> {
  const { hostname: host, port } = new URL(system.url);
  const { enterprise, meters } = world.sites[0]!;
  const answer = await fetch(`${system.url}/v1/keys`, {
    method: 'POST',
    headers: { 'x-api-key': system.adminToken, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'hostile', role: 'plant', enterprise }),
  });
  const { token } = (await answer.json()) as { token: string };
  return { host, port: Number(port), token, meter: meters[0]!.id, from: '2026-01-05', to: '2026-03-01' };
}

function parseKinds(text: string | undefined): readonly string[] | undefined {
  const named = text?.split(',').map((kind) => kind.trim());
  const unknown = named?.find((kind) => !kinds.some((known) => known === kind));
  if (unknown !== undefined) throw new Error(`--kinds: "${unknown}" is none of: ${kinds.join(', ')}`);
  return named;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '10' },
      'readings-per-second': { type: 'string', default: '10000' },
      seed: { type: 'string', default: '1' },
      kinds: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) console.log(usage);
  else {
    const { results, faults, peakMib } = await measureHostile({
      seconds: parseCount('--seconds', values.seconds),
      readingsPerSecond: parseCount('--readings-per-second', values['readings-per-second']),
      seed: parseCount('--seed', values.seed),
      only: parseKinds(values.kinds),
      progress: (line) => console.error(line),
    });
    if (faults.length > 0) {
      console.error(`${faults.length} FAULTS: ${faults.slice(0, 5).join('; ')}`);
      process.exitCode = 1;
    } else {
      const quiet = results.find(({ kind }) => kind === 'quiet')!.ackMsP99;
      for (const { kind, pushes, ackMsP50, ackMsP99, answers } of results) {
        const told = Object.entries(answers).map(([status, many]) => `${status} ${many}x`);
        const figures = `${ackMsP50.toFixed(1).padStart(8)} ${ackMsP99.toFixed(1).padStart(8)}`;
        const ratio = (ackMsP99 / quiet).toFixed(2).padStart(6);
        console.error(
          `${kind.padEnd(20)} ${String(pushes).padStart(6)} ${figures} ${ratio}  ${told.join(', ')}`,
        );
      }
      console.error(`peak ${Math.round(peakMib)} MiB; nothing lost, nothing doubled`);
      console.log(JSON.stringify({ results, peakMib }));
    }
  }
}
