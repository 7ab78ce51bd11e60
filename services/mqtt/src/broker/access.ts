import type { ApiKey } from '@songma/domain';
import { authenticate, type Registry } from '@songma/registry';

/** Who is connected. */
export interface Publisher {
  /** Id of the API key. */
  readonly key: string;
  readonly token: string;
  /** Whose plants it pushes for; undefined for an administrator. */
  readonly enterprise: string | undefined;
}

export type Admission =
  | { readonly ok: true; readonly publisher: Publisher }
  | { readonly ok: false; readonly why: 'key_missing' | 'key_invalid' | 'key_expired' | 'role_forbidden' };

/** A key's secret without the rest of its token. */
const secretPattern = /^[0-9a-f]{40}$/;

/**
 * Who a client is, by user name and password: the password is the key's token, whatever the name; or the name is the
 * key's id and the password the token's last part.
 */
export function admit(
  registry: Pick<Registry, 'get'>,
  username: string | undefined,
  password: Buffer | undefined,
  now: number,
): Admission {
  if (password === undefined || password.length === 0) return { ok: false, why: 'key_missing' };
  const text = password.toString('utf8');
  const token = secretPattern.test(text) ? `sgm_${username ?? ''}_${text}` : text;
  const result = authenticate(registry, token, now);
  if (!result.ok) return { ok: false, why: result.reason === 'expired' ? 'key_expired' : 'key_invalid' };
  const { id, role, enterprise } = result.key;
  if (!mayPublish(role)) return { ok: false, why: 'role_forbidden' };
  return {
    ok: true,
    publisher: { key: id, token, enterprise: role === 'admin' ? undefined : (enterprise ?? '') },
  };
}

function mayPublish(role: ApiKey['role']): boolean {
  return role === 'plant' || role === 'admin';
}

/** Where a key's clients are told what was refused of their messages. */
export function receiptsTopic(key: string): string {
  return `${receiptsPrefix}${key}`;
}

/** Nothing that comes under it is a reading: a broker brings back what was told by it. */
export const receiptsPrefix = 'songma/receipts/';

/** Whether a client may subscribe: it hears what it is told itself, and nothing of others. */
export function maySubscribe({ key }: Pick<Publisher, 'key'>, topic: string): boolean {
  return topic === receiptsTopic(key);
}
