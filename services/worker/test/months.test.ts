import { indicatorWindows, monthAfter, type Indicator, type IndicatorWindow } from '@songma/domain';
import { factorPacks } from '@songma/indicators';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayMs, openWorld, zone, type Row, type WorkerWorld } from './worker-world.ts';

/** New Year in Thanh Hóa. */
const newYear = (year: number) => Date.parse(`${year}-01-01T00:00:00+07:00`);
const everything = { from: newYear(2015), to: newYear(2030) };

let world: WorkerWorld;
let plants = 0;
beforeAll(async () => {
  world = await openWorld();
  for (const body of factorPacks.flatMap(({ factors }) => factors)) {
    if (body.kind === 'grid' || body.kind === 'toe') await world.register('factor', body);
  }
});
afterAll(() => world.close());

/** An enterprise of one or two sites, each with a daily meter of electricity and one of production. */
async function openPlant(siteCount = 1) {
  const id = `plant${plants++}`;
  await world.register('enterprise', { id, name: id, sector: '2410' } as { id: string });
  const sites = Array.from({ length: siteCount }, (_, i) => `${id}-${i}`);
  for (const site of sites) {
    await world.register('site', { id: site, enterprise: id, name: site } as { id: string });
    for (const [name, quantity, unit] of [
      ['power', 'electricity', 'MWh'],
      ['steel', 'production', 't'],
    ]) {
      const meter = {
        id: `${site}-${name}`,
        site,
        name,
        quantity,
        unit,
        kind: 'interval',
        intervalMs: dayMs,
      };
      await world.register('meter', meter);
    }
  }
  return {
    id,
    sites,
    /** Each day of a span so many MWh, and 10 t. */
    async push(site: string, from: number, to: number, mwh: number, knownUs?: number) {
      const rows: Row[] = [];
      for (let time = from; time < to; time += dayMs) {
        rows.push({ meter: `${site}-power`, time, value: mwh }, { meter: `${site}-steel`, time, value: 10 });
      }
      await world.push(site, rows, knownUs);
    },
    work: (changesMax = 500) => world.work(id, { changesMax }),
    indicator: async (name: string, window: IndicatorWindow, start: number, site?: string) => {
      const query = {
        ...everything,
        window,
        names: [name],
        ...(site === undefined ? {} : { sites: [site] }),
      };
      return (await world.indicators(id, query)).find((one) => one.start === start);
    },
    events: async () => (await world.indicatorEvents()).filter(({ after }) => after.enterprise === id),
  };
}

describe('months and years', () => {
  it('are the sums of their days, and a correction heals all that stands on it', async () => {
    const plant = await openPlant();
    const [site] = plant.sites as [string];
    await plant.push(site, newYear(2022), newYear(2024), 5);
    await plant.work();
    const read = async () => ({
      month: (await world.rollups(site, 'P1M', newYear(2023), newYear(2023) + 1))[0],
      year: (await world.rollups(site, 'P1Y', newYear(2023), newYear(2023) + 1))[0],
    });
    expect(await read()).toMatchObject({
      month: { meter: `${site}-power`, sum: 155, coverage: 1, count: 31 },
      year: { meter: `${site}-power`, sum: 1825, coverage: 1, count: 365 },
    });
    const { month, year } = await read();

    // The tenth of January 2023 was 36 MWh and not 5.
    await plant.push(site, newYear(2023) + 9 * dayMs, newYear(2023) + 10 * dayMs, 36);
    await plant.work();
    expect(await read()).toMatchObject({
      month: { sum: 186, revision: month!.revision + 1 },
      year: { sum: 1856, revision: year!.revision + 1 },
    });
    const intensity = (window: IndicatorWindow, start: number) =>
      plant.indicator('electricity-intensity', window, start);
    expect(await intensity('P1M', newYear(2023))).toMatchObject({ value: 600, denominator: 310 });
    const twelve = monthAfter(newYear(2023), -3, zone).start;
    expect(await intensity('R12M', twelve)).toMatchObject({
      end: monthAfter(newYear(2023), 9, zone).start,
      numerator: (365 * 5 + 31) * 1000,
      denominator: 3650,
      coverage: 1,
    });
    // Nothing of 2024 is reported, so 2023 and what ends with it is not over.
    expect(await intensity('P1Y', newYear(2023))).toMatchObject({ value: null, withheld: 'unfinished' });
    expect(await intensity('P1Y', newYear(2022))).toMatchObject({ value: 500, withheld: null });
  });

  it('are finished by the first reading after them, also when it comes months later', async () => {
    const plant = await openPlant();
    const [site] = plant.sites as [string];
    await plant.push(site, newYear(2022), newYear(2023), 5);
    await plant.work();
    const december = monthAfter(newYear(2022), 11, zone).start;
    const held = async () =>
      Promise.all([
        plant.indicator('electricity-intensity', 'P1M', december),
        plant.indicator('electricity-intensity', 'P1Y', newYear(2022)),
        plant.indicator('electricity-intensity', 'R12M', newYear(2022)),
      ]);
    expect((await held()).map((one) => one?.withheld)).toEqual(['unfinished', 'unfinished', 'unfinished']);
    // A silence that is longer than twelve months.
    await plant.push(site, newYear(2024), newYear(2024) + dayMs, 5);
    await plant.work();
    expect((await held()).map((one) => one?.value)).toEqual([500, 500, 500]);
  });

  it('of a year that is imported at once are each computed once, not with every day', async () => {
    const plant = await openPlant();
    const [site] = plant.sites as [string];
    await plant.push(site, newYear(2022), newYear(2023), 5);
    await plant.work();
    const months = await world.rollups(site, 'P1M', newYear(2022), newYear(2023));
    expect(months).toHaveLength(24);
    expect(new Set(months.map(({ revision }) => revision))).toEqual(new Set([1]));
    const years = await world.rollups(site, 'P1Y', newYear(2022), newYear(2023));
    expect(years.map(({ revision }) => revision)).toEqual([1, 1]);
  });

  it('of electricity count the grid factor of each calendar year', async () => {
    const plant = await openPlant();
    const [site] = plant.sites as [string];
    await plant.push(site, newYear(2022), newYear(2024) + dayMs, 5);
    await plant.work();
    const from = monthAfter(newYear(2022), 6, zone).start;
    const indicator = await plant.indicator('ghg-scope-2-intensity', 'R12M', from);
    // July to December 2022: 184 days by 0.6766; January to June 2023: 181 by 0.6592.
    expect(indicator?.value).toBeCloseTo((5 * (184 * 676.6 + 181 * 659.2)) / 3650, 9);
    expect(indicator?.factors?.map(({ id }) => id)).toEqual(['grid-vn-2022', 'grid-vn-2023']);
    const open = await plant.indicator('ghg-scope-2-intensity', 'P1D', newYear(2024));
    expect(open?.factors).toEqual([
      { id: 'grid-vn-2023', version: 1, verified: false, assurance: 'copy', provisional: true },
    ]);
  });
});

