import { idSchema, isDerived } from '@songma/domain';
import type { MeterContext, Registry } from '@songma/registry';
import { mayKnow, mayName, ownerOfMeter, ownerOfSite, type Reader } from '../access.ts';
import { problem } from '../problems.ts';
import { metersSchema } from '../series/query.ts';

/** Query parameters by which a request about feeds names its meters; all that the reader may know of unless told. */
export const scopeQuery = {
  meter: metersSchema.optional(),
  site: idSchema.optional(),
  enterprise: idSchema.optional().meta({ description: 'Meters that meet all of these are meant.' }),
};

interface Scope {
  readonly meter?: readonly string[] | undefined;
  readonly site?: string | undefined;
  readonly enterprise?: string | undefined;
}

/**
 * The meters meant, in ascending id; derived ones are not fed and left out.
 * @throws HttpProblem `not_found`, alike for what is absent and what is foreign
 */
export function metersInScope(reader: Reader, scope: Scope, registry: Registry): MeterContext[] {
  const { site, enterprise } = scope;
  if (site !== undefined && !isKnownSite(reader, site, registry)) {
    throw problem('not_found', { kind: 'site', id: site });
  }
  if (enterprise !== undefined && !isKnown(reader, enterprise, registry)) {
    throw problem('not_found', { kind: 'enterprise', id: enterprise });
  }
  const ids =
    scope.meter?.toSorted() ??
    (site === undefined ? registry.list('meter') : registry.metersOfSite(site)).map(({ id }) => id);
  return ids.flatMap((id) => {
    const context = registry.meter(id);
    if (context === undefined || !mayKnow(reader, ownerOfMeter(context))) {
      if (scope.meter === undefined) return [];
      throw problem('not_found', { kind: 'meter', id });
    }
    const isMeant =
      (site === undefined || context.site.id === site) &&
      (enterprise === undefined || context.enterprise.id === enterprise);
    return isMeant && !isDerived(context.meter) ? [context] : [];
  });
}

function isKnown(reader: Reader, enterprise: string, registry: Registry): boolean {
  return registry.get('enterprise', enterprise) !== undefined && mayName(reader, enterprise);
}

function isKnownSite(reader: Reader, site: string, registry: Registry): boolean {
  return registry.get('site', site) !== undefined && mayKnow(reader, ownerOfSite(site, registry));
}
