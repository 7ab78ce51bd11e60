import type { HourValidity } from '@songma/domain';
import type { HttpApp } from '@songma/runtime';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { readers } from '../access.ts';
import { metersInScope, scopeQuery } from '../feeds/scope.ts';
import { houseZone, isoInZone, isoInZoneUs, parseIsoMs, parseIsoUs } from '../iso-time.ts';
import { decodeCursor, firstAskedAt, pageOf, queryText, type PageKey } from '../paging.ts';
import { boundedTimeSchema, described, documented, isoTimeSchema, type RoutesDeps } from '../routes.ts';
import { inEveryFormat } from '../answers/formats.ts';
import type { Placed } from '../answers/pages.ts';
import { spanEdgeSchema, spanOf } from '../answers/spans.ts';
import { sendTable, tableQuery } from '../answers/table.ts';
import { requireBounded } from '../series/query.ts';
import { meterAsOf } from '../series/meter-as-of.ts';
import { placeInSpans } from '../series/pages.ts';
import {
  availabilityColumns,
  availabilityRows,
  availabilityRowSchema,
  availabilitySpan,
  availabilityWindows,
  type AvailabilityPosition,
  type AvailabilityRow,
} from './availability-rows.ts';

const querySchema = z.strictObject({
  ...scopeQuery,
  from: spanEdgeSchema.meta({
    description: 'Inclusive: a time with offset, or a date at the site.',
    examples: ['2026-01-01'],
  }),
  to: spanEdgeSchema.optional().meta({ description: 'Exclusive; now unless told.' }),
  window: z.enum(availabilityWindows).default('P1M').meta({
    description: 'Windows are whole, in the site’s own zone: the first is the one that `from` lies in.',
  }),
  validity: z
    .union([z.literal('quadrants'), z.coerce.number().min(0).max(1)])
    .optional()
    .meta({
      description:
        'When an hour is valid: `quadrants`, or the least share of it that readings speak for, such as 0.75. Unless told the ' +
        'rule of the meter’s first limit, or 0.75 where it has none.',
    }),
  asOf: boundedTimeSchema.optional().meta({
    description: 'Answer from the readings that were known, and what was registered, at this time.',
  }),
  ...tableQuery,
});

const answerSchema = pageOf(availabilityRowSchema).extend({
  at: isoTimeSchema.meta({
    description: 'When this was asked; hours that end later are not over and do not count.',
  }),
  window: z.enum(availabilityWindows),
  asOf: isoTimeSchema.nullable(),
});
/** When the first page was asked for, then where its last item ended. */
const cursorShape = z.tuple([z.number(), z.int().nonnegative(), z.number()]);

/** `GET /v1/availability`: how much of the operating time of its source each meter was valid. */
export function addAvailabilityRoutes(app: HttpApp, deps: RoutesDeps): void {
  const { registry, seriesStore, gate, now } = deps;
  const text = described({
    tag: 'series',
    roles: readers,
    anonymous: true,
    summary: 'Availability over operating time',
    description:
      'Per meter and window the hours in which its source operated and those that are valid, and the time that was ' +
      'calibrating, at fault or silent. Levels in the scope, unless meters are named. Computed from the hours for ' +
      'each answer; an hour counts as operating unless the source’s signal says that it was off throughout. As JSON, ' +
      'CSV, NDJSON, Parquet or XLSX; with `limit` these name the next page in the Link header.',
    problems: ['not_found', 'span_invalid', 'span_too_long', 'cursor_invalid', 'not_acceptable'],
  });
  app.get(
    '/v1/availability',
    {
      onRequest: gate.allow(readers, { anonymous: true }),
      schema: {
        ...documented(text),
        querystring: querySchema,
        response: {
          200: {
            description: 'A page of windows.',
            content: inEveryFormat(answerSchema),
          },
          ...text.problems,
        },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const route = queryText('availability', query);
      const asked = now();
      const [first, ...place] =
        query.cursor === undefined ? [asked] : decodeCursor(query.cursor, route, cursorShape);
      const at = firstAskedAt(first, asked);
      const asOfMs = query.asOf === undefined ? undefined : parseIsoMs(query.asOf);
      const meters = metersInScope(gate.reader(request), query, registry);
      const spans = meters
        .map((context) =>
          asOfMs === undefined ? context : (meterAsOf(registry, context.meter.id, asOfMs) ?? context),
        )
        .filter(({ meter }) => query.meter !== undefined || meter.kind === 'level')
        .map((context) => ({ context, ...spanOf(query, context.site.timeZone, at) }))
        .map((span) => availabilitySpan(registry, span, ruleOf(query.validity), asOfMs));
      // Each hour of a meter, and of the signal that goes with it.
      requireBounded(
        { window: 'PT1H', asOf: undefined },
        spans.flatMap((span) => (span.signal ? [span, span] : [span])),
      );

      const rows = availabilityRows({ store: seriesStore, registry }, spans, {
        window: query.window,
        asOfUs: query.asOf === undefined ? undefined : parseIsoUs(query.asOf),
        until: Math.min(at, asOfMs ?? at),
        position: query.cursor === undefined ? [0, 0] : placeInSpans(place, query.window, spans),
      });
      return sendTable(request, reply as FastifyReply, query, {
        route,
        batches: placedAt(rows, at),
        columns: availabilityColumns,
        cellsOf: (row) => row,
        head: {
          at: isoInZone(at, houseZone),
          window: query.window,
          asOf: query.asOf === undefined ? null : isoInZoneUs(parseIsoUs(query.asOf), houseZone),
        },
      });
    },
  );
}

/** Each row with the cursor behind it: all pages of a query answer for the time of the first. */
async function* placedAt(
  rows: AsyncIterable<readonly Placed<AvailabilityRow, AvailabilityPosition>[]>,
  at: number,
): AsyncGenerator<readonly Placed<AvailabilityRow, PageKey>[]> {
  for await (const batch of rows) yield batch.map(({ row, after }) => ({ row, after: [at, ...after] }));
}

function ruleOf(validity: z.infer<typeof querySchema>['validity']): HourValidity | undefined {
  if (validity === undefined) return undefined;
  return validity === 'quadrants' ? { rule: 'quadrants' } : { rule: 'share', min: validity };
}
