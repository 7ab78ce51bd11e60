import { describe, expect, it } from 'vitest';
import type { EventLog } from '@songma/event-log';
import { openRegistry, type RegistryChange } from '../src/index.ts';
import * as sample from './sample.ts';
import {
  day,
  logger,
  openAlone,
  openLog,
  openOn,
  put,
  putSample,
  retire,
  t0,
  temporaryDir,
} from './sample.ts';

describe('submit', () => {
  it('creates, changes and retires, with a version that rises each time', async () => {
    const registry = await openAlone();
    const { officer } = sample;
    expect(await put(registry, 'officer', officer)).toEqual({ ok: true, version: 1 });
    expect(await put(registry, 'officer', { ...officer, name: 'Lê An' })).toEqual({
      ok: true,
      version: 2,
    });
    expect(registry.get('officer', 'an')).toEqual({
      id: 'an',
      version: 2,
      position: 1,
      body: { id: 'an', name: 'Lê An', language: 'vi', territory: [] },
      at: t0,
      by: 'test',
    });
    expect(await retire(registry, 'officer', 'an')).toEqual({ ok: true, version: 3 });
    expect(registry.get('officer', 'an')).toBeUndefined();
    expect(registry.list('officer')).toEqual([]);
    expect(await put(registry, 'officer', officer)).toEqual({ ok: true, version: 4 });
  });

  it('refuses a command made against another version and tells the one that stands', async () => {
    const registry = await openAlone();
    await put(registry, 'officer', sample.officer);
    const command = { kind: 'officer', entity: 'an', body: sample.officer, by: 'test' } as const;
    expect(await registry.submit({ ...command, expectedVersion: 0 })).toEqual({
      ok: false,
      reason: 'conflict',
      version: 1,
    });
    expect(await registry.submit({ ...command, entity: 'binh', expectedVersion: 3 })).toEqual({
      ok: false,
      reason: 'conflict',
      version: 0,
    });
  });

  it('of two registries that change one entity at once lets exactly one win, and both agree', async () => {
    const eventLog = await openLog(await temporaryDir());
    const [a, b] = [await openOn(eventLog), await openOn(eventLog)];
    for (let round = 0; round < 20; round++) {
      const results = await Promise.all(
        [a, b, a, b].map((registry, i) =>
          registry.submit({
            kind: 'officer',
            entity: 'an',
            expectedVersion: round,
            body: { id: 'an', name: `round ${round}, ${i}` },
            by: 'test',
          }),
        ),
      );
      const won = results.flatMap((result, i) => (result.ok ? [i] : []));
      expect(won).toHaveLength(1);
      for (const result of results) {
        expect(result).toEqual(
          result.ok
            ? { ok: true, version: round + 1 }
            : { ok: false, reason: 'conflict', version: round + 1 },
        );
      }
      // A fold may lag behind its neighbour's, never behind its own submit.
      const winner = won[0]!;
      const ownFold = [a, b, a, b][winner]!;
      expect(ownFold.get('officer', 'an')?.body.name).toBe(`round ${round}, ${winner}`);
    }
    expect(await put(a, 'enterprise', sample.enterprise)).toMatchObject({ ok: true });
    expect(
      await b.submit({ kind: 'enterprise', entity: 'bim-son', expectedVersion: 1, body: null, by: 'b' }),
    ).toEqual({
      ok: true,
      version: 2,
    });
    expect(sample.everything(a)).toEqual(sample.everything(b));
  });

  it('rejects with UnavailableError when its fold does not pass the command in time, which still takes effect', async () => {
    const eventLog = await openLog(await temporaryDir());
    const tap = Promise.withResolvers<void>();
    const heldBack: EventLog = {
      append: (topic, records) => eventLog.append(topic, records),
      consume: (options, handle) => eventLog.consume(options, handle),
      follow: (options, handle) =>
        eventLog.follow(options, async (records) => {
          await tap.promise;
          await handle(records);
        }),
      lag: (topic, group) => eventLog.lag(topic, group),
      check: () => eventLog.check(),
      close: () => eventLog.close(),
    };
    const registry = await openRegistry({ eventLog: heldBack, logger, now: () => t0, decisionWaitMsMax: 50 });
    await expect(put(registry, 'officer', sample.officer)).rejects.toMatchObject({
      name: 'UnavailableError',
      code: 'registry_behind',
    });
    tap.resolve();
    await expect.poll(() => registry.get('officer', 'an')?.version).toBe(1);
    await registry.close();
  });

  it('rejects with UnavailableError once the registry is closed', async () => {
    const registry = await openAlone();
    await registry.close();
    await expect(put(registry, 'officer', sample.officer)).rejects.toMatchObject({ code: 'registry_closed' });
  });
});

