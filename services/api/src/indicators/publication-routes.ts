import { idSchema, indicatorWindows, productSchema, type IndicatorEvent } from '@songma/domain';
import type { HttpApp } from '@songma/runtime';
import type { IndicatorKey, RestatementQuery } from '@songma/series-store';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { mayKnow, mayName, ownerOfSite, readers, sitesAsked, type Reader } from '../access.ts';
import { houseZone } from '../iso-time.ts';
import { decodeCursor, pageItemsMax, placeWithin, queryText, type PageKey } from '../paging.ts';
import { problem } from '../problems.ts';
import { indicatorNameSchema } from './indicator-names.ts';
import { described, documented, type RoutesDeps } from '../routes.ts';
import type { Placed } from '../answers/pages.ts';
import { instantOf, spanEdgeSchema } from '../answers/spans.ts';
import { sendTable, tableQuery, tableResponse } from '../answers/table.ts';
import { zoneOf } from './indicator-wire.ts';
import {
  publicationCells,
  publicationColumns,
  publicationWire,
  publicationWireSchema,
  type PublicationWire,
} from './publication-wire.ts';

/** Days back from `to` unless `from` is told. */
const daysDefault = 31;
const dayMs = 86_400_000;

const restatementsSchema = z.strictObject({
  enterprise: idSchema.optional(),
  site: idSchema.optional().meta({ description: 'Of this site alone.' }),
  product: productSchema.optional().meta({ description: 'Of this product alone.', examples: ['cement'] }),
  name: indicatorNameSchema.optional(),
  window: z.enum(indicatorWindows).optional(),
  cause: publicationWireSchema.shape.cause.optional(),
  from: spanEdgeSchema.optional().meta({
    description: `When it was published, inclusive; ${daysDefault} days before \`to\` unless told.`,
  }),
  to: spanEdgeSchema.optional().meta({ description: 'Exclusive; now unless told.' }),
  filling: z.enum(['omit', 'show']).default('omit').meta({
    description: 'Whether the later publications of windows that were still under way are listed too.',
  }),
  ...tableQuery,
});
const restatementKey = z.tuple([z.number(), z.string()]);

const historySchema = z.strictObject(tableQuery);
/** Far beyond what is ever published of one indicator. */
const revisionMax = 2 ** 31 - 2;
const historyKey = z.tuple([z.int().positive()]);
/** `enterprise/name/window/start`, escaped as one part of the path. A product is percent-encoded in it. */
const paramsSchema = z.object({ id: z.string().min(1).max(1000) });

/** `GET /v1/restatements`, `GET /v1/indicators/{id}/history`: what was published, and why it moved. */
export function addPublicationRoutes(app: HttpApp, deps: RoutesDeps): void {
  addRestatements(app, deps);
  addHistory(app, deps);
}

