import { flag, type Limit } from '@songma/domain';
import type { Verdict } from '@songma/limits';
import { pause } from '@songma/runtime';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byMeter, judgedLimits, verdictsOf } from '../src/limit-verdicts.ts';
import { startWorker, type Worker } from '../src/worker.ts';
import { expectAlertsInLine, standingAlerts } from './alert-contents.ts';
import {
  dayMs,
  hourMs,
  minuteMs,
  monday,
  openWorld,
  series,
  type Row,
  type WorkerWorld,
} from './worker-world.ts';

/** How many random histories are tried. */
const runs = Number(process.env['HISTORIES'] ?? 20);
const zone = 'Asia/Ho_Chi_Minh';
const spanHours = 3 * 24;

let world: WorkerWorld;
let worker: Worker;
let plants = 0;
beforeAll(async () => {
  world = await openWorld();
  const { wakeUps } = world.deps;
  // The worker looks for changed facts; the computing is called for by the test.
  const asleep = {
    check: () => wakeUps.check(),
    close: () => wakeUps.close(),
    wake: async () => {},
    handle: async () => ({ close: async () => {} }),
  };
  worker = await startWorker({ ...world.deps, wakeUps: asleep }, { ...world.config, reconcileMs: dayMs });
});
afterAll(async () => {
  await worker.close();
  await world.close();
});

/** A stack with a gas, its flow, and limits on an hour, on a day and as a range; all ids begin with the plant's. */
async function beginPlant(): Promise<string> {
  const id = `p${plants++}`;
  const site = `${id}-site`;
  const put = (kind: 'enterprise' | 'site' | 'source' | 'meter', body: object) =>
    world.register(kind, body as { id: string });
  await put('enterprise', { id, name: id, sector: '2394' });
  await put('site', { id: site, enterprise: id, name: site, timeZone: zone });
  await put('source', { id: `${id}-stack`, site, name: 'Stack', kind: 'stack' });
  const level = { site, source: `${id}-stack`, kind: 'level', intervalMs: 15 * minuteMs };
  await put('meter', { ...level, id: `${id}-gas`, name: 'SO2', quantity: 'concentration', unit: 'mg/m3' });
  await put('meter', { ...level, id: `${id}-flow`, name: 'Flow', quantity: 'flow', unit: 'm3/h' });
  await limit(id, 'hour', { averaging: 'PT1H', value: 100 });
  await limit(id, 'day', { averaging: 'P1D', value: 100, validHoursShareMin: 0.5 });
  const range = { averaging: 'PT1H', value: undefined, range: { min: 60, max: 140 } } as const;
  await limit(id, 'range', { ...range, validity: { rule: 'quadrants' } });
  return id;
}

async function limit(id: string, name: string, fields: Partial<Limit>): Promise<void> {
  const body = {
    id: `${id}-${name}`,
    meter: `${id}-gas`,
    parameter: 'SO2',
    source: { document: 'QCVN 19:2009/BTNMT', verified: false },
    validFrom: 0,
    ...fields,
  };
  await world.register('limit', body);
}

const operate = (id: string, above: number) =>
  world.register('source', {
    ...world.deps.registry.get('source', `${id}-stack`)!.body,
    operating: { meter: `${id}-flow`, above },
  } as { id: string });

/** So many hours of quarter hours from an hour of the week on. */
function hoursOf(meter: string, hour: number, hours: number, value: number, flags = 0): Row[] {
  const rows = series(meter, monday + hour * hourMs, 4 * hours, 15 * minuteMs, () => value);
  return rows.map((row) => ({ ...row, flags }));
}

async function settle(id: string): Promise<void> {
  const { registry, seriesStore } = world.deps;
  while ((await seriesStore.markedTo()) !== registry.foldedTo()) await pause(2);
  await world.work(id, { changesMax: 40 });
}

async function push(id: string, ...rows: Row[]): Promise<void> {
  await world.push(`${id}-site`, rows, world.deps.now() * 1_000);
}

const live = (limitId: string) => standingAlerts(world, limitId);

/** The verdicts of a plant's limit on everything that is stored. */
async function verdicts(id: string, name: string): Promise<Verdict[]> {
  const hours = byMeter(await world.rollups(`${id}-site`, 'PT1H', monday - dayMs));
  const of = judgedLimits(world.deps.registry, `${id}-gas`).find((one) => one.limit.id === `${id}-${name}`)!;
  return verdictsOf({ of, from: monday - dayMs, to: monday + 60 * dayMs }, hours);
}

