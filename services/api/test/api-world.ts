import { openCaseBook, type CaseBook } from '@songma/cases';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  mergeRollups,
  qualifiedReadings,
  rollupHours,
  shardOf,
  windowsBetween,
  alertId,
  type Alert,
  type AlertStep,
  type AlertWindow,
  type EntityKind,
  type Indicator,
  type IndicatorEvent,
  type Rollup,
  type RollupDraft,
} from '@songma/domain';
import { openEventLog, type EventLog } from '@songma/event-log';
import { createApiKey, openRegistry, type Registry } from '@songma/registry';
import { createHttpApp, createLogger, createMetrics, loadConfig, type HttpApp } from '@songma/runtime';
import { openSeriesStore, seriesStoreSettings, type Results, type SeriesStore } from '@songma/series-store';
import { apiSettings, startApi } from '../src/api.ts';

/** The clock of every test: a Monday noon in Thanh Hóa. */
export const noon = Date.parse('2026-11-23T12:00:00+07:00');
/** When readings became known unless a test says otherwise, epoch microseconds. */
export const firstKnownUs = (noon - 3_600_000) * 1000;

const level = { kind: 'level', intervalMs: 300_000, quantity: 'concentration', unit: 'mg/Nm3' };
const power = { kind: 'interval', intervalMs: 900_000, quantity: 'electricity', unit: 'kWh' };
const entities: readonly (readonly [
  EntityKind,
  Readonly<Record<string, unknown>> & { readonly id: string },
])[] = [
  ['enterprise', { id: 'cement', name: 'Xi măng Bỉm Sơn', sector: '2394' }],
  ['enterprise', { id: 'sugar', name: 'Đường Lam Sơn', sector: '1072' }],
  ['site', { id: 'mill-site', enterprise: 'cement', name: 'Nghiền' }],
  ['site', { id: 'sugar-site', enterprise: 'sugar', name: 'Nhà máy' }],
  ['source', { id: 'kiln-stack', site: 'mill-site', name: 'Ống khói', kind: 'stack' }],
  ['source', { id: 'sugar-outfall', site: 'sugar-site', name: 'Cửa xả', kind: 'outfall' }],
  [
    'meter',
    {
      ...level,
      id: 'kiln-pm',
      site: 'mill-site',
      source: 'kiln-stack',
      name: 'Bụi',
      validRange: { max: 500 },
    },
  ],
  ['meter', { ...power, id: 'mill-power', site: 'mill-site', name: 'Điện', multiplier: 2 }],
  ['meter', { ...power, id: 'sugar-power', site: 'sugar-site', name: 'Điện' }],
  ['limit', limitOf('kiln-dust', 'kiln-pm')],
  ['limit', limitOf('sugar-limit', 'sugar-power')],
  ['baseline', baselineOf('cement-power', 'cement')],
  ['baseline', baselineOf('sugar-power', 'sugar')],
  ['person', { id: 'le-binh', name: 'Lê Bình', role: 'officer', mail: 'binh@example.vn' }],
  ['person', { id: 'sample-officer', name: 'Cán bộ mẫu', role: 'officer' }],
  ['person', { id: 'mill-engineer', name: 'Kỹ sư', role: 'plant', enterprise: 'cement' }],
  ['officer', { id: 'nguyen-an', name: 'Nguyễn An', email: 'an@example.vn' }],
];

function limitOf(id: string, meter: string) {
  const source = { document: 'QCVN 23:2009/BTNMT', verified: false };
  return { id, meter, parameter: 'PM', averaging: 'PT1H', value: 100, source, validFrom: 0 };
}

function baselineOf(id: string, enterprise: string) {
  const span = { period: 'P1M', from: '2025-01-01', to: '2026-01-01' };
  return {
    id,
    enterprise,
    name: 'Điện 2025',
    resource: 'electricity',
    model: 'ratio',
    reason: 'test',
    ...span,
  };
}

/** Keys of the tests by name. */
const keys = {
  cement: { role: 'plant', enterprise: 'cement' },
  sugar: { role: 'plant', enterprise: 'sugar' },
  expired: { role: 'analyst', expiresAt: noon },
  analyst: { role: 'analyst' },
  officer: { role: 'officer', person: 'le-binh' },
  chief: { role: 'admin' },
} as const;
export type KeyName = keyof typeof keys;

