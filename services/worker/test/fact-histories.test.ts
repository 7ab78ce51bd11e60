import { indicatorWindows, type EntityKind, type Indicator } from '@songma/domain';
import { pause } from '@songma/runtime';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorker, type Worker } from '../src/worker.ts';
import {
  dayMs,
  hourMs,
  minuteMs,
  monday,
  openWorld,
  registerPlant,
  type Row,
  type WorkerWorld,
} from './worker-world.ts';

/** How many random histories are tried. */
const runs = Number(process.env['HISTORIES'] ?? 20);
const spanMs = 30 * hourMs;
const meters = ['dust', 'power', 'register', 'clinker'] as const;

/** One thing that happens: a push, a fact that changes, or the worker that comes by. */
const event = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      is: fc.constant('push' as const),
      rows: fc.array(row(), { minLength: 1, maxLength: 20 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant('void' as const),
      meter: fc.constantFrom(...meters),
      from: slot(),
      slots: fc.integer({ min: 1, max: 40 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('restore' as const), which: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant('multiply' as const),
      meter: fc.constantFrom('power', 'register'),
      by: fc.constantFrom(1, 2, 40),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ is: fc.constant('hold' as const), minutes: fc.constantFrom(5, 10, 90) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant('limit' as const),
      value: fc.constantFrom(20, 50, 80),
      fromHours: fc.constantFrom(0, 7),
    }),
  },
  { weight: 3, arbitrary: fc.record({ is: fc.constant('work' as const) }) },
);

function slot() {
  return fc.integer({ min: 0, max: spanMs / (5 * minuteMs) });
}

function row() {
  return fc.tuple(fc.constantFrom(...meters), slot(), fc.integer({ min: 0, max: 100 }));
}

let lived: { readonly world: WorkerWorld; readonly worker: Worker };
let clean: typeof lived;
beforeAll(async () => {
  [lived, clean] = [await begin(), await begin()];
});
afterAll(async () => {
  for (const { world, worker } of [lived, clean]) {
    await worker.close();
    await world.close();
  }
});

/** A world whose worker marks what facts touch; the computing is called for by the test. */
async function begin(): Promise<typeof lived> {
  const world = await openWorld();
  const { wakeUps } = world.deps;
  const asleep = {
    check: () => wakeUps.check(),
    close: () => wakeUps.close(),
    wake: async () => {},
    handle: async () => ({ close: async () => {} }),
  };
  const config = { ...world.config, reconcileMs: 24 * hourMs };
  return { world, worker: await startWorker({ ...world.deps, wakeUps: asleep }, config) };
}

async function settle({ world }: typeof lived, id: string): Promise<void> {
  const { registry, seriesStore } = world.deps;
  while ((await seriesStore.markedTo()) !== registry.foldedTo()) await pause(2);
  await world.work(id, { changesMax: 9 });
}

async function edit(
  { world }: typeof lived,
  kind: 'meter' | 'limit',
  id: string,
  fields: object,
): Promise<void> {
  await world.register(kind, { ...world.deps.registry.get(kind, id)!.body, ...fields });
}

async function retire({ world }: typeof lived, kind: EntityKind, entity: string): Promise<void> {
  const { version } = world.deps.registry.get(kind, entity)!;
  await world.deps.registry.submit({ kind, entity, expectedVersion: version, body: null, by: 'test' });
}

/** Of every window and scope. */
async function everyIndicator(
  world: WorkerWorld,
  id: string,
  from: number,
  to: number,
): Promise<Indicator[]> {
  const queries = indicatorWindows.flatMap((window) => [
    { window, from: from - 400 * dayMs, to },
    { window, from: from - 400 * dayMs, to, sites: [`${id}-site`] },
  ]);
  return (await Promise.all(queries.map((query) => world.indicators(id, query)))).flat();
}

