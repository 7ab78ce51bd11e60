import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { saidBy, standingAlerts } from './alert-contents.ts';
import { dayMs, hourMs, openWorld, zone, type Row, type WorkerWorld } from './worker-world.ts';

/** Five years of hourly readings, which end well before the world's clock. */
const begin = Date.parse('2020-12-31T17:00:00Z');
const days = 5 * 365 - 60;
const hours = days * 24;
/** Thanh Hóa, all these years. */
const offsetMs = 7 * hourMs;
const limits = [
  { id: 'hour', averaging: 'PT1H', value: 100 },
  { id: 'day', averaging: 'P1D', value: 86, validHoursShareMin: 0.75 },
  { id: 'month', averaging: 'P1M', value: 84, validHoursShareMin: 0.75 },
] as const;
const legal = { document: 'QCVN 19:2009/BTNMT', verified: false, assurance: 'press' } as const;
/** Readings of one push. */
const pushRows = 4_000;

/** A stack's hourly means: a season, a week, scatter, peaks, and hours without a reading. Pure in its argument. */
function valueAt(hour: number): number | undefined {
  const noise = scatter(hour);
  if (noise < 0.02 || (hour % 9_000 > 8_900 && hour % 9_000 < 8_950)) return undefined;
  const season = 12 * Math.sin((2 * Math.PI * hour) / (365 * 24));
  const shift = 10 * Math.sin((2 * Math.PI * hour) / 24);
  const peak = scatter(hour * 7 + 3) > 0.985 ? 100 * scatter(hour * 13 + 5) : 0;
  return Math.round((80 + season + shift + 12 * noise + peak) * 10) / 10;
}

function scatter(n: number): number {
  let x = Math.imul(n ^ 0x9e3779b9, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}

interface Judged {
  readonly start: number;
  readonly end: number;
  readonly mean: number;
  readonly coverage: number;
  readonly valid: number | undefined;
  readonly operating: number | undefined;
}

/** Windows of a limit in which enough is known, by arithmetic of this test's own. */
function judgedWindows(averaging: (typeof limits)[number]['averaging']): Judged[] {
  const means = Array.from({ length: hours }, (_, hour) => valueAt(hour));
  if (averaging === 'PT1H') {
    return means.flatMap((mean, hour) => {
      const start = begin + hour * hourMs;
      const told = { start, end: start + hourMs, coverage: 1, valid: undefined, operating: undefined };
      return mean === undefined ? [] : [{ ...told, mean }];
    });
  }
  const windows = new Map<string, number[]>();
  for (let hour = 0; hour < hours; hour++) {
    const date = new Date(begin + hour * hourMs + offsetMs).toISOString();
    const name = date.slice(0, averaging === 'P1D' ? 10 : 7);
    const of = windows.get(name);
    if (of === undefined) windows.set(name, [hour]);
    else of.push(hour);
  }
  return [...windows].flatMap(([name, of]) => {
    const known = of.flatMap((hour) => means[hour] ?? []);
    const start = Date.parse(`${name.padEnd(10, '-01')}T00:00:00Z`) - offsetMs;
    const next = new Date(start + offsetMs);
    if (averaging === 'P1D') next.setUTCDate(next.getUTCDate() + 1);
    else next.setUTCMonth(next.getUTCMonth() + 1);
    const end = next.getTime() - offsetMs;
    const operating = (end - start) / hourMs;
    const coverage = known.length / operating;
    if (coverage < 0.75) return [];
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    return [{ start, end, mean, coverage, valid: known.length, operating }];
  });
}

const bands = [
  ['from-10', 10],
  ['from-5', 5],
  ['from-3', 3],
  ['from-1.5', 1.5],
  ['from-1.1', 1.1],
  ['warning', 0],
] as const;

/** What the alerts of a limit must say, in order of time. */
function expectedAlerts({ id, averaging, value }: (typeof limits)[number], now: number) {
  const toldOf = ({ start, end, mean, coverage, valid, operating }: Judged) => {
    const ratio = mean / value;
    return {
      ...{ start, end, mean, limitValue: value, bound: 'max', coverage },
      ...(valid === undefined ? {} : { validHours: valid, operatingHours: operating }),
      ratio,
      severity: bands.find(([, from]) => ratio >= from)![0],
    };
  };
  const conditions: { windows: Judged[]; isOver: boolean }[] = [];
  let open: Judged[] = [];
  for (const window of judgedWindows(averaging)) {
    if (window.mean > value) {
      if (open.length === 0) conditions.push({ windows: open, isOver: false });
      open.push(window);
    } else if (open.length > 0) {
      conditions.at(-1)!.isOver = true;
      open = [];
    }
  }
  return conditions.map(({ windows, isOver }) => {
    const [first, last] = [windows[0]!, windows.at(-1)!];
    const peak = windows.reduce((a, b) => (b.mean > a.mean ? b : a));
    const threeLater = last.end + 3 * { PT1H: hourMs, P1D: dayMs, P1M: 31 * dayMs }[averaging];
    return {
      ...{
        kind: 'exceedance',
        limit: id,
        limitVersion: 1,
        meter: 'stack-so2',
        source: 'stack',
        site: 'works-site',
      },
      ...{ enterprise: 'works', parameter: 'SO2', unit: 'mg/Nm3', averaging },
      ...{ validity: { rule: 'share', min: 0.75 }, ...legal },
      state: isOver ? 'resolved' : 'open',
      since: first.start,
      until: isOver ? last.end : null,
      knownUntil: last.end,
      first: toldOf(first),
      peak: toldOf(peak),
      latest: toldOf(last),
      windows: windows.length,
      coverage: Math.min(...windows.map(({ coverage }) => coverage)),
      stale: !isOver && threeLater < now,
    };
  });
}

/** Relative difference up to which two ways to compute one number agree. */
const differenceMax = 1e-11;

/** What is told, in which numbers that agree with the expected ones are these. */
function agreeing(told: unknown, expected: unknown): unknown {
  if (typeof told === 'number' && typeof expected === 'number') {
    return Math.abs(told - expected) <= differenceMax * Math.abs(expected) ? expected : told;
  }
  if (typeof told !== 'object' || told === null || typeof expected !== 'object' || expected === null) {
    return told;
  }
  const others = expected as Readonly<Record<string, unknown>>;
  if (Array.isArray(told)) return told.map((item: unknown, i) => agreeing(item, others[i]));
  return Object.fromEntries(
    Object.entries(told).map(([name, value]) => [name, agreeing(value, others[name])]),
  );
}

/** In an order that has nothing to do with time. */
function shuffled(rows: readonly Row[]): Row[] {
  return rows
    .map((row, i) => [scatter(i * 31 + 11), row] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, row]) => row);
}

