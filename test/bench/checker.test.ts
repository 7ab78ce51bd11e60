import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drive } from '../support/driver.ts';
import { createJournal, type Journal } from '../support/journal.ts';
import { checkStopped, untilSettled } from '../support/settle.ts';
import { seedRegistry } from '../support/stores.ts';
import { startSystem, type System } from '../support/system.ts';
import { stepsCovered, traffic, type Push } from '../support/traffic.ts';
import { buildWorld, minuteMs } from '../support/world.ts';

const world = buildWorld({
  seed: 3,
  enterprises: 1,
  sitesPerEnterprise: 1,
  metersPerSite: 5,
  from: Date.UTC(2025, 9, 31, 17),
  stepMs: 15 * minuteMs,
});
const size = { readings: 5 * 96 * 31, batchRows: 5 * 96 };
const mix = { resent: 0.01, late: 0.1, corrected: 0.01, invalid: 0.01 };

describe('the checker of the benchmarks', () => {
  let system: System;
  let sent: Push[];

  beforeAll(async () => {
    system = await startSystem({ furnishing: 'embedded', prepare: (env) => seedRegistry(env, world) });
    sent = [...traffic(world, { ...size, mix })];
    const { wrong } = await drive({ url: system.url, pushes: sent, journal: noted([]), inFlightMax: 4 });
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
    await untilSettled(system);
    await system.stop();
  });
  afterAll(() => system.remove());

  /** A journal of these pushes. */
  function noted(pushes: readonly Pick<Push, 'site' | 'effects'>[]): Journal {
    const journal = createJournal(world, stepsCovered(world, size) + 1);
    for (const push of pushes) journal.note(push as Push);
    return journal;
  }

  const faultsOf = async (pushes: readonly Pick<Push, 'site' | 'effects'>[]) =>
    (await checkStopped(system, world, noted(pushes))).faults;

  it('finds nothing where the system holds what was accepted', async () => {
    const check = await checkStopped(system, world, noted(sent));
    expect(check.faults).toEqual([]);
    expect(check.readings).toBe(size.readings);
    expect(check.rollups).toBeGreaterThan(5 * 24 * 31);
  });

  it('finds a reading that is wrong, and each rollup and intensity that stands on it', async () => {
    const site = world.sites[0]!;
    const electricity = site.meters.findIndex(({ role }) => role === 'electricity');
    const other = { site, effects: [[electricity, 96 * 5, 1]] } as const;
    const faults = await faultsOf([...sent, other]);
    const { id } = site.meters[electricity]!;
    for (const what of [`${id} step 480`, 'PT1H', 'P1D', 'P1M', 'intensity P1D', 'intensity P1M'])
      expect(faults).toContainEqual(expect.stringContaining(what));
    expect(faults).toHaveLength(6);
  });

  it('finds a reading that was accepted and lost, and one that was never sent', async () => {
    const site = world.sites[0]!;
    const lost = { site, effects: [[0, stepsCovered(world, size), 1]] } as const;
    expect(await faultsOf([...sent, lost])).toContainEqual(expect.stringContaining('accepted and lost'));
    const [first, ...others] = sent;
    const without = { ...first!, effects: first!.effects.slice(1) };
    expect(await faultsOf([without, ...others])).not.toEqual([]);
  });
});
