import { timeZone } from '@songma/domain';
import { z } from 'zod';
import { problem } from '../problems.ts';
import { timeProblem } from '../iso-time.ts';
import { spokenBy } from '../routes.ts';

/** A time with offset, or a date, which begins at the site's own midnight. */
export const spanEdgeSchema = z
  .string()
  .superRefine(spokenBy((text) => timeProblem(text, { orDate: true })))
  .meta({
    anyOf: [
      { type: 'string', format: 'date-time' },
      { type: 'string', format: 'date' },
    ],
  });

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
