import { readAlertStep, type Alert, type Rollup, type WindowKind } from '@songma/domain';
import type { EventLog } from '@songma/event-log';
import type { SeriesStore } from '@songma/series-store';
import type { Journal } from './journal.ts';
import { dustLimit, hourMs, isDirtyHour, type World, type WorldMeter, type WorldSite } from './world.ts';

/** Of every site of the world. */
const zoneOffsetMs = 7 * hourMs;
const relativeTolerance = 1e-9;
const faultsShownMax = 20;
const alertsMax = 100_000;

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
 * one alert, which the log and the store tell alike.
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
  const alerts = await checkAlerts(world, journal, { eventLog, seriesStore }, fault);
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
  { eventLog, seriesStore }: { readonly eventLog: EventLog; readonly seriesStore: SeriesStore },
  fault: Fault,
): Promise<number> {
  const told = await lastRevisions(eventLog, fault);
  const standing = await seriesStore.alerts({ limit: alertsMax });
  if (standing.length === alertsMax) fault(`more than ${alertsMax} alerts: not all of them are looked at`);
  const raised = new Set<string>();
  for (const { alert } of standing) {
    const name = `${alert.meter}@${alert.since}`;
    if (alert.state === 'voided' || alert.state === 'replaced') {
      fault(`alert ${alert.id}: ${alert.state} (${alert.cause})`);
      continue;
    }
    if (raised.has(name)) fault(`alert ${name}: there twice`);
    raised.add(name);
    const last = told.get(alert.id);
    if (last === undefined) fault(`alert ${alert.id}: in the store and not in the log`);
    else if (last.revision !== alert.revision || last.state !== alert.state)
      fault(
        `alert ${alert.id}: ${alert.state} r${alert.revision}, in the log ${last.state} r${last.revision}`,
      );
    told.delete(alert.id);
  }
  for (const id of told.keys()) fault(`alert ${id}: in the log and not in the store`);
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
  // The hour that was not finished may be judged already: by the clock of today it is over long since.
  const unfinished = world.spec.from + hours * hourMs;
  for (const alert of raised) {
    const isUnfinished = Number(alert.split('@')[1]) === unfinished;
    if (!expected.has(alert) && !isUnfinished) fault(`alert ${alert}: raised without cause`);
  }
  return raised.size;
}

/** The last revision of each alert that the log tells of; each takes up from the one before, or is told again. */
async function lastRevisions(eventLog: EventLog, fault: Fault): Promise<Map<string, Alert>> {
  const last = new Map<string, Alert>();
  const decoder = new TextDecoder();
  const following = await eventLog.follow({ topic: 'alerts' }, async (records) => {
    for (const record of records) {
      const step = readAlertStep(JSON.parse(decoder.decode(record.value)));
      if (step?.step !== 'revised') continue;
      const before = last.get(step.alert)?.revision ?? 0;
      const { revision } = step.after;
      if (revision !== before && revision !== before + 1)
        fault(`alert ${step.alert}: revision ${revision} after ${before}`);
      last.set(step.alert, step.after);
    }
  });
  await following.caughtUp;
  await following.close();
  return last;
}
