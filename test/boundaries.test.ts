import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

/** Who may import whom: the room, and the rooms of ours that its sources may name. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'packages/domain': [],
  'packages/runtime': [],
  'packages/indicators': ['domain'],
  'packages/limits': ['domain'],
  'packages/duty': ['domain'],
  'packages/event-log': ['domain', 'runtime'],
  'packages/series-store': ['domain', 'runtime'],
  'packages/wake-ups': ['domain', 'runtime'],
  'packages/channels': ['runtime'],
  'packages/cases': ['domain', 'runtime', 'event-log', 'duty'],
  'packages/evidence': ['runtime'],
  'packages/registry': ['domain', 'runtime', 'event-log', 'indicators', 'limits'],
  'packages/client': ['runtime'],
  'packages/workbook': ['domain'],
  'services/ingest': ['domain', 'runtime', 'event-log', 'registry', 'workbook'],
  'services/mqtt': ['domain', 'runtime', 'event-log', 'registry'],
  'services/writer': ['domain', 'runtime', 'event-log', 'series-store', 'wake-ups', 'registry'],
  'services/worker': [
    'domain',
    'runtime',
    'event-log',
    'series-store',
    'wake-ups',
    'registry',
    'indicators',
    'limits',
  ],
  'services/desk': ['domain', 'runtime', 'event-log', 'registry', 'channels', 'duty', 'cases'],
  'services/api': [
    'domain',
    'runtime',
    'event-log',
    'series-store',
    'registry',
    'indicators',
    'limits',
    'channels',
    'duty',
    'cases',
    'evidence',
  ],
  'services/web': ['domain', 'runtime'],
  'services/samples': ['domain', 'runtime', 'client'],
  'services/files': ['runtime', 'client'],
  'services/cli': ['domain', 'runtime', 'client', 'workbook'],
  'services/standalone': [
    'domain',
    'runtime',
    'event-log',
    'series-store',
    'wake-ups',
    'registry',
    'cases',
    'desk',
    'ingest',
    'mqtt',
    'writer',
    'worker',
    'api',
    'web',
    'files',
    'samples',
  ],
};

/** Rooms without I/O, clock or randomness: they may run in a browser. */
const pure = ['packages/domain', 'packages/indicators', 'packages/limits', 'packages/duty'];
/** A client library, and the only folder that may name it. */
const clients: Readonly<Record<string, string>> = {
  kafkajs: 'packages/event-log/src/kafka',
  'node:sqlite': 'packages/event-log/src/sqlite services/ingest/src/projection',
  '@duckdb/node-api': 'packages/series-store/src/duckdb',
  '@influxdata/influxdb-client': 'packages/series-store/src/influx',
  bullmq: 'packages/wake-ups/src/bullmq',
  ioredis: 'packages/wake-ups/src/bullmq',
  nodemailer: 'packages/channels/src/mail',
  pdfkit: 'packages/evidence/src/pdf',
  jose: 'packages/evidence/src',
  aedes: 'services/mqtt/src/broker',
  mqtt: 'services/mqtt/src/client',
};
/** What the one process never loads. */
const neverStandalone = ['kafkajs', '@influxdata/influxdb-client', 'bullmq', 'ioredis'];

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
  /** `await import(…)`: loaded only when it is reached. */
  readonly isDynamic: boolean;
}

const imports = (await Promise.all(Object.keys(mayImport).map(importsOfRoom))).flat();

describe('The import table', () => {
  it('sees the imports of every room', () => {
    for (const room of Object.keys(mayImport)) {
      expect(imports.filter((one) => one.room === room).length, room).toBeGreaterThan(0);
    }
  });

  it('knows every room that there is', async () => {
    const rooms = await Promise.all(
      ['packages', 'services'].map(async (folder) =>
        (await readdir(join(root, folder))).map((name) => `${folder}/${name}`),
      ),
    );
    expect(rooms.flat().toSorted()).toEqual(Object.keys(mayImport).toSorted());
  });

  it('is kept: rooms import only what the table allows', () => {
    const strays = imports.filter(({ room, target }) => {
      const [, other] = /^@songma\/([^/]+)/.exec(target) ?? [];
      return other !== undefined && !mayImport[room]!.includes(other);
    });
    expect(strays).toEqual([]);
  });

  it('has no way around it: no relative import leaves its room', () => {
    const strays = imports.filter(({ file, room, target }) => {
      if (!target.startsWith('.')) return false;
      return relative(join(root, room), resolve(dirname(join(root, file)), target)).startsWith('..');
    });
    expect(strays).toEqual([]);
  });

  it('keeps pure rooms free of Node', () => {
    expect(imports.filter(({ room, target }) => pure.includes(room) && target.startsWith('node:'))).toEqual(
      [],
    );
  });

  it('keeps the page free of Node, and of the server that gives it out', () => {
    const page = imports.filter(({ file }) => file.startsWith('services/web/app/'));
    expect(page.length).toBeGreaterThan(50);
    const strays = page.filter(
      ({ target }) =>
        target.startsWith('node:') || (target.includes('/src/') && !target.endsWith('/src/screen-paths.ts')),
    );
    expect(strays).toEqual([]);
  });

  it.each(Object.entries(clients))('keeps %s in %s', (library, folders) => {
    const users = imports.filter(({ target }) => target === library || target.startsWith(`${library}/`));
    expect(users.length).toBeGreaterThan(0);
    const strays = users.filter(
      ({ file }) => !folders.split(' ').some((folder) => file.startsWith(`${folder}/`)),
    );
    expect(strays).toEqual([]);
  });

  it('lets the one process start without the clients of the servers', async () => {
    const reached = await staticallyReached('services/standalone/src/main.ts');
    expect(reached.files.size).toBeGreaterThan(100);
    expect(neverStandalone.filter((library) => reached.libraries.has(library))).toEqual([]);
  });

  it('lets the embedded stores be opened without the clients of the servers', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'songma-boundaries-'));
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', openEmbedded], {
      cwd: root,
      env: { ...process.env, SONGMA_DATA: directory },
    });
    await rm(directory, { recursive: true });
    const loaded = stdout.split('\n');
    for (const adapter of [
      'sqlite-event-log',
      'duckdb-series-store',
      'process-wake-ups',
      '@duckdb/node-api',
    ]) {
      expect(
        loaded.some((url) => url.includes(adapter)),
        adapter,
      ).toBe(true);
    }
    const strays = loaded.filter((url) =>
      neverStandalone.some((library) => url.includes(`/node_modules/${library}/`)),
    );
    expect(strays).toEqual([]);
  });
});

