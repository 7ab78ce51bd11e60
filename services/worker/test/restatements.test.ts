import { isRestatement, type IndicatorEvent } from '@songma/domain';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dayMs, hourMs, openWorld, type Row, type WorkerWorld } from './worker-world.ts';

/** Origin: two clean years that were imported in order listed 3,888 restatements, and nobody had corrected anything. */
let world: WorkerWorld;
beforeEach(async () => {
  world = await openWorld();
  await world.register('enterprise', { id: 'mill', name: 'mill', sector: '1701' } as { id: string });
  await world.register('site', { id: 'mill-site', enterprise: 'mill', name: 'mill' } as { id: string });
  for (const [id, quantity, unit] of [
    ['power', 'electricity', 'kWh'],
    ['paper', 'production', 't'],
  ]) {
    const meter = { id, site: 'mill-site', name: id, quantity, unit, kind: 'interval', intervalMs: hourMs };
    await world.register('meter', meter as { id: string });
  }
});
afterEach(() => world.close());

/** A Friday's midnight in Thanh Hóa, long before the clock of this world. */
const newYear = Date.parse('2021-01-01T00:00:00+07:00');
const rows = (from: number, hours: number, meters = ['power', 'paper'], value = 10): Row[] =>
  Array.from({ length: hours }, (_, hour) =>
    meters.map((meter) => ({ meter, time: from + hour * hourMs, value: value + (hour % 5) })),
  ).flat();

async function push(some: readonly Row[], changesMax = 500): Promise<void> {
  await world.push('mill-site', some);
  await world.work('mill', { changesMax });
}

async function restated(): Promise<IndicatorEvent[]> {
  const found = await world.deps.seriesStore.restatements({
    ...{ from: 0, to: Number.MAX_SAFE_INTEGER, filling: false, limit: 1_000 },
  });
  expect(found.length).toBe((await world.indicatorEvents()).filter(isRestatement).length);
  return found;
}
const windowsOf = (events: readonly IndicatorEvent[]) =>
  [...new Set(events.map(({ after: { window } }) => window))].toSorted();

describe('A history that is imported in order', () => {
  it('restates nothing, in whatever pieces it comes', async () => {
    // Fourteen months, whose pushes end in the middle of days and months.
    const [hours, piece] = [14 * 30 * 24, 911];
    for (let hour = 0; hour < hours; hour += piece) {
      await push(rows(newYear + hour * hourMs, Math.min(piece, hours - hour)), 200);
    }
    expect((await world.indicatorEvents()).length).toBeGreaterThan(3 * 420);
    expect(await restated()).toEqual([]);
  }, 120_000);

  it('restates nothing meter by meter either', async () => {
    await push(rows(newYear, 70 * 24, ['power']));
    for (let hour = 0; hour < 70 * 24; hour += 233) {
      await push(rows(newYear + hour * hourMs, Math.min(233, 70 * 24 - hour), ['paper']));
    }
    const [january] = await world.indicators('mill', {
      ...{ window: 'P1M', names: ['electricity-intensity'], from: newYear, to: newYear + dayMs },
    });
    expect(january).toMatchObject({ withheld: null, coverage: 1 });
    expect(await restated()).toEqual([]);
  }, 60_000);

  it('restates nothing where it has gaps', async () => {
    const gappy = rows(newYear, 70 * 24).filter(
      ({ time, meter }, i) => i % 29 !== 0 || meter === 'paper' || time < 0,
    );
    for (let at = 0; at < gappy.length; at += 777) await push(gappy.slice(at, at + 777));
    expect(await restated()).toEqual([]);
  }, 60_000);
});

describe('A real correction', () => {
  it('restates what stands on it, of every window that had been finished', async () => {
    await push(rows(newYear, 400 * 24));
    await push([{ meter: 'power', time: newYear + 40 * dayMs, value: 99 }]);
    const found = await restated();
    expect(windowsOf(found)).toEqual(['P1D', 'P1M', 'P1Y', 'R12M']);
    const ofPower = found.filter(({ after }) => after.name === 'electricity-intensity');
    expect(ofPower.every(({ before, after }) => before!.value! < after.value!)).toBe(true);
  }, 60_000);

  it('of the last day restates it, since nothing of it was missing', async () => {
    await push(rows(newYear, 48));
    await push([{ meter: 'power', time: newYear + 30 * hourMs, value: 99 }]);
    expect(windowsOf(await restated())).toEqual(['P1D']);
  });

  it('that takes a value away restates too', async () => {
    await push(rows(newYear, 72));
    await world.register('void', {
      ...{ id: 'wrong', meter: 'power', from: newYear, to: newYear + 12 * hourMs, reason: 'test' },
    });
    // What a running worker would mark.
    await world.push(
      'mill-site',
      rows(newYear, 1, ['paper']).map((row) => ({ ...row, value: 11 })),
    );
    await world.work('mill');
    expect((await restated()).length).toBeGreaterThan(0);
  });
});

describe('What comes late', () => {
  const day = newYear + 10 * dayMs;
  const withoutLast = (hours: number) => rows(day, 24 - hours);
  const rest = rows(day + 23 * hourMs, 1);

  it('fills a day that nothing has followed', async () => {
    await push(withoutLast(1));
    await push(rest);
    expect(await restated()).toEqual([]);
  });

  it('restates a day that every meter had left behind', async () => {
    await push(withoutLast(1));
    await push(rows(day + dayMs, 1));
    expect(await restated()).toEqual([]);
    await push(rest);
    expect(windowsOf(await restated())).toEqual(['P1D']);
  });

  it('fills a day that one of its meters has not left behind', async () => {
    await push(withoutLast(1));
    await push(rows(day + dayMs, 1, ['power']));
    await push(rest);
    expect(await restated()).toEqual([]);
  });
});
