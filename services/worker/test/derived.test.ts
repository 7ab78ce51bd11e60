import { roundTo15Digits, type EntityKind } from '@songma/domain';
import { pause } from '@songma/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startWorker, type Worker } from '../src/worker.ts';
import { dayMs, hourMs, minuteMs, monday, openWorld, series, type WorkerWorld } from './worker-world.ts';

const site = 'kiln-site';
const level = { site, kind: 'level', quantity: 'concentration', intervalMs: 15 * minuteMs };
const stack = [
  { ...level, id: 'no', unit: 'mg/Nm3' },
  { ...level, id: 'no2', unit: 'mg/Nm3' },
  { ...level, id: 'o2', unit: '%', quantity: 'oxygen' },
  { ...level, id: 'flow', unit: 'Nm3/h', quantity: 'flow' },
];
const nox = {
  ...{ ...level, id: 'nox', unit: 'mg/Nm3' },
  formula: 'atReferenceOxygen(noxAsNo2(no, no2), o2, 10)',
  inputs: { no: 'no', no2: 'no2', o2: 'o2' },
};
const load = {
  ...{ site, id: 'load', kind: 'interval', quantity: 'pollutant', substance: 'NOx', unit: 'kg' },
  intervalMs: hourMs,
  formula: 'nox * flow',
  inputs: { nox: 'nox', flow: 'flow' },
};
/** Four hours in which corrected NOx is 1.533 · 210 + 30 = 351.93, and 50 kNm³ an hour. */
const readings = [
  ...series('no', monday, 16, 15 * minuteMs, () => 210),
  ...series('no2', monday, 16, 15 * minuteMs, () => 30),
  ...series('o2', monday, 16, 15 * minuteMs, () => 10),
  ...series('flow', monday, 16, 15 * minuteMs, () => 50_000),
];

let world: WorkerWorld;
let worker: Worker;
beforeEach(async () => {
  world = await openWorld();
  await register('enterprise', { id: 'kiln', sector: '2394' });
  await register('site', { id: site, enterprise: 'kiln' });
  for (const meter of stack) await register('meter', meter);
  const { wakeUps } = world.deps;
  const asleep = { ...wakeUps, handle: async () => ({ close: async () => {} }), wake: async () => {} };
  worker = await startWorker({ ...world.deps, wakeUps: asleep }, { ...world.config, reconcileMs: dayMs });
});
afterEach(async () => {
  await worker.close();
  await world.close();
});

const register = (kind: EntityKind, body: { readonly id: string; readonly [field: string]: unknown }) =>
  world.register(kind, kind === 'void' || kind === 'limit' ? body : { name: body.id, ...body });

const edit = (id: string, fields: object) =>
  world.register('meter', { ...world.deps.registry.get('meter', id)!.body, ...fields });

async function settle(): Promise<void> {
  const { registry, seriesStore } = world.deps;
  while ((await seriesStore.markedTo()) !== registry.foldedTo()) await pause(5);
  await world.work('kiln');
}

/** Hours of one meter of which something is known. */
const hoursOf = async (id: string) =>
  (await world.rollups(site, 'PT1H')).filter(
    ({ meter, count, coveredMs }) => meter === id && count + coveredMs > 0,
  );
const meansOf = async (id: string) => (await hoursOf(id)).map(({ mean }) => mean);
const sumsOf = async (id: string) => (await hoursOf(id)).map(({ sum }) => sum);

