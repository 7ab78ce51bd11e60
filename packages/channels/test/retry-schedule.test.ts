import { describe, expect, it } from 'vitest';
import { attemptsEndAfterMs, nextAttempt, type Attempts } from '../src/index.ts';

const firstAt = Date.UTC(2026, 0, 1);

/** When each attempt is made, in seconds after the first, when all of them are deferred. */
function attemptsOf(kind: Attempts['kind'], random: number): number[] {
  const at = [0];
  for (;;) {
    const lastAt = firstAt + at.at(-1)! * 1000;
    const outcome = { kind: 'later', code: 'mail_deferred' } as const;
    const next = nextAttempt({ kind, made: at.length, firstAt, lastAt, outcome }, random);
    if (next === undefined) return at;
    at.push((next - firstAt) / 1000);
  }
}

describe('When a notice is tried again', () => {
  it('comes sooner at first, then hourly, and is over after a day', () => {
    const pauses = attemptsOf('mail', 0).map((at, index, all) => at - (all[index - 1] ?? 0));
    expect(pauses.slice(0, 10)).toEqual([0, 30, 120, 300, 900, 1800, 3600, 7200, 3600, 3600]);
    expect(attemptsOf('mail', 0).at(-1)! * 1000).toBeLessThanOrEqual(attemptsEndAfterMs);
    expect(attemptsOf('mail', 0).at(-1)! * 1000).toBeGreaterThan(attemptsEndAfterMs - 2 * 3_600_000);
  });

  it('comes for a webhook as its standard proposes: after seconds, minutes, half an hour', () => {
    expect(attemptsOf('webhook', 0).slice(0, 4)).toEqual([0, 5, 305, 2105]);
  });

  it('is spread, so that what failed together does not come together', () => {
    expect(attemptsOf('mail', 1)[1]).toBe(36);
    expect(attemptsOf('mail', 0.5)[1]).toBe(33);
  });

  it('is never after a refusal', () => {
    const outcome = { kind: 'never', code: 'mail_refused' } as const;
    expect(nextAttempt({ kind: 'mail', made: 1, firstAt, lastAt: firstAt, outcome }, 0)).toBeUndefined();
  });

  it('is not before the other side asks for it, up to six hours', () => {
    const asked = (afterMs: number) => {
      const outcome = { kind: 'later', code: 'webhook_deferred', afterMs } as const;
      return nextAttempt({ kind: 'webhook', made: 1, firstAt, lastAt: firstAt, outcome }, 0)! - firstAt;
    };
    expect(asked(600_000)).toBe(600_000);
    expect(asked(1)).toBe(5_000);
    expect(asked(7 * 86_400_000)).toBe(6 * 3_600_000);
  });
});
