import type { HttpApp } from '@songma/runtime';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { readers } from '../access.ts';
import type { CellKind } from '../answers/cells.ts';
import type { Placed } from '../answers/pages.ts';
import { sendTable, tableQuery, tableResponse } from '../answers/table.ts';
import { metersInScope, scopeQuery } from '../feeds/scope.ts';
import { parseIsoMs, parseIsoUs } from '../iso-time.ts';
import { decodeCursor, queryText, type PageKey } from '../paging.ts';
import { described, documented, isoTimeSchema, type RoutesDeps } from '../routes.ts';
import { latestReadings, type LatestReading } from './latest-readings.ts';
import { rawRow, rawRowSchema } from './rows.ts';

const dayMs = 86_400_000;
/** How far back a last reading is looked for, and how far ahead of the clock one may claim to be. */
const lookBackMs = 10 * 366 * dayMs;
const aheadMs = dayMs;

const readingShape = rawRowSchema.pick({
  value: true,
  unit: true,
  status: true,
  flags: true,
  revision: true,
});
const rowSchema = z.object({
  meter: z.string(),
  name: z.string(),
  site: z.string(),
  source: z.string().nullable(),
  enterprise: z.string(),
  quantity: z.string(),
  kind: z.string(),
  time: isoTimeSchema.nullable().meta({ description: 'Null: it has sent nothing in ten years.' }),
  ...readingShape.shape,
  status: readingShape.shape.status.nullable(),
  knownAt: rawRowSchema.shape.knownAt.nullable(),
  revision: readingShape.shape.revision.nullable(),
});
type LatestRow = z.infer<typeof rowSchema>;

const columns = {
  meter: 'text',
  name: 'text',
  site: 'text',
  source: 'text',
  enterprise: 'text',
  quantity: 'text',
  kind: 'text',
  time: 'time',
  value: 'number',
  unit: 'text',
  status: 'text',
  flags: 'text',
  knownAt: 'timeUs',
  revision: 'integer',
} as const satisfies Record<keyof LatestRow, CellKind>;

const querySchema = z.strictObject({
  ...scopeQuery,
  asOf: isoTimeSchema
    .optional()
    .meta({ description: 'Answer from the readings that were known at this time.' }),
  ...tableQuery,
});
const keyShape = z.tuple([z.string()]);

/** `GET /v1/latest`: the last reading of each meter. */
export function addLatestRoutes(app: HttpApp, { registry, seriesStore, gate, now }: RoutesDeps): void {
  const text = described({
    tag: 'series',
    roles: readers,
    anonymous: true,
    summary: 'The last reading of each meter',
    description:
      'By meter: what the newest reading says, as it was read, of whatever status. Derived meters have no readings and ' +
      'are left out. As JSON, CSV, NDJSON, Parquet or XLSX, by `format` or Accept.',
    problems: ['not_found', 'cursor_invalid', 'not_acceptable'],
  });
  app.get(
    '/v1/latest',
    {
      onRequest: gate.allow(readers, { anonymous: true }),
      schema: {
        ...documented(text),
        querystring: querySchema,
        response: { 200: tableResponse(rowSchema), ...text.problems },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const route = queryText('latest', query);
      const [behind] = query.cursor === undefined ? [''] : decodeCursor(query.cursor, route, keyShape);
      const meters = metersInScope(gate.reader(request), query, registry);
      const rest = meters.filter(({ meter }) => meter.id > String(behind));
      const at = query.asOf === undefined ? now() : parseIsoMs(query.asOf);
      const found = latestReadings(seriesStore, rest, {
        since: Math.max(0, at - lookBackMs),
        before: at + aheadMs,
        asOfUs: query.asOf === undefined ? undefined : parseIsoUs(query.asOf),
      });
      return sendTable(request, reply as FastifyReply, query, {
        route,
        batches: placed(found),
        columns,
        cellsOf: (row) => row,
      });
    },
  );
}

async function* placed(
  found: AsyncIterable<readonly LatestReading[]>,
): AsyncGenerator<readonly Placed<LatestRow, PageKey>[]> {
  for await (const batch of found) {
    yield batch.map((latest) => ({ row: latestRow(latest), after: [latest.context.meter.id] }));
  }
}

function latestRow({ context, reading }: LatestReading): LatestRow {
  const { meter, site, enterprise } = context;
  const facts = {
    meter: meter.id,
    name: meter.name,
    site: site.id,
    source: meter.source ?? null,
    enterprise: enterprise.id,
    quantity: meter.quantity,
    kind: meter.kind,
    unit: meter.unit,
  };
  if (reading === undefined) {
    return { ...facts, time: null, value: null, status: null, flags: [], knownAt: null, revision: null };
  }
  const { time, value, status, flags, knownAt, revision } = rawRow({ context, from: 0, to: 0 }, reading, 0);
  return { ...facts, time, value, status, flags, knownAt, revision };
}
