import type { Change } from '@songma/series-store';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rests } from '../src/rests.ts';
import { ShardBacklog } from '../src/shard-backlog.ts';
import { hourMs, monday, zone } from './worker-world.ts';

const now = monday;
const config = { refillShareMax: 0.2, restMsMax: 30_000, backlogRestMsMax: 600_000 };

function open(settings: Partial<typeof config> = {}) {
  const clock = { at: 0 };
  const own = { ...config, ...settings };
  const rests = new Rests(own, () => clock.at);
  const backlog = new ShardBacklog('S00', {
    ...{ config: own, rests, zoneOf: () => zone, now: () => now, clock: () => clock.at },
  });
  let marks = 0;
  return {
    clock,
    rests,
    backlog,
    take: (changes: readonly Change[]) => backlog.take({ changes, mark: `m${++marks}` }),
    /** Computes what is to be computed now, and says how many changes that were. */
    compute: (tookMs = 1, changesMax = 4_000): number => {
      const piece = backlog.next(changesMax);
      if (piece === undefined) return 0;
      backlog.computed(piece, piece.changes.length, tookMs);
      return piece.changes.length;
    },
  };
}

const change = (site: string, start: number, hour: number): Change => ({ site, hour: start + hour * hourMs });
const hoursOf = (site: string, start: number, count: number) =>
  Array.from({ length: count }, (_, hour) => change(site, start, hour));
const month = (number: number) => Date.UTC(2025, number, 1) - 7 * hourMs;
const monthHours = 672;

describe('the backlog of a shard', () => {
  it('has live hours computed at once, the newest first, and then lets them rest', () => {
    const { clock, backlog, take, compute } = open();
    take([change('a', now, -20), change('a', now, -1), change('b', now, -3)]);
    expect(backlog.next(4_000)?.changes.map(({ hour }) => (hour - now) / hourMs)).toEqual([-1, -3, -20]);
    expect(compute(1_000)).toBe(3);
    expect(backlog.mark).toBeUndefined();
    take([change('a', now, -1)]);
    expect(compute()).toBe(0);
    expect(backlog.waitMs()).toBe(4_000);
    clock.at += 4_000;
    expect(compute()).toBe(1);
  });

  it('ends a rest when nothing came for five seconds', () => {
    const { clock, backlog, take, compute } = open();
    take([change('a', now, -1)]);
    compute(60_000);
    take([change('a', now, -1)]);
    for (let look = 0; look < 3; look++) {
      clock.at += 4_900;
      take([change('a', now, -1)]);
      expect(compute()).toBe(0);
    }
    expect(backlog.waitMs()).toBe(5_000);
    clock.at += 5_000;
    expect(compute()).toBe(1);
  });

  it('has a correction of older hours computed at once', () => {
    const { take, compute } = open();
    take(hoursOf('a', month(0), 24));
    expect(compute()).toBe(24);
  });

  it('waits until nothing more comes of a month, and then takes months in ascending order over all sites', () => {
    const { clock, backlog, take, compute } = open({ refillShareMax: 0.05 });
    for (const site of ['a', 'b']) for (const of of [2, 0, 1]) take(hoursOf(site, month(of), monthHours));
    expect(compute()).toBe(0);
    expect(backlog.waitMs()).toBe(2_000);
    clock.at += 1_500;
    // One that is being filled is left out when the others are quiet.
    take(hoursOf('b', month(1), 5));
    clock.at += 1_500;
    const order: string[] = [];
    for (let piece = backlog.next(600); piece !== undefined; piece = backlog.next(600)) {
      for (const { site, hour } of piece.changes)
        order.push(`${new Date(hour + 7 * hourMs).getUTCMonth()} ${site}`);
      backlog.computed(piece, piece.changes.length, 300);
    }
    expect([...new Set(order)]).toEqual(['0 a', '0 b', '1 a', '2 a', '2 b']);
    expect(order).toHaveLength(5 * monthHours);
    expect(backlog.size).toBe(monthHours);
    expect(backlog.mark).toBeDefined();
    clock.at += 2_000;
    expect(compute()).toBe(monthHours);
    expect(backlog.mark).toBeUndefined();
  });

  it('lets live hours pass it', () => {
    const { clock, take, compute } = open();
    take(hoursOf('a', month(0), monthHours));
    take([change('b', now, -1)]);
    expect(compute()).toBe(1);
    clock.at += 2_000;
    take([change('b', now, -1)]);
    // Their rest is over, and they come before the month that is ready.
    expect(compute()).toBe(1);
    expect(compute()).toBe(monthHours);
  });

  it('takes a month that never becomes quiet when that costs no more than its share, and after the longest wait', () => {
    const { clock, take, compute } = open({ backlogRestMsMax: 20_000 });
    const computed: number[] = [];
    for (let second = 0; second < 60; second++) {
      take(hoursOf('a', month(0), monthHours));
      clock.at += 1_000;
      if (compute(60_000) > 0) computed.push(second);
    }
    // 672 changes are expected to take 336 ms, and have taken a minute.
    expect(computed).toEqual([1, 21, 41]);
  });

  it('waits longer for a month that was computed just before', () => {
    const { clock, take, compute } = open();
    take(hoursOf('a', month(0), monthHours));
    clock.at += 2_000;
    expect(compute(672)).toBe(monthHours);
    take(hoursOf('a', month(0), monthHours));
    clock.at += 2_000;
    expect(compute()).toBe(0);
    clock.at += 1_500;
    expect(compute()).toBe(monthHours);
  });

  it('computes everything that it takes, whatever comes when, and has no mark to settle before', () => {
    const step = fc.record({
      site: fc.constantFrom('a', 'b'),
      from: fc.integer({ min: -5_000, max: 0 }),
      count: fc.integer({ min: 1, max: 900 }),
      waitMs: fc.constantFrom(0, 100, 2_000, 10_000),
      changesMax: fc.integer({ min: 1, max: 900 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const { clock, backlog, take } = open();
        const left = new Set<string>();
        const key = ({ site, hour }: Change) => `${site} ${hour}`;
        const work = (changesMax: number) => {
          const piece = backlog.next(changesMax);
          if (piece === undefined) return false;
          expect(piece.changes.length).toBeLessThanOrEqual(changesMax);
          for (const one of piece.changes) expect(left.delete(key(one))).toBe(true);
          backlog.computed(piece, 1, 1);
          return true;
        };
        for (const { site, from, count, waitMs, changesMax } of steps) {
          const changes = hoursOf(site, now + from * hourMs, count);
          take(changes);
          for (const one of changes) left.add(key(one));
          clock.at += waitMs;
          work(changesMax);
          expect(backlog.size).toBe(left.size);
          expect(backlog.mark === undefined).toBe(left.size === 0);
        }
        for (let looks = 0; left.size > 0; looks++) {
          expect(looks).toBeLessThan(100);
          while (work(900));
          clock.at += backlog.waitMs();
        }
        expect(backlog.mark).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });
});
