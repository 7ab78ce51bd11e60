import { dateIn } from '@songma/domain';
import type { z } from 'zod';
import { houseZone, parseIsoUs } from '../iso-time.ts';
import { boundedTimeSchema } from '../routes.ts';
import { instantOf, spanEdgeSchema } from '../answers/spans.ts';

/** Query parameters by which a question is about a time, and about what was known at one. */
export const momentQuery = {
  at: spanEdgeSchema.optional().meta({
    description:
      'What is judged: facts that hold on this date, and windows that are over then. Now unless told, or `asOf`.',
    examples: ['2026-11-01'],
  }),
  asOf: boundedTimeSchema.optional().meta({
    description: 'Answer from what was registered, read and published then.',
  }),
};

/** When a question is about, and from what it is answered. */
export interface Moment {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Calendar date of it, in Viet Nam. */
  readonly date: string;
  /** What is over by then, and not beyond what can be known, epoch milliseconds. */
  readonly over: number;
  readonly asOf: { readonly text: string; readonly us: number; readonly ms: number } | undefined;
}

export function momentOf(
  query: { readonly [K in keyof typeof momentQuery]?: z.output<(typeof momentQuery)[K]> },
  now: number,
): Moment {
  const us = query.asOf === undefined ? undefined : parseIsoUs(query.asOf);
  const asOf = us === undefined ? undefined : { text: query.asOf!, us, ms: Math.floor(us / 1000) };
  const known = asOf?.ms ?? now;
  const at = query.at === undefined ? known : instantOf(query.at, houseZone);
  return { at, date: dateIn(houseZone, at), over: Math.min(at, known), asOf };
}
