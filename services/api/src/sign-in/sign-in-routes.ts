import { roleSchema, type Person } from '@songma/domain';
import type { Registry } from '@songma/registry';
import {
  commonProblem,
  isOfOwnOrigin,
  problemResponses,
  sessionCookie,
  type HttpApp,
  type Logger,
} from '@songma/runtime';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { readers, type Gate } from '../access.ts';
import { problem } from '../problems.ts';
import { described, documented, isoTimeSchema } from '../routes.ts';
import type { Credentials } from './credentials.ts';
import { isPassword } from './password-hash.ts';
import { beginSession, endSession, isSession, sessionMsMax } from './sessions.ts';
import { SignInDelay } from './sign-in-delay.ts';

export interface SignInDeps {
  readonly registry: Registry;
  readonly gate: Gate;
  readonly credentials: Credentials;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly now: () => number;
  /** Persons whom whoever sits at this machine may be, without a password: those of the samples. */
  readonly samplePersons: readonly string[];
}

const personSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    role: roleSchema,
    enterprise: z.string().nullable(),
  })
  .meta({ title: 'SignedInPerson' });
const meSchema = z
  .object({
    role: roleSchema,
    enterprise: z.string().nullable(),
    person: personSchema.nullable().meta({ description: 'Null for a key of a machine, and without a key.' }),
    key: z.string().nullable(),
    session: z.boolean(),
    expiresAt: isoTimeSchema.nullable(),
  })
  .meta({ title: 'Me' });
const signInSchema = z.strictObject({
  person: z.string().trim().min(1).max(254).meta({ description: 'The id of a person, or the mail address.' }),
  password: z
    .string()
    .min(1)
    .max(1024)
    .optional()
    .meta({ description: 'Sample persons need none at their own machine.' }),
});

const refusals = problemResponses(400, 401, 403, 413, 415, 429, 503);

/** `GET|POST /v1/sign-in`, `POST /v1/sign-out`, `GET /v1/me`. */
export function addSignInRoutes(app: HttpApp, deps: SignInDeps): void {
  const { registry, gate, credentials, logger, now } = deps;
  const delay = new SignInDelay(now);

  const me = described({ tag: 'keys', summary: 'Who asks', roles: readers, anonymous: true });
  app.get(
    '/v1/me',
    {
      onRequest: gate.allow(readers, { anonymous: true }),
      schema: { ...documented(me), response: { 200: meSchema, ...me.problems } },
    },
    async (request, reply) => reply.send(meOf(request)),
  );

  const ways = open('How persons sign in', 'Persons of the samples, where this machine may be one of them.');
  app.get(
    '/v1/sign-in',
    {
      schema: {
        ...ways,
        response: { 200: z.object({ samples: z.array(personSchema) }), ...problemResponses(429) },
      },
    },
    async (request, reply) => {
      const persons = gate.mayBeAnonymous(request)
        ? deps.samplePersons.flatMap((id) => personOf(id) ?? [])
        : [];
      return reply.send({ samples: persons.map(shown) });
    },
  );

  const signingIn = open(
    'Sign in',
    'Begins a session of twelve hours, in a cookie that no script reads. Wrong tries of a person or an address make ' +
      'the next ones wait (`sign_in_slowed`, 429); a wrong password is `sign_in_refused` (401).',
  );
  app.post(
    '/v1/sign-in',
    { schema: { ...signingIn, body: signInSchema, response: { 200: personSchema, ...refusals } } },
    async (request, reply) => {
      refuseOtherSites(request);
      const { person: name, password } = request.body;
      const person = personOf(name);
      const account = `person ${person?.id ?? name}`;
      const waitMs = delay.waitMs(account, `address ${request.ip}`);
      if (waitMs > 0) throw problem('sign_in_slowed', {}, { retryAfterMs: waitMs });
      if (!(await isGood(request, person, password)) || person === undefined) {
        delay.fail(account, `address ${request.ip}`);
        logger.warn({ person: person?.id, address: request.ip }, 'a sign-in was refused');
        throw problem('sign_in_refused');
      }
      delay.succeed(account);
      const begun = await beginSession(registry, person, now());
      if (begun === undefined) throw problem('sign_in_refused');
      logger.info({ person: person.id, address: request.ip, session: begun.key.id }, 'signed in');
      return reply
        .header('set-cookie', sessionCookie(request, begun.token, sessionMsMax))
        .send(shown(person));
    },
  );

  const signingOut = open('Sign out', 'Ends the session of the cookie.');
  app.post(
    '/v1/sign-out',
    { schema: { ...signingOut, response: { 204: z.null(), ...refusals } } },
    async (request, reply) => {
      const id = gate.keyOf(request);
      const key = id === undefined ? undefined : registry.get('key', id);
      if (key !== undefined && isSession(key.body))
        await endSession(registry, key.id, key.version, key.body.person!);
      return reply
        .code(204)
        .header('set-cookie', sessionCookie(request, '', 0))
        .send(null);
    },
  );

  function meOf(request: FastifyRequest): z.input<typeof meSchema> {
    const reader = gate.reader(request);
    const key = reader.token === undefined ? undefined : registry.get('key', reader.id)?.body;
    const person = key?.person === undefined ? undefined : registry.get('person', key.person)?.body;
    return {
      role: reader.role,
      enterprise: reader.enterprise ?? null,
      person: person === undefined ? null : shown(person),
      key: key?.id ?? null,
      session: key !== undefined && isSession(key),
      expiresAt: key?.expiresAt === undefined ? null : new Date(key.expiresAt).toISOString(),
    };
  }

  /** By id, or by a mail address that one person only has. */
  function personOf(name: string): Person | undefined {
    const byId = registry.get('person', name)?.body;
    if (byId !== undefined) return byId;
    const byMail = registry
      .list('person')
      .filter(({ body }) => body.mail?.toLowerCase() === name.toLowerCase());
    return byMail.length === 1 ? byMail[0]!.body : undefined;
  }

  async function isGood(
    request: FastifyRequest,
    person: Person | undefined,
    password: string | undefined,
  ): Promise<boolean> {
    if (password === undefined) {
      return person !== undefined && deps.samplePersons.includes(person.id) && gate.mayBeAnonymous(request);
    }
    return isPassword(password, person === undefined ? undefined : credentials.hashOf(person.id));
  }
}

function shown({ id, name, role, enterprise }: Person): z.input<typeof personSchema> {
  return { id, name, role, enterprise: enterprise ?? null };
}

function open(summary: string, description: string) {
  return { tags: ['keys'], summary, description, security: [] };
}

/** A page of another site shall not sign somebody in. Programs that are no browsers tell no origin. */
export function refuseOtherSites(request: FastifyRequest): void {
  const { headers } = request.raw;
  const isBrowser = headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
  if (isBrowser && !isOfOwnOrigin(request)) throw commonProblem('cross_site');
}
