import { alertStepSchema, type AlertStep, type Rollup, type WindowKind } from '@songma/domain';
import type { EventLog } from '@songma/event-log';
import type { SeriesStore } from '@songma/series-store';
import type { Journal } from './journal.ts';
import { dustLimit, hourMs, isDirtyHour, type World, type WorldMeter, type WorldSite } from './world.ts';

/** Of every site of the world. */
const zoneOffsetMs = 7 * hourMs;
const relativeTolerance = 1e-9;
const faultsShownMax = 20;

/** What is not as the journal says; empty when the system is right. */
export interface CheckReport {
  readonly readings: number;
  readonly rollups: number;
  readonly alerts: number;
  readonly faults: readonly string[];
  readonly faultCount: number;
}

/**
 * Compares a system's stores with the journal, by means of its own: every accepted reading is there once with its
 * standing value and nothing else is; each full hour's, day's and month's rollup equals the sum, mean or difference of
 * the journal's values, and each full day's and month's electricity intensity their ratio; each dirty condition has
 * raised one alert, once, and resolved it once.
 */
export async function checkSystem(
  world: World,
  journal: Journal,
  { eventLog, seriesStore }: { readonly eventLog: EventLog; readonly seriesStore: SeriesStore },
): Promise<CheckReport> {
  const faults: string[] = [];
  let faultCount = 0;
  const fault = (text: string) => {
    faultCount++;
    if (faults.length < faultsShownMax) faults.push(text);
  };
  const span = {
    from: world.spec.from - hourMs,
    to: world.spec.from + journal.steps * world.spec.stepMs + hourMs,
  };
  let readings = 0;
  let rollups = 0;
  for (const site of world.sites) {
    readings += await checkReadings(site, world, journal, seriesStore, span, fault);
    for (const window of ['PT1H', 'P1D', 'P1M'] as const)
      rollups += await checkRollups(site, { world, journal, window }, seriesStore, fault);
  }
  await checkIntensities(world, journal, seriesStore, fault);
  const alerts = await checkAlerts(world, journal, eventLog, fault);
  return { readings, rollups, alerts, faults, faultCount };
}

type Fault = (text: string) => void;
interface Span {
  readonly from: number;
  readonly to: number;
}

async function checkReadings(
  site: WorldSite,
  world: World,
  journal: Journal,
  store: SeriesStore,
  span: Span,
  fault: Fault,
): Promise<number> {
  const indexOf = new Map(site.meters.map(({ id }, index) => [id, index]));
  const seen = new Uint8Array(site.meters.length * journal.steps);
  let count = 0;
  for await (const chunk of store.read({ ranges: [{ site: site.id, ...span }] })) {
    const meter = indexOf.get(chunk.meter);
    for (let i = 0; i < chunk.times.length; i++) {
      const step = (chunk.times[i]! - world.spec.from) / world.spec.stepMs;
      const value = chunk.values[i]!;
      count++;
      if (meter === undefined || !Number.isInteger(step) || step < 0 || step >= journal.steps) {
        fault(`${chunk.meter} step ${step}: a reading that was never sent (${value})`);
        continue;
      }
      if (seen[meter * journal.steps + step]!++ > 0) fault(`${chunk.meter} step ${step}: doubled`);
      const expected = journal.valueAt(site.index, meter, step);
      if (value !== expected) fault(`${chunk.meter} step ${step}: ${value} instead of ${expected}`);
    }
  }
  for (let at = 0; at < seen.length; at++) {
    const meter = Math.floor(at / journal.steps);
    const step = at % journal.steps;
    if (seen[at] === 0 && !Number.isNaN(journal.valueAt(site.index, meter, step))) {
      fault(`${site.meters[meter]!.id} step ${step}: accepted and lost`);
    }
  }
  return count;
}

interface Steps {
  readonly first: number;
  readonly count: number;
}

/** The full windows of a kind, by their start. The world begins at a midnight in UTC+7, which has no summer time. */
function fullWindows(window: Exclude<WindowKind, 'P1Y'>, { spec }: World, steps: number): Map<number, Steps> {
  const end = spec.from + steps * spec.stepMs;
  const windows = new Map<number, Steps>();
  for (let start = spec.from; ;) {
    const next = nextStart(window, start);
    if (next > end) return windows;
    const isFull = window !== 'P1M' || new Date(start + zoneOffsetMs).getUTCDate() === 1;
    const first = (start - spec.from) / spec.stepMs;
    if (isFull) windows.set(start, { first, count: (next - start) / spec.stepMs });
    start = next;
  }
}

function nextStart(window: Exclude<WindowKind, 'P1Y'>, start: number): number {
  if (window !== 'P1M') return start + (window === 'PT1H' ? hourMs : 24 * hourMs);
  const local = new Date(start + zoneOffsetMs);
  return Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1, 1) - zoneOffsetMs;
}

