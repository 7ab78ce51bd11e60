import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type SongmaClient } from '@songma/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { furnishings } from '../support/furnishings.ts';
import { hasMosquitto, mosquittoPub, startMosquitto, type Mosquitto } from '../support/mosquitto.ts';
import { freePort, startSystem, type System } from '../support/system.ts';
import { until } from '../support/until.ts';

const hasClient = await hasMosquitto();
if (!hasClient && (process.env['REQUIRE_ADAPTERS'] ?? '') !== '')
  throw new Error(
    'Mosquitto is required and not on this machine: apt-get install mosquitto mosquitto-clients',
  );
const why = hasClient
  ? ''
  : ' (Mosquitto is not on this machine: apt-get install mosquitto mosquitto-clients)';

const works = {
  enterprises: [
    { id: 'works', name: 'Xi măng Thử', sector: '2394' },
    { id: 'sugar', name: 'Đường Thử', sector: '1072' },
  ],
  sites: [
    { id: 'works-1', enterprise: 'works', name: 'Nhà máy 1' },
    { id: 'sugar-1', enterprise: 'sugar', name: 'Nhà máy' },
  ],
  meters: ['works-power', 'works-fan'].map((id) => ({
    id,
    site: 'works-1',
    name: id,
    quantity: 'electricity',
    kind: 'interval',
    unit: 'kW.h',
    intervalMs: 900_000,
  })),
};

const at = (clock: string) => `2026-03-02T${clock}:00+07:00`;
const reading = (clock: string, value: number) => JSON.stringify({ time: at(clock), value });

for (const { furnishing, title, isAvailable } of await furnishings()) {
  describe.skipIf(!isAvailable || !hasClient)(`Readings by MQTT ${title}${why}`, () => {
    let system: System;
    let admin: SongmaClient;
    let broker: Mosquitto | undefined;
    let port: number;
    let folder: string;
    const login: Record<'works' | 'sugar', string[]> = { works: [], sugar: [] };

    beforeAll(async () => {
      port = await freePort();
      folder = await mkdtemp(join(tmpdir(), 'songma-mqtt-story-'));
      const adminToken = `sgm_admin_${'5'.repeat(40)}`;
      const isApart = furnishing === 'cluster';
      if (isApart) broker = await startMosquitto(port);
      const client = isApart ? { MQTT_URL: `mqtt://127.0.0.1:${port}`, MQTT_KEY: adminToken } : {};
      const env = { MQTT: 'on', MQTT_PORT: String(port), ADMIN_TOKEN: adminToken, ...client };
      system = await startSystem({ furnishing, env, more: ['mqtt'] });
      admin = createClient({ url: system.url, token: adminToken });
      for (const [collection, entities] of Object.entries(works)) {
        for (const entity of entities)
          await admin.put(`/v1/${collection}/${entity.id}`, entity, { ifNoneMatch: '*' });
      }
      for (const enterprise of ['works', 'sugar'] as const) {
        const { body } = await admin.post('/v1/keys', { name: enterprise, role: 'plant', enterprise });
        login[enterprise] = ['-u', enterprise, '-P', (body as { token: string }).token];
      }
    });
    afterAll(async () => {
      await admin?.close();
      await system?.stop();
      await system?.remove();
      await broker?.remove();
      await rm(folder, { recursive: true, force: true });
    });

    const publish = (who: 'works' | 'sugar', topic: string, ...payload: string[]) =>
      mosquittoPub(port, [...login[who], '-t', topic, ...payload]);
    const series = async (meter: string) => {
      const path = `/v1/series?meter=${meter}&from=2026-03-02&to=2026-03-03&window=raw`;
      const { items } = (await admin.get(path)).body as { items: { time: string; value: number }[] };
      return items.map(({ time, value }) => [time, value]);
    };
    const inTime = { timeout: 120_000 };
    const quarantine = async () => {
      const page = (await admin.get('/v1/quarantine?limit=100')).body as {
        items: { code: string; raw: string }[];
      };
      return page.items;
    };

    it('are pushed, received and stored', async () => {
      // Services that run apart learn of a new meter in their own time.
      await until('the meter to be known', async () => {
        await publish('works', 'songma/works/works-power', '-m', reading('08:00', 12.5));
        return (await series('works-power')).length > 0 ? true : undefined;
      });
      await publish('works', 'songma/works/works-power', '-m', reading('08:15', 13));
      await expect
        .poll(() => series('works-power'), inTime)
        .toEqual([
          [at('08:00'), 12.5],
          [at('08:15'), 13],
        ]);
    });

    it('are duplicates when they are published again, and a correction supersedes', async () => {
      await publish('works', 'songma/works/works-power', '-m', reading('08:15', 13));
      await publish('works', 'songma/works/works-power', '-m', reading('08:15', 14));
      await expect
        .poll(() => series('works-power'), inTime)
        .toEqual([
          [at('08:00'), 12.5],
          [at('08:15'), 14],
        ]);
    });

    it('may be a file of many', async () => {
      const file = join(folder, 'readings.csv');
      await writeFile(
        file,
        `meter;time;value\nworks-fan;${at('09:00')};1,5\nworks-nobody;${at('09:00')};2\n`,
      );
      await publish('works', 'songma/works/batch', '-f', file);
      await expect.poll(() => series('works-fan'), inTime).toEqual([[at('09:00'), 1.5]]);
      await until('the refused row', async () =>
        (await quarantine()).some(({ raw }) => raw.startsWith('works-nobody')) ? true : undefined,
      );
    });

    it('of another plant are refused by line, and acknowledged', async () => {
      const foreign = 'songma/sugar/works-power';
      await publish('sugar', foreign, '-m', reading('10:00', 99));
      const row = await until('the refused row', async () =>
        (await quarantine()).find(({ raw }) => raw.includes(foreign)),
      );
      expect(row.code).toBe('meter_unknown');
      expect(await series('works-power')).toHaveLength(2);
    });

    it.skipIf(furnishing === 'cluster')('of nobody are not let in', async () => {
      const topic = ['-t', 'songma/works/works-power', '-m', '1'];
      await expect(mosquittoPub(port, ['-u', 'works', '-P', 'wrong', ...topic])).rejects.toThrow(/refused/i);
    });

    it('that were acknowledged are there after `kill -9`, and those to come go on', async () => {
      const part = furnishing === 'embedded' ? 'standalone' : 'mqtt';
      await publish('works', 'songma/works/works-power', '-m', reading('08:30', 15));
      await system.kill(part);
      await system.start(part);
      await publish('works', 'songma/works/works-power', '-m', reading('08:45', 16));
      await expect
        .poll(() => series('works-power'), inTime)
        .toEqual([
          [at('08:00'), 12.5],
          [at('08:15'), 14],
          [at('08:30'), 15],
          [at('08:45'), 16],
        ]);
    });
  });
}
