import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodies, day, historyArbitrary, hour, live, randomOf, registeredOf, start } from './histories.ts';

/** Random histories; `DESK_HISTORIES=1000` tries more. */
const numRuns = Number(process.env['DESK_HISTORIES'] ?? 100);
const registered = registeredOf(bodies);
const until = start + 25 * day;
const inOrder = { random: () => 0.5, restarts: 0, repeats: 0 };

describe('any history', () => {
  it('any order, repetition or restart of the same steps plans the same notices', () => {
    fc.assert(
      fc.property(historyArbitrary, fc.integer(), (said, seed) => {
        const told = (manner: Parameters<typeof live>[2]) =>
          live(said, registered, manner, until)
            .planned.map(({ notice, at, person, items }) => [at, notice, person, items] as const)
            .toSorted(([a, x], [b, y]) => a - b || (x < y ? -1 : 1));
        const expected = told(inOrder);
        expect(told({ random: randomOf(seed), restarts: 0.3, repeats: 0.3 })).toEqual(expected);
        expect(told({ random: randomOf(seed + 1), restarts: 0.6, repeats: 0 })).toEqual(expected);
      }),
      { numRuns },
    );
  });

  it('nobody gets more than ten messages in an hour, and nothing twice by one way', () => {
    fc.assert(
      fc.property(historyArbitrary, (said) => {
        const { planned } = live(said, registered, inOrder, until);
        for (const [, to] of Map.groupBy(planned, ({ person }) => person)) {
          for (const { at } of to) {
            expect(to.filter((other) => other.at > at - hour && other.at <= at).length).toBeLessThanOrEqual(
              10,
            );
          }
          const keys = to.flatMap(({ items, channel }) => items.map(({ key }) => `${channel} ${key}`));
          expect(new Set(keys).size).toBe(keys.length);
        }
      }),
      { numRuns },
    );
  });

  it('whoever was told of what is voided is told once; nobody else is', () => {
    fc.assert(
      fc.property(historyArbitrary, (said) => {
        const { planned, facts } = live(said, registered, inOrder, until);
        for (const id of facts.groups.ids()) {
          const members = new Set(facts.groups.members(id).map((one) => one.id));
          const isVoided = facts.groups.members(id).every(({ condition }) => condition === 'voided');
          const of = planned.flatMap(({ person, items }) =>
            items.filter((item) => members.has(item.case)).map(({ purpose }) => ({ person, purpose })),
          );
          const told = new Set(
            of.filter(({ purpose }) => purpose !== 'withdrawn').map(({ person }) => person),
          );
          const withdrawn = of.filter(({ purpose }) => purpose === 'withdrawn').map(({ person }) => person);
          // One that joined another case may have been withdrawn before.
          const expected = isVoided ? [...told].toSorted() : members.size === 1 ? [] : withdrawn.toSorted();
          expect(withdrawn.toSorted()).toEqual(expected);
        }
      }),
      { numRuns },
    );
  });
});