async function checkRollups(
  site: WorldSite,
  {
    world,
    journal,
    window,
  }: { readonly world: World; readonly journal: Journal; readonly window: Exclude<WindowKind, 'P1Y'> },
  store: SeriesStore,
  fault: Fault,
): Promise<number> {
  const found = new Map<string, Rollup>();
  const everything = { from: world.spec.from - 31 * 24 * hourMs, to: Number.MAX_SAFE_INTEGER };
  for (const rollup of await store.rollups({ ranges: [{ site: site.id, ...everything }], window })) {
    const key = `${window} ${rollup.meter}/${rollup.start}`;
    if (found.has(key)) fault(`rollup ${key}: there twice`);
    found.set(key, rollup);
  }
  const windows = fullWindows(window, world, journal.steps);
  for (const [index, meter] of site.meters.entries()) {
    for (const [start, steps] of windows) {
      const expected = recompute(journal, site.index, index, meter, steps);
      if (expected === undefined) continue;
      const key = `${window} ${meter.id}/${start}`;
      const rollup = found.get(key);
      const actual = meter.kind === 'level' ? rollup?.mean : rollup?.sum;
      if (rollup === undefined || actual === null || actual === undefined) {
        fault(`rollup ${key}: missing`);
      } else if (!isClose(actual, expected)) {
        fault(`rollup ${key} (${meter.kind}): ${actual} instead of ${expected}`);
      } else if (rollup.count !== steps.count || rollup.coverage !== 1) {
        fault(`rollup ${key}: count ${rollup.count}, coverage ${rollup.coverage}`);
      }
    }
  }
  return found.size;
}

async function checkIntensities(
  world: World,
  journal: Journal,
  store: SeriesStore,
  fault: Fault,
): Promise<void> {
  const everything = { from: world.spec.from - 31 * 24 * hourMs, to: Number.MAX_SAFE_INTEGER };
  for (const [enterprise, sites] of Map.groupBy(world.sites, (site) => site.enterprise)) {
    for (const window of ['P1D', 'P1M'] as const) {
      const query = { enterprises: [enterprise], names: ['electricity-intensity'], window, ...everything };
      const found = new Map((await store.indicators(query)).map((one) => [one.start, one.value]));
      for (const [start, steps] of fullWindows(window, world, journal.steps)) {
        const totals = (['electricity', 'production'] as const).map((role) =>
          sites.reduce((sum: number | undefined, site) => {
            const index = site.meters.findIndex((meter) => meter.role === role);
            const of = recompute(journal, site.index, index, site.meters[index]!, steps);
            return sum === undefined || of === undefined ? undefined : sum + of;
          }, 0),
        );
        const [electricity, production] = totals;
        // A month has a value once something is reported after its end.
        const isFinished = steps.first + steps.count < journal.steps;
        if (electricity === undefined || production === undefined || !isFinished) continue;
        const value = found.get(start);
        const expected = electricity / production;
        if (value === undefined || value === null || !isClose(value, expected))
          fault(
            `electricity-intensity ${window} of ${enterprise} at ${start}: ${value} instead of ${expected}`,
          );
      }
    }
  }
}

function isClose(actual: number, expected: number): boolean {
  return Math.abs(actual - expected) <= relativeTolerance * Math.max(1, Math.abs(expected));
}

/** Sum, difference or mean of some steps from the journal alone; undefined when the journal lacks a reading of them. */
function recompute(
  journal: Journal,
  site: number,
  index: number,
  { kind }: WorldMeter,
  { first, count }: Steps,
): number | undefined {
  const last = kind === 'counter' ? first + count : first + count - 1;
  if (last >= journal.steps) return undefined;
  const values: number[] = [];
  for (let step = first; step <= last; step++) values.push(journal.valueAt(site, index, step));
  if (values.some(Number.isNaN)) return undefined;
  if (kind === 'counter') return values.at(-1)! - values[0]!;
  const sum = values.reduce((a, b) => a + b, 0);
  return kind === 'level' ? sum / values.length : sum;
}

async function checkAlerts(
  world: World,
  journal: Journal,
  eventLog: EventLog,
  fault: Fault,
): Promise<number> {
  const steps = await readAll(eventLog);
  const raised = new Map<string, number>();
  const resolved = new Map<string, number>();
  for (const step of steps) {
    if (step.step === 'raised') increment(raised, `${step.meter}@${step.since}`);
    if (step.step === 'resolved') increment(resolved, step.alert);
    if (step.step === 'voided') fault(`alert ${step.alert}: voided (${step.reason})`);
  }
  for (const [alert, times] of [...raised, ...resolved])
    if (times !== 1) fault(`alert ${alert}: ${times} times`);
  const hours = Math.floor((journal.steps * world.spec.stepMs) / hourMs);
  const expected = new Set<string>();
  for (const site of world.sites) {
    for (const { id } of site.meters.filter(({ role }) => role === 'dust')) {
      for (let hour = 0; hour < hours; hour++) {
        if (isDirtyHour(site.index, hour)) expected.add(`${id}@${world.spec.from + hour * hourMs}`);
      }
    }
  }
  for (const alert of expected)
    if (!raised.has(alert)) fault(`alert ${alert}: not raised above ${dustLimit}`);
  // The hour that was not finished may have been judged already: complete enough, and rightly dirty.
  const unfinished = world.spec.from + hours * hourMs;
  for (const alert of raised.keys()) {
    const isJudgedEarly = Number(alert.split('@')[1]) === unfinished;
    if (!expected.has(alert) && !isJudgedEarly) fault(`alert ${alert}: raised without cause`);
  }
  return raised.size;
}

async function readAll(eventLog: EventLog): Promise<AlertStep[]> {
  const steps: AlertStep[] = [];
  const decoder = new TextDecoder();
  const following = await eventLog.follow({ topic: 'alerts' }, async (records) => {
    for (const record of records) steps.push(alertStepSchema.parse(JSON.parse(decoder.decode(record.value))));
  });
  await following.caughtUp;
  await following.close();
  return steps;
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
