import { idSchema, windowKinds } from '@songma/domain';
import type { Registry } from '@songma/registry';
import type { HttpApp } from '@songma/runtime';
import type { IndicatorQuery, SeriesStore } from '@songma/series-store';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { mayKnow, readers, type Gate } from '../access.ts';
import { parseIsoMs } from '../iso-time.ts';
import { compareKeys, decodeCursor, queryText, type PageKey } from '../paging.ts';
import { problem } from '../problems.ts';
import { documented } from '../registry/registry-routes.ts';
import { described, isoTimeSchema } from '../routes.ts';
import type { Placed } from '../series/pages.ts';
import { instantOf, spanEdgeSchema } from '../series/query.ts';
import {
  indicatorCells,
  indicatorColumns,
  indicatorWire,
  indicatorWireSchema,
  zoneOf,
  type IndicatorWire,
} from './indicator-wire.ts';
import { sendTable, tableQuery, tableResponse } from './table.ts';

export interface IndicatorRoutesDeps {
  readonly registry: Registry;
  readonly seriesStore: SeriesStore;
  readonly gate: Gate;
  readonly now: () => number;
}

/** Indicators of one enterprise that one request may span. */
const windowsMax = 10_000;
const hourMs = 3_600_000;
const windowMs = { PT1H: hourMs, P1D: 24 * hourMs, P1M: 28 * 24 * hourMs, P1Y: 365 * 24 * hourMs } as const;
/** Windows back from `to` unless `from` is told. */
const windowsDefault = 31;

const querySchema = z.strictObject({
  enterprise: idSchema.optional(),
  name: z
    .string()
    .max(64)
    .optional()
    .meta({ examples: ['electricity-intensity'] }),
  window: z.enum(windowKinds).default('P1D'),
  from: spanEdgeSchema.optional().meta({
    description: `Inclusive, by the start of the window; ${windowsDefault} windows before \`to\` unless told.`,
  }),
  to: spanEdgeSchema.optional().meta({ description: 'Exclusive; now unless told.' }),
  asOf: isoTimeSchema.optional().meta({
    description:
      'Answer with what had been published at this time (inclusive): the revision that stood then.',
  }),
  ...tableQuery,
});

const keyShape = z.tuple([z.string(), z.string(), z.number()]);

/** `GET /v1/indicators`: published indicators as they stand, or as had been published at a time. */
export function addIndicatorRoutes(
  app: HttpApp,
  { registry, seriesStore, gate, now }: IndicatorRoutesDeps,
): void {
  const text = described({
    tag: 'indicators',
    roles: readers,
    anonymous: true,
    summary: 'Indicators of enterprises',
    description:
      'By enterprise, name, then start. Each carries its coverage, what it was made of and its revision; one whose ' +
      'inputs do not suffice has no value and says why. As JSON, CSV, NDJSON or Parquet, by `format` or Accept.',
    problems: ['not_found', 'span_invalid', 'span_too_long', 'cursor_invalid', 'not_acceptable'],
  });
  app.get(
    '/v1/indicators',
    {
      onRequest: gate.allow(readers, { anonymous: true }),
      schema: {
        ...documented(text),
        querystring: querySchema,
        response: { 200: tableResponse(indicatorWireSchema), ...text.problems },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const reader = gate.reader(request);
      const route = queryText('indicators', query);
      const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, route, keyShape);
      const wanted = query.enterprise ?? reader.enterprise;
      if (query.enterprise !== undefined && !mayKnow(reader, query.enterprise)) {
        throw problem('not_found', { kind: 'enterprise', id: query.enterprise });
      }
      const at = now();
      const queries = registry
        .list('enterprise')
        .map(({ id }) => id)
        .filter(
          (id) => (wanted === undefined || id === wanted) && (after === undefined || id >= String(after[0])),
        )
        .map((enterprise) => ({
          enterprises: [enterprise],
          ...(query.name === undefined ? {} : { names: [query.name] }),
          window: query.window,
          ...boundedSpan(query, zoneOf(enterprise, registry), at),
          ...(query.asOf === undefined ? {} : { asOf: parseIsoMs(query.asOf) }),
        }));
      return sendTable(request, reply as FastifyReply, query, {
        route,
        batches: indicatorBatches({ registry, seriesStore }, queries, after),
        columns: indicatorColumns,
        cellsOf: indicatorCells,
      });
    },
  );
}

/** What the queries find, one after the other, from behind a key on. */
async function* indicatorBatches(
  { registry, seriesStore }: Pick<IndicatorRoutesDeps, 'registry' | 'seriesStore'>,
  queries: readonly IndicatorQuery[],
  behind: PageKey | undefined,
): AsyncGenerator<Placed<IndicatorWire, PageKey>[]> {
  for (const query of queries) {
    const found = await seriesStore.indicators(query);
    yield found
      .map((indicator) => ({ indicator, after: [indicator.enterprise, indicator.name, indicator.start] }))
      .filter(({ after }) => behind === undefined || compareKeys(after, behind) > 0)
      .map(({ indicator, after }) => ({ row: indicatorWire(indicator, registry), after }));
  }
}

/** @throws HttpProblem `span_invalid`, `span_too_long` */
function boundedSpan(
  query: z.infer<typeof querySchema>,
  zone: string,
  now: number,
): { from: number; to: number } {
  const to = query.to === undefined ? now : instantOf(query.to, zone);
  const from =
    query.from === undefined ? to - windowsDefault * windowMs[query.window] : instantOf(query.from, zone);
  if (from >= to) throw problem('span_invalid');
  const windows = Math.ceil((to - from) / windowMs[query.window]);
  if (windows > windowsMax) throw problem('span_too_long', { windows, windowsMax });
  return { from, to };
}
