import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { drive } from '../support/driver.ts';
import { createJournal } from '../support/journal.ts';
import { checkStopped, untilSettled } from '../support/settle.ts';
import { seedRegistry } from '../support/stores.ts';
import { startSystem } from '../support/system.ts';
import { designMix, stepsCovered, traffic } from '../support/traffic.ts';
import { buildWorld, minuteMs } from '../support/world.ts';

const minute = 60_000;
const world = buildWorld({
  seed: 3,
  enterprises: 2,
  sitesPerEnterprise: 2,
  metersPerSite: 10,
  from: Date.UTC(2026, 0, 5, 17),
  stepMs: minuteMs,
});
const size = { readings: 4 * 10 * 60 * 3, batchRows: 100 };

it(
  'a damaged series store stops the start with the way out, and that way brings every reading back',
  async () => {
    const system = await startSystem({ furnishing: 'embedded', prepare: (env) => seedRegistry(env, world) });
    try {
      const journal = createJournal(world, stepsCovered(world, size));
      await drive({
        url: system.url,
        pushes: traffic(world, { ...size, mix: designMix }),
        journal,
        inFlightMax: 4,
      });
      await untilSettled(system, minute);
      await system.stop();
      await overwrite(join(system.dataDir, 'series-store', 'series.duckdb'));

      await expect(system.start('standalone')).rejects.toThrow(
        /ended with 78.*is damaged.*pnpm start --rebuild/s,
      );
      await system.start('standalone', '--rebuild');
      await untilSettled(system, minute);
      await system.stop();
      const check = await checkStopped(system, world, journal);
      expect(check.faults).toEqual([]);
      expect(check.readings).toBe(journal.distinct);
      const files = await readdir(join(system.dataDir, 'series-store'));
      expect(files.some((file) => file.startsWith('series.duckdb.aside-'))).toBe(true);
    } finally {
      await system.stop().catch(() => {});
      await system.remove();
    }
  },
  3 * minute,
);

/** As a bad sector would: some blocks in the middle of the file hold something else. */
async function overwrite(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(Buffer.alloc(64 * 1024, 0xa5), 0, 64 * 1024, 8 * 1024);
  await file.close();
}
