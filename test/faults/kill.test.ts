import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { drive } from '../support/driver.ts';
import { furnishings } from '../support/furnishings.ts';
import { createJournal } from '../support/journal.ts';
import { checkStopped, untilSettled } from '../support/settle.ts';
import { seedRegistry } from '../support/stores.ts';
import { startSystem, type Part, type System } from '../support/system.ts';
import { designMix, mulberry, stepsCovered, traffic } from '../support/traffic.ts';
import { buildWorld, minuteMs } from '../support/world.ts';

/** How often each process is killed; `FAULT_KILLS` asks for more or fewer. */
const kills = Number(process.env['FAULT_KILLS'] ?? 20);
const seed = Number(process.env['FAULT_SEED'] ?? 7);

const world = buildWorld({
  seed,
  enterprises: 4,
  sitesPerEnterprise: 5,
  metersPerSite: 10,
  from: Date.UTC(2026, 0, 5, 17),
  stepMs: minuteMs,
});
/** At most; the traffic ends when the killing does. */
const size = { readings: 20 * 10 * 60 * 48, batchRows: 20 };

for (const { furnishing, title, isAvailable } of await furnishings()) {
  describe.skipIf(!isAvailable)(
    `A system ${title}, each of its processes killed ${kills} times under load`,
    () => {
      it('holds every accepted reading exactly once, right rollups and each alert once', async () => {
        const system = await startSystem({ furnishing, prepare: (env) => seedRegistry(env, world) });
        try {
          const journal = createJournal(world, stepsCovered(world, size));
          let isKilled = false;
          const killing = Promise.all(
            system.parts.map((part, at) => killOften(system, part, seed + at)),
          ).finally(() => {
            isKilled = true;
          });
          const driven = await drive({
            url: system.url,
            pushes: traffic(world, { ...size, mix: designMix, isEnough: () => isKilled }),
            journal,
            inFlightMax: 16,
            pushesPerSecond: 100,
          });
          await killing;
          await untilSettled(system);
          await system.stop();
          const check = await checkStopped(system, world, journal);

          expect(driven.wrong).toEqual([]);
          expect(check.faults).toEqual([]);
          expect(check.readings).toBe(journal.distinct);
          expect(driven.repeats).toBeGreaterThan(0);
        } finally {
          await system.stop().catch(() => {});
          await system.remove();
        }
      });
    },
  );
}

async function killOften(system: System, part: Part, partSeed: number): Promise<void> {
  const random = mulberry(partSeed);
  for (let kill = 0; kill < kills; kill++) {
    await wait(200 + 1_000 * random());
    await system.kill(part);
    await wait(300 * random());
    await system.start(part);
  }
}
