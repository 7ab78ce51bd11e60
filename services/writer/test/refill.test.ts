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

const earlierStep = {
  step: 'raised',
  alert: `dust-limit/${start}`,
  at: end,
  limit: 'dust-limit',
  meter: 'dust',
  site: 'mill-site',
  enterprise: 'mill',
  parameter: 'PM',
  unit: 'mg/Nm3',
  since: start,
  mean: 150,
  limitValue: 100,
  coverage: 1,
  ratio: 1.5,
  document: 'QCVN 23:2009/BTNMT',
  verified: false,
};

it('an empty store is filled from the log with readings that are due, with all that was published, and with alerts', async () => {
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
    const steps = [
      // As a build of 2026-11-27 told of an alert, and how one of today goes on with it.
      earlierStep,
      { step: 'resolved', alert: earlierStep.alert, at: end + 1, until: start + 2 * hourMs, mean: 50 },
      { step: 'acknowledged', alert: earlierStep.alert, at: end + 2, by: 'lan', note: 'đã gọi' },
      { step: 'shelved', alert: earlierStep.alert, at: end + 3, until: end + 9 },
    ];
    const alertRecord = (step: object) => ({
      key: earlierStep.alert,
      value: encoder.encode(JSON.stringify(step)),
    });
    await eventLog.append('alerts', steps.map(alertRecord));
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

    let goneOn = 0;
    for (const attempt of ['into an empty store', 'into one that has it all']) {
      expect(await refillStore({ eventLog, registry, seriesStore }, 1000, () => undefined), attempt).toBe(2);
      const history = await seriesStore.history({ of: first.after, afterRevision: 0, limit: 10 });
      expect(history, attempt).toEqual([first, again]);
      const standing = await seriesStore.indicators({ window: 'P1D', from: start, to: end });
      expect(standing, attempt).toEqual([again.after]);
      const [known] = await seriesStore.alerts({ limit: 10 });
      expect(known, attempt).toMatchObject({
        alert: { id: earlierStep.alert, state: 'resolved', until: start + 2 * hourMs, revision: 2 + goneOn },
        acknowledged: { by: 'lan', note: 'đã gọi' },
      });
      const revisions = await seriesStore.alertHistory({
        alert: earlierStep.alert,
        afterRevision: 0,
        limit: 10,
      });
      expect(revisions, attempt).toHaveLength(2 + goneOn);
      if (goneOn === 0) {
        const after = { ...known!.alert, revision: 3, windows: 2, changedAt: end + 5 };
        const step = { step: 'revised', alert: after.id, at: end + 5, change: 'revised', after };
        await eventLog.append('alerts', [alertRecord(step)]);
        goneOn++;
      }
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
