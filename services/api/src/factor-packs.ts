import type { Factor } from '@songma/domain';
import { factorPacks, type FactorPack } from '@songma/indicators';
import type { Registry, Versioned } from '@songma/registry';

const by = 'api';

/**
 * Registers the factors that are delivered: those that are missing, and those of an older version of their pack, and
 * retires those that a newer one does not have any more. What a person has changed or retired stays as it is.
 * @throws UnavailableError when the log does not take them
 */
export async function ensureFactors(registry: Registry, packs = factorPacks): Promise<void> {
  await Promise.all([
    ...packs.flatMap((pack) => retireDropped(registry, pack)),
    ...packs.flatMap(({ factors }) =>
      factors.map(async (factor) => {
        const standing = registry.get('factor', factor.id);
        if (standing === undefined ? registry.isRetired('factor', factor.id) : !isOutdated(standing, factor))
          return;
        const result = await registry.submit({
          kind: 'factor',
          entity: factor.id,
          expectedVersion: standing?.version ?? 0,
          body: factor,
          by,
        });
        // A conflict: another process has registered it meanwhile.
        if (result.ok || result.reason === 'conflict') return;
        throw new Error(`delivered factor ${factor.id} is refused: ${JSON.stringify(result.problems)}`);
      }),
    ),
  ]);
}

/** Retires what a newer version of a pack does not deliver any more, unless a person has changed it. */
function retireDropped(registry: Registry, pack: FactorPack): Promise<void>[] {
  const delivered = new Set(pack.factors.map(({ id }) => id));
  const dropped = registry
    .list('factor')
    .filter(
      ({ id, by: author, body }) =>
        author === by && body.pack?.id === pack.id && body.pack.version < pack.version && !delivered.has(id),
    );
  return dropped.map(async ({ id, version: expectedVersion }) => {
    const result = await registry.submit({ kind: 'factor', entity: id, expectedVersion, body: null, by });
    if (!result.ok && result.reason !== 'conflict') {
      throw new Error(
        `factor ${id}, which is not delivered any more, stays: ${JSON.stringify(result.problems)}`,
      );
    }
  });
}

function isOutdated(standing: Versioned<Factor>, delivered: Factor): boolean {
  return standing.by === by && (standing.body.pack?.version ?? 0) < (delivered.pack?.version ?? 0);
}
