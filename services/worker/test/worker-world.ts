import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  indicatorEventSchema,
  readAlertStep,
  shardOf,
  type Alert,
  type EntityKind,
  type Indicator,
  type IndicatorEvent,
  type ReadingBlock,
  type RevisedStep,
  type Rollup,
  type TopicName,
  type WindowKind,
} from '@songma/domain';
import { openEventLog, type EventLog } from '@songma/event-log';
import { openRegistry, type Registry } from '@songma/registry';
import { createLogger, createMetrics, loadConfig } from '@songma/runtime';
import {
  openSeriesStore,
  seeingMeters,
  seeingVoids,
  type AlertQuery,
  type IndicatorQuery,
  type SeriesStore,
  type SeriesStoreConfig,
} from '@songma/series-store';
import { openWakeUps, type WakeUps } from '@songma/wake-ups';
import { workerSettings, type WorkerConfig } from '../src/config.ts';
import { Rests } from '../src/rests.ts';
import { ShardBacklog } from '../src/shard-backlog.ts';
import { workShard } from '../src/shard-worker.ts';
import { SiteScopes } from '../src/site-scopes.ts';
import { createWorkerMetrics } from '../src/worker-metrics.ts';
import type { WorkerDeps } from '../src/worker.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
/** A Monday's midnight in Thanh Hóa. */
export const monday = Date.parse('2026-01-05T00:00:00+07:00');
export const zone = 'Asia/Ho_Chi_Minh';

/** One row of a push; `flags` as in domain, none unless told. */
export interface Row {
  readonly meter: string;
  readonly time: number;
  readonly value: number;
  readonly flags?: number;
}

export interface WorldOptions {
  readonly config?: Partial<WorkerConfig>;
  /** Stands between the worker and the store. */
  readonly aroundStore?: (store: SeriesStore) => SeriesStore;
  /** Absent: DuckDB, in the world's directory. */
  readonly seriesStore?: SeriesStoreConfig;
  /** Epoch milliseconds; a clock that begins a month after Monday and rises by one unless told. */
  readonly now?: () => number;
}

/** Some rows of a site as one push of them became known. */
export interface KnownPush {
  readonly site: string;
  readonly rows: readonly Row[];
  readonly knownUs: number;
}

/** The worker's surroundings on the embedded adapters, in a directory of its own. */
export interface WorkerWorld {
  readonly deps: WorkerDeps;
  readonly config: WorkerConfig;
  register(kind: EntityKind, body: { readonly id: string }): Promise<void>;
  /** Stores a push of a site's rows, as the writer does. Later calls are known later, unless `knownUs` is told. */
  push(site: string, rows: readonly Row[], knownUs?: number): Promise<void>;
  /** Stores several pushes in one call, in whatever order they became known. */
  pushAll(pushes: readonly KnownPush[]): Promise<void>;
  /** Works until nothing is due in the enterprise's shard. */
  work(enterprise: string, settings?: Partial<WorkerConfig>): Promise<void>;
  /** Begins the worker's memory anew, as its restart does. */
  restart(): Promise<void>;
  rollups(site: string, window: WindowKind, from?: number, to?: number): Promise<Rollup[]>;
  /** Of days of the whole enterprise, unless told. */
  indicators(enterprise: string, query?: Partial<IndicatorQuery>): Promise<Indicator[]>;
  indicatorEvents(): Promise<IndicatorEvent[]>;
  /** Revisions of alerts in the log, in order. */
  alertSteps(): Promise<RevisedStep[]>;
  /** As the store has them, the earliest first. */
  alerts(query?: Partial<AlertQuery>): Promise<Alert[]>;
  close(): Promise<void>;
}

const decoder = new TextDecoder();

