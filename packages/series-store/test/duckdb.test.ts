import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, createLogger, UnavailableError } from '@songma/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { setAsideSeriesStore } from '../src/index.ts';
import { facts, readRows, readSite, shardedBlock, writeRows } from './blocks.ts';
import { describeSeriesStore } from './conformance.ts';
import { startDuckdbSubject } from './duckdb-subject.ts';
import { killCall, killCallSites, writeUntilKilled } from './kill.ts';
import { ReferenceStore } from './reference-store.ts';
import { withStore, type Subject } from './subject.ts';
import { createVariant } from './variant.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
const t0 = Date.UTC(2026, 0, 5);
const minuteMs = 60_000;
const row = (minute: number, value: number) => ({ meter: 'a', time: t0 + minute * minuteMs, value });

describeSeriesStore('DuckdbSeriesStore', () => startDuckdbSubject());

describe('the file of a DuckdbSeriesStore', () => {
  let subject: Subject;
  beforeEach(async () => {
    subject = await startDuckdbSubject();
  });
  afterEach(() => subject.end());

  const directory = () => join(subject.config.dataDirectory, 'series-store');
  const path = () => join(directory(), 'series.duckdb');

  /** Writes a reading that is in the file, and one that is only in DuckDB's log, and dies. */
  async function dieWithLog(): Promise<void> {
    await withStore(subject, (store) => writeRows(store, 's', 1000, [row(0, 1)]));
    await writeUntilKilled(subject, { from: 0, killAfter: 2 });
    expect(await readdir(directory())).toContain('series.duckdb.wal');
  }

  async function problemOfOpening(): Promise<string> {
    const error: unknown = await subject.open().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }

  test('a second process is told who has the store open, and the way out', async () => {
    const program = `
      const { openSeriesStore } = await import(${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)});
      await openSeriesStore(${JSON.stringify(subject.config)}, { logger: console });
      console.log('open');
      setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(holder.stdout, 'data');
      const problem = await problemOfOpening();
      expect(problem).toContain(directory());
      expect(problem).toContain(`process ${holder.pid}`);
      expect(problem).toContain('Stop that process, or set SONGMA_DATA');
      await expect(setAsideSeriesStore(subject.config, { now: t0, logger })).rejects.toBeInstanceOf(
        ConfigError,
      );
    } finally {
      holder.kill('SIGKILL');
      await once(holder, 'exit');
    }
    await withStore(subject, (store) => store.check());
  });

  test('the same process cannot open it twice either', async () => {
    await withStore(subject, async () => {
      expect(await problemOfOpening()).toContain('is open in this process');
    });
  });

  test('a damaged log is named, and set aside without what is in the file', async () => {
    await dieWithLog();
    const bytes = await readFile(`${path()}.wal`);
    bytes[bytes.length >> 1]! ^= 0xff;
    await writeFile(`${path()}.wal`, bytes);
    const problem = await problemOfOpening();
    expect(problem).toContain(path());
    expect(problem).toContain('is damaged');
    expect(problem).toContain('rebuild');

    const { moved, kept } = await setAsideSeriesStore(subject.config, { now: t0, logger });
    expect({ moved, kept }).toEqual({ moved: [`${path()}.wal.aside-20260105T000000000Z`], kept: true });
    expect(await readFile(moved[0]!)).toEqual(bytes);
    await withStore(subject, async (store) => {
      expect(facts(await readSite(store, 's'))).toEqual([['a', t0, 1, 0]]);
      // What the log brings again is answered as it was, or stored again.
      expect(await writeRows(store, 's', 1000, [row(0, 1)])).toEqual([0]);
      const reference = new ReferenceStore();
      for (const n of [0, 1]) {
        const answers = killCall(n).map((sharded) => reference.write(sharded));
        const results = await store.write(killCall(n));
        expect(results.map((result) => [...result.outcomes])).toEqual(answers);
      }
    });
  });

  test('a damaged file is named, and set aside with its log', async () => {
    await dieWithLog();
    const bytes = await readFile(path());
    await writeFile(path(), bytes.fill(0xff, 0, 8192));
    expect(await problemOfOpening()).toContain(`${path()} is damaged`);
    const { moved, kept } = await setAsideSeriesStore(subject.config, { now: t0, logger });
    expect(kept).toBe(false);
    expect(moved.map((name) => name.slice(path().length))).toEqual([
      '.wal.aside-20260105T000000000Z',
      '.aside-20260105T000000000Z',
    ]);
    expect(await readFile(moved[1]!)).toEqual(bytes);
    await withStore(subject, async (store) => expect(await readSite(store, 's')).toEqual([]));
  });

  test('a store that is all right is set aside only when everything is asked for', async () => {
    await withStore(subject, (store) => writeRows(store, 's', 1000, [row(0, 1)]));
    expect(await setAsideSeriesStore(subject.config, { now: t0, logger })).toEqual({ moved: [], kept: true });
    const { moved } = await setAsideSeriesStore(subject.config, { now: t0, logger, everything: true });
    expect(moved).toEqual([`${path()}.aside-20260105T000000000Z`]);
    await withStore(subject, async (store) => expect(await readSite(store, 's')).toEqual([]));
  });

  test('a read that was left in the middle does not keep the file open', async () => {
    const store = await subject.open();
    const rows = Array.from({ length: 60_000 }, (_, i) => row(i, i));
    await store.write([shardedBlock('s', 1000, rows)]);
    const ranges = [{ site: 's', from: 0, to: 4e12 }];
    for await (const chunk of store.read({ ranges })) if (chunk.times.length > 0) break;
    const left = store.read({ ranges })[Symbol.asyncIterator]();
    await left.next();
    await store.close();
    await expect(readToEnd(left)).rejects.toBeInstanceOf(UnavailableError);

    const program = `
      const { openSeriesStore } = await import(${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)});
      await (await openSeriesStore(${JSON.stringify(subject.config)}, { logger: console })).close();
      console.log('opened');`;
    const other = spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', program], {
      encoding: 'utf8',
    });
    expect(other.stderr + other.stdout).toBe('opened\n');
  });

  test('`close` waits for the write under way, and what comes after it is refused', async () => {
    const store = await subject.open();
    const writing = store.write([shardedBlock('s', 1000, [row(0, 1)])]);
    const closing = store.close();
    expect([...(await writing)[0]!.outcomes]).toEqual([0]);
    await closing;
    await store.close();
    await expect(store.write([shardedBlock('s', 2000, [row(0, 2)])])).rejects.toBeInstanceOf(
      UnavailableError,
    );
    await expect(store.check()).rejects.toBeInstanceOf(UnavailableError);
    await withStore(subject, async (again) => expect(facts(await readSite(again, 's'))).toHaveLength(1));
  });

  test('a reading is looked up as long as the latest times of the series are not known', async () => {
    await withStore(subject, async (store) => {
      await writeRows(store, 's', 1000, [row(0, 1), row(10, 1)]);
    });
    await withStore(subject, async (store) => {
      expect(await writeRows(store, 's', 2000, [row(10, 1), row(11, 1), row(5, 1)])).toEqual([1, 0, 0]);
      await readRows(store, { ranges: [{ site: 's', from: t0, to: t0 + 1 }] });
      expect(await writeRows(store, 's', 3000, [row(11, 2), row(12, 1), row(5, 2)])).toEqual([2, 0, 2]);
    });
  });
});

test('twelve times killed with SIGKILL while it writes, settles and folds its log, it has lost and doubled nothing', async () => {
  // Folding the log into the file after a few calls instead of every 32 MB, so that the kills meet it.
  const edit = {
    file: 'duckdb/database.ts',
    replace: "checkpointThreshold = '32MB'",
    by: "checkpointThreshold = '20KB'",
  };
  const variant = await createVariant([edit]);
  const subject = await variant.start();
  try {
    const reference = new ReferenceStore();
    const answers: number[][][] = [];
    const answersOf = (n: number) => (answers[n] ??= killCall(n).map((sharded) => reference.write(sharded)));
    let written = 0;
    for (let round = 0; round < 12; round++) {
      const journal = await writeUntilKilled(subject, {
        from: written,
        killAfter: 1 + ((round * 7) % 12),
        settle: true,
      });
      for (const { n, outcomes } of journal) expect(outcomes).toEqual(answersOf(n));
      written += journal.length;
      await withStore(subject, async (store) => {
        const results = await store.write(killCall(written));
        expect(results.map((result) => [...result.outcomes])).toEqual(answersOf(written));
        written++;
        for (const site of killCallSites) {
          expect(facts(await readSite(store, site))).toEqual(reference.facts(site));
          const rollups = await store.rollups({ window: 'PT1H', ranges: [{ site, from: 0, to: 4e12 }] });
          expect(rollups.length).toBeGreaterThan(0);
          expect(new Set(rollups.map((rollup) => rollup.start)).size).toBe(rollups.length);
        }
      });
    }
  } finally {
    await subject.end();
    await variant.remove();
  }
});

async function readToEnd(rows: AsyncIterator<unknown>): Promise<void> {
  while ((await rows.next()).done !== true);
}
