import { randomBytes } from 'node:crypto';
import type { ApiKey, Person } from '@songma/domain';
import { createApiKey, type Registry, type Versioned } from '@songma/registry';

/** A session is a key of its person that ends by itself; its name tells it from the keys of machines. */
const namePrefix = 'session ';
const sessionMs = 12 * 3_600_000;
/** A further sign-in ends the oldest session. */
const sessionsPerPersonMax = 10;

export const sessionMsMax = sessionMs;

export function isSession(key: Pick<ApiKey, 'name' | 'person'>): boolean {
  return key.person !== undefined && key.name.startsWith(namePrefix);
}

/** The sessions of a person that are in force, the oldest first. */
export function sessionsOf(
  registry: Pick<Registry, 'list'>,
  person: string,
  now: number,
): Versioned<ApiKey>[] {
  return registry
    .list('key')
    .filter(({ body }) => body.person === person && isSession(body) && (body.expiresAt ?? 0) > now)
    .toSorted((a, b) => a.body.createdAt - b.body.createdAt);
}

/**
 * Begins a session: from then on its token is good at every door, as that of a key, and the registry's log tells who
 * signed in when.
 *
 * @returns undefined when the registry refuses it: the person was changed or retired meanwhile
 */
export async function beginSession(
  registry: Registry,
  person: Person,
  now: number,
): Promise<{ readonly token: string; readonly key: ApiKey } | undefined> {
  const open = sessionsOf(registry, person.id, now);
  const tooMany = open.slice(0, Math.max(0, open.length - sessionsPerPersonMax + 1));
  for (const { id, version } of tooMany) await endSession(registry, id, version, person.id);
  const suffix = randomBytes(5).toString('hex');
  const made = createApiKey({
    id: `s-${suffix}`,
    name: `${namePrefix}${suffix}`,
    role: person.role,
    person: person.id,
    ...(person.enterprise === undefined ? {} : { enterprise: person.enterprise }),
    sites: sitesOf(person),
    expiresAt: now + sessionMs,
    now,
  });
  const { id } = made.key;
  const result = await registry.submit({
    kind: 'key',
    entity: id,
    expectedVersion: 0,
    body: made.key,
    by: person.id,
  });
  return result.ok ? made : undefined;
}

export async function endSession(registry: Registry, id: string, version: number, by: string): Promise<void> {
  await registry.submit({ kind: 'key', entity: id, expectedVersion: version, body: null, by });
}

/** A plant's person who answers for some of its sites sees and does what is of them. */
function sitesOf({ role, territory }: Person): readonly string[] {
  if (role !== 'plant') return [];
  return territory.filter(({ kind }) => kind === 'site').map(({ name }) => name);
}
