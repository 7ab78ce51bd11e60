import type { CaseBook } from '@songma/cases';
import { caseKinds, idSchema, severities, territoryKinds } from '@songma/domain';
import { liesIn, rankOf } from '@songma/duty';
import type { HttpApp } from '@songma/runtime';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { mayKnow, readers, type Reader } from '../access.ts';
import { schemaTable } from '../answers/schema-table.ts';
import { atHand, sendTable, tableQuery, tableResponse } from '../answers/table.ts';
import { compareKeys, decodeCursor, queryText } from '../paging.ts';
import { problem } from '../problems.ts';
import { described, documented, wordsSchema, type RoutesDeps } from '../routes.ts';
import {
  caseDetailSchema,
  caseWireSchema,
  conditions,
  knownCase,
  responses,
  timelineOf,
  wireOf,
  type KnownCase,
} from './case-wire.ts';

export interface CaseRoutesDeps extends RoutesDeps {
  readonly book: CaseBook;
}

/** Who reads how the desk does. */
export const staff = ['analyst', 'officer', 'admin'] as const;
/** An id of an alert or a silence, escaped as one part of the path. */
export const caseParamsSchema = z.object({ id: z.string().min(1).max(200) });
const querySchema = z.strictObject({
  view: z.enum(['attention', 'mine', 'all']).default('all').meta({
    description:
      '`attention`: nobody has taken it up; `mine`: assigned to, or taken up by, the person who asks.',
  }),
  condition: wordsSchema(conditions).optional(),
  response: wordsSchema(responses).optional(),
  kind: wordsSchema(caseKinds).optional(),
  severityMin: z.enum(severities).optional(),
  enterprise: idSchema.optional(),
  site: idSchema.optional(),
  limitId: idSchema.optional(),
  territoryKind: z.enum(territoryKinds).optional(),
  territory: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'Name or id; needs `territoryKind`.' }),
  order: z.enum(['latest', 'severity', 'due']).default('latest').meta({
    description: 'Raised last first; the worst first; the answer that is due first.',
  }),
  ...tableQuery,
});
type Query = z.infer<typeof querySchema>;
const keyShape = z.tuple([z.number(), z.number(), z.string()]);
const table = schemaTable(caseWireSchema);

/** `GET /v1/cases`, `GET /v1/cases/{id}`. */
export function addCaseRoutes(app: HttpApp, deps: CaseRoutesDeps): void {
  const { gate, registry, book, now } = deps;
  const list = described({
    tag: 'alerts',
    roles: readers,
    summary: 'List cases: the inbox',
    description:
      'A case is the chain of alerts that replace one another, and what people did about it. A plant sees its own.',
    problems: ['cursor_invalid', 'not_acceptable'],
  });
  app.get(
    '/v1/cases',
    {
      onRequest: gate.allow(readers),
      schema: {
        ...documented(list),
        querystring: querySchema,
        response: { 200: tableResponse(caseWireSchema), ...list.problems },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const reader = gate.reader(request);
      const route = queryText(`cases of ${reader.id}`, query);
      const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, route, keyShape);
      const at = now();
      const found = [...book.facts.groups.ids()]
        .flatMap((id) => (isWanted(deps, id, query, reader) ? (knownCase(deps, id, at) ?? []) : []))
        .filter((known) => matches(known, query, reader, deps))
        .map((known) => ({ known, key: orderKey(known, query.order) }))
        .filter(({ key }) => after === undefined || compareKeys(key, after) > 0)
        .toSorted((a, b) => compareKeys(a.key, b.key));
      const batches = atHand(found, ({ known, key }) => ({ row: wireOf(known, registry), after: key }));
      return sendTable(request, reply as FastifyReply, query, { route, ...table, batches });
    },
  );

  const one = described({
    tag: 'alerts',
    roles: readers,
    summary: 'Read one case with its timeline',
    description: 'By the id of any alert of it. A plant sees no office comment, and not whom else was told.',
    problems: ['not_found'],
  });
  app.get(
    '/v1/cases/:id',
    {
      onRequest: gate.allow(readers),
      schema: {
        ...documented(one),
        params: caseParamsSchema,
        response: { 200: caseDetailSchema, ...one.problems },
      },
    },
    async (request, reply) => {
      const reader = gate.reader(request);
      const known = visibleCase(deps, reader, request.params.id);
      return reply.send({ case: wireOf(known, registry), timeline: timelineOf(known, reader, registry) });
    },
  );
}

/** @throws HttpProblem `not_found`, also for a case of an enterprise that is not the reader's */
export function visibleCase(deps: CaseRoutesDeps, reader: Reader, id: string): KnownCase {
  const known = knownCase(deps, id, deps.now());
  if (known === undefined || !mayKnow(reader, known.judged.state))
    throw problem('not_found', { kind: 'case', id });
  return known;
}

/** Who acts: the person of the key; the key itself where it is nobody's. */
export function actorOf({ registry }: Pick<CaseRoutesDeps, 'registry'>, reader: Reader): string {
  return registry.get('key', reader.id)?.body.person ?? reader.id;
}

/** What can be told of a case without judging it. */
function isWanted({ book }: CaseRoutesDeps, id: string, query: Query, reader: Reader): boolean {
  const first = book.facts.groups.members(id)[0];
  if (first === undefined || !mayKnow(reader, first)) return false;
  return (
    (query.enterprise === undefined || query.enterprise === first.enterprise) &&
    (query.site === undefined || query.site === first.site) &&
    (query.limitId === undefined || query.limitId === first.limit)
  );
}

function matches({ judged }: KnownCase, query: Query, reader: Reader, deps: CaseRoutesDeps): boolean {
  const { state, needsAttention } = judged;
  const { view, condition, response, kind, severityMin, territoryKind, territory } = query;
  if (view === 'attention' && !needsAttention) return false;
  if (view === 'mine') {
    const actor = actorOf(deps, reader);
    if (state.assignee !== actor && state.acknowledged?.by !== actor) return false;
  }
  if (condition !== undefined && !condition.includes(state.condition)) return false;
  if (response !== undefined && !response.includes(state.response)) return false;
  if (kind !== undefined && !kind.includes(state.kind)) return false;
  if (severityMin !== undefined && rankOf(state.severity) < severities.indexOf(severityMin)) return false;
  if (territoryKind === undefined || territory === undefined) return true;
  const site = deps.registry.get('site', state.site)?.body;
  return site !== undefined && liesIn({ kind: territoryKind, name: territory }, site);
}

/** Ascending in the order that is wanted; what was raised last comes first among equals. */
function orderKey({ judged: { state } }: KnownCase, order: Query['order']): [number, number, string] {
  if (order === 'severity') return [-rankOf(state.severity), -state.raisedAt, state.id];
  if (order === 'due') {
    const { question, answer } = state;
    const isOwed = question !== undefined && (answer === undefined || answer.at < question.at);
    return [isOwed ? question.dueAt : Number.MAX_SAFE_INTEGER, -state.raisedAt, state.id];
  }
  return [-state.raisedAt, 0, state.id];
}
