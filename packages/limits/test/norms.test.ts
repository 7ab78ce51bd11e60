import { describe, expect, it } from 'vitest';
import { boundsOf, limitNorms } from '../src/index.ts';

const normOf = (id: string) => limitNorms.find((norm) => norm.id === id)!;

describe('the norms', () => {
  it('have an id of their own each, and a value or a range', () => {
    expect(new Set(limitNorms.map(({ id }) => id)).size).toBe(limitNorms.length);
    for (const { id, value, range } of limitNorms) {
      expect([id, (value === undefined) !== (range === undefined)]).toEqual([id, true]);
      expect(id).toMatch(/^[a-z0-9][a-z0-9-]{0,63}$/);
    }
  });

  it('name no factor for what none applies to, and pH as a range', () => {
    // QCVN 40:2011/BTNMT, section 2.1.2.
    expect(limitNorms.filter(({ factors }) => factors.length === 0).map(({ id }) => id)).toEqual(
      ['a', 'b'].flatMap((column) =>
        ['coliform', 'color', 'gross-alpha', 'gross-beta', 'ph', 'temp'].map(
          (parameter) => `qcvn-40-2011-${column}-${parameter}`,
        ),
      ),
    );
    expect(limitNorms.filter(({ parameterCode }) => parameterCode === 'other')).toEqual([]);
    expect(normOf('qcvn-40-2011-b-ph')).toMatchObject({ range: { min: 5.5, max: 9 }, factors: [] });
  });

  it('give the limit of a plant with its factors', () => {
    // QCVN 40:2011/BTNMT, column B, a river of at most 50 m3/s (Kq 0.9), 50 to 500 m3 a day (Kf 1.1).
    const { value, parameter } = normOf('qcvn-40-2011-b-cod');
    expect(boundsOf({ value, parameter, factors: { kq: 0.9, kf: 1.1 } })).toEqual({ max: 148.5 });
  });

  it('are never verified, because nobody compared them with the text itself; some were found where it is told of', () => {
    expect(limitNorms.filter(({ verified, lastDateVerified }) => verified || lastDateVerified)).toEqual([]);
    expect(limitNorms.filter(({ assurance }) => assurance === 'press').map(({ id }) => id)).toEqual([
      'qcvn-22-2009-b-nox-gas',
      'qcvn-22-2009-b-pm-gas',
      'qcvn-22-2009-b-so2-gas',
    ]);
  });
});
