import { createHash } from 'node:crypto';
import type { ApiKey } from '@songma/domain';
import type { Registry } from '@songma/registry';
import { ConfigError, type Logger } from '@songma/runtime';

const id = 'admin';

/**
 * Registers the first administrator's key, or another secret of it when the operator has named a new one. A token that
 * the key had before, and that was revoked or replaced since, stays so: a restart undoes nothing.
 * @throws ConfigError when the registry refuses it
 */
export async function ensureAdminKey(
  registry: Registry,
  token: string,
  { now, logger }: { readonly now: number; readonly logger: Pick<Logger, 'warn'> },
): Promise<void> {
  const hash = createHash('sha256')
    .update(token.slice(token.lastIndexOf('_') + 1))
    .digest('hex');
  const standing = registry.get('key', id);
  if (standing?.body.hash === hash) return;
  const former = registry.changesSince(0).some(({ kind, after, before }) => {
    const bodies = kind === 'key' ? [before?.body, after?.body] : [];
    return bodies.some((body) => body?.id === id && body.hash === hash);
  });
  if (former) {
    logger.warn(
      'ADMIN_TOKEN was revoked or replaced and lets nobody in; name a new one to make another administrator',
    );
    return;
  }
  const key: ApiKey = {
    id,
    name: 'administrator',
    role: 'admin',
    sites: [],
    hash,
    createdAt: now,
  };
  const result = await registry.submit({
    kind: 'key',
    entity: id,
    expectedVersion: standing?.version ?? 0,
    body: key,
    by: 'api',
  });
  // A conflict: another process has registered it meanwhile.
  if (result.ok || result.reason === 'conflict') return;
  throw new ConfigError(result.problems.map(({ problem }) => ({ setting: 'ADMIN_TOKEN', problem })));
}
