import { describe, expect, it } from 'vitest';
import { Rests } from '../src/rests.ts';

const config = { refillShareMax: 0.2, restMsMax: 60_000 };

describe('the rest of a shard whose windows are being filled', () => {
  it('leaves its computing a share of time', () => {
    let now = 1_000;
    const rests = new Rests(config, () => now);
    expect(rests.isResting('a')).toBe(false);
    expect(rests.begin('a', 100)).toBe(400);
    now += 300;
    expect(rests.look('a', 'm1')).toBe(100);
    expect(rests.isResting('b')).toBe(false);
    now += 100;
    expect(rests.isResting('a')).toBe(false);
  });

  it('is longer the more of them rest, so that all together take that share', () => {
    const pieceMs = 50;
    const shards = Array.from({ length: 8 }, (_, i) => `s${i}`);
    let now = 0;
    let busyMs = 0;
    const rests = new Rests(config, () => now);
    while (now < 60_000) {
      for (const shard of shards) {
        if (rests.isResting(shard)) continue;
        now += pieceMs;
        busyMs += pieceMs;
        rests.begin(shard, pieceMs);
      }
      now += 1;
    }
    expect(busyMs / now).toBeGreaterThan(0.15);
    expect(busyMs / now).toBeLessThan(0.21);
  });

  it('is never longer than it may be', () => {
    const rests = new Rests({ ...config, restMsMax: 150 }, () => 0);
    expect(rests.begin('a', 100)).toBe(150);
  });

  it('lasts while changes come, and is over when none came between two looks', () => {
    let now = 0;
    const rests = new Rests(config, () => now);
    expect(rests.begin('a', 10_000)).toBe(5_000);
    for (const mark of ['m1', 'm2', 'm3']) {
      now += 5_000;
      expect(rests.look('a', mark)).toBe(5_000);
    }
    now += 5_000;
    expect(rests.look('a', 'm3')).toBe(0);
    expect(rests.isResting('a')).toBe(false);
    // What was seen in one rest says nothing of the next.
    rests.begin('a', 10_000);
    expect(rests.look('a', 'm3')).toBe(5_000);
  });
});
