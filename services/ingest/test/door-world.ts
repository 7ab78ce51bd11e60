import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  decodePushedBlock,
  type EntityKind,
  type ReadingBlock,
  type Receipt,
  type TopicName,
} from '@songma/domain';
import { openEventLog, type EventLog } from '@songma/event-log';
import { expect } from 'vitest';
import { createApiKey, openRegistry, type Registry } from '@songma/registry';
import {
  createHttpApp,
  createLogger,
  createMetrics,
  loadConfig,
  type HttpApp,
  type Metrics,
} from '@songma/runtime';
import type { Format } from '../src/formats/format.ts';
import { ingestSettings, startIngest } from '../src/ingest.ts';
import { receiptAnswerSchema } from '../src/receipts.ts';
import type { QuarantinePage } from '../src/routes/quarantine.ts';

/** The clock of every test: a Monday noon in Thanh Hóa. */
export const noon = Date.parse('2026-11-23T12:00:00+07:00');

const enterprises = [
  { id: 'bim-son-cement', name: 'Xi măng Bỉm Sơn', sector: '2394' },
  { id: 'lam-son-sugar', name: 'Đường Lam Sơn', sector: '1072' },
];
const sites = [
  { id: 'kiln-site', enterprise: 'bim-son-cement', name: 'Lò nung', station: 'TH_BSON_KHILO2' },
  { id: 'mill-site', enterprise: 'bim-son-cement', name: 'Nghiền' },
  { id: 'sugar-site', enterprise: 'lam-son-sugar', name: 'Nhà máy' },
];
const level = { kind: 'level', intervalMs: 300_000, site: 'kiln-site' };
const meters = [
  {
    ...level,
    id: 'kiln-pm',
    name: 'Bụi',
    quantity: 'concentration',
    unit: 'mg/Nm3',
    symbol: 'PM',
    validRange: { min: 0, max: 500 },
  },
  {
    ...level,
    id: 'kiln-pm25',
    name: 'Bụi PM2,5',
    quantity: 'concentration',
    unit: 'mg/Nm3',
    symbol: 'PM2,5',
  },
  { ...level, id: 'kiln-o2', name: 'O2', quantity: 'oxygen', unit: '%', symbol: 'O2' },
  {
    id: 'mill-power',
    site: 'mill-site',
    name: 'Điện',
    quantity: 'electricity',
    kind: 'interval',
    intervalMs: 900_000,
    unit: 'kWh',
    time: { stamp: 'closes' },
  },
  {
    id: 'mill-register',
    site: 'mill-site',
    name: 'Công tơ',
    quantity: 'electricity',
    kind: 'counter',
    intervalMs: 900_000,
    unit: 'kWh',
  },
  {
    id: 'sugar-power',
    site: 'sugar-site',
    name: 'Điện',
    quantity: 'electricity',
    kind: 'interval',
    intervalMs: 900_000,
    unit: 'kWh',
  },
];

/** Keys of the tests by name. */
const keys = {
  cement: { role: 'plant', enterprise: 'bim-son-cement' },
  mill: { role: 'plant', enterprise: 'bim-son-cement', sites: ['mill-site'] },
  sugar: { role: 'plant', enterprise: 'lam-son-sugar' },
  expired: { role: 'plant', enterprise: 'lam-son-sugar', expiresAt: noon },
  analyst: { role: 'analyst' },
  admin: { role: 'admin' },
} as const;
export type KeyName = keyof typeof keys;

export interface DoorWorld {
  readonly app: HttpApp;
  readonly eventLog: EventLog;
  readonly registry: Registry;
  readonly metrics: Metrics;
  readonly tokens: Readonly<Record<KeyName, string>>;
  /** What was logged as text, for tests of what must not be in it. */
  readonly logged: () => string;
  /** The blocks in the log so far, in its order, with the receipts on their first parts. */
  blocks(): Promise<{ block: ReadingBlock; receipt: Receipt | undefined }[]>;
  /** The values of all records of a topic as JSON. */
  records(topic: TopicName): Promise<unknown[]>;
  /** Plays the writer: reports the given outcomes. */
  report(...outcomes: unknown[]): Promise<void>;
  register(kind: EntityKind, entity: string, body: unknown): Promise<void>;
  close(): Promise<void>;
}

export interface DoorWorldOptions {
  /** Environment of the door's settings. */
  readonly env?: Readonly<Record<string, string>>;
  readonly dataDir: string;
  /** Tokens of a world that was closed, to go on in its directory. */
  readonly former?: DoorWorld['tokens'] | undefined;
  readonly now?: () => number;
  /** Formats that are taken; all that there are when absent. */
  readonly formats?: readonly Format[];
}