describe('a limit in another unit than its meter', () => {
  it('is compared in the meter’s, and the alert tells it so; it heals when the unit was wrong', async () => {
    const id = await beginPlant();
    // The gas is in mg/m3: 0.1 g/m3 are its 100.
    const fields: Partial<Limit> = { averaging: 'PT1H', unit: 'g/m3', value: 0.1, factors: { kp: 0.9 } };
    await limit(id, 'grams', fields);
    await push(
      id,
      ...hoursOf(`${id}-gas`, 0, 1, 89),
      ...hoursOf(`${id}-gas`, 1, 1, 91),
      ...hoursOf(`${id}-gas`, 2, 2, 50),
    );
    await settle(id);
    const states = (await verdicts(id, 'grams')).map(({ state }) => state);
    expect(states.slice(0, 4)).toEqual(['kept', 'broken', 'kept', 'kept']);
    expect(await live(`${id}-grams`)).toMatchObject([
      { since: monday + hourMs, unit: 'mg/m3', peak: { mean: 91, limitValue: 90 } },
    ]);
    await limit(id, 'grams', { ...fields, unit: 'mg/m3', value: 100, factors: { kp: 0.92 } });
    await settle(id);
    expect(await live(`${id}-grams`)).toEqual([]);
  });
});

describe('a daily limit', () => {
  it('is judged on the mean of valid hours: raised, resolved, voided by a correction, raised late', async () => {
    const id = await beginPlant();
    const gas = `${id}-gas`;
    // Eleven hours of a day: not yet half of it.
    await push(id, ...hoursOf(gas, 0, 11, 150));
    await settle(id);
    expect(await live(`${id}-day`)).toEqual([]);
    await push(id, ...hoursOf(gas, 11, 13, 80));
    await settle(id);
    expect(await live(`${id}-day`)).toMatchObject([
      {
        state: 'open',
        since: monday,
        averaging: 'P1D',
        limitVersion: 1,
        validity: { rule: 'share', min: 0.75 },
        first: { limitValue: 100, validHours: 24, operatingHours: 24 },
      },
    ]);
    await push(id, ...hoursOf(gas, 24, 24, 90));
    await settle(id);
    expect(await live(`${id}-day`)).toMatchObject([{ state: 'resolved', until: monday + dayMs }]);
    await push(id, ...hoursOf(gas, 0, 11, 100));
    await settle(id);
    expect(await live(`${id}-day`)).toEqual([]);
    expect(await world.alerts({ limits: [`${id}-day`] })).toMatchObject([
      { state: 'voided', cause: 'correction' },
    ]);
    // The day before, that nobody knew of yet.
    await push(id, ...hoursOf(gas, -24, 24, 101));
    await settle(id);
    expect(await live(`${id}-day`)).toMatchObject([
      { since: monday - dayMs, state: 'resolved', until: monday },
    ]);
  });

  it('leaves calibration and faults out of its mean, and is not judged where too few hours are left', async () => {
    const id = await beginPlant();
    const gas = `${id}-gas`;
    await push(id, ...hoursOf(gas, 0, 12, 80), ...hoursOf(gas, 12, 6, 900, flag.calibrating));
    await push(id, ...hoursOf(gas, 18, 6, 900, flag.fault));
    await settle(id);
    expect((await verdicts(id, 'day'))[0]).toMatchObject({ state: 'kept', mean: 80, hours: { valid: 12 } });
    expect(await live(`${id}-hour`)).toEqual([]);
    await push(id, ...hoursOf(gas, 11, 1, 900, flag.fault));
    await settle(id);
    expect((await verdicts(id, 'day'))[0]).toMatchObject({ state: 'unjudged', reason: 'invalid' });
  });
});

describe('a range', () => {
  it('raises an alert at either bound that tells which, and no ratio', async () => {
    const id = await beginPlant();
    await push(id, ...hoursOf(`${id}-gas`, 0, 1, 59), ...hoursOf(`${id}-gas`, 1, 1, 100));
    await push(id, ...hoursOf(`${id}-gas`, 2, 1, 141));
    await settle(id);
    expect(await live(`${id}-range`)).toMatchObject([
      { peak: { bound: 'min', limitValue: 60, ratio: null }, state: 'resolved' },
      { peak: { bound: 'max', limitValue: 140, ratio: null }, state: 'open' },
    ]);
  });
});

