import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodePushedBlock, type EntityKind } from '@songma/domain';
import { openEventLog } from '@songma/event-log';
import { ingestSettings, startIngest } from '@songma/ingest';
import { createApiKey, openRegistry } from '@songma/registry';
import { createHttpApp, createLogger, createMetrics, listen, loadConfig } from '@songma/runtime';
import { vi } from 'vitest';
import { createFilesDoor, filesSettings, startFiles, type Files } from '../src/files.ts';
import type { FileReceipt } from '../src/receipt.ts';

/** The clock of the door: a Monday noon in Thanh Hóa. Files have the clock of the machine. */
export const noon = Date.parse('2026-11-23T12:00:00+07:00');

function dustAt(site: string) {
  const meter = { id: `${site}-pm`, site, name: 'Bụi', quantity: 'concentration', symbol: 'PM' };
  return { ...meter, kind: 'level', intervalMs: 300_000, unit: 'mg/Nm3' };
}

const entities: [EntityKind, { id: string } & Record<string, unknown>][] = [
  ['enterprise', { id: 'cement', name: 'Xi măng', sector: '2394' }],
  ['enterprise', { id: 'sugar', name: 'Đường', sector: '1072' }],
  ['site', { id: 'kiln', enterprise: 'cement', name: 'Lò nung', station: 'TH_BSON_KHILO2' }],
  ['site', { id: 'mill', enterprise: 'sugar', name: 'Nhà máy', station: 'TH_LSON_KHI1' }],
  ['meter', dustAt('kiln')],
  ['meter', dustAt('mill')],
];

export interface StoredReading {
  readonly meter: string;
  readonly time: number;
  readonly value: number;
}

