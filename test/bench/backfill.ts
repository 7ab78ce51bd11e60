import { parseArgs } from 'node:util';
import { stepsCovered, traffic } from '../support/traffic.ts';
import { buildWorld, hourMs, minuteMs } from '../support/world.ts';
import { measureImport, type ImportResult } from './measured-import.ts';
import { parseCount } from './options.ts';

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

const metersPerSite = 50;
const sitesPerEnterprise = 4;
const batchRows = 1_000;
const stepMs = 15 * minuteMs;

export async function backfill({ days, meters, seed, progress }: BackfillOptions): Promise<ImportResult> {
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
  const mix = { resent: 0, late: 0, corrected: 0, invalid: 0 };
  const pushes = traffic(world, { readings, batchRows, mix });
  return measureImport(world, { pushes, stepsMax: stepsCovered(world, { readings, batchRows }) }, progress);
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
