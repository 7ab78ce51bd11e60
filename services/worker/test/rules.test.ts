import { rulesHistory, rulesVersion, shardOf, type Indicator } from '@songma/domain';
import { ConfigError } from '@songma/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startWorker } from '../src/worker.ts';
import { dayMs, hourMs, monday, openWorld, registerPlant, series, type WorkerWorld } from './worker-world.ts';

let world: WorkerWorld;
const site = 'mill-site';
const days = 70;
beforeEach(async () => {
  world = await openWorld({ config: { reconcileMs: 200 } });
  await registerPlant(world, 'mill');
  await world.push(site, [
    ...series('mill-power', monday, days * 24, hourMs, (i) => 10 + (i % 7)),
    ...series('mill-clinker', monday, days * 24, hourMs, () => 2),
  ]);
  await world.work('mill');
});
afterEach(() => world.close());

const span = { from: monday, to: monday + days * dayMs };

/** The store as a build with earlier rules has left it: of some days, other numbers, published as such. */
async function asOfEarlierRules(numbers: readonly number[]): Promise<Indicator[]> {
  const { seriesStore } = world.deps;
  const published: Indicator[] = [];
  for (const day of numbers) {
    const start = monday + day * dayMs;
    const hours = await world.rollups(site, 'PT1H', start, start + dayMs);
    const rollups = [...hours, ...(await world.rollups(site, 'P1D', start, start + 1))];
    const standing = await world.indicators('mill', {
      names: ['electricity-intensity'],
      from: start,
      to: start + 1,
    });
    const indicators = standing.map((before) => {
      const { rules: _, ...rest } = before;
      const after = { ...rest, value: 1, revision: before.revision + 1, publishedAt: before.publishedAt + 1 };
      published.push(after);
      return { id: before.id, before, after, cause: 'readings' as const };
    });
    const power = rollups.filter(({ meter }) => meter === 'mill-power');
    await seriesStore.keep({
      rollups: power.map((rollup) => ({ ...rollup, sum: 1, rules: 0 })),
      indicators,
    });
  }
  return published;
}

/** Runs the worker until rules are healed and nothing is due. */
async function run(): Promise<void> {
  const worker = await startWorker(world.deps, world.config);
  const done = rulesVersion * 10_000 + 9_999;
  const { seriesStore } = world.deps;
  try {
    await expect.poll(() => seriesStore.markedTo('rules'), { timeout: 30_000 }).toBe(done);
    await expect
      .poll(async () => (await seriesStore.due(shardOf('mill'), 1)).mark, { timeout: 30_000 })
      .toBeNull();
  } finally {
    await worker.close();
  }
}

