import type { Baseline, Role } from '@songma/domain';
import { authenticate, bearerToken, type MeterContext, type Registry } from '@songma/registry';
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
  /** The only sites of it that its key is bound to; undefined: everything of its enterprise, or of everybody. */
  readonly sites: ReadonlySet<string> | undefined;
}

/** Whose something is. Without a site it belongs to the whole enterprise, without both to nobody in particular. */
export interface Owner {
  readonly enterprise: string | undefined;
  readonly site: string | undefined;
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
  /** Whether whoever asks would be let in without a key: somebody who sits at this machine. */
  mayBeAnonymous(request: FastifyRequest): boolean;
  /** Id of the key that the request carries, where it is in force: for what has no roles. */
  keyOf(request: FastifyRequest): string | undefined;
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
      return { role: 'analyst', id: 'anonymous', token: undefined, enterprise: undefined, sites: undefined };
    }
    const result = authenticate(registry, token, now());
    if (!result.ok) throw problem(result.reason === 'expired' ? 'key_expired' : 'key_invalid');
    const { id, role, enterprise, sites } = result.key;
    if (role !== 'plant') return { role, id, token, enterprise: undefined, sites: undefined };
    const bound = sites.length === 0 ? undefined : new Set(sites);
    return { role, id, token, enterprise: enterprise ?? '', sites: bound };
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
    mayBeAnonymous(request) {
      return anonymousRead && !isForwarded(request.headers) && hosts.has(hostName(request.headers.host));
    },
    keyOf(request) {
      const token = tokenOf(request);
      const result = token === undefined ? undefined : authenticate(registry, token, now());
      return result?.ok === true ? result.key.id : undefined;
    },
    inForce(reader) {
      return reader.token === undefined ? anonymousRead : authenticate(registry, reader.token, now()).ok;
    },
  };
}

/**
 * Whether what belongs to this owner exists for this reader. A plant's key that is bound to sites knows what is of
 * them, and nothing that is of the whole enterprise: a sum tells about the other sites.
 */
export function mayKnow(reader: Reader, { enterprise, site }: Owner): boolean {
  if (!mayName(reader, enterprise)) return false;
  return reader.sites === undefined || (site !== undefined && reader.sites.has(site));
}

/** Whose a meter is. */
export function ownerOfMeter({ enterprise, site }: Pick<MeterContext, 'enterprise' | 'site'>): Owner {
  return { enterprise: enterprise.id, site: site.id };
}

/** Whose a site is, and what is measured there; of nobody where it is not registered. */
export function ownerOfSite(site: string, registry: Pick<Registry, 'get'>): Owner {
  return { enterprise: registry.get('site', site)?.body.enterprise, site };
}

/** Whose a baseline is: of one site, or of the whole enterprise. */
export function ownerOfBaseline({ enterprise, site }: Pick<Baseline, 'enterprise' | 'site'>): Owner {
  return { enterprise, site };
}

/** Whether an enterprise exists for this reader: its own also for a key that is bound to sites of it. */
export function mayName(reader: Reader, enterprise: string | undefined): boolean {
  return reader.enterprise === undefined || reader.enterprise === enterprise;
}

/** The sites that a question is narrowed to: those that are asked for, else those that the key is bound to. */
export function sitesAsked(reader: Reader, site: string | undefined): readonly string[] | undefined {
  if (site === undefined) return reader.sites && [...reader.sites];
  return reader.sites === undefined || reader.sites.has(site) ? [site] : [];
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
