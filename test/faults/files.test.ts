import { describe, expect, it } from 'vitest';
import { furnishings } from '../support/furnishings.ts';
import { faultsOf, registerStation } from '../support/station-files.ts';
import { startSystem } from '../support/system.ts';
import { until } from '../support/until.ts';

/** How often the process that takes the files is killed; `FILE_KILLS=20` asks for more. */
const kills = Number(process.env['FILE_KILLS'] ?? 3);
const filesPerKill = 150;
const settings = { FILES_LOOK_SECONDS: '0.05', FILES_SETTLE_SECONDS: '0', FILES_IN_FLIGHT_MAX: '4' };

for (const { furnishing, title, isAvailable } of await furnishings()) {
  const part = furnishing === 'embedded' ? 'standalone' : 'files';
  describe.skipIf(!isAvailable)(`A folder of files ${title}, its taker killed ${kills} times`, () => {
    it('is taken whole, each file once', async () => {
      const system = await startSystem({ furnishing, env: settings, more: ['files'] });
      try {
        const station = await registerStation(system);
        for (let kill = 0; kill < kills; kill++) {
          await station.upload(kill * filesPerKill, filesPerKill);
          // In the middle: some are done, and some are not.
          await until('some of the files to be done', async () => {
            const { done } = await station.shelves();
            return done.length > kill * filesPerKill + filesPerKill / 10 ? done : undefined;
          });
          await system.kill(part);
          await system.start(part);
        }
        const count = kills * filesPerKill;
        await until('every file to be done', async () => {
          system.checkAlive();
          const { done, waiting } = await station.shelves();
          return done.length === count && waiting.length === 0 ? done : undefined;
        });
        const stored = await until('every reading to be stored', async () => {
          const found = await station.stored(0, count);
          return found.size >= count ? found : undefined;
        });
        expect(faultsOf(stored, 0, count)).toEqual([]);
        expect((await station.shelves()).refused).toEqual([]);
        await system.stop();
      } finally {
        await system.stop().catch(() => {});
        await system.remove();
      }
    });
  });
}