function addRestatements(app: HttpApp, deps: RoutesDeps): void {
  const { registry, gate, now } = deps;
  const text = described({
    tag: 'indicators',
    roles: readers,
    anonymous: true,
    summary: 'Published indicators that were restated',
    description:
      'The latest publication first, with what stood before, what stands after, by how much it moved and why. As ' +
      'JSON, CSV, NDJSON, Parquet or XLSX, by `format` or Accept.',
    problems: ['not_found', 'span_invalid', 'cursor_invalid', 'not_acceptable'],
  });
  app.get(
    '/v1/restatements',
    {
      onRequest: gate.allow(readers, { anonymous: true }),
      schema: {
        ...documented(text),
        querystring: restatementsSchema,
        response: { 200: tableResponse(publicationWireSchema), ...text.problems },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const { enterprise, site, product, name, window, cause } = query;
      const reader = gate.reader(request);
      if (enterprise !== undefined) requireKnown(reader, enterprise);
      if (site !== undefined && !mayKnow(reader, ownerOfSite(site, registry))) {
        throw problem('not_found', { kind: 'site', id: site });
      }
      const wanted = enterprise ?? reader.enterprise;
      const sites = sitesAsked(reader, site);
      const zone = wanted === undefined ? houseZone : zoneOf(wanted, registry);
      // What is published in this very millisecond counts.
      const to = query.to === undefined ? now() + 1 : instantOf(query.to, zone);
      const from = query.from === undefined ? to - daysDefault * dayMs : instantOf(query.from, zone);
      if (from >= to) throw problem('span_invalid');
      const route = queryText('restatements', query);
      const key = query.cursor === undefined ? undefined : decodeCursor(query.cursor, route, restatementKey);
      if (key !== undefined) placeWithin(key[0], from, to - 1);
      const asked = {
        ...(wanted === undefined ? {} : { enterprises: [wanted] }),
        ...(sites === undefined ? {} : { sites }),
        ...(product === undefined ? {} : { products: [product] }),
        ...(name === undefined ? {} : { names: [name] }),
        ...(window === undefined ? {} : { windows: [window] }),
        ...(cause === undefined ? {} : { causes: [cause] }),
        ...{ from, to, filling: query.filling === 'show', limit: fetchedAtOnce(query.limit) },
      };
      return sendTable(request, reply as FastifyReply, query, {
        ...publications(route),
        batches: restatementBatches(deps, asked, key),
      });
    },
  );
}

function addHistory(app: HttpApp, deps: RoutesDeps): void {
  const { seriesStore, gate } = deps;
  const text = described({
    tag: 'indicators',
    roles: readers,
    anonymous: true,
    summary: 'Every publication of one indicator',
    description: 'In the order of their revisions, the first one first.',
    problems: ['not_found', 'cursor_invalid', 'not_acceptable'],
  });
  app.get(
    '/v1/indicators/:id/history',
    {
      onRequest: gate.allow(readers, { anonymous: true }),
      schema: {
        ...documented(text),
        params: paramsSchema,
        querystring: historySchema,
        response: { 200: tableResponse(publicationWireSchema), ...text.problems },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const { id } = request.params;
      const of = keyOfId(id);
      if (of === undefined || !mayKnow(gate.reader(request), { enterprise: of.enterprise, site: of.site })) {
        throw problem('not_found', { kind: 'indicator', id });
      }
      const route = queryText(`indicators/${id}/history`, query);
      const key = query.cursor === undefined ? undefined : decodeCursor(query.cursor, route, historyKey);
      if (key !== undefined) placeWithin(key[0], 1, revisionMax);
      if (key === undefined && (await seriesStore.history({ of, afterRevision: 0, limit: 1 })).length === 0) {
        throw problem('not_found', { kind: 'indicator', id });
      }
      return sendTable(request, reply as FastifyReply, query, {
        ...publications(route),
        batches: historyBatches(deps, of, Number(key?.[0] ?? 0), fetchedAtOnce(query.limit)),
      });
    },
  );
}

const publications = (route: string) => ({ route, columns: publicationColumns, cellsOf: publicationCells });

/** One more than a page, which tells whether there is another. */
function fetchedAtOnce(limit: number | undefined): number {
  return Math.min(limit ?? pageItemsMax, pageItemsMax) + 1;
}

async function* restatementBatches(
  { registry, seriesStore }: RoutesDeps,
  query: RestatementQuery,
  key: PageKey | undefined,
): AsyncGenerator<Placed<PublicationWire, PageKey>[]> {
  for (let behind = key; ;) {
    const after = behind && { publishedAt: Number(behind[0]), id: String(behind[1]) };
    const events = await seriesStore.restatements({ ...query, ...(after === undefined ? {} : { after }) });
    yield events.map((event) => ({ row: publicationWire(event, registry), after: restatementPlace(event) }));
    if (events.length < query.limit) return;
    behind = restatementPlace(events.at(-1)!);
  }
}

function restatementPlace({ after }: IndicatorEvent): PageKey {
  return [after.publishedAt, after.id];
}

async function* historyBatches(
  { registry, seriesStore }: RoutesDeps,
  of: IndicatorKey,
  behind: number,
  limit: number,
): AsyncGenerator<Placed<PublicationWire, PageKey>[]> {
  for (let afterRevision = behind; ;) {
    const events = await seriesStore.history({ of, afterRevision, limit });
    yield events.map((event) => ({ row: publicationWire(event, registry), after: [event.after.revision] }));
    if (events.length < limit) return;
    afterRevision = events.at(-1)!.after.revision;
  }
}

/** @throws HttpProblem `not_found`, also for an enterprise that is not the reader's */
function requireKnown(reader: Reader, enterprise: string): void {
  if (!mayName(reader, enterprise)) throw problem('not_found', { kind: 'enterprise', id: enterprise });
}

const idPattern =
  /^(?<enterprise>[^/]+)(?:\/(?<site>[^/=]+))?(?:\/product=(?<product>[^/]+))?\/(?<name>[^/=]+)\/(?<window>[^/]+)\/(?<start>\d{1,13})$/;

/**
 * What an id is made of: enterprise, site and product where it is of one, name, window, start; undefined when it cannot
 * be one.
 */
function keyOfId(id: string): IndicatorKey | undefined {
  const { enterprise = '', site, product, name = '', window, start } = idPattern.exec(id)?.groups ?? {};
  const kind = indicatorWindows.find((one) => one === window);
  const decoded = product === undefined ? undefined : decodedText(product);
  const ids = site === undefined ? [enterprise] : [enterprise, site];
  if (kind === undefined || !ids.every((one) => idSchema.safeParse(one).success)) return undefined;
  if (product !== undefined && decoded === undefined) return undefined;
  return {
    enterprise,
    ...(site === undefined ? {} : { site }),
    ...(decoded === undefined ? {} : { product: decoded }),
    name,
    window: kind,
    start: Number(start),
  };
}

function decodedText(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    // Not what encodeURIComponent writes.
    return undefined;
  }
}
