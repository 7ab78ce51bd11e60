import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outcome } from '@songma/domain';
import { createLogger, pause, UnavailableError } from '@songma/runtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isPortTaken } from '../../../infra/native/probes.ts';
import {
  callersSettings,
  ensureServers,
  killServer,
  recipeOf,
  startServer,
  stopServer,
} from '../../../infra/native/servers.ts';
import { openInfluxSeriesStore, type InfluxSeriesStore } from '../src/influx/influx-series-store.ts';
import { readSite, shardedBlock } from './blocks.ts';

const t0 = Date.UTC(2026, 0, 5);
const hourMs = 3_600_000;
const nothing = { rollups: [], indicators: [] };

/** Ten sites with 20 meters at 50 times, every tenth value corrected by the next call. */
const call = (n: number) =>
  Array.from({ length: 10 }, (_, site) =>
    shardedBlock(
      `site-${site}`,
      1_000_000 + n * 100 + site,
      Array.from({ length: 1000 }, (__, row) => ({
        meter: `m${row % 20}`,
        time: t0 + (Math.floor(row / 20) + n * 45) * 900_000,
        value: row % 10 === 0 ? n : row % 20,
      })),
    ),
  );

/** A server of this file's own, since it is killed: other tests go on with theirs. */
const ownServer = { SONGMA_NATIVE_PORT_OFFSET: '7100', SONGMA_NATIVE_RUN_DIR: '' };
const { programDir } = recipeOf('influx', callersSettings());
const isBuilt = existsSync(programDir);
const skipped = isBuilt ? '' : ', skipped: InfluxDB has not been built here';

/** The outage that a write rejected with; anything else is rethrown. */
function outageOf(error: unknown): UnavailableError {
  if (error instanceof UnavailableError) return error;
  throw error;
}

/** Kills the server, and resolves when its port is free. */
async function kill(): Promise<void> {
  await killServer('influx');
  const { host, port } = recipeOf('influx', callersSettings());
  while (await isPortTaken(host, port, 1000)) await pause(10);
}

describe.skipIf(!isBuilt)(`InfluxSeriesStore while InfluxDB is down${skipped}`, () => {
  let store: InfluxSeriesStore;
  beforeAll(async () => {
    ownServer.SONGMA_NATIVE_RUN_DIR = await mkdtemp(join(tmpdir(), 'songma-influx-'));
    await chmod(ownServer.SONGMA_NATIVE_RUN_DIR, 0o755);
    Object.assign(process.env, ownServer);
    for (const name of ['URL', 'TOKEN', 'ORG', 'BUCKET']) delete process.env[`INFLUX_${name}`];
    const { influx } = await ensureServers({ only: ['influx'] });
    const logger = createLogger({ service: 'test', level: 'silent' });
    store = await openInfluxSeriesStore({ ...influx, timeoutMs: 5000 }, { logger });
  });
  afterAll(async () => {
    await store.close();
    await stopServer('influx');
    await rm(ownServer.SONGMA_NATIVE_RUN_DIR, { recursive: true });
  });

  test('writes and reads reject until it is back, and then repeats are exact without a restart of ours', async () => {
    const expected: number[][][] = [];
    const write = async (n: number) => (await store.write(call(n))).map(({ outcomes }) => [...outcomes]);
    for (let n = 0; n < 3; n++) expected.push(await write(n));
    expect(new Set(expected.flat(2))).toEqual(
      new Set([outcome.stored, outcome.duplicate, outcome.superseding]),
    );

    // Cut in the middle, or just done.
    const cut = store.write(call(3)).then(() => undefined, outageOf);
    await kill();
    await cut;
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(store.write(call(3))).rejects.toBeInstanceOf(UnavailableError);
    }
    await expect(store.due('S00', 10)).rejects.toBeInstanceOf(UnavailableError);
    await expect(readSite(store, 'site-0')).rejects.toBeInstanceOf(UnavailableError);
    await expect(store.check()).rejects.toBeInstanceOf(UnavailableError);

    await startServer('influx');
    await store.check();
    expected.push(await write(3));
    expected.push(await write(4));
    for (let n = 0; n < 5; n++) expect(await write(n)).toEqual(expected[n]);

    const rows = await readSite(store, 'site-4');
    expect(rows).toHaveLength(20 * (50 + 4 * 45));
    const { changes, mark } = await store.due('S00', 10_000);
    expect(new Set(changes.map(({ site }) => site)).size).toBe(10);
    expect(changes.length).toBe(10 * Math.ceil(((50 + 4 * 45) * 900_000) / hourMs));
    await store.settle('S00', mark!, nothing);
    expect(await store.due('S00', 10)).toEqual({ changes: [], mark: null });
  });

  test('what was accepted before it was killed is all there when it is back', async () => {
    const accepted: number[] = [];
    let killing: Promise<void> | undefined;
    let outage: UnavailableError | undefined;
    for (let n = 10; outage === undefined; n++) {
      outage = await store.write(call(n)).then(() => void accepted.push(n), outageOf);
      if (accepted.length === 5) killing ??= kill();
    }
    await killing;
    expect(accepted.length).toBeGreaterThanOrEqual(5);
    await startServer('influx');
    const held = new Set((await readSite(store, 'site-7')).map(({ meter, time }) => `${meter} ${time}`));
    for (const n of accepted) {
      const { block } = call(n)[7]!;
      const missing = [...block.times].filter(
        (time, row) => !held.has(`${block.meters[block.meterIndex[row]!]} ${time}`),
      );
      expect(missing).toEqual([]);
    }
  });
});
