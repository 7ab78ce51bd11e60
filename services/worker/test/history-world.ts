import {
  indicatorWindows,
  saysSomething,
  windowKinds,
  type Indicator,
  type IndicatorEvent,
  type Rollup,
} from '@songma/domain';
import { pause } from '@songma/runtime';
import type { SeriesStoreConfig } from '@songma/series-store';
import { startWorker, type Worker } from '../src/worker.ts';
import { registerMonthlyMeters } from './history-monthly.ts';
import { isStanding } from '@songma/limits';
import { saidBy } from './alert-contents.ts';
import type { Plant, Told } from './history-plants.ts';
import {
  dayMs,
  hourMs,
  monday,
  openWorld,
  registerDailyPlant,
  registerDerived,
  registerPlant,
  type KnownPush,
  type WorkerWorld,
} from './worker-world.ts';

/** Where everything happens, with room for years beside it. */
const span = { from: monday - 1_000 * dayMs, to: monday + 500 * dayMs };
const grid = {
  id: 'grid-2026',
  name: 'Grid',
  kind: 'grid',
  unit: 'tCO2',
  per: 'MWh',
  source: { document: 'test', verified: false },
  validFrom: '2025-01-01',
  validTo: '2027-01-01',
};

/** What the log has of the lived world's indicators, in order, and what the store has. */
export interface Published {
  readonly events: readonly IndicatorEvent[];
  readonly standing: readonly Indicator[];
  readonly restated: readonly IndicatorEvent[];
}

/** A world whose worker marks what facts touch; the computing is called for. */
export class HistoryWorld {
  private readonly world: WorkerWorld;
  private readonly worker: Worker;
  private plants: readonly string[] = [];
  /** Pushes that are under way, by the round in which they arrive. */
  private readonly underWay = new Map<number, KnownPush[]>();

  private constructor(world: WorkerWorld, worker: Worker) {
    this.world = world;
    this.worker = worker;
  }

  static async open(openStore: () => Promise<SeriesStoreConfig | undefined>): Promise<HistoryWorld> {
    const seriesStore = await openStore();
    // What is sent of a meter that is not registered (yet, or any more) is not waited for.
    const graceless = { registryGraceMs: 0 };
    const world = await openWorld({
      config: graceless,
      ...(seriesStore === undefined ? {} : { seriesStore }),
    });
    const { wakeUps } = world.deps;
    const asleep = {
      check: () => wakeUps.check(),
      close: () => wakeUps.close(),
      wake: async () => {},
      handle: async () => ({ close: async () => {} }),
    };
    const config = { ...world.config, reconcileMs: 24 * hourMs };
    return new HistoryWorld(world, await startWorker({ ...world.deps, wakeUps: asleep }, config));
  }

  async register(plants: readonly Plant[]): Promise<void> {
    this.plants = plants.map(({ id }) => id);
    await Promise.all(
      plants.map(async ({ id, reports }) => {
        if (reports === 'daily' || reports === 'shifts') {
          await registerDailyPlant(this.world, id, reports === 'daily' ? dayMs : 2 * hourMs);
          return registerMonthlyMeters(this.world, id);
        }
        await registerPlant(this.world, id);
        if (reports === 'derived') await registerDerived(this.world, id);
      }),
    );
  }

  async tellFactor(value: number): Promise<void> {
    await this.world.register('factor', { ...grid, value } as { id: string });
  }

  /** As it happens: what the transport holds back arrives rounds later, or twice. */
  async tell(told: readonly Told[], round: number): Promise<void> {
    await this.tellFacts(told);
    await this.tellVoids(told);
    for (const one of told) {
      if (one.is !== 'push') continue;
      const push = this.known(one.push);
      this.arrives(push, round + one.late);
      if (one.again !== null) this.arrives(push, round + one.late + one.again);
    }
    await this.deliver(round);
  }

  async tellInOrder(told: readonly Told[]): Promise<void> {
    await this.tellVoids(told);
    const pushes = told.flatMap((one) => (one.is === 'push' ? [this.known(one.push)] : []));
    if (pushes.length > 0) await this.world.pushAll(pushes);
  }

  async tellFacts(told: readonly Told[]): Promise<void> {
    const { registry } = this.world.deps;
    await Promise.all(
      told.map(async (one) => {
        if (one.is === 'second') await this.tellSecond(one);
        if (one.is !== 'edit') return;
        const { kind, id, fields } = one;
        const body = { ...registry.get(kind, id)!.body, ...fields };
        // Which lives can be depends on who follows whom: refused in both worlds alike.
        if (kind === 'meter' && ('from' in fields || 'to' in fields)) await this.submit(id, body);
        else await this.world.register(kind, body);
      }),
    );
  }

  private async tellSecond({ id, body, follows }: Told & { readonly is: 'second' }): Promise<void> {
    const { registry } = this.world.deps;
    const { from } = (body ?? {}) as { readonly from?: number };
    if (follows === undefined || from === undefined) return this.submit(id, body);
    await this.submit(follows, { ...registry.get('meter', follows)!.body, to: from });
    await this.submit(id, { ...body, follows });
  }

