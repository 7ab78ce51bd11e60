import { setTimeout as pause } from 'node:timers/promises';
import { createLogger, createMetrics, loadConfig } from '@songma/runtime';
import { openSeriesStore, seriesStoreSettings } from '@songma/series-store';
import { openWakeUps, wakeUpsSettings } from '@songma/wake-ups';
import { startWriter, writerSettings } from '@songma/writer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { makeDataDir, noon, openDoor, push } from '../../services/ingest/test/door-world.ts';

/**
 * Ten thousand rows that were refused with control characters gave a receipt larger than a record may be: the push was
 * accepted, and the writer ended with it, and again at each start.
 */

const texts = fc.constantFrom('x', '\u0001', '"', '\\', 'é', '漢', '😀', '\u2028');
const pushes = fc.record({
  rows: fc.constantFrom(1, 2, 500, 5_001, 10_000),
  /** How many rows in ten are refused. */
  refused: fc.constantFrom(0, 1, 5, 9, 10),
  text: texts,
  length: fc.constantFrom(1, 63, 64, 65, 200),
  /** Longest batch ids make every record longer. */
  batch: fc.constantFrom(1, 128),
  /** Rows in an order of their own give the longest lists of rows and times. */
  isShuffled: fc.boolean(),
});

type PushWish = typeof pushes extends fc.Arbitrary<infer T> ? T : never;

function bodyOf({ rows, refused, text, length, isShuffled }: PushWish, run: number): string {
  const long = text.repeat(length);
  const readings = Array.from({ length: rows }, (_, i) => {
    const at = isShuffled ? (i * 7919) % rows : i;
    const time = new Date(noon - (run * 20_000 + at) * 1_000).toISOString();
    if (i % 10 < refused) return { meter: `${long}${i}`, time: long, value: long, unit: long };
    return { meter: i % 2 === 0 ? 'kiln-pm' : 'mill-register', time, value: 1.234_567_890_123_45 * (at + 1) };
  });
  return JSON.stringify({ readings });
}

it('whatever the door has accepted the writer can write', { timeout: 300_000 }, async () => {
  const dir = await makeDataDir();
  const env = {
    INGEST_ROWS_MAX: '10000',
    INGEST_BODY_BYTES_MAX: String(64 * 1024 * 1024),
    INGEST_UNPACKED_BYTES_MAX: String(64 * 1024 * 1024),
    INGEST_IN_FLIGHT_BYTES_MAX: String(256 * 1024 * 1024),
    INGEST_QUARANTINE_BYTES_PER_DAY_MAX: String(1024 * 1024 * 1024),
  };
  const world = await openDoor({ dataDir: dir.path, env });
  const logger = createLogger({ service: 'test', level: 'silent' });
  const stores = loadConfig(seriesStoreSettings, { SONGMA_DATA: dir.path, DUCKDB_MEMORY_MIB_MAX: '512' });
  const seriesStore = await openSeriesStore(stores, { logger });
  const wakeUps = await openWakeUps(loadConfig(wakeUpsSettings, {}), { logger });
  const { eventLog, registry } = world;
  const deps = {
    logger,
    metrics: createMetrics({ ofProcess: false }),
    eventLog,
    registry,
    seriesStore,
    wakeUps,
  };
  const writer = await startWriter({ ...deps, now: () => noon }, loadConfig(writerSettings, {}));
  const ends: unknown[] = [];
  writer.closed.catch((error: unknown) => ends.push(error));

  let run = 0;
  await fc.assert(
    fc.asyncProperty(pushes, async (wish) => {
      run++;
      const batch = `${run}-`.padEnd(wish.batch, 'b').slice(0, 128);
      const answer = await push(world, bodyOf(wish, run), { batch });
      expect([202, 422]).toContain(answer.statusCode);
      const deadline = performance.now() + 60_000;
      while (
        (await eventLog.lag('readings', 'writer')) > 0 &&
        ends.length === 0 &&
        performance.now() < deadline
      ) {
        await pause(5);
      }
      expect([ends, await eventLog.lag('readings', 'writer')]).toEqual([[], 0]);
    }),
    {
      numRuns: 12,
      examples: [[{ rows: 10_000, refused: 10, text: '\u0001', length: 64, batch: 128, isShuffled: true }]],
    },
  );

  await writer.close();
  await wakeUps.close();
  await seriesStore.close();
  await world.close();
  await dir.remove();
});
