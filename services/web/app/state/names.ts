import { useAsked } from '../api/asked.ts';
import { getAll } from '../api/client.ts';
import type { Enterprise, Meter, Site } from '../api/types.ts';
import { currentLanguage } from './language.ts';
import { asOf } from './router.ts';

/** Who and what there is, by id, as it is known at the moment that is looked at. */
export interface Directory {
  readonly enterprises: readonly Enterprise[];
  readonly sites: readonly Site[];
  readonly meters: readonly Meter[];
}

const refreshMs = 60_000;

export function useDirectory() {
  const moment = asOf.value;
  return useAsked<Directory>(
    `directory ${moment ?? ''}`,
    async (signal) => {
      const [enterprises, sites, meters] = await Promise.all([
        getAll('/v1/enterprises', { asOf: moment }, { signal }),
        getAll('/v1/sites', { asOf: moment }, { signal }),
        getAll('/v1/meters', { asOf: moment }, { signal }),
      ]);
      return { enterprises, sites, meters };
    },
    { everyMs: refreshMs },
  );
}

/** The name of an enterprise in the reader's language, where it is registered in it. */
export function nameOf(enterprise: Pick<Enterprise, 'name' | 'nameEn'>): string {
  return (currentLanguage() === 'en' ? enterprise.nameEn : undefined) ?? enterprise.name;
}

export function enterpriseName(directory: Directory | undefined, id: string): string {
  const found = directory?.enterprises.find((enterprise) => enterprise.id === id);
  return found === undefined ? id : nameOf(found);
}

export function meterName(directory: Directory | undefined, id: string): string {
  return directory?.meters.find((meter) => meter.id === id)?.name ?? id;
}

export function siteName(directory: Directory | undefined, id: string): string {
  return directory?.sites.find((site) => site.id === id)?.name ?? id;
}

/** The meters of an enterprise, or all of them. */
export function metersOf(directory: Directory | undefined, enterprise: string | undefined): readonly Meter[] {
  if (directory === undefined) return [];
  if (enterprise === undefined) return directory.meters;
  const sites = new Set(directory.sites.filter((site) => site.enterprise === enterprise).map(({ id }) => id));
  return directory.meters.filter(({ site }) => sites.has(site));
}
