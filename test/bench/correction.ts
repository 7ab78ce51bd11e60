import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { quantile } from '../support/driver.ts';
import { untilSettled } from '../support/settle.ts';
import { seedRegistry, withSeriesStore } from '../support/stores.ts';
import { startSystem, usageOf, type Furnishing, type System } from '../support/system.ts';
import { mulberry } from '../support/traffic.ts';
import { buildWorld, hourMs, type WorldSite } from '../support/world.ts';
import { dayMs, fill, metersPerSite, stepMs, stepsPerDay, valueAt, type Filled } from './filled-years.ts';
import { judgeOf, type Shown } from './shown-indicators.ts';
import { parseCount } from './options.ts';

const usage = `node test/bench/correction.ts [--target embedded|cluster] [--years 10] [--meters 200] [--days 10]
                             [--seed S]

Fills a store with years of readings at 15 minutes, lets everything be computed, then corrects single days of single
sites through the public door, one after the other, and measures from the push until every indicator above the day (of
site and enterprise; day, month, year and twelve months) is right. What is right is computed apart, from the same
made-up readings. A line of JSON goes to standard output, the rest to standard error.`;

export interface CorrectionOptions {
  readonly target: Furnishing;
  readonly years: number;
  /** A multiple of 50. */
  readonly meters: number;
  /** Days that are corrected. */
  readonly days: number;
  readonly seed: number;
  readonly progress: (line: string) => void;
}

export interface CorrectionResult {
  readonly target: Furnishing;
  readonly readings: number;
  /** Indicators that were compared. */
  readonly compared: number;
  /** What did not become right in time. */
  readonly faults: readonly string[];
  /** From the push to the last indicator above it that is right; absent when there is a fault. */
  readonly rightMs?: { readonly p50: number; readonly max: number };
  readonly fillSeconds: number;
  readonly computeSeconds: number;
  readonly peakMib: number;
}

const sitesPerEnterprise = 2;
/** Days. */
const [yearMax, monthMax] = [366, 31];
const settleDeadlineMs = 4 * hourMs;
const rightDeadlineMs = 60_000;
/** The worker's longest rest, and a little: a plant corrects a day when nothing else is under way. */
const restMs = 11_000;

export async function correction(options: CorrectionOptions): Promise<CorrectionResult> {
  const { progress } = options;
  if (options.years < 3) throw new Error('less than three years leave no day with whole years around it');
  const sites = Math.ceil(options.meters / metersPerSite);
  const world = buildWorld({
    seed: options.seed,
    enterprises: Math.ceil(sites / sitesPerEnterprise),
    sitesPerEnterprise: Math.min(sites, sitesPerEnterprise),
    metersPerSite,
    from: Date.UTC(2025 - options.years, 11, 31, 17),
    stepMs,
  });
  const days = Math.round((Date.UTC(2025, 11, 31, 17) - world.spec.from) / dayMs);
  const filled: Filled = {
    world,
    steps: days * stepsPerDay,
    corrected: new Map(world.sites.map(({ index }) => [index, new Set<number>()])),
  };
  const readings = filled.steps * world.sites.length * metersPerSite;
  progress(`filling ${readings.toLocaleString('en')} readings`);
  const fillBegun = performance.now();
  let fillSeconds = 0;
  const system = await startSystem({
    furnishing: options.target,
    async prepare(env) {
      await seedRegistry(env, world);
      await withSeriesStore(env, (store) => fill(store, filled, progress));
      fillSeconds = (performance.now() - fillBegun) / 1000;
      progress(`filled after ${fillSeconds.toFixed(0)} s; computing`);
    },
  });
  try {
    const computeBegun = performance.now();
    await untilSettled(system, settleDeadlineMs);
    const computeSeconds = (performance.now() - computeBegun) / 1000;
    progress(`computed after ${computeSeconds.toFixed(0)} s; correcting ${options.days} days`);
    const random = mulberry(options.seed);
    const faults: string[] = [];
    const rightMs: number[] = [];
    let compared = 0;
    for (let i = 0; i < options.days; i++) {
      const site = world.sites[Math.floor(random() * world.sites.length)]!;
      // All twelve months that contain the day lie within the data.
      const day = yearMax + Math.floor(random() * (days - 2 * yearMax - monthMax));
      await untilIdle(system);
      const begun = performance.now();
      await pushCorrection(system, filled, site, day);
      const { wrong, count } = await untilRight(system, filled, site, day);
      compared += count;
      if (wrong === undefined) rightMs.push(performance.now() - begun);
      else faults.push(wrong);
    }
    const usages = await Promise.all(system.parts.map((part) => usageOf(system.pid(part))));
    await system.stop();
    return {
      target: options.target,
      readings,
      compared,
      faults,
      ...(faults.length > 0 ? {} : { rightMs: { p50: quantile(rightMs, 0.5), max: Math.max(...rightMs) } }),
      fillSeconds,
      computeSeconds,
      peakMib: usages.reduce((sum, { peakMib }) => sum + peakMib, 0),
    };
  } finally {
    await system.remove();
  }
}

