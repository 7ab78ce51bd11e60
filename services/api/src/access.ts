import type { Role } from '@songma/domain';
import { authenticate, bearerToken, type Registry } from '@songma/registry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problem } from './problems.ts';
import type { QuestionShares } from './question-shares.ts';

/** Who asks, and what of the registry is theirs to see. */
export interface Reader {
  readonly role: Role;
  /** Id of the key; `anonymous` for a reader without one. */
  readonly id: string;
  /** Token that was given; undefined for an anonymous reader. */
  readonly token: string | undefined;
  /** The only enterprise that a plant knows of; undefined for everybody else. */
  readonly enterprise: string | undefined;
}

export interface Gate {
  /**
   * An `onRequest` hook that lets these roles in, and with `anonymous` readers without a key: before the body is read.
   * The question then has its turn among those of its key, unless it is a `stream`, which is counted where it is opened.
   */
  allow(
    roles: readonly Role[],
    options?: { readonly anonymous?: boolean; readonly stream?: boolean },
  ): (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
  /** Who asks. @throws Error on a route without {@link Gate.allow}: a bug */
  reader(request: FastifyRequest): Reader;
  /** Whether the reader's key is still in force: asked now and then while a stream stays open. */
  inForce(reader: Reader): boolean;
}

export interface GateOptions {
  readonly registry: Pick<Registry, 'get'>;
  readonly questions: Pick<QuestionShares, 'enter'>;
  readonly now: () => number;
  /** Whether readers without a key are let in, and under which names of this machine. */
  readonly anonymousRead: boolean;
  readonly anonymousHosts: readonly string[];
}

/** Roles that read everything; a plant reads its own enterprise. */
export const readers = ['plant', 'analyst', 'officer', 'admin'] as const satisfies readonly Role[];

/**
 * Finds out who asks, by `Authorization: Bearer` or `X-Api-Key`, and whether they may.
 *
 * A reader without a key counts as an analyst where that is switched on, and only when the Host header names this
 * machine: a browser sends the name of the page's own site, so a foreign name that resolves to the loopback address
 * (DNS rebinding) is refused. What a proxy has passed on does not come from this machine, whatever its address.
 */
export function createGate(options: GateOptions): Gate {
  const { registry, now, anonymousRead } = options;
  const hosts = new Set(options.anonymousHosts.map((host) => host.toLowerCase()));
  const known = new WeakMap<FastifyRequest, Reader>();

  function identify(request: FastifyRequest, anonymous: boolean): Reader {
    const token = tokenOf(request);
    if (token === undefined) {
      if (!anonymousRead || !anonymous || isForwarded(request.headers)) throw problem('key_missing');
      const host = hostName(request.headers.host);
      if (!hosts.has(host)) throw problem('host_refused', { host, hosts: [...hosts].join(', ') });
      return { role: 'analyst', id: 'anonymous', token: undefined, enterprise: undefined };
    }
    const result = authenticate(registry, token, now());
    if (!result.ok) throw problem(result.reason === 'expired' ? 'key_expired' : 'key_invalid');
    const { id, role, enterprise } = result.key;
    return { role, id, token, enterprise: role === 'plant' ? (enterprise ?? '') : undefined };
  }

  return {
    allow(roles, { anonymous = false, stream = false } = {}) {
      return async (request, reply) => {
        const reader = identify(request, anonymous);
        if (!roles.includes(reader.role)) {
          throw problem('role_forbidden', { role: reader.role, roles: roles.join(', ') });
        }
        known.set(request, reader);
        if (stream) return;
        const leave = await options.questions.enter(reader.id);
        // Answered to the end, or given up by whoever asked: also while it waited.
        reply.raw.once('finish', leave).once('close', leave);
        if (reply.raw.closed) leave();
      };
    },
    reader(request) {
      const reader = known.get(request);
      if (reader === undefined) throw new Error(`${request.routeOptions.url}: nobody was let in`);
      return reader;
    },
    inForce(reader) {
      return reader.token === undefined ? anonymousRead : authenticate(registry, reader.token, now()).ok;
    },
  };
}

/** Whether what belongs to `enterprise` exists for this reader. */
export function mayKnow(reader: Reader, enterprise: string | undefined): boolean {
  return reader.enterprise === undefined || reader.enterprise === enterprise;
}

/** Whether a proxy says that it has passed the request on for somebody else. */
function isForwarded(headers: FastifyRequest['headers']): boolean {
  return Object.keys(headers).some((name) => name === 'forwarded' || name.startsWith('x-forwarded-'));
}

function tokenOf(request: FastifyRequest): string | undefined {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const bearer = bearerToken(authorization);
    if (!bearer.ok) throw problem('key_scheme_unknown', { scheme: bearer.scheme });
    return bearer.token;
  }
  const key = request.headers['x-api-key'];
  return typeof key === 'string' && key !== '' ? key : undefined;
}

/** The Host header without its port, lower-case; empty when there is none. */
function hostName(host: string | undefined): string {
  return (host ?? '').toLowerCase().replace(/:\d*$/, '');
}
