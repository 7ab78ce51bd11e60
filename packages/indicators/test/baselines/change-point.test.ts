import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findChangePoint } from '../../src/index.ts';

/**
 * Annual flow of the Nile at Aswan, 1871 to 1970, 10⁸ m³. G. W. Cobb, "The problem of the Nile", Biometrika 65 (1978).
 */
const nile = [
  1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958,
  1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020,
  1050, 969, 831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040,
  759, 781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890,
  744, 749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
];

/** U as Pettitt defines it: signs of every pair that the split parts. */
function splitStatistic(values: readonly number[], k: number): number {
  let u = 0;
  for (const early of values.slice(0, k)) {
    for (const late of values.slice(k)) u += Math.sign(early - late);
  }
  return u;
}

describe('a change point', () => {
  it('of the Nile lies behind 1898, as it is known to', () => {
    const change = findChangePoint(nile)!;
    expect(1871 + change.index).toBe(1899);
    expect(change.isSignificant).toBe(true);
    expect(change.meanBefore).toBeCloseTo(1097.75, 10);
    expect(change.meanAfter).toBeCloseTo(849.972, 3);
    expect(change.p).toBeCloseTo(2 * Math.exp((-6 * change.statistic ** 2) / (100 ** 3 + 100 ** 2)), 15);
    expect(change.p).toBeLessThan(1e-6);
  });

  it('is the split of which most pairs differ, by the definition', () => {
    const values = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(values, (series) => {
        const change = findChangePoint(series)!;
        const all = series.slice(1).map((_, i) => Math.abs(splitStatistic(series, i + 1)));
        expect(change.statistic).toBe(Math.max(...all));
        expect(all[change.index - 1]).toBe(change.statistic);
      }),
    );
  });

  it('of a year that never changes is not significant', () => {
    const flat = findChangePoint([3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2])!;
    expect(flat).toMatchObject({ isSignificant: false });
    expect(findChangePoint([1, 1, 1, 1])).toMatchObject({ statistic: 0, p: 1 });
  });

  it('needs eleven values to be significant', () => {
    const step = (n: number) =>
      findChangePoint(Array.from({ length: n }, (_, i) => (i < n / 2 ? i : 100 + i)))!;
    expect([step(10).isSignificant, step(11).isSignificant]).toEqual([false, true]);
  });

  it('there is none in fewer than two values', () => {
    expect([findChangePoint([]), findChangePoint([1])]).toEqual([undefined, undefined]);
  });
});
