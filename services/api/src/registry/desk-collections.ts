import { idSchema, roleSchema, type EntityKind, type EntityOf, type Role } from '@songma/domain';
import { readers } from '../access.ts';
import type { Collection } from './collections.ts';
import type { Entities } from './entities.ts';

const staff: readonly Role[] = ['analyst', 'officer', 'admin'];
const idFilter = idSchema.optional();
const wanted = (filter: unknown, value: string | undefined) => filter === undefined || filter === value;
const define = <K extends EntityKind>(collection: Collection<K>) => collection;

/** What the officers' desk holds, by address. Whom it reaches, and where, is for those who work at it. */
export const deskCollections = {
  person: define({
    kind: 'person',
    path: 'persons',
    roles: staff,
    anonymous: false,
    filters: { role: roleSchema.optional(), enterprise: idFilter },
    matches: (body, filters) =>
      wanted(filters['role'], body.role) && wanted(filters['enterprise'], body.enterprise),
    enterpriseOf: (body) => body.enterprise,
  }),
  roster: define({
    kind: 'roster',
    path: 'rosters',
    roles: staff,
    anonymous: false,
    filters: {},
    matches: () => true,
    enterpriseOf: () => undefined,
  }),
  policy: define({
    kind: 'policy',
    path: 'policies',
    roles: staff,
    anonymous: false,
    filters: {},
    matches: () => true,
    enterpriseOf: () => undefined,
  }),
  channel: define({
    kind: 'channel',
    path: 'channels',
    roles: ['officer', 'admin'],
    anonymous: false,
    filters: { person: idFilter },
    matches: (body, filters) => wanted(filters['person'], body.person),
    enterpriseOf: () => undefined,
  }),
  outage: define({
    kind: 'outage',
    path: 'outages',
    roles: readers,
    writers: ['officer', 'admin'],
    anonymous: true,
    filters: { enterprise: idFilter, site: idFilter },
    matches: (body, filters, entities) => {
      const site = siteOfOutage(body, entities);
      return wanted(filters['site'], site) && wanted(filters['enterprise'], enterpriseAt(site, entities));
    },
    enterpriseOf: (body, entities) => enterpriseAt(siteOfOutage(body, entities), entities),
  }),
  duty: define({
    kind: 'duty',
    path: 'duties',
    roles: readers,
    anonymous: true,
    shared: true,
    filters: {},
    matches: () => true,
    enterpriseOf: () => undefined,
  }),
} as const;

function siteOfOutage(
  { site, source, meter }: EntityOf<'outage'>,
  entities: Pick<Entities, 'get'>,
): string | undefined {
  if (site !== undefined) return site;
  if (source !== undefined) return entities.get('source', source)?.body.site;
  return meter === undefined ? undefined : entities.get('meter', meter)?.body.site;
}

function enterpriseAt(site: string | undefined, entities: Pick<Entities, 'get'>): string | undefined {
  return site === undefined ? undefined : entities.get('site', site)?.body.enterprise;
}
