import type { ApiKey } from '@songma/domain';
import { authenticate, bearerToken, type Registry } from '@songma/registry';
import type { FastifyRequest } from 'fastify';
import { problem } from './problems.ts';
import { quoted } from './refusals.ts';

/** Who pushes, and for which sites. */
export interface Pusher {
  /** Id of the API key. */
  readonly key: string;
  readonly isAdmin: boolean;
  /** Whose plants it pushes for; undefined for an administrator. */
  readonly enterprise: string | undefined;
  /** Sites it is bound to; undefined: every site of its enterprise. */
  readonly sites: ReadonlySet<string> | undefined;
}

/** Whether the pusher may push for this site of this enterprise; it knows of no other. */
export function mayPush(
  { isAdmin, enterprise: own, sites }: Pusher,
  enterprise: string,
  site: string,
): boolean {
  return isAdmin || (enterprise === own && (sites === undefined || sites.has(site)));
}

/** Who may push, list quarantine and ask for batches. */
export const pusherRoles = ['plant', 'admin'] as const;

/** Tokens remembered as authenticated; beyond that all are looked up anew. */
const knownTokensMax = 10_000;

/**
 * Finds out who pushes by `Authorization: Bearer` or `X-Api-Key`. A token that was right is remembered until any key
 * changes or it expires, so that it is hashed once and not at every push.
 */
export function createPushers(registry: Pick<Registry, 'get' | 'onChange'>, now: () => number) {
  const known = new Map<string, { readonly pusher: Pusher; readonly expiresAt: number }>();
  const stop = registry.onChange((change) => {
    if (change.kind === 'key') known.clear();
  });

  return {
    /** @throws HttpProblem 401 or 403 */
    identify: (request: Pick<FastifyRequest, 'headers'>): Pusher => {
      const token = tokenOf(request.headers);
      const at = now();
      const remembered = known.get(token);
      if (remembered !== undefined && at < remembered.expiresAt) return remembered.pusher;
      const result = authenticate(registry, token, at);
      if (!result.ok) throw problem(result.reason === 'expired' ? 'key_expired' : 'key_invalid');
      const pusher = pusherOf(result.key);
      if (known.size >= knownTokensMax) known.clear();
      known.set(token, { pusher, expiresAt: result.key.expiresAt ?? Infinity });
      return pusher;
    },
    close: stop,
  };
}

export type Pushers = ReturnType<typeof createPushers>;

/**
 * The pusher, for rows of one enterprise only: so a door that takes for all of them lets each push for its own.
 * @throws HttpProblem `enterprise_forbidden` when the key is of another one
 */
export function narrowed(pusher: Pusher, enterprise: string | undefined): Pusher {
  if (enterprise === undefined || enterprise === pusher.enterprise) return pusher;
  if (!pusher.isAdmin) throw problem('enterprise_forbidden', { enterprise: quoted(enterprise) });
  let known = narrowedPushers.get(pusher);
  if (known === undefined || known.size >= narrowedMax) narrowedPushers.set(pusher, (known = new Map()));
  let narrow = known.get(enterprise);
  if (narrow === undefined) known.set(enterprise, (narrow = { ...pusher, isAdmin: false, enterprise }));
  return narrow;
}

/** The same object for the same pusher and enterprise: what hangs on a pusher is found again. */
const narrowedPushers = new WeakMap<Pusher, Map<string, Pusher>>();
const narrowedMax = 10_000;

function pusherOf({ id, role, enterprise, sites }: ApiKey): Pusher {
  if (role !== 'plant' && role !== 'admin') {
    throw problem('role_forbidden', { role, roles: pusherRoles.join(', ') });
  }
  const isAdmin = role === 'admin';
  return {
    key: id,
    isAdmin,
    // A plant's key always has an enterprise; one without could push for nobody.
    enterprise: isAdmin ? undefined : (enterprise ?? ''),
    sites: isAdmin || sites.length === 0 ? undefined : new Set(sites),
  };
}

function tokenOf(headers: FastifyRequest['headers']): string {
  const { authorization } = headers;
  if (authorization !== undefined && authorization !== '') {
    const bearer = bearerToken(authorization);
    if (!bearer.ok) throw problem('key_scheme_unknown', { scheme: bearer.scheme });
    return bearer.token;
  }
  const key = headers['x-api-key'];
  if (typeof key !== 'string' || key === '') throw problem('key_missing');
  return key;
}
