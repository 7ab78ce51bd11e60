import { inputsOf, isDerived, type Meter } from '@songma/domain';
import type { MeterContext, Registry } from '@songma/registry';
import type { HttpApp } from '@songma/runtime';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { mayKnow, ownerOfMeter, readers, type Reader } from '../access.ts';
import { isoInZone, isoInZoneUs, parseIsoMs, parseIsoUs } from '../iso-time.ts';
import { decodeCursor, encodeCursor, queryText } from '../paging.ts';
import { problem } from '../problems.ts';
import { described, documented, isoTimeSchema, type RoutesDeps } from '../routes.ts';
import { sendRows } from '../answers/answer.ts';
import { formOf, inEveryFormat } from '../answers/formats.ts';
import { type Page, pageRows } from '../answers/pages.ts';
import { spanOf } from '../answers/spans.ts';
import { SeriesNotes } from './series-notes.ts';
import { primed } from '../answers/written.ts';
import { placeInSpans, rowBatches, type Position } from './pages.ts';
import {
  type MeterSpan,
  requireBounded,
  type SeriesQuery,
  seriesQuerySchema,
  seriesWindows,
} from './query.ts';
import { derivedInputs, meterAsOf } from './meter-as-of.ts';
import {
  rawColumns,
  rawRowSchema,
  windowColumns,
  windowRowSchema,
  type RawRow,
  type WindowRow,
} from './rows.ts';

const answerSchema = z.object({
  window: z.enum(seriesWindows),
  asOf: isoTimeSchema.nullable(),
  values: z.enum(['as-read', 'multiplied']).meta({
    description:
      '`as-read`: raw readings, to be multiplied by `multiplier`; `multiplied`: windows, already so.',
  }),
  meters: z.array(
    z.object({
      meter: z.string(),
      name: z.string(),
      site: z.string(),
      enterprise: z.string(),
      timeZone: z.string(),
      quantity: z.string(),
      kind: z.string(),
      unit: z.string(),
      multiplier: z.number(),
      from: isoTimeSchema,
      to: isoTimeSchema,
    }),
  ),
  items: z.array(z.union([rawRowSchema, windowRowSchema])),
  next: z.string().nullable(),
});

const positionShape = z.tuple([z.int().nonnegative(), z.number()]);

/** `GET /v1/series`: readings and windows of one or several meters, streamed. */
export function addSeriesRoutes(app: HttpApp, { registry, seriesStore, gate, now }: RoutesDeps): void {
  const text = described({
    tag: 'series',
    roles: readers,
    anonymous: true,
    summary: 'Readings and windows of meters',
    description:
      'Raw readings as they were read, or windows with their coverage. By meter as asked for, then by time. Long ' +
      'answers are streamed; one that breaks off ends without its closing bracket. As JSON, CSV, NDJSON, ' +
      'Parquet or XLSX, by `format` or Accept. With `limit` an answer is a page; all but JSON name the next in the Link header.',
    problems: [
      'not_found',
      'meter_derived',
      'span_invalid',
      'span_too_long',
      'cursor_invalid',
      'not_acceptable',
    ],
  });
  app.get(
    '/v1/series',
    {
      onRequest: gate.allow(readers, { anonymous: true }),
      schema: {
        ...documented(text),
        querystring: seriesQuerySchema,
        response: {
          200: {
            description: 'The series; items are readings (window=raw) or windows.',
            content: inEveryFormat(answerSchema),
          },
          ...text.problems,
        },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const form = formOf(query, request.headers.accept);
      const at = now();
      const spans = query.meter.map((id) => {
        const context = knownMeter(gate.reader(request), id, query, registry);
        if (query.window === 'raw') requireReadings(context.meter);
        const known = query.asOf === undefined ? undefined : parseIsoMs(query.asOf);
        const inputs = derivedInputs(registry, context.meter, known);
        return { context, ...inputs, ...spanOf(query, context.site.timeZone, at) };
      });
      requireBounded(query, spans);
      const route = queryText('series', query);
      const position =
        query.cursor === undefined
          ? undefined
          : placeInSpans(decodeCursor(query.cursor, route, positionShape), query.window, spans);
      const page: Page<Position> = { limit: query.limit ?? Number.POSITIVE_INFINITY, next: undefined };
      const batches = await primed(pageRows(rowBatches(seriesStore, query, spans, position), page));
      const next = () => (page.next === undefined ? null : encodeCursor(route, page.next));
      const columns = query.window === 'raw' ? rawColumns : windowColumns;
      const notes = form.format === 'xlsx' ? new SeriesNotes(spans) : undefined;
      const cellsOf = (row: RawRow | WindowRow) => {
        notes?.see(row);
        return row;
      };
      const rows = { columns, cellsOf, batches };
      const answer = {
        head: headOf(query, spans),
        next,
        notes: () => notes?.lines() ?? [],
        isPage: query.limit !== undefined,
      };
      return sendRows(request, reply as FastifyReply, form, rows, answer);
    },
  );
}

/** A meter that the reader may know of, as it is registered or was at `asOf`. @throws HttpProblem `not_found` */
function knownMeter(
  reader: Reader,
  id: string,
  { asOf }: Pick<SeriesQuery, 'asOf'>,
  registry: Registry,
): MeterContext {
  const context = asOf === undefined ? registry.meter(id) : meterAsOf(registry, id, parseIsoMs(asOf));
  if (context === undefined || !mayKnow(reader, ownerOfMeter(context))) {
    throw problem('not_found', { kind: 'meter', id });
  }
  return context;
}

/** @throws HttpProblem `meter_derived` */
function requireReadings(meter: Meter): void {
  if (!isDerived(meter)) return;
  throw problem('meter_derived', { id: meter.id, inputs: [...new Set(inputsOf(meter))].join(', ') });
}

/** What the answer says about itself and its meters before the items. */
function headOf(query: SeriesQuery, spans: readonly MeterSpan[]): Record<string, unknown> {
  const zone = spans[0]!.context.site.timeZone;
  return {
    window: query.window,
    asOf: query.asOf === undefined ? null : isoInZoneUs(parseIsoUs(query.asOf), zone),
    values: query.window === 'raw' ? 'as-read' : 'multiplied',
    meters: spans.map(({ context: { meter, site, enterprise }, from, to }) => ({
      meter: meter.id,
      name: meter.name,
      site: site.id,
      enterprise: enterprise.id,
      timeZone: site.timeZone,
      quantity: meter.quantity,
      kind: meter.kind,
      unit: meter.unit,
      multiplier: meter.multiplier,
      from: isoInZone(from, site.timeZone),
      to: isoInZone(to, site.timeZone),
    })),
  };
}
