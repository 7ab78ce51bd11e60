import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient, RefusedError, type BatchFate, type PushRow, type SongmaClient } from '@songma/client';
import { furnishings } from './support/furnishings.ts';
import { startSystem, type System } from './support/system.ts';
import { until } from './support/until.ts';

/** A cement works with a meter of each kind. Times are the site's own: Viet Nam, UTC+7. */
const works = {
  enterprises: [{ id: 'works', name: 'Xi măng Thử', sector: '2394' }],
  sites: [{ id: 'works-1', enterprise: 'works', name: 'Nhà máy 1' }],
  sources: [
    { id: 'works-stack', site: 'works-1', name: 'Ống khói', kind: 'stack', station: 'TH_THU_KHILO1' },
  ],
  meters: [
    meter('works-electricity', 'electricity', 'counter', 'kW.h', 900_000),
    meter('works-cement', 'production', 'interval', 't', 3_600_000),
    {
      ...meter('works-dust', 'concentration', 'level', 'mg/Nm3', 900_000),
      source: 'works-stack',
      symbol: 'PM',
    },
  ],
  limits: [
    {
      id: 'works-dust-limit',
      meter: 'works-dust',
      parameter: 'PM',
      averaging: 'PT1H',
      value: 100,
      source: { document: 'QCVN 23:2009/BTNMT, B2', verified: false },
      validFrom: '2015-01-01T00:00:00+07:00',
    },
  ],
};

function meter(id: string, quantity: string, kind: string, unit: string, intervalMs: number) {
  return { id, site: 'works-1', name: id, quantity, kind, unit, intervalMs };
}

