import { parseArgs } from 'node:util';
import { benchOnce, type BenchOptions } from './bench.ts';
import { parseCount } from './options.ts';
import { formatTable } from './table.ts';

const usage = `pnpm bench [--target embedded|cluster] [--batch 1|100|1000] [--readings N] [--seed S]

Starts a whole system, sends seeded traffic of 20,000 meters (1 % sent again, 10 % late, 0.1 % corrected, 0.5 % invalid)
and prints speed, CPU, latency, memory and disk, if the checker finds nothing lost, doubled or wrong.
Without --target and --batch: every target that this machine can run, every batch size, side by side.
One line of JSON per run goes to standard output; the table and progress to standard error.`;

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    batch: { type: 'string' },
    readings: { type: 'string' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit();
}
const targets =
  values.target === undefined ? (['embedded', 'cluster'] as const) : [parseTarget(values.target)];
const batches = values.batch === undefined ? [1, 100, 1000] : [parseCount('--batch', values.batch)];
const results = [];
for (const batch of batches) {
  for (const target of targets) {
    const options: BenchOptions = {
      target,
      batch,
      readings:
        values.readings === undefined ? defaultReadings(batch) : parseCount('--readings', values.readings),
      seed: parseCount('--seed', values.seed),
      progress: (line) => console.error(`${target}, batches of ${batch}: ${line}`),
    };
    const result = await benchOnce(options);
    results.push(result);
    console.log(JSON.stringify(result));
  }
}
console.error(formatTable(results));
if (results.some(({ check }) => check.faultCount > 0)) process.exitCode = 1;

function parseTarget(text: string): 'embedded' | 'cluster' {
  if (text === 'embedded' || text === 'cluster') return text;
  throw new Error(`--target is embedded or cluster, not ${text}\n\n${usage}`);
}

/** Enough for some tens of seconds and for whole hours to roll up. */
function defaultReadings(batch: number): number {
  return batch >= 1000 ? 3_000_000 : batch >= 100 ? 2_000_000 : 200_000;
}
