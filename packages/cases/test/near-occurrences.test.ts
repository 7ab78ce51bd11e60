import type { Occurrence } from '@songma/duty';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearMs, NearOccurrences } from '../src/near-occurrences.ts';

const isNear = (a: Occurrence, b: Occurrence) =>
  a.since - b.knownUntil < nearMs && b.since - a.knownUntil < nearMs;
const idsOf = (found: Iterable<Occurrence>) => new Set([...found].map(({ id }) => id));

/** Of a few ids, so that they are put again as they change; some last for many stretches. */
const put = fc
  .record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    since: fc.integer({ min: -5 * nearMs, max: 5 * nearMs }),
    lasts: fc.oneof(fc.integer({ min: 0, max: nearMs / 4 }), fc.integer({ min: 0, max: 4 * nearMs })),
  })
  .map(({ id, since, lasts }) => ({ id, since, knownUntil: since + lasts }) as Occurrence);

describe('occurrences of one limit', () => {
  it('are near one another as if each were held against all, and a change tells of who was near and who is', () => {
    fc.assert(
      fc.property(fc.array(put, { minLength: 1, maxLength: 30 }), (puts) => {
        const near = new NearOccurrences();
        const standing = new Map<string, Occurrence>();
        const nearOf = (one: Occurrence) =>
          idsOf([...standing.values()].filter((other) => isNear(one, other)));
        for (const occurrence of puts) {
          const before = standing.get(occurrence.id);
          const expected = before === undefined ? new Set<string>() : nearOf(before);
          standing.set(occurrence.id, occurrence);
          expect(idsOf(near.put(occurrence))).toEqual(new Set([...expected, ...nearOf(occurrence)]));
          for (const one of standing.values()) expect(idsOf(near.near(one))).toEqual(nearOf(one));
        }
      }),
    );
  });
});
