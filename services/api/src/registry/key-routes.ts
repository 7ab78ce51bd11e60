import { randomBytes } from 'node:crypto';
import { createApiKey } from '@songma/registry';
import type { HttpApp } from '@songma/runtime';
import { z } from 'zod';
import { problem } from '../problems.ts';
import { described, documented } from '../routes.ts';
import { changedKeySchema, newKeySchema } from './key-wire.ts';
import { etagOf, expectedVersion, preconditionHeaders } from './precondition.ts';
import { answerEntity, paramsSchema, refusalOf, type RegistryRoutesDeps } from './registry-routes.ts';
import { outputSchemas, toWire } from './wire.ts';

const madeKeySchema = z.object({
  key: outputSchemas.key,
  token: z.string().meta({
    description: 'What its owner sends. Shown here and never again: only a hash is kept.',
    examples: ['sgm_lam-son-gateway_0123456789abcdef0123456789abcdef01234567'],
  }),
});

/** `POST /v1/keys` makes a key, `PUT /v1/keys/{id}` renames, narrows or ends one. Its secret never changes. */
export function addKeyRoutes(
  app: HttpApp,
  { registry, gate, now }: RegistryRoutesDeps & { now: () => number },
): void {
  const making = described({
    tag: 'keys',
    roles: ['admin'],
    summary: 'Make a key',
    description:
      'The token is in this answer and nowhere else. Two keys of one name may be active at once, so that a gateway ' +
      'can be moved from the old to the new before the old is revoked.',
    problems: ['entity_invalid', 'version_conflict', 'body_not_json'],
  });
  app.post(
    '/v1/keys',
    {
      onRequest: gate.allow(['admin']),
      schema: {
        ...documented(making),
        body: newKeySchema,
        response: { 201: madeKeySchema, ...making.problems },
      },
    },
    async (request, reply) => {
      const { id: wish, expiresAt, enterprise, person, ...rest } = request.body;
      const id = wish ?? idFrom(rest.name);
      const { key, token } = createApiKey({
        ...rest,
        id,
        ...(enterprise === undefined ? {} : { enterprise }),
        ...(person === undefined ? {} : { person }),
        ...(expiresAt === undefined ? {} : { expiresAt: Date.parse(expiresAt) }),
        now: now(),
      });
      const by = gate.reader(request).id;
      const result = await registry.submit({ kind: 'key', entity: id, expectedVersion: 0, body: key, by });
      if (!result.ok) throw refusalOf(reply, 'key', id, result);
      const { version } = result;
      const made = { id, version, body: key, at: now(), by, position: registry.foldedTo() };
      return reply
        .code(201)
        .headers({ etag: etagOf(version), location: `/v1/keys/${id}` })
        .send({ key: toWire('key', made) as never, token });
    },
  );

  const changing = described({
    tag: 'keys',
    roles: ['admin'],
    summary: 'Rename a key, change its sites or its expiry',
    description: 'Needs "If-Match". Role, enterprise and secret stay: for others make another key.',
    problems: [
      'not_found',
      'precondition_required',
      'precondition_invalid',
      'version_conflict',
      'entity_invalid',
      'body_not_json',
    ],
  });
  app.put(
    '/v1/keys/:id',
    {
      onRequest: gate.allow(['admin']),
      schema: {
        ...documented(changing),
        params: paramsSchema,
        headers: preconditionHeaders,
        body: changedKeySchema,
        response: { 200: outputSchemas.key, ...changing.problems },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const expected = expectedVersion(request.raw.headers);
      const standing = registry.get('key', id);
      if (standing === undefined) throw problem('not_found', { kind: 'key', id });
      const { expiresAt: _former, ...kept } = standing.body;
      const { expiresAt, ...changed } = request.body;
      const body = {
        ...kept,
        ...changed,
        ...(expiresAt === undefined ? {} : { expiresAt: Date.parse(expiresAt) }),
      };
      const by = gate.reader(request).id;
      const result = await registry.submit({ kind: 'key', entity: id, expectedVersion: expected, body, by });
      return answerEntity(reply, registry, 'key', id, result, false);
    },
  );
}

/** An id that people recognise: the name in plain letters, and a few random digits so that a rotation finds it free. */
function idFrom(name: string): string {
  const plain = name
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/đ/g, 'd')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 48);
  return `${plain === '' ? 'key' : plain}-${randomBytes(3).toString('hex')}`;
}
