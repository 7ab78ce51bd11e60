import type { EntityKind, EntityOf } from '@songma/domain';

/** What of the registry the desk decides by: as it stands. */
export interface Registered {
  get<K extends EntityKind>(
    kind: K,
    id: string,
  ): { readonly version: number; readonly body: EntityOf<K> } | undefined;
  list<K extends EntityKind>(kind: K): readonly { readonly version: number; readonly body: EntityOf<K> }[];
}
