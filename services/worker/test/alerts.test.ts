import { flag } from '@songma/domain';
import { afterEach, describe, expect, it } from 'vitest';
import { clockSkewMaxMs, markPassedWindows } from '../src/passed-windows.ts';
import { expectAlertsInLine, saidBy, standingAlerts } from './alert-contents.ts';
import {
  dayMs,
  hourMs,
  minuteMs,
  monday,
  openWorld,
  registerPlant,
  series,
  type Row,
  type WorkerWorld,
} from './worker-world.ts';

const [meter, limit, site] = ['mill-dust', 'mill-limit', 'mill-site'];
const open: WorkerWorld[] = [];
afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
});

/** A plant whose dust may be at most 100 on an hour, read each five minutes; its clock is a month later unless told. */
async function plant(now?: () => number): Promise<WorkerWorld> {
  const world = await openWorld(now === undefined ? {} : { now });
  open.push(world);
  await registerPlant(world, 'mill');
  return world;
}

/** Readings at each five minutes of an hour from Monday's midnight on: so many of each value. */
function hourOf(hour: number, ...runs: readonly (readonly [count: number, value: number])[]): Row[] {
  const values = runs.flatMap(([count, value]) => Array<number>(count).fill(value));
  return series(meter, monday + hour * hourMs, values.length, 5 * minuteMs, (i) => values[i]!);
}
const whole = (hour: number, value: number) => hourOf(hour, [12, value]);
const at = (hour: number) => monday + hour * hourMs;

async function sent(world: WorkerWorld, ...rows: readonly Row[]): Promise<void> {
  await world.push(site, rows);
  await world.work('mill');
}

const changes = async (world: WorkerWorld) =>
  (await world.alertSteps()).map(({ change, after }) => `${change} ${after.cause}`);

// The smallest inputs of what a gas turbine's five years showed: 2,002 conditions, of which 741 had a wrong mean or
// ratio, 590 a wrong end or state, 548 a wrong start and 276 a wrong severity.
describe('an alert says what is stored', () => {
  it('nine readings of 110, then three of 200: an hour of 132.5', async () => {
    const world = await plant();
    await sent(world, ...hourOf(0, [9, 110]));
    await sent(world, ...hourOf(0, [9, 110], [3, 200]));
    expect(await standingAlerts(world, limit)).toMatchObject([
      { first: { mean: 132.5, ratio: 1.325 }, peak: { mean: 132.5, severity: 'from-1.1' } },
    ]);
    await expectAlertsInLine(world, meter, limit);
  });

  it('hours of 101, 1500, 2000, 50: a peak of twenty times', async () => {
    const world = await plant();
    for (const [hour, value] of [101, 1500, 2000, 50].entries()) await sent(world, ...whole(hour, value));
    expect(await standingAlerts(world, limit)).toMatchObject([
      {
        state: 'resolved',
        until: at(3),
        windows: 3,
        first: { mean: 101, severity: 'warning' },
        peak: { start: at(2), mean: 2000, ratio: 20, severity: 'from-10' },
        latest: { mean: 2000 },
      },
    ]);
  });

  it('an hour of 101 that is corrected to 1000', async () => {
    const world = await plant();
    await sent(world, ...whole(0, 101));
    await sent(world, ...whole(0, 1000));
    expect(await standingAlerts(world, limit)).toMatchObject([
      { revision: 2, cause: 'correction', first: { mean: 1000 }, peak: { ratio: 10, severity: 'from-10' } },
    ]);
  });

  it('resolved until two, then the hour after it is corrected to 300: it lasts until three', async () => {
    const world = await plant();
    await sent(world, ...whole(0, 50), ...whole(1, 150), ...whole(2, 50), ...whole(3, 50));
    const [before] = await standingAlerts(world, limit);
    expect(before).toMatchObject({ state: 'resolved', until: at(2) });
    await sent(world, ...whole(2, 300));
    expect(await standingAlerts(world, limit)).toMatchObject([
      { id: before!.id, state: 'resolved', until: at(3), windows: 2, peak: { mean: 300 } },
    ]);
    expect(await changes(world)).toEqual(['raised readings', 'revised correction']);
  });

  it('nine readings of 101, then three of 10, while the hour runs: nothing, and nothing is voided', async () => {
    let clock = at(0) + 46 * minuteMs;
    const world = await plant(() => clock);
    await sent(world, ...hourOf(0, [9, 101]));
    clock = at(1);
    await sent(world, ...hourOf(0, [9, 101], [3, 10]));
    clock = at(9);
    await sent(world, ...whole(1, 50));
    expect(await world.alertSteps()).toEqual([]);
  });

  it('exceeded, then silent for months: open, known until then, and stale', async () => {
    const world = await plant();
    await sent(world, ...whole(0, 150));
    expect(await standingAlerts(world, limit)).toMatchObject([
      { state: 'open', until: null, knownUntil: at(1), stale: true },
    ]);
  });
});