/** Nothing is due, nor comes from the facts that the api delivers at its start, and no shard rests. */
async function untilIdle(system: System): Promise<void> {
  await untilSettled(system, settleDeadlineMs);
  await wait(restMs);
  await untilSettled(system, settleDeadlineMs);
}

async function pushCorrection(system: System, filled: Filled, site: WorldSite, day: number): Promise<void> {
  filled.corrected.get(site.index)!.add(day);
  const steps = Array.from({ length: stepsPerDay }, (_, i) => day * stepsPerDay + i);
  const readings = site.meters.flatMap(({ id }, meter) =>
    steps.map((step) => ({
      meter: id,
      time: new Date(filled.world.spec.from + step * stepMs).toISOString(),
      value: valueAt(filled, site, meter, step),
    })),
  );
  const response = await fetch(`${system.ingestUrl}/v1/readings`, {
    method: 'POST',
    headers: { authorization: `Bearer ${site.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ readings }),
  });
  const receipt = (await response.json()) as { readonly accepted?: number };
  if (response.status !== 202 || receipt.accepted !== readings.length)
    throw new Error(`the correction was answered ${response.status} ${JSON.stringify(receipt)}`);
}

/** Asks for the indicators above a day of a site until all of them are right, or says which is not. */
async function untilRight(
  system: System,
  filled: Filled,
  site: WorldSite,
  day: number,
): Promise<{ readonly wrong?: string; readonly count: number }> {
  const deadline = performance.now() + rightDeadlineMs;
  const isRight = judgeOf(filled, site);
  for (;;) {
    const shown = await indicatorsAbove(system, filled, site, day);
    const wrong = shown.find((one) => !isRight(one));
    if (wrong === undefined && shown.length >= indicatorsMin) return { count: shown.length };
    if (performance.now() > deadline) {
      const what = wrong === undefined ? `only ${shown.length} indicators` : JSON.stringify(wrong);
      return { wrong: `day ${day} of ${site.id}: ${what}`, count: shown.length };
    }
    await wait(10);
  }
}

const names = ['electricity-intensity', 'water-intensity'] as const;
const windows = ['P1D', 'P1M', 'P1Y', 'R12M'] as const;
/** Of two names and scopes, a day, a month, a year and twelve times twelve months. */
const indicatorsMin = names.length * 2 * 15;

async function indicatorsAbove(
  system: System,
  { world }: Filled,
  site: WorldSite,
  day: number,
): Promise<Shown[]> {
  const start = world.spec.from + day * dayMs;
  const questions = windows.flatMap((window) =>
    names.flatMap((name) => [
      { window, name, enterprise: site.enterprise },
      { window, name, site: site.id },
    ]),
  );
  const answers = questions.map(async (question) => {
    const years = question.window === 'P1Y' || question.window === 'R12M' ? yearMax * dayMs : 0;
    const back = question.window === 'P1M' ? monthMax * dayMs : years;
    const query = new URLSearchParams({
      ...question,
      from: new Date(start - back).toISOString(),
      to: new Date(start + 1).toISOString(),
    });
    const response = await fetch(`${system.url}/v1/indicators?${query.toString()}`);
    const { items } = (await response.json()) as { items: Shown[] };
    return items.filter((one) => Date.parse(one.start) <= start && start < Date.parse(one.end));
  });
  return (await Promise.all(answers)).flat();
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      target: { type: 'string', default: 'embedded' },
      years: { type: 'string', default: '10' },
      meters: { type: 'string', default: '200' },
      days: { type: 'string', default: '10' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    process.exit();
  }
  if (values.target !== 'embedded' && values.target !== 'cluster')
    throw new Error(`--target is embedded or cluster, not ${values.target}`);
  const result = await correction({
    target: values.target,
    years: parseCount('--years', values.years),
    meters: parseCount('--meters', values.meters),
    days: parseCount('--days', values.days),
    seed: parseCount('--seed', values.seed),
    progress: (line) => console.error(`correction: ${line}`),
  });
  console.log(JSON.stringify(result));
  if (result.faults.length > 0) process.exitCode = 1;
}
