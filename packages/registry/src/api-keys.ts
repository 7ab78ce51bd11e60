import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ApiKey, Role } from '@songma/domain';
import type { RegistryView } from './registry-view.ts';

/** 160 bits. */
const SECRET_BYTES = 20;
const TOKEN = /^sgm_([a-z0-9][a-z0-9_-]{0,63})_([0-9a-f]{40})$/;
/** Stands in for the hash of a key that does not exist, so that its absence does not show in the time taken. */
const NO_HASH = '0'.repeat(64);

export interface NewApiKey {
  readonly id: string;
  /** Whose key it is: a gateway or a person. At most two keys of a name are active at once. */
  readonly name: string;
  readonly role: Role;
  readonly enterprise?: string;
  /** The person who acts by it. */
  readonly person?: string;
  readonly sites?: readonly string[];
  /** Epoch milliseconds, exclusive. */
  readonly expiresAt?: number;
  readonly now: number;
}

/**
 * A key to submit, and its token `sgm_<id>_<40 hexadecimal digits>`. The token exists only here: the key holds the
 * SHA-256 of its secret, so it must be shown to its owner now or never.
 */
export function createApiKey(options: NewApiKey): { key: ApiKey; token: string } {
  const secret = randomBytes(SECRET_BYTES).toString('hex');
  const key: ApiKey = {
    id: options.id,
    name: options.name,
    role: options.role,
    ...(options.enterprise === undefined ? {} : { enterprise: options.enterprise }),
    ...(options.person === undefined ? {} : { person: options.person }),
    sites: [...(options.sites ?? [])],
    hash: hashOf(secret).toString('hex'),
    createdAt: options.now,
    ...(options.expiresAt === undefined ? {} : { expiresAt: options.expiresAt }),
  };
  return { key, token: `sgm_${options.id}_${secret}` };
}

export type Authentication =
  | { readonly ok: true; readonly key: ApiKey }
  | { readonly ok: false; readonly reason: 'malformed' | 'unknown' | 'expired' };

/**
 * Whose token this is at `now` (epoch milliseconds). A wrong secret, a retired key and a key that never was are
 * alike `unknown`; `expired` is told only to who knows the secret.
 */
export function authenticate(
  registry: Pick<RegistryView, 'get'>,
  token: string,
  now: number,
): Authentication {
  const [, id, secret] = TOKEN.exec(token) ?? [];
  if (id === undefined || secret === undefined) return { ok: false, reason: 'malformed' };
  const key = registry.get('key', id)?.body;
  const matches = timingSafeEqual(hashOf(secret), Buffer.from(key?.hash ?? NO_HASH, 'hex'));
  if (key === undefined || !matches) return { ok: false, reason: 'unknown' };
  if (key.expiresAt !== undefined && now >= key.expiresAt) return { ok: false, reason: 'expired' };
  return { ok: true, key };
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** The token of an Authorization header, or the scheme that it has instead; a word without one is never repeated. */
export function bearerToken(
  authorization: string,
): { readonly ok: true; readonly token: string } | { readonly ok: false; readonly scheme: string } {
  const [, scheme = '', token] = /^([A-Za-z][\w-]{0,19})(?: +(\S+))? *$/.exec(authorization) ?? [];
  if (/^bearer$/i.test(scheme) && token !== undefined) return { ok: true, token };
  return { ok: false, scheme: token === undefined && !/^bearer$/i.test(scheme) ? '' : scheme };
}