const run = promisify(execFile);

/** Opens what the one process opens, and prints the address of everything that was loaded for it. */
const openEmbedded = `
  import { registerHooks } from 'node:module';
  registerHooks({ load: (url, context, next) => (console.log(url), next(url, context)) });
  const { createLogger, loadConfig } = await import('@songma/runtime');
  const deps = { logger: createLogger({ service: 'test', level: 'silent' }) };
  for (const [room, open, settings] of [
    ['event-log', 'openEventLog', 'eventLogSettings'],
    ['series-store', 'openSeriesStore', 'seriesStoreSettings'],
    ['wake-ups', 'openWakeUps', 'wakeUpsSettings'],
  ]) {
    const door = await import('@songma/' + room);
    const port = await door[open](loadConfig(door[settings], process.env), deps);
    await port.close();
  }
`;

async function importsOfRoom(room: string): Promise<Import[]> {
  const entries = await Promise.all(
    sourceFolders(room).map((folder) =>
      readdir(join(root, room, folder), { recursive: true, withFileTypes: true }),
    ),
  );
  const files = entries.flat().filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name));
  const found = await Promise.all(
    files.map((entry) => importsOf(relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))),
  );
  return found.flat().map((one) => ({ ...one, room }));
}

/** The web has its page beside its server. */
function sourceFolders(room: string): string[] {
  return room === 'services/web' ? ['src', 'app'] : ['src'];
}

async function importsOf(file: string): Promise<Omit<Import, 'room'>[]> {
  const source = await readFile(join(root, file), 'utf8');
  const found: Omit<Import, 'room'>[] = [];
  for (const [, target] of source.matchAll(/^(?:import|export)\s(?!type\s)[^;]*?from\s+'([^']+)'/gm)) {
    found.push({ file, target: target!, isDynamic: false });
  }
  for (const [, target] of source.matchAll(/^import\s+'([^']+)'/gm))
    found.push({ file, target: target!, isDynamic: false });
  for (const [, target] of source.matchAll(/^(?:import|export)\s+type\s[^;]*?from\s+'([^']+)'/gm)) {
    // A type is erased: it counts for the table, and loads nothing.
    found.push({ file, target: target!, isDynamic: true });
  }
  for (const [, target] of source.matchAll(/\bimport\('([^']+)'\)/g))
    found.push({ file, target: target!, isDynamic: true });
  return found;
}

/** Every file and library that loading `entry` loads, without what is imported only when it is reached. */
async function staticallyReached(entry: string): Promise<{ files: Set<string>; libraries: Set<string> }> {
  const files = new Set<string>();
  const libraries = new Set<string>();
  const open = [entry];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    for (const { target, isDynamic } of await importsOf(file)) {
      if (isDynamic) continue;
      if (target.startsWith('.'))
        open.push(
          relative(root, resolve(dirname(join(root, file)), target))
            .split(sep)
            .join('/'),
        );
      else if (target.startsWith('@songma/')) open.push(await doorOf(target));
      else
        libraries.add(
          target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : target.split('/')[0]!,
        );
    }
  }
  return { files, libraries };
}

/** The file that a room's `exports` name. */
async function doorOf(target: string): Promise<string> {
  const [, name, path] = /^@songma\/([^/]+)(\/.*)?$/.exec(target)!;
  const room = Object.keys(mayImport).find((one) => one.endsWith(`/${name}`))!;
  const { exports } = JSON.parse(await readFile(join(root, room, 'package.json'), 'utf8')) as {
    exports: Record<string, string>;
  };
  return `${room}/${exports[path === undefined ? '.' : `.${path}`]!.slice(2)}`;
}