export interface Asked {
  readonly method?: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Whose key is sent; `none`: no key. The administrator's unless told. */
  readonly as?: KeyName | 'none';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ApiWorld {
  readonly app: HttpApp;
  readonly eventLog: EventLog;
  readonly book: CaseBook;
  readonly registry: Registry;
  readonly seriesStore: SeriesStore;
  readonly tokens: Readonly<Record<KeyName, string>>;
  /** One request through the app, without a socket. */
  ask(url: string, asked?: Asked): ReturnType<typeof inject>;
  /** The same with the answer as a stream, for what does not end. */
  stream(url: string, asked?: Asked): ReturnType<typeof injectStream>;
  /** Stores readings `[time, value]` of one meter as known at `knownUs`, with flags in the third place. */
  store(meter: string, readings: readonly (readonly number[])[], knownUs?: number): Promise<void>;
  /** Plays the worker: computes the rollups of a meter from a span of whole days, as revision 1. */
  rollUp(meter: string, from: number, to: number): Promise<void>;
  /** Plays the worker: publishes indicators for the first time. */
  keepIndicators(enterprise: string, indicators: readonly Indicator[]): Promise<void>;
  /** The same with any publication. */
  publish(...events: readonly IndicatorEvent[]): Promise<void>;
  /** Plays the worker: appends revisions of alerts to the log and keeps them. */
  alert(...alerts: readonly Alert[]): Promise<void>;
  /** Sets the clock, which else stands at noon. */
  setClock(time: number): void;
  close(): Promise<void>;
}

/** The api over the embedded stores in a directory of its own, with two enterprises of Thanh Hóa. */
export async function openApi(env: Readonly<Record<string, string>> = {}): Promise<ApiWorld> {
  let clock = noon;
  const now = () => clock;
  const dataDir = await mkdtemp(join(tmpdir(), 'songma-api-'));
  const logger = createLogger({ service: 'test', level: 'silent' });
  const metrics = createMetrics({ ofProcess: false });
  const eventLog = await openEventLog({ adapter: 'sqlite', dataDir }, { logger });
  const registry = await openRegistry({ eventLog, logger, now });
  const seriesStore = await openSeriesStore(
    loadConfig(seriesStoreSettings, { SONGMA_DATA: dataDir, SERIES_STORE: 'duckdb' }),
    { logger },
  );
  const book = await openCaseBook({ eventLog });
  const tokens = await register(registry);
  const api = await startApi(
    {
      logger,
      metrics,
      eventLog,
      registry,
      seriesStore,
      book,
      now,
      build: { version: '1.2.3', furnishing: {} },
      samplePersons: ['sample-officer', 'retired'],
    },
    loadConfig(apiSettings, { SONGMA_DATA: dataDir, ...env }),
  );
  const app = createHttpApp({ logger, metrics, checks: api.checks, title: 'Test', bodyBytesMax: 10_000 });
  await api.plugin(app);
  await app.ready();

  const shardOfMeter = (id: string) => shardOf(registry.meter(id)!.enterprise.id);
  const settle = async (shard: string, results: Results) => {
    const { mark } = await seriesStore.due(shard, 100_000);
    if (mark === null) throw new Error(`nothing is due in ${shard}: store a reading first`);
    await seriesStore.settle(shard, mark, results);
  };

  return {
    app,
    eventLog,
    book,
    registry,
    seriesStore,
    tokens,
    ask: (url, asked = {}) => inject(app, requestOf(url, asked, tokens)),
    stream: (url, asked = {}) => injectStream(app, requestOf(url, asked, tokens)),
    async store(meter, readings, knownUs = firstKnownUs) {
      const block = {
        site: registry.meter(meter)!.site.id,
        batch: `${meter}-${knownUs}`,
        apiKey: 'test',
        knownUs,
        part: 0,
        parts: 1,
        meters: [meter],
        meterIndex: new Uint32Array(readings.length),
        times: Float64Array.from(readings, ([time]) => time!),
        values: Float64Array.from(readings, ([, value]) => value!),
        flags: Uint8Array.from(readings, ([, , flags = 0]) => flags),
        rows: Uint32Array.from(readings, (_reading, row) => row),
      };
      await seriesStore.write([{ shard: shardOfMeter(meter), block }]);
    },
    async rollUp(id, from, to) {
      const { meter, site } = registry.meter(id)!;
      const rollups: Rollup[] = [];
      for await (const chunk of seriesStore.read({ ranges: [{ site: site.id, meters: [id], from, to }] })) {
        const hours = rollupHours(
          meter,
          site.timeZone,
          qualifiedReadings(meter, chunk),
          windowsBetween('PT1H', from, to, site.timeZone),
        );
        const merge = (kind: 'P1D' | 'P1M' | 'P1Y', parts: readonly RollupDraft[]) =>
          windowsBetween(kind, from, to, site.timeZone).map((window) =>
            mergeRollups(
              kind,
              window,
              parts.filter(({ start }) => start >= window.start && start < window.end),
              undefined,
              meter,
            ),
          );
        const days = merge('P1D', hours);
        const months = merge('P1M', days);
        const years = merge('P1Y', months);
        rollups.push(...[hours, days, months, years].flat().map((draft) => ({ ...draft, revision: 1 })));
      }
      await settle(shardOfMeter(id), { rollups, indicators: [] });
    },
    keepIndicators: (enterprise, indicators) => {
      const events = indicators.map((after) => ({
        id: after.id,
        before: null,
        after,
        cause: 'readings' as const,
      }));
      return settle(shardOf(enterprise), { rollups: [], indicators: events });
    },
    publish: (...events) => seriesStore.keep({ rollups: [], indicators: events }),
    async alert(...alerts) {
      const encoder = new TextEncoder();
      const records = alerts.map((after) => {
        const { id, changedAt, revision } = after;
        const change = revision === 1 ? 'raised' : 'revised';
        const step: AlertStep = { step: 'revised', alert: id, at: changedAt, change, after };
        const headers = { ce_time: new Date(changedAt).toISOString() };
        return { key: id, value: encoder.encode(JSON.stringify(step)), headers };
      });
      await eventLog.append('alerts', records);
      await seriesStore.keep({ rollups: [], indicators: [], alerts });
    },
    setClock(time) {
      clock = time;
    },
    async close() {
      await app.close();
      await api.close();
      await book.close();
      await seriesStore.close();
      await registry.close();
      await eventLog.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function register(registry: Registry): Promise<ApiWorld['tokens']> {
  const submit = async (kind: EntityKind, entity: string, body: unknown) => {
    const result = await registry.submit({ kind, entity, expectedVersion: 0, body, by: 'test' });
    if (!result.ok) throw new Error(`${kind} ${entity}: ${JSON.stringify(result)}`);
  };
  for (const [kind, body] of entities) await submit(kind, body.id, body);
  const tokens: Partial<Record<KeyName, string>> = {};
  for (const name of Object.keys(keys) as KeyName[]) {
    const { key, token } = createApiKey({ id: name, name, now: noon - 1000, ...keys[name] });
    await submit('key', name, key);
    tokens[name] = token;
  }
  return tokens as Record<KeyName, string>;
}

function requestOf(url: string, asked: Asked, tokens: ApiWorld['tokens']) {
  const { method = 'GET', as = 'chief', body, headers = {} } = asked;
  return {
    method,
    url,
    headers: {
      ...(as === 'none' ? {} : { authorization: `Bearer ${tokens[as]}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  };
}

function inject(app: HttpApp, request: ReturnType<typeof requestOf>) {
  return app.inject(request);
}

function injectStream(app: HttpApp, request: ReturnType<typeof requestOf>) {
  return app.inject({ ...request, payloadAsStream: true });
}

/** An answer as it came. */
export type Answered = Awaited<ReturnType<ApiWorld['ask']>>;

/** Status and problem code of an answer. */
export function refusalOf(answer: Answered): [status: number, code: string] {
  return [answer.statusCode, answer.json<{ code: string }>().code];
}

/** An open alert of the kiln's dust, whose condition began so many hours before noon. */
export function raised(hoursAgo: number, changes: Partial<Alert> = {}): Alert {
  const since = noon - hoursAgo * 3_600_000;
  const end = since + 3_600_000;
  const window: AlertWindow = {
    start: since,
    end,
    mean: 123.4,
    limitValue: 100,
    bound: 'max',
    coverage: 1,
    ratio: 1.234,
    severity: 'from-1.1',
  };
  return {
    id: alertId({ limit: 'kiln-dust', origin: since, generation: 1 }),
    kind: 'exceedance',
    limit: 'kiln-dust',
    limitVersion: 1,
    meter: 'kiln-pm',
    source: 'kiln-stack',
    site: 'mill-site',
    enterprise: 'cement',
    parameter: 'PM',
    unit: 'mg/Nm3',
    averaging: 'PT1H',
    validity: { rule: 'share', min: 0.75 },
    document: 'QCVN 23:2009/BTNMT',
    verified: false,
    origin: since,
    state: 'open',
    since,
    until: null,
    knownUntil: end,
    first: window,
    peak: window,
    latest: window,
    windows: 1,
    coverage: 1,
    stale: false,
    revision: 1,
    cause: 'readings',
    raisedAt: noon - 60_000,
    changedAt: noon - 60_000,
    ...changes,
  };
}
