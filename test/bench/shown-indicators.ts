import type { WorldSite } from '../support/world.ts';
import { amount, stepMs, type Filled } from './filled-years.ts';

/** What the judge needs of an indicator as the api shows it. */
export interface Shown {
  readonly name: string;
  /** Absent: the whole enterprise. */
  readonly site?: string;
  readonly start: string;
  readonly end: string;
  readonly value: number | null;
}

const relativeTolerance = 1e-9;

/**
 * Tells whether intensities of electricity and water of a site or its enterprise are what their meters say, corrections
 * included: to be made anew after each.
 */
export function judgeOf(filled: Filled, { id, enterprise }: WorldSite): (shown: Shown) => boolean {
  const expected = new Map<string, number>();
  const { sites, spec } = filled.world;

  function compute({ name, site, start, end }: Shown): number {
    const meant = sites.filter((one) => (site === undefined ? one.enterprise === enterprise : one.id === id));
    const span = [start, end].map((time) => (Date.parse(time) - spec.from) / stepMs) as [number, number];
    const used = name === 'water-intensity' ? 'water' : 'electricity';
    return amount(filled, meant, used, span) / amount(filled, meant, 'production', span);
  }

  return (shown) => {
    const { name, site, start, end, value } = shown;
    const key = `${name} ${site} ${start} ${end}`;
    const wanted = expected.get(key) ?? compute(shown);
    expected.set(key, wanted);
    return value !== null && Math.abs(value - wanted) <= relativeTolerance * Math.abs(wanted);
  };
}
