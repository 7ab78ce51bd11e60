import { placeKey, territoryKinds, type EntityOf, type Territory } from '@songma/domain';

/** Where a case is: its site. */
export type Place = Pick<EntityOf<'site'>, 'id' | 'enterprise' | 'province' | 'ward' | 'zone'>;

/** Whether the place lies in the territory. */
export function liesIn({ kind, name }: Territory, place: Place): boolean {
  if (kind === 'site') return place.id === name;
  if (kind === 'enterprise') return place.enterprise === name;
  const called = place[kind];
  return called !== undefined && placeKey(called) === placeKey(name);
}

/** How wide a territory is, 0 the narrowest; of none {@link everywhere}. */
export function widthOf(territory: Territory | undefined): number {
  return territory === undefined ? everywhere : territoryKinds.indexOf(territory.kind);
}

export const everywhere = territoryKinds.length;

/** The width of the narrowest of these that the place lies in; undefined where it lies in none. Empty is everywhere. */
export function narrowest(territories: readonly Territory[], place: Place): number | undefined {
  if (territories.length === 0) return everywhere;
  const widths = territories.filter((one) => liesIn(one, place)).map(widthOf);
  return widths.length === 0 ? undefined : Math.min(...widths);
}
