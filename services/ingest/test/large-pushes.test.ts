import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WorkTurns } from '../src/work-turns.ts';
import { makeDataDir, openDoor, push, pushed, quarantinedOf, reading, type DoorWorld } from './door-world.ts';

/** Thousands of refused rows of one key made the acknowledgements of all others wait. */

/** A clock on which every look costs a millisecond: a turn is over after a few looks, on any machine. */
beforeEach(() => {
  let ms = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => ms++);
});
afterEach(() => vi.restoreAllMocks());

describe('turns', () => {
  const looksMax = 100;

  it('of large works come one after the other, and the event loop goes round after each', async () => {
    const turns = new WorkTurns();
    const order: string[] = [];
    const large = async (name: string) => {
      const work = await turns.beginOn(1_000_000);
      for (let turn = 0; turn < 3; turn++) {
        order.push(name);
        for (let look = 0; look < looksMax && !work.isTurnOver(); look++);
        await work.next();
      }
    };
    const others = async () => {
      for (let round = 0; round < 6; round++) {
        await setImmediate();
        order.push('others');
      }
    };
    await Promise.all([others(), large('a'), large('b')]);
    expect(order.filter((name) => name !== 'others')).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
    const neighbours = order.filter((name, place) => name !== 'others' && order[place + 1] !== 'others');
    // Only the last turn may have nobody after it.
    expect(neighbours.length).toBeLessThanOrEqual(1);
  });

  it('cost small work nothing: it begins and ends without waiting', async () => {
    const turns = new WorkTurns();
    let hasGoneRound = false;
    void setImmediate().then(() => (hasGoneRound = true));
    await turns.beginOn(10_000);
    expect(hasGoneRound).toBe(false);
  });
});

describe('a large push', () => {
  let world: DoorWorld;
  let dir: Awaited<ReturnType<typeof makeDataDir>>;
  beforeEach(async () => {
    dir = await makeDataDir();
    world = await openDoor({ dataDir: dir.path });
  });
  afterEach(async () => {
    await world.close();
    await dir.remove();
  });

  const start = Date.parse('2026-11-01T00:00:00+07:00');
  const at = (step: number) => new Date(start + step * 300_000).toISOString();
  const refusedLines = (count: number) =>
    Array.from({ length: count }, (_, i) => `nowhere-${i},${at(i)},1`).join('\n');

  it('of refused rows is worked on while others are answered, and all of it is kept', async () => {
    const order: string[] = [];
    const large = pushed(world, `meter,time,value\n${refusedLines(5_000)}`, {
      type: 'text/csv',
      batch: 'large',
    }).then((receipt) => {
      order.push('large');
      return receipt;
    });
    for (let i = 0; i < 5; i++) {
      // Answered by the door alone: how fast the log is does not matter.
      expect((await push(world, 'no JSON', { key: 'sugar' })).statusCode).toBe(400);
      order.push('other');
    }
    expect((await large).refused).toHaveLength(5_000);
    expect(order).toEqual([...Array<string>(5).fill('other'), 'large']);
    expect((await quarantinedOf(world, 'large', 4_999))[0]).toMatchObject({
      raw: `nowhere-4999,${at(4_999)},1`,
    });
  });

  it('has the same receipt and blocks whatever is pushed for its meters in between', async () => {
    const lines = Array.from({ length: 3_000 }, (_, i) => {
      const meter = i % 2 === 0 ? 'kiln-pm' : 'kiln-o2';
      // Each hundredth row says something else about the time of an early one, each fiftieth the same again.
      if (i % 100 === 99) return `${meter},${at(1)},7`;
      if (i % 50 === 49) return `${meter},${at(1)},1`;
      return `${meter},${at(i)},${i}`;
    });
    const csv = ['meter,time,value', ...lines].join('\n');
    const alone = await pushed(world, csv, { type: 'text/csv', batch: 'alone' });
    const progress = { isDone: false };
    const large = pushed(world, csv, { type: 'text/csv', batch: 'among-others' }).finally(() => {
      progress.isDone = true;
    });
    let between = 0;
    while (!progress.isDone) {
      await pushed(world, [reading(), reading({ meter: 'kiln-o2', time: at(between), value: 20 })]);
      between++;
    }
    const among = await large;
    expect(between).toBeGreaterThan(1);
    expect(alone.refused.length).toBeGreaterThan(0);
    expect([among.accepted, among.refused]).toEqual([alone.accepted, alone.refused]);
    const blocks = (await world.blocks()).map(({ block }) => block);
    const columnsOf = (batch: string) =>
      blocks
        .filter((block) => block.batch === batch)
        .map(({ meters, meterIndex, times, values, rows }) => ({ meters, meterIndex, times, values, rows }));
    expect(columnsOf('among-others')).toEqual(columnsOf('alone'));
  });
});
