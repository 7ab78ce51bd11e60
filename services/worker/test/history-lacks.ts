import { flag } from '@songma/domain';
import fc from 'fast-check';

/** Where one side of a run lacks something that the other has: a gap, or a status in the place of a value. */
interface Lack {
  readonly at: number;
  readonly side: 0 | 1;
  readonly flags: number | null;
}

/** A few of them, within so many places. */
export function lacks(max: number): fc.Arbitrary<Lack[]> {
  const flags = fc.constantFrom(null, flag.fault, flag.calibrating);
  return fc.array(fc.record({ at: fc.nat({ max }), side: fc.constantFrom(0 as const, 1 as const), flags }), {
    maxLength: 3,
  });
}

/** Flags of both sides at a place of a run; null: nothing is sent. */
export function flagsOf(some: readonly Lack[], at: number): [number | null, number | null] {
  const found: [number | null, number | null] = [0, 0];
  for (const one of some) if (one.at === at) found[one.side] = one.flags;
  return found;
}