describe('a source that is off', () => {
  it('is not judged, says so, and is judged when the signal turns out to be wrong', async () => {
    const id = await beginPlant();
    await operate(id, 10);
    const flow = `${id}-flow`;
    await push(id, ...hoursOf(`${id}-gas`, 0, 24, 500), ...hoursOf(flow, 0, 24, 3));
    await settle(id);
    for (const name of ['hour', 'day', 'range']) {
      expect(await live(`${id}-${name}`)).toEqual([]);
      const found = await verdicts(id, name);
      expect(found[0]).toMatchObject({ state: 'unjudged', reason: 'source-off' });
    }
    // It ran from the sixth hour on: the hours before stay out of the day.
    await push(id, ...hoursOf(flow, 6, 18, 300));
    await settle(id);
    expect(await live(`${id}-hour`)).toMatchObject([{ since: monday + 6 * hourMs }]);
    expect(await live(`${id}-day`)).toMatchObject([{ since: monday, state: 'open' }]);
    expect((await verdicts(id, 'day'))[0]).toMatchObject({ hours: { valid: 18, operating: 18 } });
    await push(id, ...hoursOf(flow, 6, 18, 3));
    await settle(id);
    for (const name of ['hour', 'day', 'range']) expect(await live(`${id}-${name}`)).toEqual([]);
  });

  it('is judged as if it had always been known, when the signal is registered afterwards', async () => {
    const id = await beginPlant();
    await push(id, ...hoursOf(`${id}-gas`, 0, 24, 500), ...hoursOf(`${id}-flow`, 0, 24, 30));
    await settle(id);
    expect(await live(`${id}-hour`)).toHaveLength(1);
    await operate(id, 50);
    await settle(id);
    for (const name of ['hour', 'day', 'range']) expect(await live(`${id}-${name}`)).toEqual([]);
    expect(await world.alerts({ limits: [`${id}-day`] })).toMatchObject([
      { state: 'voided', cause: 'registry' },
    ]);
    await operate(id, 10);
    await settle(id);
    for (const name of ['hour', 'day', 'range']) expect(await live(`${id}-${name}`)).toHaveLength(1);
  });
});

const event = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      is: fc.constant('gas' as const),
      hour: fc.integer({ min: 0, max: spanHours }),
      hours: fc.integer({ min: 1, max: 30 }),
      value: fc.constantFrom(50, 90, 120, 300),
      flags: fc.constantFrom(0, 0, 0, flag.calibrating, flag.fault),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant('flow' as const),
      hour: fc.integer({ min: 0, max: spanHours }),
      hours: fc.integer({ min: 1, max: 30 }),
      value: fc.constantFrom(0, 20, 100),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ is: fc.constant('operate' as const), above: fc.constantFrom(10, 50) }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('limit' as const), value: fc.constantFrom(80, 110) }) },
  { weight: 3, arbitrary: fc.record({ is: fc.constant('work' as const) }) },
);

describe('alerts of hours, days and ranges', () => {
  it('are those of what is stored, whatever came in whatever order', async () => {
    const seen = { hour: 0, day: 0, range: 0, off: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 4, maxLength: 16 }), async (events) => {
        const id = await beginPlant();
        await operate(id, 10);
        await push(
          id,
          ...hoursOf(`${id}-gas`, 0, spanHours, 90),
          ...hoursOf(`${id}-flow`, 0, spanHours, 100),
        );
        for (const one of events) {
          if (one.is === 'work') await settle(id);
          else if (one.is === 'operate') await operate(id, one.above);
          else if (one.is === 'limit') {
            await limit(id, 'day', { averaging: 'P1D', value: one.value, validHoursShareMin: 0.5 });
          } else {
            const flags = one.is === 'gas' ? one.flags : 0;
            await push(id, ...hoursOf(`${id}-${one.is}`, one.hour, one.hours, one.value, flags));
          }
        }
        await settle(id);
        for (const name of ['hour', 'day', 'range'] as const) {
          const found = await verdicts(id, name);
          seen[name] += await expectAlertsInLine(world, `${id}-gas`, `${id}-${name}`);
          seen.off += found.filter(({ reason }) => reason === 'source-off').length;
        }
      }),
      { numRuns: runs },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(3);
  });
});
