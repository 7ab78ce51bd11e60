import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pause, retry } from '@songma/runtime';
import { adapterAvailability } from '../../../test/support/adapters.ts';
import { killServer, restartServer, startServer } from '../../../infra/native/servers.ts';
import type { EventLog } from '../src/index.ts';
import { openKafkaBench, type KafkaBench } from './kafka-bench.ts';
import { collect, groupBy, until, readAll } from './records.ts';

const kafka = await adapterAvailability('kafka');
const isGiven =
  process.env.KAFKA_BROKERS !== undefined && kafka.available && !isNative(kafka.settings.brokers);
const reason = isGiven ? 'the broker is not ours to restart' : kafka.available ? '' : kafka.reason;
const skipped = reason === '' ? '' : `, skipped: ${reason}`;

/** A broker of this file's own: others go on working on the usual one while it falls. */
const portOffset = 2_000 + (process.pid % 500) * 4;

function isNative(brokers: readonly string[]): boolean {
  return brokers.every((broker) => broker.startsWith('127.0.0.1:19092'));
}

describe.skipIf(reason !== '')(`KafkaEventLog while its broker falls${skipped}`, () => {
  const usual = { ...process.env };
  let runDir: string;
  let bench: KafkaBench;

  beforeAll(async () => {
    runDir = await mkdtemp(join(tmpdir(), 'songma-broker-'));
    delete process.env.KAFKA_BROKERS;
    process.env.SONGMA_NATIVE_RUN_DIR = runDir;
    process.env.SONGMA_NATIVE_PORT_OFFSET = String(portOffset);
    await startServer('kafka');
    bench = await openKafkaBench([`127.0.0.1:${19_092 + portOffset}`]);
  });

  afterAll(async () => {
    await bench?.remove();
    await killServer('kafka');
    process.env = usual;
    await rm(runDir, { recursive: true, force: true });
  });

  it.for([
    ['restarted', () => restartServer('kafka')],
    ['killed and started again', () => killServer('kafka').then(startAgain)],
  ] as const)(
    'loses nothing acknowledged and keeps the order when it is %s under load',
    async ([, fall], { task }) => {
      const log = await bench.open();
      const seen = collect();
      const reading = await log.consume({ topic: 'readings', group: task.id }, seen.handle);
      const plants = startPlants(log, task.id);
      await until(() => plants.acknowledged.length > 500);
      await fall();
      const before = plants.acknowledged.length;
      await until(() => plants.acknowledged.length > before + 500);
      await plants.stop();

      const expected = plants.acknowledged.map(({ key, n }) => ({ key, headers: { n: String(n) } }));
      await until(() => seen.has(expected));
      const stored = groupBy((await readAll(log)).filter(({ key }) => key.startsWith(task.id)));
      for (const [key, numbers] of groupBy(expected)) {
        expect({ key, numbers: [...new Set(stored.get(key))] }).toEqual({ key, numbers });
      }
      await reading.close();
      await log.close();
    },
  );
});

/** A killed process may hold its port for a moment longer. */
async function startAgain(): Promise<void> {
  await until(() =>
    startServer('kafka').then(
      () => true,
      () => false,
    ),
  );
}

/** Plants that push one record after the other, each until it is acknowledged. */
function startPlants(log: EventLog, name: string) {
  const acknowledged: { key: string; n: number }[] = [];
  const stop = new AbortController();
  const plants = Array.from({ length: 8 }, async (_, plant) => {
    const key = `${name} ${plant}`;
    for (let n = 0; !stop.signal.aborted; n++) {
      const record = { key, value: new Uint8Array(500), headers: { n: String(n) } };
      await retry(() => log.append('readings', [record]), {
        deadlineMs: 60_000,
        firstDelayMs: 50,
        delayMaxMs: 500,
      });
      acknowledged.push({ key, n });
      await pause(5);
    }
  });
  return {
    acknowledged,
    stop: async () => {
      stop.abort();
      await Promise.all(plants);
    },
  };
}
