import { idSchema, windowKinds, type CutKind, type Meter } from '@songma/domain';
import type { MeterContext } from '@songma/registry';
import { z } from 'zod';
import { formQuery } from '../answers/formats.ts';
import { spanEdgeSchema, type Span } from '../answers/spans.ts';
import { cursorQuery, pageItemsMax } from '../paging.ts';
import { problem } from '../problems.ts';
import { boundedTimeSchema } from '../routes.ts';

/** Meters that one request may ask for. */
export const seriesMetersMax = 20;

/** Windows that one request may span, over all of its meters: eleven years of hours of one meter. */
export const seriesWindowsMax = 100_000;

export const seriesWindows = ['raw', 'PT15M', ...windowKinds] as const;
export type SeriesWindow = (typeof seriesWindows)[number];

/** In which order the rows of a meter, or of another series, come. */
export const orderQuery = z.enum(['asc', 'desc']).default('asc').meta({
  description: 'By time within each series: `desc` gives the latest first.',
});

export const metersSchema = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => (Array.isArray(given) ? given : [given]).flatMap((text) => text.split(',')))
  .pipe(z.array(idSchema).min(1).max(seriesMetersMax))
  .transform((ids) => [...new Set(ids)])
  .meta({ description: `Meter id; up to ${seriesMetersMax}, repeated or separated by commas.` });

export const seriesQuerySchema = z.strictObject({
  meter: metersSchema,
  from: spanEdgeSchema.meta({
    description: 'Inclusive: a time with offset, or a date at the site.',
    examples: ['2026-01-01'],
  }),
  to: spanEdgeSchema
    .optional()
    .meta({ description: 'Exclusive; now unless told.', examples: ['2026-02-01'] }),
  window: z.enum(seriesWindows).default('raw').meta({
    description: 'Windows are whole, in the site’s own zone: the first is the one that `from` lies in.',
  }),
  asOf: boundedTimeSchema.optional().meta({
    description:
      'Answer from the readings that were known and the meters as they were registered at this time (to the ' +
      'microsecond, inclusive).',
  }),
  gaps: z
    .enum(['omit', 'show'])
    .default('omit')
    .meta({ description: 'Whether windows that hold nothing are listed, with coverage 0 and no numbers.' }),
  order: orderQuery,
  ...formQuery,
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(pageItemsMax)
    .optional()
    .meta({ description: 'Items of a page. Unless told everything is streamed in one answer.' }),
  cursor: cursorQuery,
});
export type SeriesQuery = z.infer<typeof seriesQuerySchema>;

const hourMs = 3_600_000;
const windowMs = {
  PT15M: hourMs / 4,
  PT1H: hourMs,
  P1D: 24 * hourMs,
  P1M: 28 * 24 * hourMs,
  P1Y: 365 * 24 * hourMs,
} as const;

/**
 * Holds a request to {@link seriesWindowsMax}, or what else is its bound. With `asOf` a window is counted by the hours
 * that it is computed from.
 * @throws HttpProblem `span_too_long`
 */
export function requireBounded(
  query: Pick<SeriesQuery, 'window' | 'asOf'>,
  spans: readonly Span[],
  windowsMax = seriesWindowsMax,
): void {
  if (query.window === 'raw') return;
  const windows = windowsIn({ ...query, window: query.window }, spans);
  if (windows > windowsMax) throw problem('span_too_long', { windows, windowsMax });
}

/** How many windows the spans hold, about. */
export function windowsIn(
  { window, asOf }: { readonly window: CutKind; readonly asOf?: string | undefined },
  spans: readonly Span[],
): number {
  const basis = window === 'PT15M' || asOf === undefined ? window : 'PT1H';
  return spans.reduce((sum, { from, to }) => sum + Math.ceil((to - from) / windowMs[basis]), 0);
}

/** A meter of the request with its span. */
export interface MeterSpan extends Span {
  readonly context: MeterContext;
  /** Of a derived meter: it and everything that it is made of, by id. */
  readonly inputs?: ReadonlyMap<string, Meter>;
}
