import { entitySchemas, idSchema, type EntityKind, type EntityOf } from '@songma/domain';
import type { Registry, SubmitResult, Versioned } from '@songma/registry';
import type { HttpApp } from '@songma/runtime';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { mayKnow, mayName, type Gate, type Reader } from '../access.ts';
import { parseIsoMs } from '../iso-time.ts';
import { schemaTable } from '../answers/schema-table.ts';
import { atHand, sendTable, tableQuery, tableResponse } from '../answers/table.ts';
import { compareKeys, decodeCursor, queryText } from '../paging.ts';
import { problem } from '../problems.ts';
import { described, documented, boundedTimeSchema, type Tag } from '../routes.ts';
import { collectionOf, entityOf, writersOf } from './collections.ts';
import { entitiesOf, type Entities } from './entities.ts';
import { etagOf, expectedVersion, isNotModified, preconditionHeaders } from './precondition.ts';
import { fromWire, inputSchemas, outputSchemas, toWire, type WritableKind } from './wire.ts';

export interface RegistryRoutesDeps {
  readonly registry: Registry;
  readonly gate: Gate;
}

export const paramsSchema = z.object({ id: idSchema });
const etagText = 'Carries the version as ETag.';
const keyShape = z.tuple([z.string()]);
const asOfQuery = {
  asOf: boundedTimeSchema.optional().meta({
    description: 'Answer with what was registered at this time (inclusive): the version that stood then.',
  }),
};

const kinds = Object.keys(entitySchemas) as EntityKind[];

/** `GET /v1/{collection}`, `GET|PUT|DELETE /v1/{collection}/{id}`: every kind of entity alike. */
export function addRegistryRoutes(app: HttpApp, deps: RegistryRoutesDeps): void {
  for (const kind of kinds) {
    addReading(app, deps, kind);
    addRetirement(app, deps, kind);
    if (kind !== 'key') addWriting(app, deps, kind);
  }
}

/** By kind only at run time, so that to the compiler it is any schema. */
const outputOf = (kind: EntityKind): z.ZodType => outputSchemas[kind];