describe('results of earlier rules', () => {
  it('are computed again, say that it was for the rules, and stay to be asked for', async () => {
    const right = await world.indicators('mill', { names: ['electricity-intensity'], ...span });
    const earlier = await asOfEarlierRules([3, 40]);
    const eventsBefore = (await world.indicatorEvents()).length;
    await run();

    const healed = await world.indicators('mill', { names: ['electricity-intensity'], ...span });
    expect(healed.map(({ value }) => value)).toEqual(right.map(({ value }) => value));
    const hours = await world.rollups(site, 'PT1H', span.from, span.to);
    expect(hours.filter(({ sum, rules }) => sum === 1 || rules !== rulesVersion)).toEqual([]);
    const events = (await world.indicatorEvents()).slice(eventsBefore);
    const ofEarlier = events.filter(({ id }) => earlier.some((one) => one.id === id));
    expect(ofEarlier.map(({ before }) => before)).toEqual(expect.arrayContaining(earlier));
    expect(new Set(events.map(({ cause, after }) => `${cause} ${after.rules}`))).toEqual(
      new Set([`rules ${rulesVersion}`]),
    );
    // What came out as it was is published no more.
    expect(ofEarlier).toHaveLength(earlier.length);
    expect(events.filter(({ after }) => after.site === undefined && after.window === 'P1D')).toHaveLength(2);
    const [then] = await world.indicators('mill', {
      ...{ names: ['electricity-intensity'], asOf: earlier[0]!.publishedAt },
      ...{ from: earlier[0]!.start, to: earlier[0]!.start + 1 },
    });
    expect(then).toEqual(earlier[0]);

    const published = (await world.indicatorEvents()).length;
    await run();
    expect(await world.indicatorEvents()).toHaveLength(published);
  });

  it('of a store that holds no alerts yet have those of every limit, also where no hour comes out otherwise', async () => {
    // As a store of layout 5 is after its copy: hours are there, and no alert was ever a result.
    const { registry, seriesStore } = world.deps;
    const gas = {
      ...{ id: 'mill-gas', site, name: 'SO2', quantity: 'concentration', kind: 'level', unit: 'mg/m3' },
      intervalMs: hourMs,
    };
    await world.register('meter', gas);
    await world.push(
      site,
      series('mill-gas', monday, days * 24, hourMs, (i) => (i % 240 === 7 ? 150 : 50)),
    );
    await world.work('mill');
    const so2 = {
      ...{ id: 'mill-so2', meter: 'mill-gas', parameter: 'SO2', averaging: 'PT1H', value: 100, validFrom: 0 },
      source: { document: 'test', verified: false },
    };
    await world.register('limit', so2);
    // The limit is no new fact to this store.
    await seriesStore.mark([], registry.foldedTo());
    expect(await world.alerts()).toEqual([]);
    await run();
    const found = (await world.alerts()).map(({ since }) => (since - monday) / hourMs);
    const over = Array.from({ length: 7 }, (_, i) => 7 + 240 * i).filter(
      (hour) => monday + (hour + 1) * hourMs <= world.deps.now(),
    );
    expect(over.length).toBeGreaterThan(1);
    expect(found.toSorted((a, b) => a - b)).toEqual(over);
  });

  it('are made due the newest month first, and where that was broken off it goes on', async () => {
    const marked: number[] = [];
    const { seriesStore } = world.deps;
    const fault = { isArmed: true };
    const broken: typeof seriesStore = Object.assign(Object.create(seriesStore) as typeof seriesStore, {
      ...seriesStore,
      async mark(...[changes, position, marker]: Parameters<typeof seriesStore.mark>) {
        // The marks of the second month never come.
        if (marker === 'rules' && fault.isArmed && marked.length > 0 && changes.length > 0)
          throw new Error('killed');
        if (marker === 'rules' && changes.length > 0) marked.push(changes[0]!.hour);
        await seriesStore.mark(changes, position, marker);
      },
    });
    const first = await startWorker({ ...world.deps, seriesStore: broken }, world.config);
    await expect(first.closed).rejects.toThrow('killed');
    await first.close();
    expect(marked).toHaveLength(1);
    fault.isArmed = false;
    const second = await startWorker({ ...world.deps, seriesStore: broken }, world.config);
    await expect
      .poll(() => seriesStore.markedTo('rules'), { timeout: 30_000 })
      .toBe(rulesVersion * 10_000 + 9_999);
    await second.close();
    // Seventy days from the fifth of January lie in three months: each is marked once.
    expect(marked).toHaveLength(3);
    expect(marked).toEqual(marked.toSorted((a, b) => b - a));
  });

  it('that are newer than the build stop its start, with the way out', async () => {
    await world.deps.seriesStore.mark([], (rulesVersion + 1) * 10_000 + 5, 'rules');
    const error: unknown = await startWorker(world.deps, world.config).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).message).toContain(`version ${rulesVersion + 1} of the rules`);
    expect((error as ConfigError).message).toContain('Run the build that wrote them');
  });

  it('have a history that says in both languages what each version changed', () => {
    expect(rulesHistory.map(({ version }) => version)).toEqual(rulesHistory.map((_, i) => i + 1));
    for (const { changes } of rulesHistory) {
      expect(changes.length).toBeGreaterThan(0);
      for (const { vi, en } of changes) expect([vi, en].every((text) => text.length > 0)).toBe(true);
    }
  });
});
