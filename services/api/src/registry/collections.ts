import {
  factorKindSchema,
  idSchema,
  mappingDoorSchema,
  meterKindSchema,
  quantitySchema,
  resourceSchema,
  roleSchema,
  type EntityKind,
  type EntityOf,
  type Role,
} from '@songma/domain';
import type { Versioned } from '@songma/registry';
import { z } from 'zod';
import { readers } from '../access.ts';
import { wordsSchema } from '../routes.ts';
import { deskCollections } from './desk-collections.ts';
import type { Entities } from './entities.ts';

/** One kind of entity as a collection of addresses. */
export interface Collection<K extends EntityKind = EntityKind> {
  readonly kind: K;
  readonly path: string;
  readonly roles: readonly Role[];
  /** Who registers and retires one: administrators unless told; a plant, of its own enterprise. */
  readonly writers?: readonly Role[];
  /** Whether readers without a key see it, where that is switched on: not what is about persons. */
  readonly anonymous: boolean;
  /** Query parameters that narrow the list. */
  readonly filters: Readonly<Record<string, z.ZodType>>;
  matches(body: EntityOf<K>, filters: Readonly<Record<string, unknown>>, entities: Entities): boolean;
  /** Belongs to no enterprise and is known to every reader, a plant too. */
  readonly shared?: true;
  /** Whose it is; undefined when it belongs to no enterprise. */
  enterpriseOf(body: EntityOf<K>, entities: Entities): string | undefined;
  /**
   * The site that it is of. Where this is left out, or answers undefined, it is of the whole enterprise and does not
   * exist for a key that is bound to sites.
   */
  siteOf?(body: EntityOf<K>, entities: Entities): string | undefined;
}

const wanted = (filter: unknown, value: string | undefined) => filter === undefined || filter === value;
const wantedIn = (filter: unknown, value: string) =>
  filter === undefined || (filter as readonly string[]).includes(value);
const idFilter = idSchema.optional();

const enterpriseOfSite = (site: string, entities: Entities) => entities.get('site', site)?.body.enterprise;

function enterpriseOfMeter(id: string, entities: Entities): string | undefined {
  const meter = entities.get('meter', id)?.body;
  return meter && enterpriseOfSite(meter.site, entities);
}

/** What belongs to a meter. */
const ofMeter = {
  filters: { enterprise: idFilter, meter: idFilter },
  matches: (
    body: { readonly meter: string },
    filters: Readonly<Record<string, unknown>>,
    entities: Entities,
  ): boolean =>
    wanted(filters['meter'], body.meter) &&
    (filters['enterprise'] === undefined ||
      filters['enterprise'] === enterpriseOfMeter(body.meter, entities)),
  enterpriseOf: (body: { readonly meter: string }, entities: Entities): string | undefined =>
    enterpriseOfMeter(body.meter, entities),
  siteOf: (body: { readonly meter: string }, entities: Entities): string | undefined =>
    entities.get('meter', body.meter)?.body.site,
} as const;

/** What an enterprise has one of, under its own id. */
const ofEnterprise = {
  filters: { enterprise: idFilter },
  matches: (body: { readonly id: string }, filters: Readonly<Record<string, unknown>>): boolean =>
    wanted(filters['enterprise'], body.id),
  enterpriseOf: (body: { readonly id: string }): string | undefined => body.id,
} as const;

const define = <K extends EntityKind>(collection: Collection<K>) => collection;