function addReading(app: HttpApp, { registry, gate }: RegistryRoutesDeps, kind: EntityKind): void {
  const collection = collectionOf(kind);
  const { path, roles, anonymous } = collection;
  const tag: Tag = kind === 'key' ? 'keys' : 'registry';
  const list = described({
    tag,
    roles,
    anonymous,
    summary: `List ${path}`,
    description: 'In ascending id. A plant sees its own enterprise only, and what belongs to none.',
    problems: ['cursor_invalid', 'not_acceptable'],
  });
  const querySchema = z.strictObject({ ...collection.filters, ...asOfQuery, ...tableQuery });
  const { columns, cellsOf } = schemaTable(outputOf(kind));
  app.get(
    `/v1/${path}`,
    {
      onRequest: gate.allow(roles, { anonymous }),
      schema: {
        ...documented(list),
        querystring: querySchema,
        response: { 200: tableResponse(outputOf(kind)), ...list.problems },
      },
    },
    async (request, reply) => {
      const reader = gate.reader(request);
      const { query } = request;
      const entities = entitiesAsAsked(registry, query);
      const visible = entities
        .list(kind)
        .filter(
          ({ body }) => isVisible(reader, kind, body, entities) && collection.matches(body, query, entities),
        );
      const route = queryText(path, query);
      const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, route, keyShape);
      const rest = visible.filter(({ id }) => after === undefined || compareKeys([id], after) > 0);
      const batches = atHand(rest, (entity: Versioned<EntityOf<EntityKind>>) => ({
        row: toWire(kind, entity),
        after: [entity.id],
      }));
      return sendTable(request, reply as FastifyReply, query, { route, batches, columns, cellsOf });
    },
  );

  const one = described({
    tag,
    roles,
    anonymous,
    summary: `Read one of ${path}`,
    description: etagText,
    problems: ['not_found'],
  });
  app.get(
    `/v1/${path}/:id`,
    {
      onRequest: gate.allow(roles, { anonymous }),
      schema: {
        ...documented(one),
        params: paramsSchema,
        querystring: z.strictObject(asOfQuery),
        response: {
          200: outputOf(kind),
          304: z.undefined().meta({ description: 'Not changed since.' }),
          ...one.problems,
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const entity = visibleEntity(gate.reader(request), kind, id, entitiesAsAsked(registry, request.query));
      // Its own reader may keep it, and asks each time whether it still stands.
      reply.headers({ etag: etagOf(entity.version), 'cache-control': 'private, no-cache' });
      if (isNotModified(request.headers, entity.version)) return reply.code(304).send();
      return reply.send(toWire(kind, entity));
    },
  );
}

function addWriting(app: HttpApp, { registry, gate }: RegistryRoutesDeps, kind: WritableKind): void {
  const { path } = collectionOf(kind);
  const text = described({
    tag: 'registry',
    roles: writersOf(kind),
    summary: `Create or replace one of ${path}`,
    description: 'Takes the whole entity.',
    problems: [
      ...(writersOf(kind).includes('plant') ? (['not_found'] as const) : []),
      'precondition_required',
      'precondition_invalid',
      'version_conflict',
      'entity_invalid',
      'body_not_json',
    ],
  });
  const bodySchema: z.ZodType = inputSchemas[kind];
  app.put(
    `/v1/${path}/:id`,
    {
      onRequest: gate.allow(writersOf(kind)),
      schema: {
        ...documented(text),
        params: paramsSchema,
        headers: preconditionHeaders,
        body: bodySchema,
        response: { 200: outputSchemas[kind], 201: outputSchemas[kind], ...text.problems },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const expected = expectedVersion(request.raw.headers);
      const body = request.body as Record<string, unknown>;
      if (body['id'] !== undefined && body['id'] !== id) {
        throw problem(
          'entity_invalid',
          { kind, id },
          {
            errors: [{ path: '/body/id', problem: `must be "${id}", as in the address, or left out` }],
          },
        );
      }
      const entity = fromWire(kind, id, body);
      const reader = gate.reader(request);
      if (!mayWrite(reader, kind, entity, registry)) throw problem('not_found', { kind, id });
      const result = await registry.submit({
        kind,
        entity: id,
        expectedVersion: expected,
        body: entity,
        by: reader.id,
      });
      return answerEntity(reply, registry, kind, id, result, expected === 0);
    },
  );
}

function addRetirement(app: HttpApp, { registry, gate }: RegistryRoutesDeps, kind: EntityKind): void {
  const { path } = collectionOf(kind);
  const text = described({
    tag: kind === 'key' ? 'keys' : 'registry',
    roles: writersOf(kind),
    summary: kind === 'key' ? 'Revoke a key' : `Retire one of ${path}`,
    description: 'Not what others refer to.',
    problems: [
      'not_found',
      'precondition_required',
      'precondition_invalid',
      'version_conflict',
      'entity_invalid',
    ],
  });
  app.delete(
    `/v1/${path}/:id`,
    {
      onRequest: gate.allow(writersOf(kind)),
      schema: {
        ...documented(text),
        params: paramsSchema,
        headers: preconditionHeaders,
        response: { 204: z.undefined().meta({ description: 'Gone.' }), ...text.problems },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const expected = expectedVersion(request.raw.headers);
      visibleEntity(gate.reader(request), kind, id, registry);
      const result = await registry.submit({
        kind,
        entity: id,
        expectedVersion: expected,
        body: null,
        by: gate.reader(request).id,
      });
      if (!result.ok) throw refusalOf(reply, kind, id, result);
      return reply.code(204).send();
    },
  );
}

function entitiesAsAsked(registry: Registry, { asOf }: { readonly asOf?: unknown }): Entities {
  return entitiesOf(registry, typeof asOf === 'string' ? parseIsoMs(asOf) : undefined);
}

/** The entity when this reader may know of it. @throws HttpProblem `not_found` alike for foreign and absent ones */
function visibleEntity(reader: Reader, kind: EntityKind, id: string, entities: Entities) {
  const entity = entityOf(entities, kind, id);
  if (entity === undefined || !isVisible(reader, kind, entity.body, entities)) {
    throw problem('not_found', { kind, id });
  }
  return entity;
}

function isVisible(
  reader: Reader,
  kind: EntityKind,
  body: EntityOf<EntityKind>,
  entities: Entities,
): boolean {
  const collection = collectionOf(kind);
  if (collection.shared === true || reader.enterprise === undefined) return true;
  const enterprise = collection.enterpriseOf(body, entities);
  if (kind === 'enterprise') return mayName(reader, enterprise);
  return mayKnow(reader, { enterprise, site: collection.siteOf?.(body, entities) });
}

/** Whether what stands under the id, and what shall, is the reader's own. */
function mayWrite(
  reader: Reader,
  kind: EntityKind,
  body: Record<string, unknown>,
  registry: Registry,
): boolean {
  const standing = entityOf(registry, kind, String(body['id']));
  return (
    isVisible(reader, kind, body as unknown as EntityOf<EntityKind>, registry) &&
    (standing === undefined || isVisible(reader, kind, standing.body, registry))
  );
}

/** Answers a write with the entity as it stands now. */
export function answerEntity(
  reply: FastifyReply,
  registry: Registry,
  kind: EntityKind,
  id: string,
  result: SubmitResult,
  created: boolean,
): FastifyReply {
  if (!result.ok) throw refusalOf(reply, kind, id, result);
  const entity = entityOf(registry, kind, id);
  // Somebody may have retired it in the very moment after.
  if (entity === undefined) throw refusalOf(reply, kind, id, { ok: false, reason: 'conflict', version: 0 });
  reply.header('etag', etagOf(entity.version));
  if (created) reply.code(201).header('location', `/v1/${collectionOf(kind).path}/${id}`);
  return reply.send(toWire(kind, entity));
}

/** The refusal of a write in words; a conflict tells the current version in the text and as ETag. */
export function refusalOf(
  reply: FastifyReply,
  kind: EntityKind,
  id: string,
  result: Extract<SubmitResult, { ok: false }>,
): Error {
  if (result.reason === 'conflict') {
    if (result.version > 0) reply.header('etag', etagOf(result.version));
    return problem('version_conflict', { kind, id, version: result.version });
  }
  const errors = result.problems.map(({ path, problem: words, vi }) => ({
    path: ['/body', ...path.split('.').filter((part) => part !== '')].join('/'),
    problem: words,
    vi,
  }));
  return problem('entity_invalid', { kind, id }, { errors });
}
