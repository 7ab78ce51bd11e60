import { describe, expect, it } from 'vitest';
import { Rests } from '../src/rests.ts';

const config = { refillShareMax: 0.2, restMsMax: 60_000 };

describe('the rest of a shard whose windows are being filled', () => {
  it('leaves its computing a share of time', () => {
    let now = 1_000;
    const rests = new Rests(config, () => now);
    expect(rests.left('a')).toBe(0);
    rests.begin('a', 100);
    expect(rests.left('a')).toBe(400);
    now += 300;
    expect(rests.left('a')).toBe(100);
    expect(rests.left('b')).toBe(0);
    now += 100;
    expect(rests.left('a')).toBe(0);
  });

  it('is longer the more of them rest, so that all together take that share', () => {
    const pieceMs = 50;
    const shards = Array.from({ length: 8 }, (_, i) => `s${i}`);
    let now = 0;
    let busyMs = 0;
    const rests = new Rests(config, () => now);
    while (now < 60_000) {
      for (const shard of shards) {
        if (rests.left(shard) > 0) continue;
        now += pieceMs;
        busyMs += pieceMs;
        rests.begin(shard, pieceMs);
      }
      now += 1;
    }
    expect(busyMs / now).toBeGreaterThan(0.15);
    expect(busyMs / now).toBeLessThan(0.21);
  });

  it('is never longer than it may be, and may be ended', () => {
    const rests = new Rests({ ...config, restMsMax: 150 }, () => 0);
    rests.begin('a', 100);
    expect(rests.left('a')).toBe(150);
    rests.end('a');
    expect(rests.left('a')).toBe(0);
  });
});