  /** Whatever becomes of it. */
  private async submit(entity: string, body: object | null): Promise<void> {
    const { registry } = this.world.deps;
    const expectedVersion = registry.get('meter', entity)?.version ?? 0;
    await registry.submit({ kind: 'meter', entity, expectedVersion, body, by: 'test' });
  }

  async deliverRest(): Promise<void> {
    for (const round of [...this.underWay.keys()].toSorted((a, b) => b - a)) await this.deliver(round);
  }

  async settle(changesMax: number): Promise<void> {
    const { registry, seriesStore } = this.world.deps;
    while ((await seriesStore.markedTo()) !== registry.foldedTo()) await pause(10);
    await this.world.work(this.plants[0] ?? '', { changesMax });
  }

  /** What is shown of each plant, but for how often it changed. */
  async shown(): Promise<Map<string, object>> {
    const { registry, seriesStore } = this.world.deps;
    const ranges = this.plants.map((id) => ({ site: `${id}-site`, ...span }));
    const rollups = await Promise.all(windowKinds.map((window) => seriesStore.rollups({ ranges, window })));
    // What was computed of a meter that is retired now is not shown any more.
    const isThere = ({ meter }: Rollup) => registry.get('meter', meter) !== undefined;
    const rollupsOf = Map.groupBy(
      rollups.flat().filter((one) => saysSomething(one) && isThere(one)),
      ({ site }) => site,
    );
    const indicators = await this.indicators();
    const indicatorsOf = Map.groupBy(
      // A window of which nothing is known any more says so; one of which nothing was ever known says nothing.
      indicators.filter(
        ({ withheld }) => withheld === null || !/^no-|^unfinished$|^withdrawn$/.test(withheld),
      ),
      ({ enterprise }) => enterprise,
    );
    const alertsOf = Map.groupBy(
      (await this.world.alerts({ enterprises: this.plants })).filter(isStanding),
      ({ enterprise }) => enterprise,
    );
    return new Map(
      this.plants.map((id) => [
        id,
        {
          rollups: (rollupsOf.get(`${id}-site`) ?? []).map(({ revision: _, ...rollup }) => rollup),
          indicators: (indicatorsOf.get(id) ?? []).map((one) => ({ of: one.id, ...numbersOf(one) })),
          alerts: (alertsOf.get(id) ?? []).map(saidBy).toSorted((a, b) => a.since - b.since),
        },
      ]),
    );
  }

  async published(): Promise<Published> {
    const events = await this.world.indicatorEvents();
    const query = { from: 0, to: Number.MAX_SAFE_INTEGER, filling: false, limit: events.length + 1 };
    return {
      events,
      standing: await this.indicators(),
      restated: await this.world.deps.seriesStore.restatements(query),
    };
  }

  async close(): Promise<void> {
    await this.worker.close();
    await this.world.close();
  }

  /** Of every window and scope. */
  private async indicators(): Promise<Indicator[]> {
    const sites = this.plants.map((id) => `${id}-site`);
    const queries = indicatorWindows.flatMap((window) => [
      { enterprises: this.plants, products: 'all', window, ...span } as const,
      { enterprises: this.plants, sites, products: 'all', window, ...span } as const,
    ]);
    const found = await Promise.all(queries.map((query) => this.world.deps.seriesStore.indicators(query)));
    return found.flat();
  }

  private async tellVoids(told: readonly Told[]): Promise<void> {
    const { registry } = this.world.deps;
    await Promise.all(
      told.map(async (one) => {
        if (one.is === 'void') await this.world.register('void', one.body);
        if (one.is !== 'restore') return;
        const { version } = registry.get('void', one.id)!;
        const command = {
          kind: 'void',
          entity: one.id,
          expectedVersion: version,
          body: null,
          by: 'test',
        } as const;
        await registry.submit(command);
      }),
    );
  }

  private known(push: Omit<KnownPush, 'knownUs'>): KnownPush {
    return { ...push, knownUs: this.world.deps.now() * 1_000 };
  }

  private arrives(push: KnownPush, round: number): void {
    const then = this.underWay.get(round);
    if (then === undefined) this.underWay.set(round, [push]);
    else then.push(push);
  }

  private async deliver(round: number): Promise<void> {
    const pushes = this.underWay.get(round) ?? [];
    this.underWay.delete(round);
    if (pushes.length > 0) await this.world.pushAll(pushes);
  }
}

/** What an indicator says, whatever its revision. */
export function numbersOf(one: Indicator) {
  const { value, coverage, withheld, numerator, denominator, estimatedShare, factors, gwpSet } = one;
  const { matchedNumerator, matchedDenominator, matchedShare } = one;
  const matched = { matchedNumerator, matchedDenominator, matchedShare };
  // A meter of which nothing is known any more stays among the inputs.
  const inputs = one.inputs.flatMap(({ meter, matched: told }) =>
    told === undefined ? [] : [[meter, told]],
  );
  const rule = one.allocation?.rule;
  return {
    value,
    coverage,
    withheld,
    numerator,
    denominator,
    ...matched,
    inputs,
    estimatedShare,
    factors,
    gwpSet,
    rule,
  };
}
