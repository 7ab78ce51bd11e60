import { markVoided } from '@songma/domain';
import type { RegistryView } from '@songma/registry';
import { readThrough, type SeriesStore } from '@songma/series-store';

/** The store whose readings say which of them are declared void now. */
export function seeingVoids(store: SeriesStore, registry: Pick<RegistryView, 'voidsOfMeter'>): SeriesStore {
  return readThrough(store, (chunk) => markVoided(chunk, registry.voidsOfMeter(chunk.meter)));
}
