import type { ApiKey } from '@songma/domain';
import type { Problem } from './registry.ts';
import type { RegistryView } from './registry-view.ts';

/**
 * Why a key may not be retired, or changed to `after`, at `now` (epoch milliseconds): somebody has to be left who may
 * make keys, for good where there is such a one now. The door asks; what the log has stands.
 */
export function lastAdministratorProblems(
  registered: Pick<RegistryView, 'get' | 'list'>,
  id: string,
  after: ApiKey | null,
  now: number,
): Problem[] {
  const before = registered.get('key', id)?.body;
  if (before?.role !== 'admin') return [];
  const others = registered
    .list('key')
    .flatMap(({ body }) => (body.role === 'admin' && body.id !== id ? [body] : []));
  const isLasting = ({ expiresAt }: ApiKey) => expiresAt === undefined;
  const isActive = ({ expiresAt }: ApiKey) => expiresAt === undefined || expiresAt > now;
  const isEnough = isLasting(before) ? isLasting : isActive;
  if ((after !== null && isEnough(after)) || others.some(isEnough)) return [];
  const path = after === null ? '' : 'expiresAt';
  return [{ path, problem: 'it is the last administrator that stays: make another key of role admin first' }];
}
