import { parseArgs } from 'node:util';
import { mulberry, type Push } from '../support/traffic.ts';
import { buildWorld, hourMs, valueOf, type World, type WorldSite } from '../support/world.ts';
import { measureImport, type ImportResult } from './measured-import.ts';
import { parseCount } from './options.ts';

const usage = `node test/bench/shuffled.ts [--years 5] [--seed S] [--order both|in-order|shuffled]

Pushes years of eleven hourly meters at two sites of one enterprise through the public door in batches of 1,000: once in
order and once shuffled, each into an embedded system of its own, and measures until everything is stored, rolled up and
published: time, memory, how often a window was computed, and how many indicators were published. The checker compares
readings, rollups, intensities and alerts with the journal; without its consent there are no figures. A line of JSON a
run goes to standard output, the rest to standard error.`;

const orders = ['in-order', 'shuffled'] as const;
type Order = (typeof orders)[number];

export interface ShuffledOptions {
  readonly order: Order;
  readonly years: number;
  readonly seed: number;
  readonly progress: (line: string) => void;
}

/** The last meter of the last site is registered and says nothing, so that eleven of twelve do. */
const metersPerSite = 6;
const metersSpeaking: readonly number[] = [6, 5];
const batchRows = 1_000;
const dayMs = 24 * hourMs;
/** Only the sites of the last one are read: the last site is the first of a world that has hours above a limit. */
const enterprises = 2;

export function measureShuffled({ order, years, seed, progress }: ShuffledOptions): Promise<ImportResult> {
  const end = Date.UTC(2025, 11, 31, 17);
  const from = Date.UTC(2025 - years, 11, 31, 17);
  const world = buildWorld({ seed, enterprises, sitesPerEnterprise: 2, metersPerSite, from, stepMs: hourMs });
  const steps = Math.round((end - from) / dayMs) * 24;
  return measureImport(world, { pushes: pushesOf(world, steps, order), stepsMax: steps }, progress);
}

/** Every reading once, of one site and the other in turn. */
function* pushesOf(world: World, steps: number, order: Order): Generator<Push> {
  const random = mulberry(world.spec.seed);
  const sites = world.sites.slice(-metersSpeaking.length);
  const positions = sites.map((_, n) => {
    const all = Uint32Array.from({ length: steps * metersSpeaking[n]! }, (__, i) => i);
    if (order === 'shuffled') shuffle(all, random);
    return all;
  });
  const longest = Math.max(...positions.map(({ length }) => length));
  for (let first = 0; first < longest; first += batchRows) {
    for (const [n, site] of sites.entries()) {
      const batch = positions[n]!.subarray(first, first + batchRows);
      if (batch.length > 0)
        yield pushOf(world, site, `${order}-${site.id}-${first}`, batch, metersSpeaking[n]!);
    }
  }
}

/** @param positions each a step and a meter of the site: `step * meters + meter` */
function pushOf(world: World, site: WorldSite, batch: string, positions: Uint32Array, meters: number): Push {
  const { spec } = world;
  const effects = Array.from(positions, (position): [number, number, number] => {
    const [meter, step] = [position % meters, Math.floor(position / meters)];
    return [meter, step, valueOf(spec, site.index, meter, site.meters[meter]!.role, step)];
  });
  const rows = effects.map(([meter, step, value]) => ({
    meter: site.meters[meter]!.id,
    time: new Date(spec.from + step * spec.stepMs).toISOString(),
    value,
  }));
  return { site, batch, rows, effects, invalid: 0 };
}

/** Fisher and Yates. */
function shuffle(items: Uint32Array, random: () => number): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      years: { type: 'string', default: '5' },
      seed: { type: 'string', default: '1' },
      order: { type: 'string', default: 'both' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    process.exit();
  }
  const asked = orders.filter((order) => values.order === 'both' || values.order === order);
  if (asked.length === 0) throw new Error(`--order is both, in-order or shuffled, not ${values.order}`);
  for (const order of asked) {
    const result = await measureShuffled({
      order,
      years: parseCount('--years', values.years),
      seed: parseCount('--seed', values.seed),
      progress: (line) => console.error(`${order}: ${line}`),
    });
    console.log(JSON.stringify({ order, ...result }));
    if (result.check.faultCount > 0) process.exitCode = 1;
  }
}