describe('opened again', () => {
  it('gives the same state, versions and refusals', async () => {
    const dataDir = await temporaryDir();
    const log = await openLog(dataDir);
    const registry = await openOn(log);
    await putSample(registry);
    await retire(registry, 'officer', 'an');
    const before = sample.everything(registry);
    await registry.close();
    await log.close();

    const again = await openOn(await openLog(dataDir));
    expect(sample.everything(again)).toEqual(before);
    expect(again.meter('kiln-2-dust')).toMatchObject({ site: { id: 'bs1' }, enterprise: { id: 'bim-son' } });
    expect(await put(again, 'officer', sample.officer)).toEqual({ ok: true, version: 3 });
  });
});

describe('look-ups', () => {
  it('find a meter with its site, enterprise and shard, the same object until one of them changes', async () => {
    const registry = await openAlone();
    await putSample(registry);
    const context = registry.meter('bs1-kwh');
    expect(context).toMatchObject({
      meter: { id: 'bs1-kwh', multiplier: 1 },
      site: { id: 'bs1', timeZone: 'Asia/Ho_Chi_Minh' },
      enterprise: { id: 'bim-son' },
      shard: expect.stringMatching(/^S\d\d$/) as unknown,
    });
    await put(registry, 'meter', { ...sample.dust, name: 'another meter' });
    expect(registry.meter('bs1-kwh')).toBe(context);
    await put(registry, 'enterprise', { ...sample.enterprise, name: 'Bỉm Sơn' });
    expect(registry.meter('bs1-kwh')?.enterprise.name).toBe('Bỉm Sơn');
    await put(registry, 'site', { ...sample.site, ward: 'Ba Đình' });
    expect(registry.meter('bs1-kwh')?.site.ward).toBe('Ba Đình');
    expect(registry.meter('nobody')).toBeUndefined();
  });

  it('list what belongs to a site, an enterprise and a meter, in ascending id', async () => {
    const registry = await openAlone();
    await putSample(registry);
    await put(registry, 'meter', { ...sample.meter, id: 'a-first' });
    expect(registry.metersOfSite('bs1').map(({ id }) => id)).toEqual(['a-first', 'bs1-kwh', 'kiln-2-dust']);
    expect(registry.sourcesOfSite('bs1').map(({ id }) => id)).toEqual(['kiln-2']);
    expect(registry.sitesOfEnterprise('bim-son').map(({ id }) => id)).toEqual(['bs1']);
    expect(registry.limitsOfMeter('kiln-2-dust').map(({ id }) => id)).toEqual(['kiln-2-dust-hour']);
    await retire(registry, 'meter', 'a-first');
    expect(registry.metersOfSite('bs1').map(({ id }) => id)).toEqual(['bs1-kwh', 'kiln-2-dust']);
    expect(registry.metersOfSite('nowhere')).toEqual([]);
  });

  it("find a station's meter at its source, else at its site", async () => {
    const registry = await openAlone();
    await putSample(registry);
    expect(registry.stationMeters('TH_BSON_KHILO2', 'PM')[0]?.meter.id).toBe('kiln-2-dust');
    expect(registry.stationMeters('TH_BSON_KHI', 'PM')).toEqual([]);
    expect(registry.stationSite('TH_BSON_KHI')).toBeDefined();
    const { station: _, ...withoutStation } = sample.source;
    await put(registry, 'source', withoutStation);
    expect(registry.stationSite('TH_BSON_KHILO2')).toBeUndefined();
    expect(registry.stationMeters('TH_BSON_KHI', 'PM')[0]?.meter.id).toBe('kiln-2-dust');
    await put(registry, 'meter', { ...sample.dust, symbol: 'Dust' });
    expect(registry.stationMeters('TH_BSON_KHI', 'PM')).toEqual([]);
    expect(registry.stationMeters('TH_BSON_KHI', 'Dust')[0]?.meter.id).toBe('kiln-2-dust');
  });

  it('give an entity as it stood on a date, also one that is retired since', async () => {
    let now = t0;
    const registry = await openAlone(() => now);
    await put(registry, 'officer', { ...sample.officer, name: 'first' });
    now = t0 + day;
    await put(registry, 'officer', { ...sample.officer, name: 'second' });
    expect(registry.isRetired('officer', 'an')).toBe(false);
    now = t0 + 2 * day;
    await retire(registry, 'officer', 'an');
    expect(registry.isRetired('officer', 'an')).toBe(true);
    expect(registry.isRetired('officer', 'nobody')).toBe(false);
    const nameAt = (at: number) => registry.getAsOf('officer', 'an', at)?.body.name;
    expect([t0 - 1, t0, t0 + day - 1, t0 + day, t0 + 2 * day - 1, t0 + 2 * day].map(nameAt)).toEqual([
      undefined,
      'first',
      'first',
      'second',
      'second',
      undefined,
    ]);
  });

  it('list what stood on a date, also what is retired since, in ascending id', async () => {
    let now = t0;
    const registry = await openAlone(() => now);
    await put(registry, 'officer', { ...sample.officer, id: 'binh' });
    now = t0 + day;
    await put(registry, 'officer', sample.officer);
    now = t0 + 2 * day;
    await retire(registry, 'officer', 'binh');
    const idsAt = (at: number) => registry.listAsOf('officer', at).map(({ id }) => id);
    expect([t0 - 1, t0, t0 + day, t0 + 2 * day].map(idsAt)).toEqual([[], ['binh'], ['an', 'binh'], ['an']]);
    expect(registry.listAsOf('site', now)).toEqual([]);
  });

  it('never let a version be older than the one it replaced, whatever the clock of its sender', async () => {
    let now = t0;
    const registry = await openAlone(() => now);
    await put(registry, 'officer', sample.officer);
    now = t0 - day;
    await put(registry, 'officer', { ...sample.officer, name: 'by a clock that lags' });
    expect(registry.get('officer', 'an')?.at).toBe(t0);
  });
});