describe('a derived meter', () => {
  it('is computed when its inputs are, also over another derived one', async () => {
    await register('meter', nox);
    await register('meter', load);
    await world.push(site, readings);
    await settle();
    // Inputs hold for half an hour after their last reading.
    expect((await hoursOf('nox')).map(({ mean, coverage }) => [mean, coverage])).toEqual([
      ...Array.from({ length: 4 }, () => [351.93, 1]),
      [351.93, 0.25],
    ]);
    expect(await sumsOf('load')).toEqual([17.5965, 17.5965, 17.5965, 17.5965, 4.399125]);
    const [day] = (await world.rollups(site, 'P1D')).filter(({ meter }) => meter === 'load');
    expect(day).toMatchObject({ sum: roundTo15Digits(4.25 * 17.5965), coverage: 4.25 / 24 });
  });

  it('heals when an input is corrected, comes late or is declared void, and nowhere else', async () => {
    await register('meter', nox);
    await register('meter', load);
    await world.push(
      site,
      readings.filter(({ meter, time }) => meter !== 'o2' || time < monday + hourMs),
    );
    await settle();
    expect(await meansOf('nox')).toEqual([351.93, 351.93]);
    await world.push(site, readings);
    await settle();
    expect(await meansOf('nox')).toHaveLength(5);
    const before = new Map((await hoursOf('load')).map((hour) => [hour.start, hour]));
    await world.push(
      site,
      series('no', monday + hourMs, 4, 15 * minuteMs, () => 0),
    );
    await settle();
    const after = await hoursOf('load');
    expect(after.map(({ start, sum }) => [start, sum])[1]).toEqual([monday + hourMs, 1.5]);
    const moved = after.filter(({ start, revision }) => before.get(start)!.revision !== revision);
    expect(moved.map(({ start }) => start)).toEqual([monday + hourMs]);
    const wrong = { from: monday, to: monday + hourMs, meter: 'o2', reason: 'cylinder empty' };
    await register('void', { id: 'empty', ...wrong });
    await settle();
    expect((await hoursOf('load')).map(({ start }) => start)).not.toContain(monday);
  });

  it('that is registered after the readings, or whose formula changes, is as if it had been known before', async () => {
    await world.push(site, readings);
    await settle();
    await register('meter', nox);
    await register('meter', load);
    await settle();
    expect(await sumsOf('load')).toEqual([17.5965, 17.5965, 17.5965, 17.5965, 4.399125]);
    await edit('nox', { formula: 'noxAsNo2(no, no2)', inputs: { no: 'no', no2: 'no2' } });
    await edit('no2', { holdMaxMs: hourMs });
    await edit('no', { holdMaxMs: hourMs });
    await settle();
    expect((await hoursOf('nox')).at(-1)).toMatchObject({ coverage: 0.75, mean: 351.93 });
    await edit('nox', { formula: '2 * no', inputs: { no: 'no' } });
    await settle();
    expect(await meansOf('nox')).toEqual(Array.from({ length: 5 }, () => 420));
    expect(await sumsOf('load')).toEqual([21, 21, 21, 21, 5.25]);
  });

  it('may have a limit, and air in the stack raises no alert', async () => {
    await register('meter', nox);
    const document = { document: 'QCVN 19:2024/BTNMT', verified: false };
    const limit = {
      meter: 'nox',
      parameter: 'NOx',
      averaging: 'PT1H',
      value: 350,
      referenceOxygen: 10,
      source: document,
      validFrom: 0,
    };
    await register('limit', { id: 'nox-hour', ...limit });
    await world.push(site, readings);
    await settle();
    expect(await world.alerts()).toMatchObject([{ limit: 'nox-hour', since: monday }]);
    await world.push(
      site,
      series('o2', monday, 16, 15 * minuteMs, () => 20.5),
    );
    await settle();
    expect(await world.alerts()).toMatchObject([{ state: 'voided', cause: 'correction' }]);
    expect((await hoursOf('nox')).map(({ outOfRange, coverage }) => [outOfRange, coverage])).toEqual([
      [4, 0],
      [4, 0],
      [4, 0],
      [4, 0],
    ]);
  });

  it('and a meter of one gas state keep a limit of another where the states convert exactly', async () => {
    // 100 mg in a cubic metre of 25 °C are 109.15 mg in one of 0 °C.
    const kPa = { pressureKpa: 101.325 };
    await register('meter', { ...level, id: 'gas', unit: 'mg/Nm3', gasState: { temperatureC: 0, ...kPa } });
    await register('limit', {
      ...{ id: 'gas-hour', meter: 'gas', parameter: 'NOx', averaging: 'PT1H', value: 100, validFrom: 0 },
      gasState: { temperatureC: 25, ...kPa },
      source: { document: 'QCVN 19:2009/BTNMT', verified: false, assurance: 'press' },
    });
    await world.push(site, [
      ...series('gas', monday, 4, 15 * minuteMs, () => 109),
      ...series('gas', monday + hourMs, 4, 15 * minuteMs, () => 110),
    ]);
    await settle();
    const [alert, ...others] = await world.alerts({ limits: ['gas-hour'] });
    expect(others).toEqual([]);
    expect(alert).toMatchObject({ since: monday + hourMs, windows: 1, unit: 'mg/Nm3', assurance: 'press' });
    expect(alert!.first.limitValue).toBeCloseTo(109.1524803, 6);
  });

  it('passes to the meter that took over from an input, whenever that becomes known, and back', async () => {
    await register('meter', { ...nox, id: 'sum', formula: 'no + no2', inputs: { no: 'no', no2: 'no2' } });
    await world.push(site, readings);
    await settle();
    const before = await hoursOf('sum');
    expect(before.map(({ mean, count, expected }) => [mean, count, expected])).toEqual([
      ...Array.from({ length: 4 }, () => [240, 4, 4]),
      [240, 0, 4],
    ]);
    // The old one was taken out after two hours; what it sent since counts no more.
    const taken = monday + 2 * hourMs;
    await edit('no', { to: taken });
    await settle();
    expect((await hoursOf('sum')).map(({ mean }) => mean)).toEqual([240, 240]);
    await register('meter', { ...level, id: 'new', unit: 'g/Nm3', from: taken, follows: 'no' });
    await world.push(
      site,
      series('new', taken, 8, 15 * minuteMs, () => 0.07),
    );
    await settle();
    expect((await hoursOf('sum')).map(({ mean, count }) => [mean, count])).toEqual([
      [240, 4],
      [240, 4],
      [100, 4],
      [100, 4],
      [100, 0],
    ]);
    await edit('new', { follows: undefined });
    await settle();
    expect((await hoursOf('sum')).map(({ mean }) => mean)).toEqual([240, 240]);
    await edit('new', { follows: 'no' });
    await settle();
    expect((await hoursOf('sum')).map(({ mean }) => mean)).toEqual([240, 240, 100, 100, 100]);
  });

  it('counts in an indicator instead of its parts, never beside them', async () => {
    const power = { site, kind: 'interval', quantity: 'electricity', unit: 'kWh', intervalMs: hourMs };
    await register('meter', { ...power, id: 'mill' });
    await register('meter', { ...power, id: 'fan', unit: 'MWh' });
    await register('meter', { ...power, id: 'clinker', quantity: 'production', unit: 't' });
    await world.push(site, [
      ...series('mill', monday, 24, hourMs, () => 100),
      ...series('fan', monday, 24, hourMs, () => 0.05),
      ...series('clinker', monday, 24, hourMs, () => 2),
    ]);
    await settle();
    const intensity = async () =>
      (await world.indicators('kiln', { names: ['electricity-intensity'] }))[0]?.value;
    expect(await intensity()).toBe(75);
    const total = { ...power, id: 'total', formula: 'sum(mill, fan)', inputs: { mill: 'mill', fan: 'fan' } };
    await expect(register('meter', total)).rejects.toThrow(/counts in .*mill.*fan.* already/);
    await edit('mill', { countsAs: 'part' });
    await edit('fan', { countsAs: 'part' });
    await register('meter', total);
    await settle();
    expect(await intensity()).toBe(75);
    await edit('fan', { multiplier: 2 });
    await settle();
    expect(await intensity()).toBe(100);
    await expect(edit('mill', { countsAs: 'total' })).rejects.toThrow(/counts in .*total.* already/);
  });
});
