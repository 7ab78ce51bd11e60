import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outcomeReadingsHeader } from '@songma/domain';
import { openEventLog, type OpenEventLog } from '@songma/event-log';
import { createLogger } from '@songma/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openReadingRate, secondsKept, type ReadingRate } from '../src/status/reading-rate.ts';

const logger = createLogger({ service: 'rate-test', level: 'silent' });
const start = Date.UTC(2026, 0, 6, 5);
let directory: string;
let eventLog: OpenEventLog;
let now: number;
let rate: ReadingRate;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'songma-rate-'));
  eventLog = await openEventLog({ adapter: 'sqlite', dataDir: directory }, { logger });
  now = start;
  rate = await openReadingRate(eventLog, () => now);
});

afterEach(async () => {
  await rate.close();
  await eventLog.close();
  await rm(directory, { recursive: true });
});

/** As the writer tells it, at this second after the start. */
async function told(second: number, readings: Record<string, number>, writtenAt = second): Promise<void> {
  now = start + second * 1000;
  const headers = {
    ce_time: new Date(start + writtenAt * 1000).toISOString(),
    [outcomeReadingsHeader]: JSON.stringify(readings),
  };
  await eventLog.append('outcomes', [{ key: 'site', value: new Uint8Array(), headers }]);
  await expect.poll(() => eventLog.lag('outcomes', 'api-status')).toBe(0);
}

test('readings are counted by the second that they came in, of each enterprise and of all', async () => {
  await told(0, { mill: 30, brewery: 10 });
  await told(1, { mill: 20 });
  now = start + 2000;
  expect(rate.recent().slice(-3)).toEqual([0, 40, 20]);
  expect(rate.recent('mill').slice(-2)).toEqual([30, 20]);
  expect(rate.recent('brewery').slice(-2)).toEqual([10, 0]);
  expect([rate.perSecond(), rate.perSecond('mill'), rate.perSecond('nobody')]).toEqual([6, 5, 0]);
});

test('a second is left out while it is under way, and forgotten after a minute', async () => {
  await told(0, { mill: 5 });
  expect(rate.recent().at(-1)).toBe(0);
  now = start + (secondsKept - 1) * 1000;
  expect(rate.recent()).toEqual([5, ...Array.from({ length: secondsKept - 2 }, () => 0)]);
  now += 1000;
  expect(rate.recent().every((readings) => readings === 0)).toBe(true);
});

test('what the log tells of long ago is not counted as of now', async () => {
  await told(100, { mill: 5 }, 100 - secondsKept - 1);
  now += 1000;
  expect(rate.recent().at(-1)).toBe(0);
});
