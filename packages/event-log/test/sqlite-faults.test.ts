import { spawnSync } from 'node:child_process';
import { copyFile, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { topics } from '@songma/domain';
import { ConfigError, UnavailableError, createLogger, createMetrics } from '@songma/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEventLog, recordBytesMax, type NewRecord } from '../src/index.ts';
import { pendingBytesMax } from '../src/limits.ts';
import { FileProblemError } from '../src/sqlite/file-problem.ts';
import { keepRemoving } from '../src/sqlite/retention.ts';
import { SqliteEventLog } from '../src/sqlite/sqlite-event-log.ts';
import { journalOf, startChild } from './child.ts';
import { collect, groupBy, numbered, until, readAll, noise } from './records.ts';
import { silent, temporaryDir } from './sqlite-bench.ts';

let dataDir: string;
let file: string;
beforeEach(async () => {
  dataDir = await temporaryDir();
  file = join(dataDir, 'event-log', 'log.sqlite');
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const openLog = (options: Partial<Parameters<typeof SqliteEventLog.open>[0]> = {}) =>
  SqliteEventLog.open({ dataDir, logger: silent, ...options });

/** A log with records in it, closed. */
async function fill(records = numbered(['a', 'b'], 500)): Promise<void> {
  const log = await openLog();
  await log.append('readings', records);
  await log.close();
}

async function expectRefusal(...parts: readonly (string | RegExp)[]): Promise<void> {
  const error: unknown = await openLog().then(
    (log) => log.close(),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConfigError);
  for (const part of parts) expect((error as Error).message).toMatch(part);
}

describe('a data directory that another process has open', () => {
  it('is refused with its name, the other process and the way out, and opens when that one is gone', async () => {
    const child = await startChild({ role: 'open', config: { adapter: 'sqlite', dataDir } });
    await until(() => child.lines().includes('open'));
    await expectRefusal(dataDir, new RegExp(`pid ${child.pid}\\b`), /SONGMA_DATA/);
    await child.kill();
    const log = await openLog();
    await log.close();
  });

  it('is refused to a second log of the same process too', async () => {
    const log = await openLog();
    await expectRefusal(dataDir, /is open in another process/);
    await log.append('readings', numbered(['a'], 1));
    await log.close();
  });
});

describe('a damaged file', () => {
  it.each([
    ['cut off in the middle', () => halve(file)],
    ['cut off to nothing', () => truncate(file, 0)],
    ['of another kind', () => writeFile(file, 'not a database at all\n'.repeat(2_000))],
    ['with pages overwritten', () => overwrite(file, 32 * 1024, 64 * 1024)],
    ['that is gone while its write-ahead log is there', () => loseMainFile(file)],
  ])('%s is refused with its name and the way out, and left as it is', async (_title, damage) => {
    await fill();
    await damage();
    const before = await readFile(file).catch(() => undefined);
    await expectRefusal(file, /is damaged/, /backup/);
    expect(await readFile(file).catch(() => undefined)).toEqual(before);
  });

  it('of another application is not taken for a log', async () => {
    await fill();
    const handle = await open(file, 'r+');
    // The application id in SQLite's header.
    await handle.write(Buffer.from([0, 0, 0, 1]), 0, 4, 68);
    await handle.close();
    await expectRefusal(file, /is not an event log/);
  });
});

async function halve(path: string): Promise<void> {
  const { size } = await stat(path);
  await truncate(path, Math.floor(size / 2));
}

async function loseMainFile(path: string): Promise<void> {
  await copyFile(path, `${path}-wal`);
  await rm(path);
}

async function overwrite(path: string, from: number, bytes: number): Promise<void> {
  const handle = await open(path, 'r+');
  await handle.write(Buffer.alloc(bytes, 0xa5), 0, bytes, from);
  await handle.close();
}

it('a directory that cannot be written is refused with its name', async () => {
  await writeFile(join(dataDir, 'event-log'), 'a file where the directory should be');
  await expectRefusal(join(dataDir, 'event-log'), /cannot be opened/, /SONGMA_DATA/);
});

describe('a full disk', () => {
  const isolated = ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c'];
  const canMount = spawnSync(isolated[0]!, [...isolated.slice(1), 'mount -t tmpfs none /mnt']).status === 0;
  const reason = canMount ? '' : ', skipped: a small disk cannot be mounted here';

  it('refuses appends, keeps what it has acknowledged, and works on when there is space again', async () => {
    const log = await openLog({ fileBytesMax: 2 * 1024 * 1024 });
    const acknowledged: string[] = [];
    const failures = new Set<string>();
    for (let n = 0; n < 80; n++) {
      await log.append('readings', [large(n)]).then(
        () => acknowledged.push(`k${n}`),
        (error: UnavailableError) => failures.add(error.code),
      );
    }
    expect([...failures]).toEqual(['log_full']);
    await expect(log.check()).rejects.toThrow(/no space left/);
    const stored = (await readAll(log)).map(({ key }) => key);
    expect(stored).toEqual(acknowledged);
    await log.close();
    const roomier = await openLog();
    await roomier.append('readings', [large(99)]);
    await roomier.check();
    expect((await readAll(roomier)).map(({ key }) => key)).toEqual([...acknowledged, 'k99']);
    await roomier.close();
  });

  it.skipIf(!canMount)(`of the real kind loses nothing that was acknowledged${reason}`, async () => {
    const config = { adapter: 'sqlite', dataDir: join(dataDir, 'disk') } as const;
    const script = `mkdir "$0" && mount -t tmpfs -o size=6m none "$0" && exec "$@"`;
    // The mount is the child's alone and ends with it, so the child itself reads what it has.
    const child = await startChild({ role: 'fill', config }, [...isolated, script, config.dataDir]);
    await until(() => child.lines().some((line) => line.startsWith('stored')));
    const lines = child.lines();
    await child.kill();
    expect(lines).toContain('UnavailableError');
    expect(lines.at(-1)).toBe(`stored ${journalOf(child).length}`);
  });
});

it('a write that the disk refuses ends the log, and nothing is acknowledged after it', async () => {
  // The child may write files of 3 MiB: beyond, the system's call fails, as with a broken disk.
  const limited = ['sh', '-c', `trap '' XFSZ; ulimit -f 6144; exec "$0" "$@"`];
  const child = await startChild({ role: 'append', config: { adapter: 'sqlite', dataDir } }, limited);
  await until(() => child.lines().includes('closed'));
  const lines = child.lines();
  await child.kill();
  expect(lines).toContain('UnavailableError');
  const firstFailure = lines.indexOf('UnavailableError');
  expect(lines.slice(firstFailure).filter((line) => line.includes(' '))).toEqual([]);

  const log = await openLog();
  const stored = groupBy(await readAll(log));
  for (const { key, number } of journalOf(child)) expect(stored.get(key)).toContain(number);
  await log.close();
});

function large(n: number): NewRecord {
  return { key: `k${n}`, value: noise(50_000) };
}

describe('retention', () => {
  const day = 86_400_000;

  it('goes on after a full disk, telling once that there was no room and once that there is', async () => {
    const lines: string[] = [];
    const logger = createLogger({
      service: 'test',
      level: 'info',
      destination: { write: (line) => void lines.push(line) },
    });
    const stop = new AbortController();
    let tries = 0;
    const removing = keepRemoving({
      removeOld: async () => {
        tries++;
        if (tries <= 3) throw new FileProblemError('full', 'database or disk is full (SQLite 13)');
        if (tries === 5) stop.abort();
      },
      everyMs: 1,
      signal: stop.signal,
      logger,
    });
    await removing;
    expect(tries).toBe(5);
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      'the disk is full: old records are removed when there is room',
      'old records are removed again',
    ]);
  });

  it('ends when the disk has failed, and with its reason', async () => {
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    await keepRemoving({
      removeOld: () => Promise.reject(new FileProblemError('failed', 'disk I/O error')),
      everyMs: 1,
      signal: new AbortController().signal,
      logger: createLogger({ service: 'test', level: 'info', destination }),
    });
    expect(lines.join('')).toContain('no longer removed');
  });

  it('removes what is older than its topic keeps, but never the newest record, and goes on counting', async () => {
    let now = Date.UTC(2026, 0, 1);
    const clock = () => now;
    const log = await openLog({ now: clock });
    await log.append('readings', numbered(['old'], 700));
    await log.append('indicators', numbered(['old'], 3));
    await log.close();

    now += topics.readings.retentionMs - day;
    const later = await openLog({ now: clock });
    await later.append('readings', numbered(['young'], 5));
    await later.close();

    now += 2 * day;
    const muchLater = await openLog({ now: clock });
    await until(async () => (await muchLater.lag('readings', 'new')) === 5);
    const kept = await readAll(muchLater);
    expect(kept.map(({ key, offset }) => [key, offset])).toEqual(
      [700, 701, 702, 703, 704].map((offset) => ['young', offset]),
    );
    expect(await muchLater.lag('indicators', 'new')).toBe(3);
    await muchLater.close();

    now += 100 * day;
    const emptied = await openLog({ now: clock });
    await until(async () => (await emptied.lag('readings', 'new')) === 1);
    await emptied.append('readings', numbered(['next'], 1));
    expect((await readAll(emptied)).at(-1)).toMatchObject({ key: 'next', offset: 705 });
    await emptied.close();
  });
});

describe('a reader that is behind', () => {
  it('gets everything in order while appends go on', async () => {
    await fill(numbered(['a', 'b', 'c'], 3_000, 2_000));
    const log = await openLog();
    const seen = collect();
    await log.consume({ topic: 'readings', group: 'g' }, seen.handle);
    const more = Array.from({ length: 500 }, (_, i) => ({
      key: 'd',
      value: new Uint8Array(100),
      headers: { n: String(i) },
    }));
    for (const record of more) await log.append('readings', [record]);
    await until(() => seen.records.length === 9_500);
    expect(seen.records.map(({ offset }) => offset)).toEqual(Array.from({ length: 9_500 }, (_, i) => i));
    await log.close();
  });
});

it('a record at the limit is taken, one past it is a bug', async () => {
  const log = await openLog();
  await log.append('readings', [{ key: 'a', value: new Uint8Array(recordBytesMax) }]);
  const tooLarge = log.append('readings', [{ key: 'a', value: new Uint8Array(recordBytesMax + 1) }]);
  await expect(tooLarge).rejects.toThrow(RangeError);
  expect(await readAll(log)).toHaveLength(1);
  await log.close();
});

it('appends beyond what may wait in memory are refused, and the others are kept', async () => {
  const log = await openLog();
  const value = new Uint8Array(recordBytesMax);
  const keys = Array.from({ length: pendingBytesMax / recordBytesMax + 4 }, (_, i) => `k${i}`);
  const outcomes = await Promise.allSettled(keys.map((key) => log.append('readings', [{ key, value }])));
  const kept = keys.filter((_, i) => outcomes[i]!.status === 'fulfilled');
  expect(kept.length).toBeLessThan(keys.length);
  const refusals = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason);
  expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['log_overloaded']));
  await log.append('readings', [{ key: 'later', value }]);
  expect((await readAll(log)).map(({ key }) => key)).toEqual([...kept, 'later']);
  await log.close();
});

it('counts appends, refusals and what readers have handled', async () => {
  const metrics = createMetrics({ ofProcess: false });
  const log = await openEventLog({ adapter: 'sqlite', dataDir }, { logger: silent, metrics });
  const seen = collect();
  await log.consume({ topic: 'readings', group: 'g' }, seen.handle);
  await log.append('readings', numbered(['a'], 7));
  await until(async () => (await log.lag('readings', 'g')) === 0);
  await log.close();
  await expect(log.append('readings', numbered(['a'], 1))).rejects.toThrow(UnavailableError);
  await log.closed;
  const text = await metrics.text();
  expect(text).toContain('songma_event_log_appended_records_total{topic="readings"} 7');
  expect(text).toContain('songma_event_log_handled_records_total{topic="readings",reader="g"} 7');
  expect(text).toContain('songma_event_log_append_failures_total{topic="readings",code="log_closed"} 1');
  expect(text).toContain('songma_event_log_append_seconds_count{topic="readings"} 1');
});
