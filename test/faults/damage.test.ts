import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drive } from '../support/driver.ts';
import { furnishings } from '../support/furnishings.ts';
import { createJournal, type Journal } from '../support/journal.ts';
import { checkStopped, untilSettled } from '../support/settle.ts';
import { seedRegistry } from '../support/stores.ts';
import { startSystem, type System } from '../support/system.ts';
import { designMix, stepsCovered, traffic } from '../support/traffic.ts';
import { buildWorld, minuteMs } from '../support/world.ts';

const world = buildWorld({
  seed: 3,
  enterprises: 2,
  sitesPerEnterprise: 2,
  metersPerSite: 10,
  from: Date.UTC(2026, 0, 5, 17),
  stepMs: minuteMs,
});
const size = { readings: 4 * 10 * 60 * 3, batchRows: 100 };

it('a damaged series store stops the start with the way out, and that way brings every reading back', async () => {
  const system = await startSystem({ furnishing: 'embedded', prepare: (env) => seedRegistry(env, world) });
  try {
    const journal = await pushed(system);
    await overwrite(join(system.dataDir, 'series-store', 'series.duckdb'));

    await expect(system.start('standalone')).rejects.toThrow(
      /ended with 78.*is damaged.*pnpm start --rebuild/s,
    );
    await system.start('standalone', '--rebuild');
    await expectAllThere(system, journal);
    const files = await readdir(join(system.dataDir, 'series-store'));
    expect(files.some((file) => file.startsWith('series.duckdb.aside-'))).toBe(true);
  } finally {
    await system.stop().catch(() => {});
    await system.remove();
  }
});

const cluster = (await furnishings()).find(({ furnishing }) => furnishing === 'cluster')!;

describe.skipIf(!cluster.isAvailable)(`A system ${cluster.title}`, () => {
  it('whose bucket was emptied is filled from the log by a writer that is told to', async () => {
    const system = await startSystem({ furnishing: 'cluster', prepare: (env) => seedRegistry(env, world) });
    try {
      const journal = await pushed(system);
      await emptyBucket(system.env);
      expect((await checkStopped(system, world, journal)).faults).not.toEqual([]);
      await system.start('writer', '--rebuild');
      for (const part of system.parts) if (part !== 'writer') await system.start(part);
      await expectAllThere(system, journal);
    } finally {
      await system.stop().catch(() => {});
      await system.remove();
    }
  });
});

/** Pushes the world, lets everything be computed and stops the system. */
async function pushed(system: System): Promise<Journal> {
  const journal = createJournal(world, stepsCovered(world, size));
  await drive({
    url: system.url,
    pushes: traffic(world, { ...size, mix: designMix }),
    journal,
    inFlightMax: 4,
  });
  await untilSettled(system);
  await system.stop();
  return journal;
}

async function expectAllThere(system: System, journal: Journal): Promise<void> {
  await untilSettled(system);
  await system.stop();
  const check = await checkStopped(system, world, journal);
  expect(check.faults).toEqual([]);
  expect(check.readings).toBe(journal.distinct);
}

async function emptyBucket(env: System['env']): Promise<void> {
  const query = new URLSearchParams({ org: env['INFLUX_ORG']!, bucket: env['INFLUX_BUCKET']! }).toString();
  const response = await fetch(`${env['INFLUX_URL']}/api/v2/delete?${query}`, {
    method: 'POST',
    headers: { authorization: `Token ${env['INFLUX_TOKEN']}`, 'content-type': 'application/json' },
    body: JSON.stringify({ start: '1970-01-01T00:00:00Z', stop: '2262-01-01T00:00:00Z' }),
  });
  expect(response.status).toBe(204);
}

/** As a bad sector would: some blocks in the middle of the file hold something else. */
async function overwrite(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(Buffer.alloc(64 * 1024, 0xa5), 0, 64 * 1024, 8 * 1024);
  await file.close();
}