/** The door on the embedded log in a directory of its own, with two enterprises of Thanh Hóa. */
export async function openDoor(options: DoorWorldOptions): Promise<DoorWorld> {
  const { dataDir, env = {}, formats, now = () => noon } = options;
  let log = '';
  const logger = createLogger({
    service: 'test',
    level: 'debug',
    destination: { write: (line) => (log += line) },
  });
  const metrics = createMetrics({ ofProcess: false });
  const eventLog = await openEventLog({ adapter: 'sqlite', dataDir }, { logger, now });
  const registry = await openRegistry({ eventLog, logger, now });
  const register = async (kind: EntityKind, entity: string, body: unknown) => {
    const expectedVersion = registry.get(kind, entity)?.version ?? 0;
    const result = await registry.submit({ kind, entity, expectedVersion, body, by: 'test' });
    if (!result.ok) throw new Error(`${kind} ${entity}: ${JSON.stringify(result)}`);
  };
  const tokens = options.former ?? (await registerAll(register));

  const config = loadConfig(ingestSettings, { SONGMA_DATA: dataDir, ...env });
  const ingest = await startIngest(
    { logger, metrics, eventLog, registry, now, ...(formats === undefined ? {} : { formats }) },
    config,
  );
  const app = createHttpApp({
    logger,
    metrics,
    checks: ingest.checks,
    title: 'Test',
    bodyBytesMax: 1_000,
  });
  await app.register(ingest.plugin);
  await app.ready();

  const read = async <T>(
    topic: TopicName,
    map: (value: Uint8Array, headers: Readonly<Record<string, string>>) => T,
  ) => {
    const found: T[] = [];
    const following = await eventLog.follow({ topic }, async (records) => {
      for (const record of records) found.push(map(record.value, record.headers));
    });
    await following.caughtUp;
    await following.close();
    return found;
  };

  return {
    app,
    eventLog,
    registry,
    metrics,
    tokens,
    logged: () => log,
    blocks: () => read('readings', decodePushedBlock),
    records: (topic) => read(topic, (value) => JSON.parse(new TextDecoder().decode(value)) as unknown),
    report: (...outcomes) =>
      eventLog.append('outcomes', [
        { key: 'kiln-site', value: new TextEncoder().encode(JSON.stringify(outcomes)) },
      ]),
    register,
    async close() {
      await app.close();
      await ingest.close();
      await registry.close();
      await eventLog.close();
    },
  };
}

async function registerAll(register: DoorWorld['register']): Promise<DoorWorld['tokens']> {
  for (const enterprise of enterprises) await register('enterprise', enterprise.id, enterprise);
  for (const site of sites) await register('site', site.id, site);
  for (const meter of meters) await register('meter', meter.id, meter);
  const tokens: Partial<Record<KeyName, string>> = {};
  for (const name of Object.keys(keys) as KeyName[]) {
    const { key, token } = createApiKey({ id: name, name, now: noon - 1_000, ...keys[name] });
    await register('key', name, key);
    tokens[name] = token;
  }
  return tokens as Record<KeyName, string>;
}

export async function makeDataDir(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'songma-ingest-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export interface PushOptions {
  readonly key?: KeyName;
  readonly type?: string;
  readonly batch?: string;
  readonly language?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: string;
}

/** Pushes a body: an array is sent as JSON readings, a text or bytes as they are. */
export async function push(
  world: DoorWorld,
  body: readonly unknown[] | string | Buffer,
  options: PushOptions = {},
) {
  const { key = 'cement', type = 'application/json', batch, language, headers = {}, query = '' } = options;
  const response = await world.app.inject({
    method: 'POST',
    url: `/v1/readings${query}`,
    headers: {
      authorization: `Bearer ${world.tokens[key]}`,
      'content-type': type,
      ...(batch === undefined ? {} : { 'idempotency-key': batch }),
      ...(language === undefined ? {} : { 'accept-language': language }),
      ...headers,
    },
    payload: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify({ readings: body }),
  });
  return response;
}

/** As {@link push}, for a push that must have a receipt. */
export async function pushed(
  world: DoorWorld,
  body: readonly unknown[] | string | Buffer,
  options: PushOptions = {},
) {
  const response = await push(world, body, options);
  const receipt = receiptAnswerSchema.safeParse(response.json());
  if (!receipt.success) throw new Error(`${response.statusCode} ${response.body}`);
  expect(response.statusCode).toBe(receipt.data.accepted === 0 ? 422 : 202);
  return receipt.data;
}

/** One reading of the kiln's dust, mended as told. */
export function reading(changes: Readonly<Record<string, unknown>> = {}) {
  return { meter: 'kiln-pm', time: '2026-11-23T11:55:00+07:00', value: 38.2, ...changes };
}

const foldsAwaitedMax = 10_000;

/**
 * The rows of a push that wait in quarantine, as soon as there are some, or this one is the newest: the door folds them
 * from the log, those of a large push in turns.
 */
export async function quarantinedOf(
  world: DoorWorld,
  batch: string,
  newestRow?: number,
): Promise<QuarantinePage['items']> {
  const headers = { authorization: `Bearer ${world.tokens.admin}` };
  for (let asked = 0; asked < foldsAwaitedMax; asked++) {
    const answer = await world.app.inject({ url: `/v1/quarantine?batch=${batch}`, headers });
    if (answer.statusCode !== 200) throw new Error(answer.body);
    const { items } = answer.json<QuarantinePage>();
    if (newestRow === undefined ? items.length > 0 : items[0]?.row === newestRow) return items;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`nothing of ${batch} came into quarantine`);
}
