import { setTimeout as wait } from 'node:timers/promises';
import { createConnection } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restartServer, startServer, stopServer } from '../../infra/native/servers.ts';
import { drive } from '../support/driver.ts';
import { furnishings } from '../support/furnishings.ts';
import { createJournal, type Journal } from '../support/journal.ts';
import { startOwnServers } from '../support/own-servers.ts';
import { checkStopped, untilSettled } from '../support/settle.ts';
import { seedRegistry } from '../support/stores.ts';
import { startSystem, type System } from '../support/system.ts';
import { designMix, stepsCovered, traffic } from '../support/traffic.ts';
import { buildWorld, minuteMs } from '../support/world.ts';

const second = 1_000;
/** How long the store is away; `FAULT_OUTAGE_SECONDS` asks for another time. */
const outageMs = Number(process.env['FAULT_OUTAGE_SECONDS'] ?? 120) * second;
/** How soon everything is right again once Redis was flushed. */
const convergenceMs = 120 * second;

const world = buildWorld({
  seed: 11,
  enterprises: 4,
  sitesPerEnterprise: 5,
  metersPerSite: 10,
  from: Date.UTC(2026, 0, 5, 17),
  stepMs: minuteMs,
});
const size = { readings: 20 * 10 * 60 * 24, batchRows: 20 };

const cluster = (await furnishings()).find(({ furnishing }) => furnishing === 'cluster')!;

describe.skipIf(!cluster.isAvailable)(`A system ${cluster.title}`, () => {
  let endServers: () => Promise<void>;
  beforeAll(async () => {
    endServers = await startOwnServers(300);
  });
  afterAll(() => endServers());

  it('loses nothing and needs no restart when the store is away for two minutes', () =>
    underLoad(async (_system, journal) => {
      await stopServer('influx');
      const acceptedBefore = journal.accepted;
      await wait(outageMs);
      expect(journal.accepted).toBeGreaterThan(acceptedBefore);
      await startServer('influx');
    }));

  it('converges within two minutes when Redis is flushed', () =>
    underLoad(async (system) => {
      for (let flush = 0; flush < 5; flush++) {
        await askRedis(system.env['REDIS_URL']!, 'FLUSHALL');
        await wait(second);
      }
    }, convergenceMs));

  it('holds everything that was accepted while the broker was restarted', () =>
    underLoad(async () => {
      await restartServer('kafka');
      await wait(5 * second);
      await restartServer('kafka');
    }));
});

/** Drives the world while the fault happens and for some seconds more, then has the checker look. */
async function underLoad(
  fault: (system: System, journal: Journal) => Promise<void>,
  settledWithinMs?: number,
): Promise<void> {
  const system = await startSystem({ furnishing: 'cluster', prepare: (env) => seedRegistry(env, world) });
  try {
    const journal = createJournal(world, stepsCovered(world, size));
    let isOver = false;
    const driving = drive({
      url: system.url,
      pushes: traffic(world, { ...size, mix: designMix, isEnough: () => isOver }),
      journal,
      inFlightMax: 16,
      pushesPerSecond: 100,
    });
    await wait(5 * second);
    await fault(system, journal);
    await wait(5 * second);
    isOver = true;
    const driven = await driving;
    await untilSettled(system, settledWithinMs);
    // Each part lived through it.
    system.checkAlive();
    await system.stop();
    const check = await checkStopped(system, world, journal);

    expect(driven.wrong).toEqual([]);
    expect(check.faults).toEqual([]);
    expect(check.readings).toBe(journal.distinct);
  } finally {
    await system.stop().catch(() => {});
    await system.remove().catch(() => {});
  }
}

async function askRedis(url: string, command: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = createConnection(Number(port), hostname);
  socket.write(`${command}\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  expect(answer.toString()).toBe('+OK\r\n');
}
