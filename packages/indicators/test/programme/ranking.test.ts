import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  membersMin,
  ownPlace,
  rankGroup,
  unitOfMost,
  unrankedFor,
  unrankedReasons,
} from '../../src/index.ts';

const named = (values: readonly number[]) => values.map((value, i) => ({ enterprise: `e${i}`, value }));
const group = fc
  .array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 40 })
  .map((values) => named(values.map((value) => value * 1.37)));
const better = fc.constantFrom('lower' as const, 'higher' as const);

describe('a ranking', () => {
  /** The quartiles are those of R 4: quantile(c(3, 5, 6, 7, 8, 12, 20), c(0.25, 0.5, 0.75), type = 7). */
  it('tells order, quartiles, median and spread', () => {
    const { members, quartiles, spread } = rankGroup(named([8, 3, 20, 6, 7, 5, 12]), 'lower');
    expect(quartiles).toEqual([5.5, 7, 10]);
    expect(spread).toBeCloseTo(4.5 / 7, 14);
    expect(members.map(({ enterprise, rank, quartile }) => [enterprise, rank, quartile])).toEqual([
      ['e1', 1, 1],
      ['e5', 2, 1],
      ['e3', 3, 2],
      ['e4', 4, 2],
      ['e0', 5, 3],
      ['e6', 6, 4],
      ['e2', 7, 4],
    ]);
    expect(members.map(({ relative }) => relative)[3]).toBe(1);
  });

  it('of productivities has the highest first', () => {
    const { members, quartiles } = rankGroup(named([1, 2, 3, 4]), 'higher');
    expect(quartiles).toEqual([1.75, 2.5, 3.25]);
    expect(members.map(({ value, rank, quartile }) => [value, rank, quartile])).toEqual([
      [4, 1, 1],
      [3, 2, 2],
      [2, 3, 3],
      [1, 4, 4],
    ]);
  });

  it('lets equal values share rank and quartile, and leaves the ranks behind them out', () => {
    const { members } = rankGroup(named([5, 5, 5, 9, 9, 11]), 'lower');
    expect(members.map(({ rank, quartile }) => [rank, quartile])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
      [4, 3],
      [4, 3],
      [6, 4],
    ]);
  });

  it('of one, of none and of zeros is what it can be', () => {
    expect(rankGroup([], 'lower')).toEqual({ members: [], quartiles: null, spread: null });
    expect(rankGroup(named([4]), 'higher')).toMatchObject({ quartiles: [4, 4, 4], spread: 0 });
    expect(rankGroup(named([0, 0]), 'lower')).toMatchObject({
      spread: null,
      members: [{ relative: null }, { relative: null }],
    });
  });

  it('does not depend on the order in which members are given', () => {
    fc.assert(
      fc.property(group, better, fc.nat(), (members, betterIs, turn) => {
        const at = turn % members.length;
        const turned = [...members.slice(at), ...members.slice(0, at)].toReversed();
        expect(rankGroup(turned, betterIs)).toEqual(rankGroup(members, betterIs));
      }),
    );
  });

  it('does not depend on the unit', () => {
    fc.assert(
      fc.property(group, better, (members, betterIs) => {
        const places = (factor: number) =>
          rankGroup(
            members.map((one) => ({ ...one, value: one.value * factor })),
            betterIs,
          ).members.map(({ enterprise, rank, quartile }) => [enterprise, rank, quartile]);
        expect(places(4)).toEqual(places(1));
      }),
    );
  });

  it('puts whoever is better in no worse a place, and at most half into the better quartiles but for ties', () => {
    fc.assert(
      fc.property(group, better, (members, betterIs) => {
        const ranked = rankGroup(members, betterIs).members;
        const places = ranked.map(({ quartile }) => quartile);
        expect(places).toEqual(places.toSorted((a, b) => a - b));
        const distinct = new Set(members.map(({ value }) => value)).size === members.length;
        const first = places.filter((place) => place <= 2).length;
        expect(distinct ? first : 0).toBeLessThanOrEqual(Math.ceil(members.length / 2));
      }),
    );
  });
});

describe('the own place', () => {
  it('is told from five members on, with bounds to two digits', () => {
    const ranking = rankGroup(named([101.234, 112.345, 123.456, 134.567, 145.678]), 'lower');
    expect(ownPlace(ranking, 'e1')).toEqual({ size: 5, quartile: 1, quartiles: [110, 120, 130] });
    const four = rankGroup(named([101, 112, 123, 134]), 'lower');
    expect(ownPlace(four, 'e1')).toEqual({ size: 4, quartile: null, quartiles: null });
    expect(ownPlace(ranking, 'not ranked')).toEqual({ size: 5, quartile: null, quartiles: [110, 120, 130] });
  });

  it('tells nobody else’s name or value, and below five nothing but the size', () => {
    const values = fc.array(fc.double({ min: 100, max: 999, noNaN: true, noDefaultInfinity: true }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(values, better, (all, betterIs) => {
        const place = ownPlace(rankGroup(named(all), betterIs), 'e0');
        expect(Object.keys(place).toSorted()).toEqual(['quartile', 'quartiles', 'size']);
        expect(place.size).toBe(all.length);
        expect(place.quartiles === null).toBe(all.length < membersMin);
        expect(place.quartile === null).toBe(all.length < membersMin);
        for (const bound of place.quartiles ?? []) expect(bound % 10).toBe(0);
      }),
    );
  });

  it('is the same whichever of the others has which value', () => {
    fc.assert(
      fc.property(group, better, (members, betterIs) => {
        const [own, ...others] = members as [(typeof members)[0], ...typeof members];
        const swapped = others.map(({ enterprise }, i) => ({ enterprise, value: others.at(-1 - i)!.value }));
        expect(ownPlace(rankGroup([own, ...swapped], betterIs), own.enterprise)).toEqual(
          ownPlace(rankGroup(members, betterIs), own.enterprise),
        );
      }),
    );
  });
});

describe('who is ranked', () => {
  it('has a published value of which at most a tenth is spread over gaps', () => {
    expect([
      unrankedFor(undefined),
      unrankedFor({ value: null }),
      unrankedFor({ value: 5, estimatedShare: 0.11 }),
      unrankedFor({ value: 5, estimatedShare: 0.1 }),
      unrankedFor({ value: 0 }),
    ]).toEqual(['not-published', 'withheld', 'estimated', null, null]);
  });

  it('and who is not, is told why in both languages', () => {
    for (const { en, vi } of Object.values(unrankedReasons)) expect(vi).not.toBe(en);
  });
});

it('the unit of a group is that of most of its values, whatever their order', () => {
  expect(unitOfMost(['kWh/t', 'kWh/hL', 'kWh/hL'])).toBe('kWh/hL');
  expect(unitOfMost(['kWh/t', 'kWh/hL'])).toBe(unitOfMost(['kWh/hL', 'kWh/t']));
  expect(unitOfMost([])).toBeUndefined();
});
