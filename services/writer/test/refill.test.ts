import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeReadingBlock, shardOf, type Indicator, type IndicatorEvent } from '@songma/domain';
import { openEventLog } from '@songma/event-log';
import { openRegistry } from '@songma/registry';
import { createLogger, loadConfig } from '@songma/runtime';
import { openSeriesStore, seriesStoreSettings } from '@songma/series-store';
import { expect, it } from 'vitest';
import { refillStore } from '../src/writer.ts';

const logger = createLogger({ service: 'writer-test', level: 'silent' });
const hourMs = 3_600_000;
const start = Date.parse('2026-11-22T00:00:00+07:00');
const end = start + 24 * hourMs;
const encoder = new TextEncoder();

function published(revision: number, value: number, before: Indicator | null): IndicatorEvent {
  const id = `mill/electricity-intensity/P1D/${start}`;
  const after: Indicator = {
    id,
    enterprise: 'mill',
    name: 'electricity-intensity',
    window: 'P1D',
    start,
    end,
    value,
    unit: 'kWh/t',
    coverage: 1,
    withheld: null,
    numerator: value,
    denominator: 1,
    revision,
    inputs: [],
    publishedAt: end + revision,
  };
  return { id, before, after, cause: 'readings' };
}

it('an empty store is filled from the log with readings that are due and with all that was published', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'songma-refill-'));
  const eventLog = await openEventLog({ adapter: 'sqlite', dataDir: directory }, { logger });
  const registry = await openRegistry({ eventLog, logger, now: () => end });
  const seriesStore = await openSeriesStore(loadConfig(seriesStoreSettings, { SONGMA_DATA: directory }), {
    logger,
  });
  try {
    for (const [kind, body] of [
      ['enterprise', { id: 'mill', name: 'Mill', sector: '2394' }],
      ['site', { id: 'mill-site', enterprise: 'mill', name: 'Site' }],
    ] as const) {
      await registry.submit({ kind, entity: body.id, expectedVersion: 0, body, by: 'test' });
    }
    const first = published(1, 90, null);
    const second = published(2, 96, first.after);
    // Broken off before the store had it, the worker published this revision once more.
    const again = { ...second, after: { ...second.after, value: 97, publishedAt: end + 9 } };
    const events = [first, second, again];
    await eventLog.append(
      'indicators',
      events.map((event) => ({ key: 'mill', value: encoder.encode(JSON.stringify(event)) })),
    );
    const block = {
      site: 'mill-site',
      batch: 'b',
      apiKey: 'gateway',
      knownUs: 1,
      part: 0,
      parts: 1,
      meters: ['power'],
      meterIndex: new Uint32Array(2),
      times: Float64Array.of(start, start + hourMs),
      values: Float64Array.of(1, 2),
      flags: new Uint8Array(2),
      rows: Uint32Array.of(0, 1),
    };
    await eventLog.append('readings', [{ key: 'mill-site', value: encodeReadingBlock(block) }]);

    for (const attempt of ['into an empty store', 'into one that has it all']) {
      expect(await refillStore({ eventLog, registry, seriesStore }, 1000, () => undefined), attempt).toBe(2);
      const history = await seriesStore.history({ of: first.after, afterRevision: 0, limit: 10 });
      expect(history, attempt).toEqual([first, again]);
      const standing = await seriesStore.indicators({ window: 'P1D', from: start, to: end });
      expect(standing, attempt).toEqual([again.after]);
      const { changes } = await seriesStore.due(shardOf('mill'), 10);
      expect(
        changes.map(({ hour }) => hour),
        attempt,
      ).toEqual([start, start + hourMs]);
    }
  } finally {
    await seriesStore.close();
    await registry.close();
    await eventLog.close();
    await rm(directory, { recursive: true });
  }
});