describe('a window is judged when it is over', () => {
  /** Eleven of twelve readings: nothing tells that the last one will not come. */
  const gap = hourOf(0, [11, 150]);

  it('at once when all its readings are there, and never before its end', async () => {
    let clock = at(0) + 56 * minuteMs;
    const world = await plant(() => clock);
    await sent(world, ...whole(0, 150));
    expect(await world.alerts()).toEqual([]);
    clock = at(1);
    await sent(world, ...hourOf(0, [11, 150], [1, 150.5]));
    expect(await standingAlerts(world, limit)).toMatchObject([{ state: 'open', windows: 1 }]);
  });

  it('when a meter reads more often than it says, not before its end either', async () => {
    let clock = at(0) + 40 * minuteMs;
    const world = await plant(() => clock);
    const often = (from: number, count: number, value: number) =>
      series(meter, at(0) + from * minuteMs, count, minuteMs, () => value);
    await sent(world, ...often(0, 40, 150));
    clock = at(1) + 1;
    await sent(world, ...often(40, 20, 0));
    expect(await world.alertSteps()).toMatchObject([]);
  });

  it('when something newer of the site has come, from whichever meter', async () => {
    let clock = at(1) + minuteMs;
    const world = await plant(() => clock);
    await sent(world, ...gap);
    expect(await world.alerts()).toEqual([]);
    clock += minuteMs;
    await sent(world, { meter: 'mill-power', time: at(1), value: 1 });
    expect(await standingAlerts(world, limit)).toMatchObject([{ state: 'open', since: at(0) }]);
  });

  it('when its grace has passed, although nothing comes and no worker was there', async () => {
    let clock = at(1) + minuteMs;
    const world = await plant(() => clock);
    const { registry, seriesStore } = world.deps;
    const graceMs = world.config.windowGraceMs;
    const look = () => markPassedWindows({ registry, seriesStore, now: () => clock, graceMs });
    await look();
    await sent(world, ...gap);
    clock = at(1) + graceMs + clockSkewMaxMs - 1;
    expect(await look()).toEqual([]);
    await world.work('mill');
    expect(await world.alerts()).toEqual([]);
    // A worker that begins anew finds in the store up to where the clock was looked at.
    await world.restart();
    clock = at(1) + graceMs + clockSkewMaxMs;
    expect(await look()).toHaveLength(1);
    await world.work('mill');
    expect(await standingAlerts(world, limit)).toMatchObject([
      { state: 'open', cause: 'clock', stale: false },
    ]);
    // It is asked for once.
    expect(await look()).toEqual([]);

    // Hours in which nothing comes: nothing to look at before the third of them has passed.
    clock = at(3) + graceMs + clockSkewMaxMs;
    expect(await look()).toEqual([]);
    clock = at(4) + graceMs + clockSkewMaxMs;
    expect(await look()).toHaveLength(1);
    await world.work('mill');
    expect(await standingAlerts(world, limit)).toMatchObject([{ stale: true, knownUntil: at(1) }]);
    expect(await look()).toEqual([]);
  });

  it('and it does not matter in the end which of the three it was', async () => {
    const last: unknown[] = [];
    for (const how of ['complete', 'newer', 'clock'] as const) {
      let clock = at(1) + minuteMs;
      const world = await plant(() => clock);
      const { registry, seriesStore } = world.deps;
      const look = () =>
        markPassedWindows({ registry, seriesStore, now: () => clock, graceMs: world.config.windowGraceMs });
      await look();
      // All of the hour at last; how it came differs.
      if (how === 'complete') await sent(world, ...whole(0, 150));
      else await sent(world, ...gap);
      if (how === 'newer') await sent(world, { meter: 'mill-power', time: at(1), value: 1 });
      clock = at(9);
      await look();
      await world.work('mill');
      await sent(world, ...whole(0, 150), { meter: 'mill-power', time: at(1), value: 1 }, ...whole(9, 150));
      clock = at(30);
      await look();
      await world.work('mill');
      last.push((await standingAlerts(world, limit)).map(saidBy));
    }
    expect(last[1]).toEqual(last[0]);
    expect(last[2]).toEqual(last[0]);
    expect(last[0]).toMatchObject([{ windows: 2, stale: true, knownUntil: at(10) }]);
  });

  it('also a day, although it has enough valid hours long before', async () => {
    let clock = at(20);
    const world = await plant(() => clock);
    await world.register('limit', {
      ...world.deps.registry.get('limit', limit)!.body,
      id: 'mill-day',
      averaging: 'P1D',
    } as { id: string });
    const hours = (from: number, to: number, value: number) =>
      Array.from({ length: to - from }, (_, i) => whole(from + i, value)).flat();
    await sent(world, ...hours(0, 20, 101));
    clock = at(24);
    await sent(world, ...hours(20, 24, 10));
    expect(await world.alerts({ limits: ['mill-day'] })).toEqual([]);
    await sent(world, ...hours(20, 24, 300));
    expect(await standingAlerts(world, 'mill-day')).toMatchObject([
      { state: 'open', knownUntil: monday + dayMs, first: { validHours: 24 }, cause: 'correction' },
    ]);
  });
});

