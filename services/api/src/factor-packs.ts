import type { Factor } from '@songma/domain';
import { factorPacks } from '@songma/indicators';
import type { Registry, Versioned } from '@songma/registry';

const by = 'api';

/**
 * Registers the factors that are delivered: those that are missing, and those of an older version of their pack. What a
 * person has changed or retired stays as it is.
 * @throws UnavailableError when the log does not take them
 */
export async function ensureFactors(registry: Registry, packs = factorPacks): Promise<void> {
  await Promise.all(
    packs.flatMap(({ factors }) =>
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
  );
}

function isOutdated(standing: Versioned<Factor>, delivered: Factor): boolean {
  return standing.by === by && (standing.body.pack?.version ?? 0) < (delivered.pack?.version ?? 0);
}