/** What is shown of a plant, but for how often it changed. */
async function shownOf({ world }: typeof lived, id: string): Promise<object> {
  const [from, to] = [monday - 10 * 24 * hourMs, monday + 10 * 24 * hourMs];
  const rollups = [
    ...(await world.rollups(`${id}-site`, 'PT1H', from, to)),
    ...(await world.rollups(`${id}-site`, 'P1D', from, to)),
  ];
  return {
    rollups: rollups
      .filter(({ count, coveredMs }) => count > 0 || coveredMs > 0)
      .map(({ revision: _, ...rollup }) => rollup),
    indicators: (await everyIndicator(world, id, from, to))
      // A window of which nothing is known any more says so; one of which nothing was ever known says nothing.
      .filter(({ withheld }) => withheld === null || !/^no-|^unfinished$/.test(withheld))
      .map(({ id: of, value, coverage, withheld, numerator, factors }) => ({
        of,
        value,
        coverage,
        withheld,
        numerator,
        factors,
      })),
    alerts: [...world.alerts().all()]
      .filter(({ enterprise, voided }) => enterprise === id && voided === undefined)
      .map(({ resolvedAt }) => (resolvedAt === undefined ? 'open' : 'over'))
      .toSorted((a, b) => (a < b ? -1 : 1)),
  };
}

let plants = 0;

it('readings and facts in whatever order come out as if all had been known when the first was computed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 3, maxLength: 14 }), async (events) => {
      const id = `p${plants++}`;
      for (const one of [lived, clean]) await registerPlant(one.world, id);
      const site = `${id}-site`;
      const voids: string[] = [];
      // The clean world hears of pushes and voids in their order, of other facts first, and computes once.
      const later: (() => Promise<unknown>)[] = [];
      const facts: (() => Promise<unknown>)[] = [];
      for (const [i, one] of events.entries()) {
        switch (one.is) {
          case 'push': {
            const rows = new Map<string, Row>();
            for (const [meter, at, value] of one.rows) {
              const time = monday + at * 5 * minuteMs;
              rows.set(`${meter} ${at}`, {
                meter: `${id}-${meter}`,
                time,
                value: meter === 'register' ? at + value : value,
              });
            }
            for (const to of [lived, clean]) {
              const push = () => to.world.push(site, [...rows.values()], to.world.deps.now() * 1_000);
              if (to === lived) await push();
              else later.push(push);
            }
            break;
          }
          case 'void': {
            const from = monday + one.from * 5 * minuteMs;
            const body = {
              id: `${id}-v${i}`,
              meter: `${id}-${one.meter}`,
              from,
              to: from + one.slots * 5 * minuteMs,
              reason: 'test',
            };
            voids.push(body.id);
            await lived.world.register('void', body);
            later.push(() => clean.world.register('void', body));
            break;
          }
          case 'restore': {
            const [back] = voids.splice(one.which % Math.max(1, voids.length), 1);
            if (back === undefined) break;
            await retire(lived, 'void', back);
            later.push(() => retire(clean, 'void', back));
            break;
          }
          case 'multiply':
          case 'hold':
          case 'limit': {
            const [kind, entity, fields] =
              one.is === 'multiply'
                ? (['meter', `${id}-${one.meter}`, { multiplier: one.by }] as const)
                : one.is === 'hold'
                  ? (['meter', `${id}-dust`, { holdMaxMs: one.minutes * minuteMs }] as const)
                  : ([
                      'limit',
                      `${id}-limit`,
                      { value: one.value, validFrom: monday + one.fromHours * hourMs },
                    ] as const);
            await edit(lived, kind, entity, fields);
            facts.push(() => edit(clean, kind, entity, fields));
            break;
          }
          case 'work':
            await settle(lived, id);
        }
      }
      for (const tell of [...facts, ...later]) await tell();
      for (const one of [lived, clean]) await settle(one, id);
      expect(await shownOf(lived, id)).toEqual(await shownOf(clean, id));
    }),
    { numRuns: runs },
  );
});
