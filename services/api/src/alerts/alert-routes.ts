import { alertKinds, idSchema, severities, type AlertState } from '@songma/domain';
import type { HttpApp } from '@songma/runtime';
import type { AlertQuery, KeptAlert } from '@songma/series-store';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { mayKnow, mayName, readers, sitesAsked, type Reader } from '../access.ts';
import type { Placed } from '../answers/pages.ts';
import { schemaTable } from '../answers/schema-table.ts';
import { instantOf, spanEdgeSchema } from '../answers/spans.ts';
import { sendTable, tableQuery, tableResponse } from '../answers/table.ts';
import { houseZone, parseIsoMs } from '../iso-time.ts';
import { decodeCursor, pageItemsMax, placeWithin, queryText, type PageKey } from '../paging.ts';
import { problem } from '../problems.ts';
import { boundedTimeSchema, described, documented, wordsSchema, type RoutesDeps } from '../routes.ts';
import { alertWire, alertWireSchema, shownStates, type AlertWire, type ShownState } from './alert-wire.ts';

const asOfSchema = boundedTimeSchema.optional().meta({
  description: 'Answer with what was said at this time (inclusive): the revision that stood then.',
});
const querySchema = z.strictObject({
  state: wordsSchema(shownStates)
    .optional()
    .meta({ description: 'States, separated by commas; all unless told.', examples: ['open,acknowledged'] }),
  enterprise: idSchema.optional(),
  site: idSchema.optional(),
  kind: z.enum(alertKinds).optional(),
  severity: wordsSchema(severities)
    .optional()
    .meta({ description: 'Bands of their peaks, separated by commas.', examples: ['from-3,from-5'] }),
  parameter: z
    .string()
    .min(1)
    .max(32)
    .optional()
    .meta({ examples: ['SO2'] }),
  limitId: idSchema.optional().meta({ description: 'Of this limit alone.' }),
  from: spanEdgeSchema.optional().meta({
    description: 'Those that lasted at this time or later, or were first found then.',
  }),
  to: spanEdgeSchema.optional().meta({ description: 'Those that began before this time.' }),
  order: z.enum(['desc', 'asc']).default('desc').meta({
    description:
      'By where they were first found to begin, which never moves: the latest first, or the earliest.',
  }),
  contested: z.enum(['true', 'false']).optional().meta({
    description:
      'Those of which a plant declared something void after they were acknowledged, or the others.',
  }),
  asOf: asOfSchema,
  ...tableQuery,
});
const keyShape = z.tuple([z.number(), z.string()]);
const historyKey = z.tuple([z.int().positive()]);
/** Far beyond what is ever revised. */
const revisionMax = 2 ** 31 - 2;
/** Alerts may be first found to begin within; as readings may be. */
const originMax = Date.UTC(2200, 0, 1);
/** `limit/origin`, escaped as one part of the path. */
export const alertParamsSchema = z.object({ id: z.string().min(1).max(200) });
const table = schemaTable(alertWireSchema);

/** `GET /v1/alerts`, `GET /v1/alerts/{id}`, `GET /v1/alerts/{id}/history`. */
export function addAlertRoutes(app: HttpApp, deps: RoutesDeps): void {
  addList(app, deps);
  addOne(app, deps);
  addHistory(app, deps);
}