export interface InboxWorld {
  readonly inbox: string;
  readonly keys: string;
  readonly tokens: Readonly<Record<'cement' | 'sugar', string>>;
  /** What was logged since `reset`. */
  readonly logged: () => string;
  /** Of the files that were started last. */
  readonly metricsText: () => Promise<string>;
  /** Starts the door of the plants; it is away until then and after `stopDoor`. */
  startDoor(): Promise<void>;
  stopDoor(): Promise<void>;
  startFiles(env?: Readonly<Record<string, string>>): Promise<Files>;
  /** Makes a station's folder with its key. */
  addStation(name: string, token?: string): Promise<string>;
  /** Readings since `reset`, in the order of the log. */
  readings(): Promise<StoredReading[]>;
  /** Stops the files, so that the next test has the house for itself. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** The plants' door on the embedded log, and an inbox beside it. */
export async function openInbox(): Promise<InboxWorld> {
  const dataDir = await mkdtemp(join(tmpdir(), 'songma-files-'));
  const inbox = join(dataDir, 'inbox');
  const keys = join(dataDir, 'inbox-keys');
  let log = '';
  const logger = createLogger({
    service: 'test',
    level: 'debug',
    destination: { write: (line) => (log += line) },
  });
  const now = () => noon;
  let metrics = createMetrics({ ofProcess: false });
  const eventLog = await openEventLog({ adapter: 'sqlite', dataDir }, { logger, now });
  const registry = await openRegistry({ eventLog, logger, now });
  const register = async (kind: EntityKind, entity: string, body: unknown) => {
    const result = await registry.submit({ kind, entity, expectedVersion: 0, body, by: 'test' });
    if (!result.ok) throw new Error(`${kind} ${entity}: ${JSON.stringify(result)}`);
  };
  for (const [kind, entity] of entities) await register(kind, entity.id, entity);
  const makeKey = async (enterprise: string) => {
    const plant = { id: enterprise, name: enterprise, role: 'plant', enterprise } as const;
    const { key, token } = createApiKey({ ...plant, now: noon - 1_000 });
    await register('key', enterprise, key);
    return token;
  };
  const tokens = { cement: await makeKey('cement'), sugar: await makeKey('sugar') };

  let port = 0;
  let door: { close(): Promise<void> } | undefined;
  const running: Files[] = [];
  let readingsBefore = 0;
  let isDoorOpen = false;
  const startDoor = async () => {
    const config = loadConfig(ingestSettings, { SONGMA_DATA: dataDir });
    const ingest = await startIngest({ logger, metrics, eventLog, registry, now }, config);
    const app = createHttpApp({ logger, metrics, checks: [], title: 'Test', bodyBytesMax: 1_000 });
    await app.register(ingest.plugin);
    isDoorOpen = true;
    const url = await listen(app, { host: '127.0.0.1', port });
    port = Number(new URL(url).port);
    door = {
      async close() {
        await app.close();
        await ingest.close();
      },
    };
  };
  const stopDoor = async () => {
    isDoorOpen = false;
    await door?.close();
    door = undefined;
  };
  await startDoor();

  const allReadings = async () => {
    const found: StoredReading[] = [];
    const following = await eventLog.follow({ topic: 'readings' }, async (records) => {
      for (const { value } of records) {
        const { block } = decodePushedBlock(value);
        for (const [at, meter] of block.meterIndex.entries()) {
          found.push({ meter: block.meters[meter]!, time: block.times[at]!, value: block.values[at]! });
        }
      }
    });
    await following.caughtUp;
    await following.close();
    return found;
  };

  return {
    inbox,
    keys,
    tokens,
    logged: () => log,
    metricsText: () => metrics.text(),
    startDoor,
    stopDoor,
    async startFiles(env = {}) {
      metrics = createMetrics({ ofProcess: false });
      const settings = { FILES_LOOK_SECONDS: '0.02', FILES_SETTLE_SECONDS: '0', FILES_UNENDED_SECONDS: '0' };
      const config = loadConfig(filesSettings, { SONGMA_DATA: dataDir, ...settings, ...env });
      const toDoor = createFilesDoor({
        url: `http://127.0.0.1:${port}`,
        connectionsMax: 8,
        retryDeadlineMs: 500,
      });
      const files = await startFiles({ logger, metrics, door: toDoor, now: Date.now }, config);
      running.push(files!);
      return files!;
    },
    async addStation(name, token = tokens.cement) {
      const folder = join(inbox, name);
      await mkdir(folder, { recursive: true });
      await mkdir(keys, { recursive: true });
      await writeFile(join(keys, `${name}.key`), `${token}\n`, { mode: 0o600 });
      await chmod(join(keys, `${name}.key`), 0o600);
      return folder;
    },
    readings: async () => (await allReadings()).slice(readingsBefore),
    async reset() {
      for (const files of running.splice(0)) await files.close();
      if (!isDoorOpen) await startDoor();
      readingsBefore = (await allReadings()).length;
      log = '';
    },
    async close() {
      for (const files of running) await files.close();
      await stopDoor();
      await registry.close();
      await eventLog.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** `TH_BSON_KHILO2__20261123114500.txt`. */
export const nameAt = (stamp: string, of = 'TH_BSON_KHILO2') => `${of}__${stamp}.txt`;
export const contentAt = (stamp: string, value: number | string) => `PM\t${value}\tmg/Nm3\t${stamp}\t00\n`;

/** Puts a file as an upload that is renamed when it is whole. */
export async function upload(folder: string, name: string, content: string): Promise<void> {
  const part = join(folder, `${name}.part`);
  await writeFile(part, content);
  await rename(part, join(folder, name));
}

/** The files of a shelf with their receipts, by name. */
export async function shelf(folder: string, kind: 'done' | 'refused'): Promise<Map<string, FileReceipt>> {
  const found = new Map<string, FileReceipt>();
  for (const day of await namesIn(join(folder, kind))) {
    const names = await namesIn(join(folder, kind, day));
    for (const name of names) {
      if (name.endsWith('.receipt.json')) continue;
      if (!names.includes(`${name}.receipt.json`)) continue;
      const text = await readFile(join(folder, kind, day, `${name}.receipt.json`), 'utf8');
      found.set(name, JSON.parse(text) as FileReceipt);
    }
  }
  return found;
}

/** What lies in a folder; nothing when it is not there. */
export async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/** Waits until so many files are on a shelf. */
export async function untilShelved(
  folder: string,
  kind: 'done' | 'refused',
  count: number,
): Promise<Map<string, FileReceipt>> {
  return vi.waitUntil<Map<string, FileReceipt> | undefined>(
    async () => {
      const found = await shelf(folder, kind);
      return found.size >= count ? found : undefined;
    },
    { timeout: 60_000, interval: 20 },
  );
}