describe('onChange', () => {
  it('tells each change once it is in force, until told to stop', async () => {
    const registry = await openAlone();
    const seen: string[] = [];
    const tell = ({ kind, id, before, after }: RegistryChange) => {
      expect(registry.get(kind, id)).toEqual(after);
      seen.push(`${kind} ${id} ${before?.version ?? '-'} ${after?.version ?? '-'}`);
    };
    const stop = registry.onChange(tell);
    await put(registry, 'officer', sample.officer);
    await put(registry, 'officer', { ...sample.officer, name: 'An' });
    await registry.submit({ kind: 'officer', entity: 'an', expectedVersion: 1, body: null, by: 'test' });
    await retire(registry, 'officer', 'an');
    stop();
    await put(registry, 'officer', sample.officer);
    expect(seen).toEqual(['officer an - 1', 'officer an 1 2', 'officer an 2 -']);
  });
});

describe('meters of one symbol at a station', () => {
  it('are taken where they live one after the other, and refused where they would live together', async () => {
    const registry = await openAlone();
    await putSample(registry);
    const [end, begin] = [t0 + day, t0 + 2 * day];
    const next = { ...sample.dust, id: 'next', from: begin, follows: sample.dust.id };
    expect(await put(registry, 'meter', { ...next, follows: undefined })).toMatchObject({
      problems: [
        { path: 'symbol', problem: expect.stringContaining('lives (from, to) one after the other') },
      ],
    });
    expect(await put(registry, 'meter', { ...sample.dust, to: end })).toMatchObject({ ok: true });
    expect(await put(registry, 'meter', next)).toMatchObject({ ok: true });
    const ids = registry.stationMeters('TH_BSON_KHILO2', 'PM').map(({ meter }) => meter.id);
    expect(ids).toEqual([sample.dust.id, 'next']);
    expect(await put(registry, 'meter', { ...sample.dust, to: undefined })).toMatchObject({ ok: false });
  });
});
