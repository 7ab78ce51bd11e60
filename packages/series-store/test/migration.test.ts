import { access, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { ConfigError } from '@songma/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readSite } from './blocks.ts';
import { startDuckdbSubject } from './duckdb-subject.ts';
import { indicatorOf } from './results.ts';
import { withStore, type Subject } from './subject.ts';

const t0 = Date.UTC(2026, 0, 5);
const hourMs = 3_600_000;

/** The tables of layout 5, as the build of 2026-11-26 made them. */
const schema5 = `
CREATE TABLE meta (version INTEGER, marked_to BIGINT);
CREATE TABLE series (id INTEGER, site VARCHAR, meter VARCHAR);
CREATE TABLE readings (
  series INTEGER, time BIGINT, value DOUBLE, flags UTINYINT, known BIGINT, revision USMALLINT
);
CREATE TABLE superseded (series INTEGER, time BIGINT, known BIGINT, until BIGINT);
CREATE TABLE confirmed (series INTEGER, time BIGINT, known BIGINT);
CREATE TABLE changes (seq BIGINT, shard VARCHAR, site VARCHAR, hour BIGINT, meter VARCHAR);
CREATE TABLE rollups (
  series INTEGER, span UTINYINT, start_ms BIGINT, end_ms BIGINT, count INTEGER, expected DOUBLE,
  covered_ms BIGINT, coverage DOUBLE, sum DOUBLE, mean DOUBLE, min DOUBLE, max DOUBLE,
  calibrating INTEGER, fault INTEGER, out_of_range INTEGER, spread_ms BIGINT, irregular INTEGER, revision INTEGER,
  quarters INTEGER, valid_span_ms BIGINT, calibrating_ms BIGINT, fault_ms BIGINT
);
CREATE TABLE indicators (
  id VARCHAR, enterprise VARCHAR, site VARCHAR, product VARCHAR, name VARCHAR, span UTINYINT, start_ms BIGINT,
  revision INTEGER, body VARCHAR
);
CREATE TABLE publications (
  id VARCHAR, enterprise VARCHAR, site VARCHAR, product VARCHAR, name VARCHAR, span UTINYINT, start_ms BIGINT,
  revision INTEGER, published_ms BIGINT, cause VARCHAR, restates UTINYINT, body VARCHAR
);
INSERT INTO meta VALUES (5, 42);
`;

const standing = indicatorOf('mill', 'electricity-intensity', t0, { revision: 2, value: 90 });
const first = indicatorOf('mill', 'electricity-intensity', t0, { publishedAt: t0 + 24 * hourMs });

/** A day of hourly readings of one meter, one of them corrected; what was computed; an hour that is due. */
const content5 = `
INSERT INTO series VALUES (0, 's', 'a');
INSERT INTO readings SELECT 0, ${t0} + i * ${hourMs}, i, 0, 1000, 0 FROM range(24) r(i);
INSERT INTO readings VALUES (0, ${t0 + 3 * hourMs}, 99, 0, 2000, 1);
INSERT INTO superseded VALUES (0, ${t0 + 3 * hourMs}, 1000, 2000);
INSERT INTO changes VALUES (7, 'S00', 's', ${t0 + 3 * hourMs}, ''), (8, 'S00', 's', ${t0}, 'a');
INSERT INTO rollups SELECT 0, 0, ${t0} + i * ${hourMs}, ${t0} + (i + 1) * ${hourMs}, 1, 1, ${hourMs}, 1, i, NULL, NULL,
  NULL, 0, 0, 0, 0, 0, 3, 15, 0, 0, 0 FROM range(24) r(i);
INSERT INTO indicators VALUES ('${standing.id}', 'mill', '', '', '${standing.name}', 1, ${t0}, 2,
  '${JSON.stringify(standing)}');
INSERT INTO publications VALUES
  ('${first.id}', 'mill', '', '', '${first.name}', 1, ${t0}, 1, ${first.publishedAt}, 'readings', 0,
   '${JSON.stringify(first)}'),
  ('${standing.id}', 'mill', '', '', '${standing.name}', 1, ${t0}, 2, ${standing.publishedAt}, 'registry', 1,
   '${JSON.stringify(standing)}');
`;

describe('a store in the layout of an earlier build', () => {
  let subject: Subject;
  let path = '';
  beforeEach(async () => {
    subject = await startDuckdbSubject();
    const directory = join(subject.config.dataDirectory, 'series-store');
    await mkdir(directory, { recursive: true });
    path = join(directory, 'series.duckdb');
  });
  afterEach(() => subject.end());

  async function makeStore(sql: string): Promise<void> {
    const instance = await DuckDBInstance.create(path);
    const connection = await instance.connect();
    await connection.run(sql);
    connection.disconnectSync();
    instance.closeSync();
  }

  /** That everything is there which the earlier build had put into it. */
  async function expectContent(): Promise<void> {
    await withStore(subject, async (store) => {
      expect(await readSite(store, 's')).toHaveLength(24);
      const ranges = [{ site: 's', from: t0, to: t0 + 24 * hourMs }];
      const [chunk] = await Array.fromAsync(store.read({ ranges }));
      expect([chunk!.values[3], chunk!.revisions[3], chunk!.values[4]]).toEqual([99, 1, 4]);
      const [then] = await Array.fromAsync(store.read({ ranges, asOfUs: 1500 }));
      expect(then!.values[3]).toBe(3);
      const rollups = await store.rollups({ ranges, window: 'PT1H' });
      expect(rollups).toHaveLength(24);
      expect(rollups[5]).toMatchObject({ meter: 'a', sum: 5, mean: null, revision: 3, quarters: 15 });
      // What that build did not tell is 0, the version of the rules too.
      expect(rollups[5]).toMatchObject({ outOfRangeMs: 0, belowDetection: 0, validMs: 0, rules: 0 });
      const { changes } = await store.due('S00', 10);
      expect(changes).toEqual([
        { site: 's', hour: t0 + 3 * hourMs },
        { site: 's', hour: t0, meter: 'a' },
      ]);
      expect([await store.markedTo('facts'), await store.markedTo('rules')]).toEqual([42, undefined]);
      const query = { window: 'P1D', from: t0, to: t0 + 1 } as const;
      expect(await store.indicators(query)).toEqual([standing]);
      expect(await store.indicators({ ...query, asOf: first.publishedAt })).toEqual([first]);
    });
  }

  const exists = (file: string) =>
    access(file).then(
      () => true,
      () => false,
    );

  test('is copied into that of this build with all it holds, and the old file is kept', async () => {
    await makeStore(schema5 + content5);
    await expectContent();
    expect((await readdir(join(path, '..'))).filter((name) => name !== 'tmp').toSorted()).toEqual([
      'series.duckdb',
      'series.duckdb.version-5',
    ]);
    // It is copied once.
    await expectContent();
  });

  test('is copied anew when a kill has left a part of a copy', async () => {
    await makeStore(schema5 + content5);
    await writeFile(`${path}.copying`, 'a part');
    await writeFile(`${path}.copying.wal`, 'a part of its log');
    await writeFile(`${path}.copied`, 'of an earlier try');
    await expectContent();
    expect(await exists(`${path}.copying`)).toBe(false);
    expect(await exists(`${path}.copied`)).toBe(false);
  });

  test('is complete when a kill came between the two renamings', async () => {
    await makeStore(schema5 + content5);
    await expectContent();
    await rename(path, `${path}.copied`);
    await expectContent();
    expect(await exists(`${path}.copied`)).toBe(false);
  });

  test('is refused where this build does not know the layout, with the way out, and left as it is', async () => {
    for (const version of [4, 7]) {
      await makeStore(`${schema5.replace('(5, 42)', `(${version}, 42)`)}${content5}`);
      const error: unknown = await subject.open().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as ConfigError).message).toContain(`tables are of version ${version}`);
      expect((error as ConfigError).message).toContain('Run the version that wrote it');
      await rename(path, `${path}.${version}`);
    }
  });
});