describe('an enterprise of two sites', () => {
  it('is told as a whole and site by site, each by its own sums', async () => {
    const plant = await openPlant(2);
    const [first, second] = plant.sites as [string, string];
    await plant.push(first, newYear(2023), newYear(2023) + 40 * dayMs, 3);
    await plant.push(second, newYear(2023), newYear(2023) + 31 * dayMs, 5);
    await plant.work();
    const month = (site?: string) => plant.indicator('electricity-intensity', 'P1M', newYear(2023), site);
    expect(await month()).toMatchObject({ value: 400, denominator: 620 });
    expect(await month(first)).toMatchObject({ value: 300, site: first });
    // The second has told nothing of February yet.
    expect(await month(second)).toMatchObject({ value: null, withheld: 'unfinished' });
    expect((await month())?.site).toBeUndefined();
  });
});

describe('whatever the order of the months', () => {
  const chunk = fc.record({
    site: fc.nat({ max: 1 }),
    month: fc.integer({ min: -16, max: 8 }),
    mwh: fc.integer({ min: 1, max: 9 }),
    isWorked: fc.boolean(),
  });

  it('indicators of all windows come out as from one import', async () => {
    let told = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(chunk, { minLength: 1, maxLength: 9 }), async (chunks) => {
        const rough = await openPlant(2);
        const clean = await openPlant(2);
        for (const [i, { site, month, mwh, isWorked }] of chunks.entries()) {
          const { start, end } = monthAfter(newYear(2023), month, zone);
          await rough.push(rough.sites[site]!, start, end, mwh, 1_000_000 + i);
          if (isWorked) await rough.work(40);
          await clean.push(clean.sites[site]!, start, end, mwh, 1_000_000 + i);
        }
        await rough.work(40);
        await clean.work();
        for (const window of indicatorWindows) {
          const [ofRough, ofClean] = await Promise.all(
            [rough, clean].map((plant) => numbersOf(plant, window)),
          );
          expect(ofRough).toEqual(ofClean);
          told += ofClean!.filter(({ value }) => value !== null).length;
        }
      }),
      { numRuns: 12, seed: 20_260_105 },
    );
    expect(told).toBeGreaterThan(100);
  });

  /** Of the whole and of its sites, without what depends on the way and on the name. */
  async function numbersOf(plant: { id: string; sites: string[] }, window: IndicatorWindow) {
    const all: Indicator[] = [];
    for (const sites of [undefined, ...plant.sites.map((site) => [site])]) {
      all.push(...(await world.indicators(plant.id, { ...everything, window, ...(sites && { sites }) })));
    }
    return all.map(({ name, site, start, end, value, coverage, withheld, numerator, denominator }) => ({
      ...{ name, site: site?.at(-1), start, end, value, coverage, withheld, numerator, denominator },
    }));
  }
});
