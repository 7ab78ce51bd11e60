import type { Limit } from '../api/types.ts';

/** The bounds of a limit at a time, its factors applied; undefined when it is not in force then. In the limit's unit. */
export function limitInForce(
  limit: Limit,
  timeMs: number,
): { readonly min: number | undefined; readonly max: number | undefined } | undefined {
  const { validFrom, validTo, range, value } = limit;
  if (Date.parse(validFrom) > timeMs || (validTo !== undefined && timeMs >= Date.parse(validTo)))
    return undefined;
  if (range !== undefined) return { min: range.min, max: range.max };
  const factor = Object.values(limit.factors).reduce((product, one) => product * one, 1);
  return { min: undefined, max: value === undefined ? undefined : value * factor };
}
