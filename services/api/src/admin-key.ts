import { createHash } from 'node:crypto';
import type { ApiKey } from '@songma/domain';
import type { Registry } from '@songma/registry';
import { ConfigError } from '@songma/runtime';

/**
 * Registers the first administrator's key, if there is no key `admin` yet; what is registered stays as it is.
 * @throws ConfigError when the registry refuses it
 */
export async function ensureAdminKey(registry: Registry, token: string, now: number): Promise<void> {
  if (registry.get('key', 'admin') !== undefined) return;
  const secret = token.slice(token.lastIndexOf('_') + 1);
  const key: ApiKey = {
    id: 'admin',
    name: 'administrator',
    role: 'admin',
    sites: [],
    hash: createHash('sha256').update(secret).digest('hex'),
    createdAt: now,
  };
  const result = await registry.submit({
    kind: 'key',
    entity: 'admin',
    expectedVersion: 0,
    body: key,
    by: 'api',
  });
  // A conflict: another process has registered it meanwhile.
  if (result.ok || result.reason === 'conflict') return;
  throw new ConfigError(result.problems.map(({ problem }) => ({ setting: 'ADMIN_TOKEN', problem })));
}
