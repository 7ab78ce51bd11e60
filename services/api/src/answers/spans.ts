import { timeZone } from '@songma/domain';
import { z } from 'zod';
import { problem } from '../problems.ts';
import { isoTimeSchema } from '../routes.ts';

/** A time with offset, or a date, which begins at the site's own midnight. */
export const spanEdgeSchema = z
  .union([isoTimeSchema, z.iso.date()], {
    error: 'an ISO 8601 time with offset, or a date such as 2026-01-31 (midnight at the site)',
  })
  .refine((text) => yearOf(text) >= 1970 && yearOf(text) < 2200, 'must lie between 1970 and 2199');

/** Instant of a span's edge, epoch milliseconds; a date begins at the first instant that it has in the zone. */
export function instantOf(edge: string, zone: string): number {
  if (edge.length > 10) return Date.parse(edge);
  return timeZone(zone).firstInstantOf(Date.parse(`${edge}T00:00:00Z`));
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The span asked for, by the clock of the meter's site. @throws HttpProblem `span_invalid` */
export function spanOf(
  query: { readonly from: string; readonly to?: string | undefined },
  zone: string,
  now: number,
): Span {
  const from = instantOf(query.from, zone);
  const to = query.to === undefined ? now : instantOf(query.to, zone);
  if (from >= to) throw problem('span_invalid');
  return { from, to };
}

function yearOf(text: string): number {
  return Number(text.slice(0, 4));
}
