import { idSchema, indicatorWindows, productSchema, type Indicator } from '@songma/domain';
import { indicatorDefinitions, pollutantIntensity } from '@songma/indicators';
import type { Registry } from '@songma/registry';
import type { HttpApp } from '@songma/runtime';
import type { IndicatorQuery } from '@songma/series-store';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { mayKnow, mayName, ownerOfSite, readers, sitesAsked, type Reader } from '../access.ts';
import { parseIsoMs } from '../iso-time.ts';
import { compareKeys, decodeCursor, queryText, type PageKey } from '../paging.ts';
import { problem } from '../problems.ts';
import { indicatorNameSchema } from './indicator-names.ts';
import { boundedTimeSchema, described, documented, type RoutesDeps } from '../routes.ts';
import type { Placed } from '../answers/pages.ts';
import { instantOf, spanEdgeSchema } from '../answers/spans.ts';
import { orderQuery } from '../series/query.ts';
import { sendTable, tableQuery, tableResponse } from '../answers/table.ts';
import {
  indicatorCells,
  indicatorColumns,
  indicatorWire,
  indicatorWireSchema,
  zoneOf,
  type IndicatorWire,
} from './indicator-wire.ts';

/** Indicators of one enterprise that one request may span. */
const windowsMax = 10_000;
const dayMs = 86_400_000;
const windowMs = { P1D: dayMs, P1M: 28 * dayMs, P1Y: 365 * dayMs, R12M: 28 * dayMs } as const;
/** Windows back from `to` unless `from` is told. */
const windowsDefault = 31;

const querySchema = z.strictObject({
  enterprise: idSchema.optional(),
  scope: z
    .enum(['enterprise', 'site', 'product'])
    .default('enterprise')
    .meta({
      description:
        'Of whole enterprises, of each of their sites, or of each of their products (with `site`: of those of the site). ' +
        'To a key that is bound to sites: of these.',
    }),
  site: idSchema.optional().meta({ description: 'Of this site alone.' }),
  product: productSchema.optional().meta({ description: 'Of this product alone.', examples: ['cement'] }),
  name: indicatorNameSchema.optional(),
  window: z
    .enum(indicatorWindows)
    .default('P1D')
    .meta({
      description:
        '`R12M` is twelve months together, which end with each month. Months, years and twelve months have a value ' +
        'once something is reported from after their end.',
    }),
  from: spanEdgeSchema.optional().meta({
    description: `Inclusive, by the start of the window; ${windowsDefault} windows before \`to\` unless told.`,
  }),
  to: spanEdgeSchema.optional().meta({ description: 'Exclusive; now unless told.' }),
  asOf: boundedTimeSchema.optional().meta({
    description:
      'Answer with what had been published at this time (inclusive): the revision that stood then.',
  }),
  order: orderQuery,
  ...tableQuery,
});

/** Enterprise, site (empty for the whole), product (empty for all together), name, start. */
const keyShape = z.tuple([z.string(), z.string(), z.string(), z.string(), z.number()]);

/** `GET /v1/indicators`: published indicators as they stand, or as had been published at a time. */
export function addIndicatorRoutes(app: HttpApp, { registry, seriesStore, gate, now }: RoutesDeps): void {
  const text = described({
    tag: 'indicators',
    roles: readers,
    anonymous: true,
    summary: 'Indicators of enterprises, their sites and their products',
    description:
      'By enterprise, site, product, name, then start. Each carries its coverage, what it was made of (meters, and versions of ' +
      'factors) and its revision; one whose inputs do not suffice has no value and says why. Names: ' +
      `${indicatorDefinitions.map(({ name, unit }) => `\`${name}\` (${unit})`).join(', ')}, and for each pollutant ` +
      `\`${pollutantIntensity}:{substance}\` (kg/t). As JSON, CSV, NDJSON, Parquet or XLSX, by \`format\` or Accept.`,
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
      if (query.enterprise !== undefined && !mayName(reader, query.enterprise)) {
        throw problem('not_found', { kind: 'enterprise', id: query.enterprise });
      }
      const { site } = query;
      const owner = site === undefined ? undefined : ownerOfSite(site, registry);
      if (site !== undefined && !mayKnow(reader, ownerOfSite(site, registry))) {
        throw problem('not_found', { kind: 'site', id: site });
      }
      const at = now();
      const queries = registry
        .list('enterprise')
        .map(({ id }) => id)
        .filter(
          (id) =>
            (wanted === undefined || id === wanted) &&
            (owner === undefined || id === owner.enterprise) &&
            (after === undefined || id >= String(after[0])),
        )
        .map((enterprise) => ({
          enterprises: [enterprise],
          ...sitesOf(query, enterprise, registry, reader),
          ...productsOf(query),
          ...(query.name === undefined ? {} : { names: [query.name] }),
          window: query.window,
          ...boundedSpan(query, zoneOf(enterprise, registry), at),
          ...(query.asOf === undefined ? {} : { asOf: parseIsoMs(query.asOf) }),
        }));
      return sendTable(request, reply as FastifyReply, query, {
        route,
        batches: indicatorBatches({ registry, seriesStore }, queries, after, compareBy(query.order)),
        columns: indicatorColumns,
        cellsOf: indicatorCells,
      });
    },
  );
}

/** What the queries find, one after the other, from behind a key on. */
async function* indicatorBatches(
  { registry, seriesStore }: Pick<RoutesDeps, 'registry' | 'seriesStore'>,
  queries: readonly IndicatorQuery[],
  behind: PageKey | undefined,
  compare: typeof compareKeys,
): AsyncGenerator<Placed<IndicatorWire, PageKey>[]> {
  for (const query of queries) {
    const found = await seriesStore.indicators(query);
    yield (
      found
        // Of all products and none: those of none are asked for by themselves.
        .filter(({ product }) => query.products !== 'all' || product !== undefined)
        .map((indicator) => ({ indicator, after: keyOf(indicator) }))
        .filter(({ after }) => behind === undefined || compare(after, behind) > 0)
        .toSorted((a, b) => compare(a.after, b.after))
        .map(({ indicator, after }) => ({ row: indicatorWire(indicator, registry), after }))
    );
  }
}

/** Compares keys by series, then by start in the order that is asked for. */
function compareBy(order: 'asc' | 'desc'): typeof compareKeys {
  if (order === 'asc') return compareKeys;
  return (a, b) => compareKeys(a.slice(0, -1), b.slice(0, -1)) || compareKeys(b.slice(-1), a.slice(-1));
}

function keyOf({ enterprise, site = '', product = '', name, start }: Indicator): PageKey {
  return [enterprise, site, product, name, start];
}

/** Whose sites are asked for; nothing when it is whole enterprises. */
function sitesOf(
  { scope, site }: z.infer<typeof querySchema>,
  enterprise: string,
  registry: Registry,
  reader: Reader,
): { readonly sites?: readonly string[] } {
  const sites = sitesAsked(reader, site);
  if (sites !== undefined) return { sites };
  return scope !== 'site' ? {} : { sites: registry.sitesOfEnterprise(enterprise).map(({ id }) => id) };
}

/** Whose products are asked for; nothing when it is what is made together. */
function productsOf({ scope, product }: z.infer<typeof querySchema>): Pick<IndicatorQuery, 'products'> {
  if (product !== undefined) return { products: [product] };
  return scope === 'product' ? { products: 'all' } : {};
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
