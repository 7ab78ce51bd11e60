import type { HttpApp } from '@songma/runtime';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { readers } from '../access.ts';
import { houseZone, isoInZone } from '../iso-time.ts';
import {
  decodeCursor,
  encodeCursor,
  firstAskedAt,
  pageOf,
  placeWithin,
  queryText,
  type PageKey,
} from '../paging.ts';
import { problem } from '../problems.ts';
import { described, documented, isoTimeSchema, type RoutesDeps } from '../routes.ts';
import { sendPage, sendRows } from '../answers/answer.ts';
import { formOf, inEveryFormat } from '../answers/formats.ts';
import { instantOf, type Span, spanEdgeSchema } from '../answers/spans.ts';
import { itemsWanted, tableQuery } from '../answers/table.ts';
import { primed } from '../answers/written.ts';
import type { MeterSpan } from '../series/query.ts';
import {
  owedBatches,
  owedColumns,
  owedPage,
  owedRows,
  owedRowSchema,
  type OwedPosition,
  type OwedRow,
} from './owed-rows.ts';
import { metersInScope, scopeQuery } from './scope.ts';

const dayMs = 86_400_000;
/** Days back unless `from` is told: a logger that lost its line over a week-end. */
const daysDefault = 7;
/** By which a slot may be longer where the clock is moved. */
const clockChangeMs = 3 * 3_600_000;
/** Held slots over which spans may be joined. */
const joinSlotsMax = 1000;
/** Readings that one page looks through before it ends, between two meters, with fewer items than it may hold. */
export const pageReadingsMax = 500_000;

const querySchema = z.strictObject({
  ...scopeQuery,
  from: spanEdgeSchema.optional().meta({
    description: `Inclusive, by the start of what a reading describes; ${daysDefault} days before \`to\` unless told.`,
  }),
  to: spanEdgeSchema.optional().meta({
    description: 'Exclusive; now unless told. What is overdue by less than one interval is not owed yet.',
  }),
  join: z.coerce
    .number()
    .int()
    .min(0)
    .max(joinSlotsMax)
    .default(0)
    .meta({
      description:
        'Held readings over which a span goes on, for a logger that rather sends fewer and longer spans: what is held ' +
        'already is a duplicate and changes nothing.',
    }),
  ...tableQuery,
});

const answerSchema = pageOf(owedRowSchema).extend({
  at: isoTimeSchema.meta({ description: 'When this was asked; the pages of one query all answer for it.' }),
});
/** When the first page was asked for, then where its last item ended. */
const cursorShape = z.tuple([z.number(), z.string(), z.number(), z.number()]);

/** `GET /v1/owed`: the readings that are expected and not held, so that a logger can refill itself. */
export function addOwedRoutes(app: HttpApp, { registry, seriesStore, gate, now }: RoutesDeps): void {
  const text = described({
    tag: 'feeds',
    roles: readers,
    anonymous: true,
    summary: 'Readings that are owed',
    description:
      'Spans of readings that are expected and not held, by meter, then by time: what a logger has to send again. ' +
      'A reading of any status is held. Levels owe what lies beyond their hold; counters owe each reading in a gap, ' +
      'although the amount over it is known. A meter owes nothing outside of its life; one that declares no ' +
      'beginning owes nothing of before its first reading. As JSON, CSV, NDJSON, Parquet or XLSX; with `limit` these name the next page in the Link header. ' +
      'A page may hold fewer items than its limit and yet not be the last.',
    problems: ['not_found', 'span_invalid', 'cursor_invalid', 'not_acceptable'],
  });
  app.get(
    '/v1/owed',
    {
      onRequest: gate.allow(readers, { anonymous: true }),
      schema: {
        ...documented(text),
        querystring: querySchema,
        response: {
          200: {
            description: 'A page of owed spans.',
            content: inEveryFormat(answerSchema),
          },
          ...text.problems,
        },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const form = formOf(query, request.headers.accept);
      const meters = metersInScope(gate.reader(request), query, registry);
      const route = queryText('owed', query);
      const asked = now();
      const [first, ...place] =
        query.cursor === undefined ? [asked] : decodeCursor(query.cursor, route, cursorShape);
      const at = firstAskedAt(first, asked);
      const whole = meters.map((context): MeterSpan => ({
        context,
        ...spanOf(query, context.site.timeZone, at),
      }));
      const position = query.cursor === undefined ? undefined : positionOf(place, whole);
      const spans = whole.filter(({ context }) => position === undefined || context.meter.id >= position[0]);
      const owed = { joinSlots: query.join, now: at, position };
      const pieces = owedRows(seriesStore, spans, owed);
      const head = { at: isoInZone(at, houseZone) };
      const itemsMax = itemsWanted(query, form);
      const table = { columns: owedColumns, cellsOf: (row: OwedRow) => row };
      if (itemsMax === Infinity) {
        const rows = { ...table, batches: await primed(owedBatches(pieces)) };
        return sendRows(request, reply as FastifyReply, form, rows, {
          head,
          next: () => null,
          isPage: false,
        });
      }
      const { items, next } = await owedPage(pieces, { itemsMax, readingsMax: pageReadingsMax });
      const cursor = next === undefined ? null : encodeCursor(route, [at, ...next]);
      return sendPage(request, reply as FastifyReply, form, { ...table, items, head, cursor });
    },
  );
}

/** @throws HttpProblem `span_invalid` */
function spanOf(query: z.infer<typeof querySchema>, zone: string, now: number): Span {
  const to = query.to === undefined ? now : instantOf(query.to, zone);
  const from = query.from === undefined ? to - daysDefault * dayMs : instantOf(query.from, zone);
  if (from >= to) throw problem('span_invalid');
  return { from, to };
}

/**
 * Where a cursor goes on: behind an owed slot of the meter's span, in a grid that is shifted by less than a slot (by the calendar, in its own count of
 * months, by less than two).
 * @throws HttpProblem `cursor_invalid`
 */
function positionOf([id, from, phaseMs]: PageKey, spans: readonly MeterSpan[]): OwedPosition {
  const span = spans.find(({ context }) => context.meter.id === id);
  // Retired since: the next meter is gone on with.
  if (span === undefined) return [String(id), 0, 0];
  const { intervalMs } = span.context.meter;
  return [
    span.context.meter.id,
    placeWithin(from, span.from, span.to + intervalMs + clockChangeMs),
    placeWithin(phaseMs, -intervalMs, 2 * intervalMs),
  ];
}