describe.each(['in order', 'shuffled'] as const)('five years of a stack, pushed %s', (how) => {
  let world: WorkerWorld;
  beforeAll(async () => {
    world = await openWorld();
    const put = (kind: 'enterprise' | 'site' | 'source' | 'meter' | 'limit', body: object) =>
      world.register(kind, body as { id: string });
    await put('enterprise', { id: 'works', name: 'Works', sector: '2410' });
    await put('site', { id: 'works-site', enterprise: 'works', name: 'Works', timeZone: zone });
    await put('source', { id: 'stack', site: 'works-site', name: 'Stack', kind: 'stack' });
    await put('meter', {
      ...{ id: 'stack-so2', site: 'works-site', source: 'stack', name: 'SO2', unit: 'mg/Nm3' },
      ...{ quantity: 'concentration', kind: 'level', intervalMs: hourMs, holdMaxMs: hourMs },
    });
    for (const limit of limits) {
      await put('limit', { ...limit, meter: 'stack-so2', parameter: 'SO2', source: legal, validFrom: 0 });
    }
    const rows = Array.from({ length: hours }, (_, hour) => hour).flatMap((hour): Row[] => {
      const value = valueAt(hour);
      return value === undefined ? [] : [{ meter: 'stack-so2', time: begin + hour * hourMs, value }];
    });
    const ordered = how === 'in order' ? rows : shuffled(rows);
    for (let at = 0; at < ordered.length; at += pushRows) {
      await world.push('works-site', ordered.slice(at, at + pushRows));
      await world.work('works');
    }
  }, 900_000);
  afterAll(() => world.close());

  it('has alerts of hours, days and months that say in every field what is computed apart', async () => {
    let count = 0;
    for (const limit of limits) {
      const expected = expectedAlerts(limit, world.deps.now());
      const told = await standingAlerts(world, limit.id);
      expect(agreeing(told.map(saidBy), expected)).toEqual(expected);
      count += expected.length;
    }
    expect(count).toBeGreaterThan(2_000);
  });
});