/** `12:15` on the day of the story. */
const at = (clock: string) => `2026-03-02T${clock}:00+07:00`;
const quarters = Array.from({ length: 96 }, (_, i) => {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(Math.floor(i / 4))}:${two((i % 4) * 15)}`;
});

interface Rollup {
  readonly start: string;
  readonly sum: number | null;
  readonly mean: number | null;
  readonly coverage: number;
}

interface Intensity {
  readonly id: string;
  readonly value: number | null;
  readonly coverage: number;
  readonly withheld: string | null;
  readonly revision: number;
  readonly publishedAt: string;
}

interface Publication {
  readonly before: Intensity | null;
  readonly after: Intensity;
}

for (const { furnishing, title, isAvailable } of await furnishings()) {
  describe.skipIf(!isAvailable)(`One day of a cement works ${title}`, () => {
    let system: System;
    let admin: SongmaClient;
    let plant: SongmaClient;
    let officer: SongmaClient;

    beforeAll(async () => {
      system = await startSystem({ furnishing });
      admin = createClient({ url: system.url, token: system.adminToken });
    });
    afterAll(async () => {
      await Promise.all([admin, plant, officer].map((client) => client?.close()));
      await system?.stop();
      await system?.remove();
    });

    const series = async <T = Rollup>(of: string, window: string, more = ''): Promise<T[]> => {
      const path = `/v1/series?meter=${of}&from=2026-03-02&to=2026-03-03&window=${window}${more}`;
      return ((await admin.get(path)).body as { items: T[] }).items;
    };
    const intensity = async (more = '') => {
      const path = `/v1/indicators?enterprise=works&name=electricity-intensity&window=P1D&from=2026-03-02&to=2026-03-03${more}`;
      return ((await admin.get(path)).body as { items: Intensity[] }).items[0];
    };
    const alerts = async () =>
      (await admin.get('/v1/alerts?enterprise=works')).body as { items: Record<string, unknown>[] };
    const settled = (batch: string): Promise<BatchFate> =>
      until(`the fate of ${batch}`, async () => {
        const fate = await plant.fate(batch);
        return fate.fates.pending.length === 0 ? fate : undefined;
      });

    it('begins with the administrator, who registers the works and gives it a key', async () => {
      for (const [collection, entities] of Object.entries(works)) {
        for (const entity of entities)
          await admin.put(`/v1/${collection}/${entity.id}`, entity, { ifNoneMatch: '*' });
      }
      const make = async (role: string, of: { enterprise?: string; person?: string }) => {
        const { body } = await admin.post('/v1/keys', { name: `${role} of the works`, role, ...of });
        return createClient({ url: system.url, token: (body as { token: string }).token });
      };
      const an = { name: 'Lê Thị An', role: 'officer', mail: 'an@example.vn' };
      await admin.put('/v1/persons/an', an, { ifNoneMatch: '*' });
      plant = await make('plant', { enterprise: 'works' });
      officer = await make('officer', { person: 'an' });
      await expect(plant.get('/v1/keys')).rejects.toThrow('403');
      // Services that run apart learn of a change in their own time, in order: who knows the key knows the works.
      await until('the door to know the key', () => known(plant));
    });

    it('the plant pushes its day, and is told what was accepted and what was not', async () => {
      const rows: PushRow[] = [
        ...quarters.map((clock, i) => ({
          meter: 'works-electricity',
          time: at(clock),
          value: 500_000 + 120 * i,
        })),
        { meter: 'works-electricity', time: '2026-03-03T00:00:00+07:00', value: 500_000 + 120 * 96 },
        ...quarters
          .filter((clock) => clock.endsWith(':00'))
          .map((clock) => ({ meter: 'works-cement', time: at(clock), value: 5 })),
        { meter: 'works-kiln', time: at('00:00'), value: 1 },
      ];
      const receipt = await plant.push('day', rows);
      expect(receipt.accepted).toBe(97 + 24);
      expect(receipt.refused).toMatchObject([{ row: 121, code: 'meter_unknown' }]);
      expect((await settled('day')).fates).toMatchObject({ stored: [[0, 121]], quarantined: [[121, 1]] });
    });

    it('the same batch again is answered by the same receipt and changes nothing', async () => {
      const again = await plant.push('late-hour', [{ meter: 'works-cement', time: at('23:00'), value: 5 }]);
      expect(again.accepted).toBe(1);
      expect((await settled('late-hour')).fates.duplicate).toEqual([[0, 1]]);
      expect(await plant.push('late-hour', [{ meter: 'works-cement', time: at('23:00'), value: 5 }])).toEqual(
        again,
      );
    });

    it('hours, the day and its intensity follow: 11,520 kWh for 120 t', async () => {
      const value = await until('the intensity', async () =>
        (await intensity())?.value === 96 ? intensity() : undefined,
      );
      expect(value).toMatchObject({ coverage: 1, withheld: null });
      expect(await series('works-electricity', 'P1D')).toMatchObject([{ sum: 11_520, coverage: 1 }]);
      const hours = await series('works-electricity', 'PT1H');
      expect(hours.map(({ sum }) => sum)).toEqual(Array.from({ length: 24 }, () => 480));
    });

    it('a correction heals the hour, the day and the intensity, and the old answer stays to be asked for', async () => {
      const before = (await series<{ knownAt: string; time: string }>('works-cement', 'raw')).at(-1)!.knownAt;
      const published = (await intensity())!;
      await plant.push('correction', [{ meter: 'works-cement', time: at('10:00'), value: 13 }]);
      expect((await settled('correction')).fates.superseding).toEqual([[0, 1]]);
      await until('the restatement', async () => ((await intensity())?.value === 90 ? true : undefined));
      expect((await intensity())!.revision).toBe(published.revision + 1);
      expect(await series('works-cement', 'P1D')).toMatchObject([{ sum: 128 }]);
      const asOf = `&asOf=${encodeURIComponent(before)}`;
      expect(await series('works-cement', 'P1D', asOf)).toMatchObject([{ sum: 120 }]);
      const atPublication = `&asOf=${encodeURIComponent(published.publishedAt)}`;
      expect(await intensity(atPublication)).toEqual(published);
    });

    it('the restatement is listed with what stood before, by how much it moved and why', async () => {
      const standing = (await intensity())!;
      const { items } = (await admin.get('/v1/restatements?enterprise=works&limit=1')).body as {
        items: Publication[];
      };
      expect(items).toMatchObject([
        {
          restatement: true,
          cause: 'readings',
          before: { value: 96 },
          difference: { value: -6, share: -0.0625 },
        },
      ]);
      expect(items[0]!.after).toEqual(standing);
      expect(await intensity(`&asOf=${encodeURIComponent(items[0]!.before!.publishedAt)}`)).toEqual(
        items[0]!.before,
      );
      const path = `/v1/indicators/${encodeURIComponent(standing.id)}/history`;
      const history = ((await plant.get(path)).body as { items: Publication[] }).items;
      expect(history.map(({ after }) => after.revision)).toEqual(history.map((_, index) => index + 1));
      expect(history.at(-1)).toEqual(items[0]);
    });

    it('dust above its limit for an hour raises one alert, which an officer takes up', async () => {
      const dust = (clock: string, value: number) => ({ meter: 'works-dust', time: at(clock), value });
      await plant.push('dust', [
        ...['08:00', '08:15', '08:30', '08:45'].map((clock) => dust(clock, 60)),
        ...['09:00', '09:15', '09:30', '09:45'].map((clock) => dust(clock, 150)),
      ]);
      const [alert] = await until('the alert', async () => {
        const { items } = await alerts();
        return items.length > 0 ? items : undefined;
      });
      expect(alert).toMatchObject({
        state: 'open',
        mean: 150,
        limitValue: 100,
        coverage: 1,
        verified: false,
        since: at('09:00'),
      });
      const id = encodeURIComponent(String(alert!['id']));
      await officer.post(`/v1/alerts/${id}/acknowledge`, { note: 'Đã gọi nhà máy' });
      await expect(plant.post(`/v1/alerts/${id}/acknowledge`, {})).rejects.toThrow('403');
      expect((await alerts()).items).toMatchObject([
        { state: 'acknowledged', acknowledged: { note: 'Đã gọi nhà máy' } },
      ]);
    });

    it('the next clean hour resolves it, once', async () => {
      const clean = ['10:00', '10:15', '10:30', '10:45'].map((clock) => ({
        meter: 'works-dust',
        time: at(clock),
        value: 50,
      }));
      await plant.push('clean', clean);
      await until('the resolution', async () =>
        (await alerts()).items[0]!['state'] === 'resolved' ? true : undefined,
      );
      expect((await alerts()).items).toMatchObject([{ state: 'resolved', until: at('10:00') }]);
    });

    it('the refused row is found in quarantine, mended and replayed', async () => {
      const { items } = (await plant.get('/v1/quarantine')).body as { items: { id: string; code: string }[] };
      expect(items).toMatchObject([{ code: 'meter_unknown' }]);
      const mended = { reading: { meter: 'works-dust', time: at('11:00'), value: 52 } };
      const { body } = await plant.post(`/v1/quarantine/${items[0]!.id}/replay`, mended);
      expect(body).toMatchObject({ accepted: 1 });
      await until('an empty quarantine', async () => {
        const page = (await plant.get('/v1/quarantine')).body as { items: unknown[] };
        return page.items.length === 0 ? true : undefined;
      });
    });

    it('another key of no works may not push for this one', async () => {
      const { body } = await admin.post('/v1/keys', { name: 'analyst', role: 'analyst' });
      const analyst = createClient({ url: system.url, token: (body as { token: string }).token });
      await until('the door to know the key', () => known(analyst));
      await expect(analyst.push('x', [{ meter: 'works-dust', time: at('12:00'), value: 1 }])).rejects.toThrow(
        '403',
      );
      await analyst.close();
    });

    it('after `kill -9` of every process everything is as it was', async () => {
      const before = [await series('works-electricity', 'PT1H'), await intensity(), await alerts()];
      for (const part of system.parts) await system.kill(part);
      for (const part of system.parts) await system.start(part);
      expect([await series('works-electricity', 'PT1H'), await intensity(), await alerts()]).toEqual(before);
      expect(
        await plant.push('late-hour', [{ meter: 'works-cement', time: at('23:00'), value: 5 }]),
      ).toMatchObject({ accepted: 1 });
    });
  });
}

/** Whether the plants' door knows the client's key, whatever it lets it do. */
async function known(client: SongmaClient): Promise<true | undefined> {
  try {
    await client.get('/v1/quarantine');
    return true;
  } catch (error) {
    return error instanceof RefusedError && error.status === 401 ? undefined : true;
  }
}
