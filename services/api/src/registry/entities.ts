import type { Meter, Site } from '@songma/domain';
import type { Registry } from '@songma/registry';

/** What is registered, or what was at a time. */
export type Entities = Pick<Registry, 'get' | 'list' | 'sitesOfEnterprise' | 'metersOfSite'>;

/**
 * The entities as they stand, or as they stood at a time (epoch milliseconds, inclusive), also those that have been
 * retired since. Those of a time are put in order once: keep what is given for all questions of one request.
 */
export function entitiesOf(registry: Registry, asOf: number | undefined): Entities {
  if (asOf === undefined) return registry;
  let sites: Map<string, Site[]> | undefined;
  let meters: Map<string, Meter[]> | undefined;
  const bodies = <B>(versions: readonly { readonly body: B }[]): B[] => versions.map(({ body }) => body);
  return {
    get: (kind, id) => registry.getAsOf(kind, id, asOf),
    list: (kind) => registry.listAsOf(kind, asOf),
    sitesOfEnterprise(enterprise) {
      sites ??= Map.groupBy(bodies(registry.listAsOf('site', asOf)), (site) => site.enterprise);
      return sites.get(enterprise) ?? [];
    },
    metersOfSite(site) {
      meters ??= Map.groupBy(bodies(registry.listAsOf('meter', asOf)), (meter) => meter.site);
      return meters.get(site) ?? [];
    },
  };
}