describe('conditions that are', () => {
  it('joined, split and joined again go on under their ids, and nothing that continues reads as withdrawn', async () => {
    const world = await plant();
    await sent(world, ...whole(0, 50), ...whole(1, 150), ...whole(3, 150), ...whole(5, 50));
    const [one] = await standingAlerts(world, limit);
    expect(one).toMatchObject({ since: at(1), until: at(4), windows: 2 });
    await sent(world, ...whole(2, 50));
    const [first, second] = await standingAlerts(world, limit);
    expect([first!.id, second!.replaces]).toEqual([one!.id, [one!.id]]);
    await sent(world, ...whole(2, 150));
    expect(await standingAlerts(world, limit)).toMatchObject([{ id: one!.id, windows: 3 }]);
    expect(await world.alerts({ ids: [second!.id] })).toMatchObject([
      { state: 'replaced', replacedBy: one!.id },
    ]);
    expect((await world.alertSteps()).some(({ change }) => change === 'voided')).toBe(false);
    await expectAlertsInLine(world, meter, limit);
  });

  it('joined by what parted them being withdrawn are one', async () => {
    const world = await plant();
    await sent(world, ...whole(1, 150), ...whole(2, 50), ...whole(3, 150), ...whole(4, 50));
    expect(await standingAlerts(world, limit)).toHaveLength(2);
    await sent(world, ...whole(2, 50).map((row) => ({ ...row, flags: flag.fault })));
    expect(await standingAlerts(world, limit)).toMatchObject([{ since: at(1), until: at(4), windows: 2 }]);
    await expectAlertsInLine(world, meter, limit);
  });
});

describe('the cause of a revision', () => {
  it('is readings, a correction, a void, or the limit', async () => {
    const world = await plant();
    await sent(world, ...whole(0, 150));
    await sent(world, ...whole(1, 160));
    await sent(world, ...whole(1, 170));
    const { registry, seriesStore } = world.deps;
    const marked = async () => {
      const hours = [at(0), at(1)].map((hour) => ({
        shard: registry.meter(meter)!.shard,
        site,
        hour,
        meter,
      }));
      await seriesStore.mark(hours, registry.foldedTo());
      await world.work('mill');
    };
    await world.register('void', { id: 'v', meter, from: at(1), to: at(2), reason: 'probe' } as {
      id: string;
    });
    await marked();
    await world.register('limit', { ...registry.get('limit', limit)!.body, value: 90 } as { id: string });
    await marked();
    expect(await changes(world)).toEqual([
      'raised readings',
      'revised readings',
      'revised correction',
      'revised void',
      'revised limit',
    ]);
  });
});

describe('two workers of which one has not read what the other said', () => {
  it('lose nothing: what was raised at 150 is voided at 40, whoever computes it', async () => {
    const world = await plant();
    await sent(world, ...whole(0, 150));
    // Another process, with a memory of its own, before it could have followed any topic.
    await world.restart();
    await sent(world, ...whole(0, 40));
    expect(await changes(world)).toEqual(['raised readings', 'voided correction']);
    await world.restart();
    await sent(world, ...whole(1, 40));
    expect(await world.alerts()).toMatchObject([{ state: 'voided' }]);
  });
});