function addList(app: HttpApp, deps: RoutesDeps): void {
  const { registry, gate } = deps;
  const text = described({
    tag: 'alerts',
    roles: readers,
    anonymous: true,
    summary: 'Alerts',
    description:
      'The latest first. An alert follows its data: each change is a revision with its cause, and none is ever ' +
      'deleted. As JSON, CSV, NDJSON, Parquet or XLSX, by `format` or Accept.',
    problems: ['span_invalid', 'cursor_invalid', 'not_acceptable'],
  });
  app.get(
    '/v1/alerts',
    {
      onRequest: gate.allow(readers, { anonymous: true }),
      schema: {
        ...documented(text),
        querystring: querySchema,
        response: { 200: tableResponse(alertWireSchema), ...text.problems },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const { site, kind, severity, parameter, limitId } = query;
      const reader = gate.reader(request);
      const sites = sitesAsked(reader, site);
      const zone = (site === undefined ? undefined : registry.get('site', site)?.body.timeZone) ?? houseZone;
      const from = query.from === undefined ? -Infinity : instantOf(query.from, zone);
      const to = query.to === undefined ? Infinity : instantOf(query.to, zone);
      if (from >= to) throw problem('span_invalid');
      const route = queryText('alerts', query);
      const key = query.cursor === undefined ? undefined : decodeCursor(query.cursor, route, keyShape);
      if (key !== undefined) placeWithin(key[0], -originMax, originMax);
      const asked: AlertQuery = {
        ...enterprisesOf(reader, query.enterprise),
        ...statesOf(query.state),
        ...(sites === undefined ? {} : { sites }),
        ...(kind === undefined ? {} : { kinds: [kind] }),
        ...(severity === undefined ? {} : { severities: severity }),
        ...(parameter === undefined ? {} : { parameters: [parameter] }),
        ...(limitId === undefined ? {} : { limits: [limitId] }),
        ...(from === -Infinity && to === Infinity ? {} : { span: { from, to } }),
        ...(query.asOf === undefined ? {} : { asOf: parseIsoMs(query.asOf) }),
        order: query.order === 'desc' ? 'latest' : 'earliest',
        limit: fetchedAtOnce(query.limit),
      };
      return sendTable(request, reply as FastifyReply, query, {
        route,
        ...table,
        batches: alertBatches(deps, asked, query, key),
      });
    },
  );
}

function addOne(app: HttpApp, deps: RoutesDeps): void {
  const { registry, gate } = deps;
  const text = described({
    tag: 'alerts',
    roles: readers,
    anonymous: true,
    summary: 'Read one alert',
    problems: ['not_found'],
  });
  app.get(
    '/v1/alerts/:id',
    {
      onRequest: gate.allow(readers, { anonymous: true }),
      schema: {
        ...documented(text),
        params: alertParamsSchema,
        querystring: z.strictObject({ asOf: asOfSchema }),
        response: { 200: alertWireSchema, ...text.problems },
      },
    },
    async (request, reply) => {
      const { asOf } = request.query;
      const asked = asOf === undefined ? {} : { asOf: parseIsoMs(asOf) };
      const known = await knownAlert(deps, gate.reader(request), request.params.id, asked);
      return reply.send(alertWire(known, registry));
    },
  );
}

function addHistory(app: HttpApp, deps: RoutesDeps): void {
  const { gate } = deps;
  const text = described({
    tag: 'alerts',
    roles: readers,
    anonymous: true,
    summary: 'Every revision of one alert',
    description: 'In their order, the first one first, each with its cause.',
    problems: ['not_found', 'cursor_invalid', 'not_acceptable'],
  });
  app.get(
    '/v1/alerts/:id/history',
    {
      onRequest: gate.allow(readers, { anonymous: true }),
      schema: {
        ...documented(text),
        params: alertParamsSchema,
        querystring: z.strictObject(tableQuery),
        response: { 200: tableResponse(alertWireSchema), ...text.problems },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const { id } = request.params;
      const route = queryText(`alerts/${id}/history`, query);
      const key = query.cursor === undefined ? undefined : decodeCursor(query.cursor, route, historyKey);
      if (key !== undefined) placeWithin(key[0], 1, revisionMax);
      const known = await knownAlert(deps, gate.reader(request), id);
      const behind = Number(key?.[0] ?? 0);
      return sendTable(request, reply as FastifyReply, query, {
        route,
        ...table,
        batches: revisionBatches(deps, known, behind, fetchedAtOnce(query.limit)),
      });
    },
  );
}

/** @throws HttpProblem `not_found`, also for an alert of an enterprise that is not the reader's */
export async function knownAlert(
  { seriesStore }: Pick<RoutesDeps, 'seriesStore'>,
  reader: Reader,
  id: string,
  asked: Pick<AlertQuery, 'asOf'> = {},
): Promise<KeptAlert> {
  const [known] = await seriesStore.alerts({ ...asked, ids: [id], limit: 1 });
  if (known === undefined || !mayKnow(reader, known.alert)) throw problem('not_found', { kind: 'alert', id });
  return known;
}

/** A filter narrows what a reader may know, and never widens it. */
function enterprisesOf(reader: Reader, wanted: string | undefined): Pick<AlertQuery, 'enterprises'> {
  if (wanted !== undefined) return { enterprises: mayName(reader, wanted) ? [wanted] : [] };
  return reader.enterprise === undefined ? {} : { enterprises: [reader.enterprise] };
}

/** What of the states the store can be asked for; where one of `open` and `acknowledged` is wanted beside others, both. */
function statesOf(wanted: readonly ShownState[] | undefined): Pick<AlertQuery, 'states' | 'acknowledged'> {
  if (wanted === undefined) return {};
  const states = [...new Set(wanted.map((state): AlertState => (state === 'acknowledged' ? 'open' : state)))];
  const isOnlyOpen = wanted.length === 1 && states[0] === 'open';
  return isOnlyOpen ? { states, acknowledged: wanted[0] === 'acknowledged' } : { states };
}

/** One more than a page, which tells whether there is another. */
function fetchedAtOnce(limit: number | undefined): number {
  return Math.min(limit ?? pageItemsMax, pageItemsMax) + 1;
}

async function* alertBatches(
  { registry, seriesStore }: RoutesDeps,
  query: AlertQuery,
  { state: states, contested }: Pick<z.infer<typeof querySchema>, 'state' | 'contested'>,
  key: PageKey | undefined,
): AsyncGenerator<Placed<AlertWire, PageKey>[]> {
  for (let behind = key; ;) {
    const after = behind && { origin: Number(behind[0]), id: String(behind[1]) };
    const found = await seriesStore.alerts({ ...query, ...(after === undefined ? {} : { after }) });
    const rows = found.map((one) => ({ row: alertWire(one, registry), after: placeOf(one) }));
    yield rows.filter(
      ({ row }) =>
        (states === undefined || states.includes(row.state)) &&
        (contested === undefined || (row.contested !== null) === (contested === 'true')),
    );
    if (found.length < query.limit) return;
    behind = placeOf(found.at(-1)!);
  }
}

function placeOf({ alert }: KeptAlert): PageKey {
  return [alert.origin, alert.id];
}

async function* revisionBatches(
  { registry, seriesStore }: RoutesDeps,
  { alert: { id }, acknowledged }: KeptAlert,
  behind: number,
  limit: number,
): AsyncGenerator<Placed<AlertWire, PageKey>[]> {
  for (let afterRevision = behind; ;) {
    const revisions = await seriesStore.alertHistory({ alert: id, afterRevision, limit });
    yield revisions.map((alert) => {
      const isTaken = acknowledged !== undefined && acknowledged.at <= alert.changedAt;
      const known = { alert, acknowledged: isTaken ? acknowledged : undefined };
      return { row: alertWire(known, registry), after: [alert.revision] };
    });
    if (revisions.length < limit) return;
    afterRevision = revisions.at(-1)!.revision;
  }
}
