import { z } from 'zod';
import type { HttpApp } from '@songma/runtime';
import { readers } from '../access.ts';
import { problem } from '../problems.ts';
import { described, documented, isoTimeSchema } from '../routes.ts';
import { paramsSchema } from '../registry/registry-routes.ts';
import { hashPassword, isPassword } from './password-hash.ts';
import { endSession, sessionsOf } from './sessions.ts';
import type { SignInDeps } from './sign-in-routes.ts';

/** @see NIST SP 800-63B, 5.1.1.2: length counts; no rules of composition, no maximum worth naming */
const passwordLengthMin = 10;
const passwordLengthMax = 1024;

const sessionSchema = z
  .object({ id: z.string(), since: isoTimeSchema, expiresAt: isoTimeSchema, current: z.boolean() })
  .meta({ title: 'Session' });
const passwordSchema = z.strictObject({
  password: z.string().max(passwordLengthMax),
  former: z.string().max(passwordLengthMax).optional().meta({
    description: 'The password that stands; an administrator needs none for others.',
  }),
});

/** `GET /v1/sessions`, `DELETE /v1/sessions/{id}`, `PUT /v1/persons/{id}/password`. */
export function addSessionRoutes(app: HttpApp, deps: SignInDeps): void {
  const { registry, gate, credentials, logger, now } = deps;

  const listing = described({
    tag: 'keys',
    summary: 'List one’s own sessions',
    description: 'Of the person who asks; empty for keys that are nobody’s.',
    roles: readers,
  });
  app.get(
    '/v1/sessions',
    {
      onRequest: gate.allow(readers),
      schema: {
        ...documented(listing),
        response: { 200: z.object({ items: z.array(sessionSchema) }), ...listing.problems },
      },
    },
    async (request, reply) => {
      const key = gate.reader(request).id;
      const person = registry.get('key', key)?.body.person;
      const sessions = person === undefined ? [] : sessionsOf(registry, person, now());
      const items = sessions.map(({ id, body: { createdAt, expiresAt } }) => ({
        id,
        since: new Date(createdAt).toISOString(),
        expiresAt: new Date(expiresAt!).toISOString(),
        current: id === key,
      }));
      return reply.send({ items });
    },
  );

  const ending = described({
    tag: 'keys',
    summary: 'End a session',
    roles: readers,
    problems: ['not_found'],
  });
  app.delete(
    '/v1/sessions/:id',
    {
      onRequest: gate.allow(readers),
      schema: {
        ...documented(ending),
        params: paramsSchema,
        response: { 204: z.null(), ...ending.problems },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const person = registry.get('key', gate.reader(request).id)?.body.person;
      const session =
        person === undefined ? undefined : sessionsOf(registry, person, now()).find((own) => own.id === id);
      if (person === undefined || session === undefined) throw problem('not_found', { kind: 'session', id });
      await endSession(registry, id, session.version, person);
      return reply.code(204).send(null);
    },
  );

  const setting = described({
    tag: 'keys',
    summary: 'Set a password',
    description:
      'One’s own with the former one, or as an administrator. Ends the other sessions of the person.',
    roles: readers,
    problems: ['not_found', 'password_too_short', 'former_password_wrong', 'body_not_json'],
  });
  app.put(
    '/v1/persons/:id/password',
    {
      onRequest: gate.allow(readers),
      schema: {
        ...documented(setting),
        params: paramsSchema,
        body: passwordSchema,
        response: { 204: z.null(), ...setting.problems },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const reader = gate.reader(request);
      const isOwn = registry.get('key', reader.id)?.body.person === id;
      const mayAct = isOwn || reader.role === 'admin';
      if (!mayAct || registry.get('person', id) === undefined)
        throw problem('not_found', { kind: 'person', id });
      const { password, former } = request.body;
      const standing = credentials.hashOf(id);
      if (isOwn && standing !== undefined && !(await isPassword(former ?? '', standing)))
        throw problem('former_password_wrong');
      if (password.normalize('NFKC').length < passwordLengthMin)
        throw problem('password_too_short', { least: passwordLengthMin });
      await credentials.set({ person: id, hash: await hashPassword(password), by: reader.id, at: now() });
      for (const session of sessionsOf(registry, id, now())) {
        if (session.id !== reader.id) await endSession(registry, session.id, session.version, reader.id);
      }
      logger.info({ person: id, by: reader.id }, 'a password was set');
      return reply.code(204).send(null);
    },
  );
}