export async function openWorld(options: WorldOptions = {}): Promise<WorkerWorld> {
  const dataDir = await mkdtemp(join(tmpdir(), 'songma-worker-'));
  const logger = createLogger({ service: 'worker-test', level: 'silent' });
  let clock = monday + 30 * dayMs;
  const now = options.now ?? (() => clock++);
  const eventLog: EventLog = await openEventLog({ adapter: 'sqlite', dataDir }, { logger });
  const registry: Registry = await openRegistry({ eventLog, logger, now });
  const store = await openSeriesStore(
    options.seriesStore ?? {
      adapter: 'duckdb',
      dataDirectory: dataDir,
      duckdb: { memoryMiBMax: 256, threads: 1 },
      influx: { url: undefined, token: undefined, org: undefined, bucket: undefined },
    },
    { logger },
  );
  const wakeUps: WakeUps = await openWakeUps(
    { adapter: 'process', redisUrl: undefined, prefix: 'test' },
    { logger },
  );
  const config = { ...loadConfig(workerSettings, {}), restMsMax: 0, backlogRestMsMax: 0, ...options.config };
  const metrics = createMetrics({ ofProcess: false });
  const seriesStore = seeingMeters(
    seeingVoids(options.aroundStore?.(store) ?? store, (meter) => registry.voidsOfMeter(meter)),
    (meter) => registry.get('meter', meter)?.body,
  );
  const deps: WorkerDeps = { logger, metrics, eventLog, registry, seriesStore, wakeUps, now };

  let scopes = new SiteScopes(deps, config.registryGraceMs);
  let knownUs = 1_000;

  async function pushAll(pushes: readonly KnownPush[]): Promise<void> {
    const blocks = pushes.map(({ site, rows, knownUs: known }) => {
      const enterprise = registry.get('site', site)?.body.enterprise ?? '';
      return { shard: shardOf(enterprise), block: blockOf(site, rows, known) };
    });
    await store.write(blocks);
  }

  async function all<T>(topic: TopicName, parse: (value: unknown) => T): Promise<T[]> {
    const found: T[] = [];
    const following = await eventLog.follow({ topic }, async (records) => {
      for (const { value } of records) found.push(parse(JSON.parse(decoder.decode(value))));
    });
    await following.caughtUp;
    await following.close();
    return found;
  }

  return {
    deps,
    config,
    async register(kind, body) {
      const expectedVersion = registry.get(kind, body.id)?.version ?? 0;
      const result = await registry.submit({ kind, entity: body.id, expectedVersion, body, by: 'test' });
      if (!result.ok) throw new Error(`${kind} ${body.id}: ${JSON.stringify(result)}`);
    },
    push: (site, rows, known = ++knownUs) => pushAll([{ site, rows, knownUs: known }]),
    pushAll,
    async work(enterprise, settings) {
      const worker = { ...deps, scopes, metrics: createWorkerMetrics(metrics, now) };
      const { signal } = new AbortController();
      const shard = shardOf(enterprise);
      const own = { ...config, ...settings };
      const backlog = new ShardBacklog(shard, {
        config: own,
        rests: new Rests(own),
        zoneOf: () => zone,
        now,
      });
      const workOn = () => workShard(worker, own, { shard, backlog }, signal);
      while ((await workOn()) !== undefined);
    },
    async restart() {
      scopes.close();
      scopes = new SiteScopes(deps, config.registryGraceMs);
    },
    rollups: (site, window, from = monday, to = monday + 60 * dayMs) =>
      store.rollups({ ranges: [{ site, from, to }], window }),
    indicators: (enterprise, query = {}) =>
      store.indicators({
        ...{ enterprises: [enterprise], window: 'P1D', from: monday, to: monday + 60 * dayMs },
        ...query,
      }),
    indicatorEvents: () => all('indicators', (value) => indicatorEventSchema.parse(value)),
    alertSteps: () => all('alerts', (value) => readAlertStep(value) as RevisedStep),
    alerts: async (query = {}) =>
      (await store.alerts({ order: 'earliest', limit: 10_000, ...query })).map(({ alert }) => alert),
    async close() {
      scopes.close();
      await wakeUps.close();
      await store.close();
      await registry.close();
      await eventLog.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function blockOf(site: string, rows: readonly Row[], knownUs: number): ReadingBlock {
  const meters = [...new Set(rows.map(({ meter }) => meter))];
  return {
    site,
    batch: `batch-${knownUs}`,
    apiKey: 'gateway',
    knownUs,
    part: 0,
    parts: 1,
    meters,
    meterIndex: Uint32Array.from(rows, ({ meter }) => meters.indexOf(meter)),
    times: Float64Array.from(rows, ({ time }) => time),
    values: Float64Array.from(rows, ({ value }) => value),
    flags: Uint8Array.from(rows, ({ flags = 0 }) => flags),
    rows: Uint32Array.from(rows, (_, i) => i),
  };
}

/** Registers an enterprise with one site `<id>-site` and meters of each kind, whose ids begin with the enterprise's. */
export async function registerPlant(world: WorkerWorld, id: string): Promise<{ readonly site: string }> {
  const site = `${id}-site`;
  await world.register('enterprise', { id, name: id, sector: '2394' } as { id: string });
  await world.register('site', { id: site, enterprise: id, name: site } as { id: string });
  const meters = [
    { id: 'dust', quantity: 'concentration', kind: 'level', unit: 'mg/m3', intervalMs: 5 * minuteMs },
    { id: 'power', quantity: 'electricity', kind: 'interval', unit: 'kWh', intervalMs: 15 * minuteMs },
    { id: 'register', quantity: 'electricity', kind: 'counter', unit: 'kWh', intervalMs: 15 * minuteMs },
    { id: 'clinker', quantity: 'production', kind: 'interval', unit: 't', intervalMs: hourMs },
    { id: 'daily', quantity: 'water', kind: 'interval', unit: 'm3', intervalMs: dayMs },
  ];
  for (const meter of meters) {
    const body = { ...meter, id: `${id}-${meter.id}`, site, name: meter.id };
    await world.register('meter', body);
  }
  const limit = {
    id: `${id}-limit`,
    meter: `${id}-dust`,
    parameter: 'PM',
    averaging: 'PT1H',
    value: 100,
    source: { document: 'QCVN 23:2009/BTNMT', verified: false },
    validFrom: 0,
  };
  await world.register('limit', limit);
  return { site };
}

/** Registers meters that are derived from those of {@link registerPlant}, one of them from another. */
export async function registerDerived(world: WorkerWorld, id: string): Promise<void> {
  const input = (...names: string[]) => Object.fromEntries(names.map((name) => [name, `${id}-${name}`]));
  const meters = [
    {
      id: 'total',
      kind: 'interval',
      unit: 'kWh',
      formula: 'power + register',
      inputs: input('power', 'register'),
    },
    { id: 'load', kind: 'level', unit: 'kW', formula: 'total', inputs: input('total') },
    {
      id: 'specific',
      kind: 'level',
      unit: 'kWh/t',
      formula: 'power / clinker',
      inputs: input('power', 'clinker'),
    },
    { id: 'mass', kind: 'interval', unit: 'g', formula: 'dust * daily', inputs: input('dust', 'daily') },
  ];
  for (const meter of meters) {
    const fields = { site: `${id}-site`, name: meter.id, quantity: 'other', intervalMs: 15 * minuteMs };
    await world.register('meter', { ...meter, ...fields, id: `${id}-${meter.id}` });
  }
}

/** Registers an enterprise with one site whose water and production are reported once a day, the water at will oftener. */
export async function registerDailyPlant(
  world: WorkerWorld,
  id: string,
  waterMs: number = dayMs,
): Promise<void> {
  const site = `${id}-site`;
  await world.register('enterprise', { id, name: id, sector: '1104' } as { id: string });
  await world.register('site', { id: site, enterprise: id, name: site } as { id: string });
  for (const { name, ...meter } of [
    { name: 'daily', quantity: 'water', unit: 'm3', intervalMs: waterMs },
    { name: 'output', quantity: 'production', unit: 't', intervalMs: dayMs },
  ]) {
    const body = { ...meter, id: `${id}-${name}`, site, name, kind: 'interval' };
    await world.register('meter', body);
  }
}

/** A value at each step of a span. */
export function series(
  meter: string,
  from: number,
  count: number,
  stepMs: number,
  valueAt: (i: number) => number,
): Row[] {
  return Array.from({ length: count }, (_, i) => ({ meter, time: from + i * stepMs, value: valueAt(i) }));
}