/** What the registry holds, by address. Keys have their own routes beside reading and revoking. */
export const collections = {
  enterprise: define({
    kind: 'enterprise',
    path: 'enterprises',
    roles: readers,
    anonymous: true,
    filters: { sector: z.string().max(6).optional() },
    matches: (body, filters) => wanted(filters['sector'], body.sector),
    enterpriseOf: (body) => body.id,
  }),
  site: define({
    kind: 'site',
    path: 'sites',
    roles: readers,
    anonymous: true,
    filters: { enterprise: idFilter },
    matches: (body, filters) => wanted(filters['enterprise'], body.enterprise),
    enterpriseOf: (body) => body.enterprise,
    siteOf: (body) => body.id,
  }),
  source: define({
    kind: 'source',
    path: 'sources',
    roles: readers,
    anonymous: true,
    filters: { enterprise: idFilter, site: idFilter },
    matches: (body, filters, entities) =>
      wanted(filters['site'], body.site) &&
      (filters['enterprise'] === undefined ||
        filters['enterprise'] === enterpriseOfSite(body.site, entities)),
    enterpriseOf: (body, entities) => enterpriseOfSite(body.site, entities),
    siteOf: (body) => body.site,
  }),
  meter: define({
    kind: 'meter',
    path: 'meters',
    roles: readers,
    anonymous: true,
    filters: {
      enterprise: idFilter,
      site: idFilter,
      source: idFilter,
      quantity: wordsSchema(quantitySchema.options).optional(),
      kind: wordsSchema(meterKindSchema.options).optional(),
    },
    matches: (body, filters, entities) =>
      wanted(filters['site'], body.site) &&
      wanted(filters['source'], body.source) &&
      wantedIn(filters['quantity'], body.quantity) &&
      wantedIn(filters['kind'], body.kind) &&
      (filters['enterprise'] === undefined ||
        filters['enterprise'] === enterpriseOfSite(body.site, entities)),
    enterpriseOf: (body, entities) => enterpriseOfSite(body.site, entities),
    siteOf: (body) => body.site,
  }),
  limit: define({
    kind: 'limit',
    path: 'limits',
    roles: readers,
    anonymous: true,
    ...ofMeter,
  }),
  void: define({
    kind: 'void',
    path: 'voids',
    roles: readers,
    writers: ['plant', 'analyst', 'admin'],
    anonymous: true,
    ...ofMeter,
  }),
  baseline: define({
    kind: 'baseline',
    path: 'baselines',
    roles: readers,
    anonymous: true,
    filters: {
      enterprise: idFilter,
      site: idFilter,
      resource: wordsSchema(resourceSchema.options).optional(),
    },
    matches: (body, filters) =>
      wanted(filters['enterprise'], body.enterprise) &&
      wanted(filters['site'], body.site) &&
      wantedIn(filters['resource'], body.resource),
    enterpriseOf: (body) => body.enterprise,
    siteOf: (body) => body.site,
  }),
  factor: define({
    kind: 'factor',
    path: 'factors',
    roles: readers,
    anonymous: true,
    shared: true,
    filters: { kind: wordsSchema(factorKindSchema.options).optional(), carrier: idFilter },
    matches: (body, filters) =>
      wantedIn(filters['kind'], body.kind) && wanted(filters['carrier'], body.carrier),
    enterpriseOf: () => undefined,
  }),
  officer: define({
    kind: 'officer',
    path: 'officers',
    roles: ['analyst', 'officer', 'admin'],
    anonymous: false,
    filters: {},
    matches: () => true,
    enterpriseOf: () => undefined,
  }),
  participation: define({
    kind: 'participation',
    path: 'participations',
    roles: readers,
    // The province declares; what a plant says of itself is in its assessment.
    writers: ['analyst', 'admin'],
    anonymous: true,
    ...ofEnterprise,
  }),
  assessment: define({
    kind: 'assessment',
    path: 'assessments',
    roles: readers,
    writers: ['plant', 'analyst', 'admin'],
    anonymous: true,
    ...ofEnterprise,
  }),
  mapping: define({
    kind: 'mapping',
    path: 'source-mappings',
    roles: readers,
    writers: ['plant', 'admin'],
    anonymous: false,
    filters: { enterprise: idFilter, site: idFilter, door: mappingDoorSchema.optional() },
    matches: (body, filters) =>
      wanted(filters['enterprise'], body.enterprise) &&
      wanted(filters['site'], body.site) &&
      wanted(filters['door'], body.door),
    enterpriseOf: (body) => body.enterprise,
  }),
  ...deskCollections,
  key: define({
    kind: 'key',
    path: 'keys',
    roles: ['admin'],
    anonymous: false,
    filters: { enterprise: idFilter, role: roleSchema.optional(), name: z.string().max(200).optional() },
    matches: (body, filters) =>
      wanted(filters['enterprise'], body.enterprise) &&
      wanted(filters['role'], body.role) &&
      wanted(filters['name'], body.name),
    enterpriseOf: (body) => body.enterprise,
  }),
} as const satisfies { readonly [K in EntityKind]: Collection<K> };

/** The collection of any kind, its body typed as any entity. */
export function collectionOf(kind: EntityKind): Collection {
  return collections[kind];
}

/** Roles that may register and retire entities of a kind. */
export function writersOf(kind: EntityKind): readonly Role[] {
  return collectionOf(kind).writers ?? ['admin'];
}

/** Entities of a kind, whose body may be any of them. */
export function entityOf(
  entities: Entities,
  kind: EntityKind,
  id: string,
): Versioned<EntityOf<EntityKind>> | undefined {
  return entities.get(kind, id);
}
