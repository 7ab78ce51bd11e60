import { isDeepStrictEqual } from 'node:util';
import { productionDriver, type EntityKind, type EntityOf } from '@songma/domain';
import { allocationProblems } from './allocation-rules.ts';
import { baselineProblems } from './baseline-rules.ts';
import { deskProblems, deskReferences, keyPersonProblems } from './desk-rules.ts';
import { factorProblems } from './factor-rules.ts';
import { limitProblems, operatingProblems } from './limit-rules.ts';
import { mappingProblems } from './mapping-rules.ts';
import { meterProblems } from './meter-rules.ts';
import { assessmentProblems, participationProblems } from './participation-rules.ts';
import type { Problem } from './registry.ts';
import type { RegisteredFacts } from './registry-view.ts';
import { sourceProblems } from './source-rules.ts';
import { stationCollisions } from './stations.ts';

/** An entity with its kind, told apart by it. */
export type Entity = {
  [K in EntityKind]: { readonly kind: K; readonly body: EntityOf<K> };
}[EntityKind];

export interface Reference {
  /** In the body that refers. */
  readonly path: string;
  readonly kind: EntityKind;
  readonly id: string;
}

/** Active keys of one name: the one in use and its successor. */
const ACTIVE_KEYS_MAX = 2;

const voidedForGood =
  'what was declared void stays as it was: retire this, and declare the other under a new id';
/** What a baseline is fitted on. Its adjustments, norm, name and reason may change. */
const FITTED = [
  'enterprise',
  'site',
  'resource',
  'unit',
  'productionUnit',
  'meters',
  'period',
  'from',
  'to',
  'model',
  'drivers',
  'coverageMin',
  'acceptance',
] as const satisfies readonly (keyof EntityOf<'baseline'>)[];

/** Id of the key that the operator of a server names, in a setting. */
export const firstAdministrator = 'admin';

/** Fields that stand for good, and what to do instead: stored readings, alerts and permissions mean them. */
const FROZEN: { readonly [K in EntityKind]: { readonly [F in keyof EntityOf<K>]?: string } } = {
  enterprise: {},
  site: {
    enterprise: 'a site stays with its enterprise: register a new site',
    timeZone: 'what is computed is cut in the old zone: register a new site',
  },
  source: { site: 'a source stays at its site: register a new source' },
  meter: {
    site: 'a meter stays at its site: register a new meter',
    kind: 'stored readings mean the old kind: register a new meter',
    unit: 'stored readings are in the old unit: register a new meter',
  },
  limit: { meter: 'alerts of this limit are about its meter: register a new limit' },
  baseline: Object.fromEntries(
    FITTED.map((field) => [field, 'savings are measured against what was fitted: register a new baseline']),
  ),
  factor: {
    kind: 'results name this factor: register a new one',
    carrier: 'results name this factor: register a new one',
    gas: 'results name this factor: register a new one',
    gwpSet: 'results name this factor: register a new one',
  },
  officer: {},
  void: {
    meter: voidedForGood,
    from: voidedForGood,
    to: voidedForGood,
    reason: voidedForGood,
  },
  participation: {},
  assessment: {},
  mapping: {
    enterprise: 'a mapping stays with its enterprise: register a new mapping',
  },
  person: {
    role: 'what this person did was done in that role: register another person',
    enterprise: 'a person stays with the enterprise: register another person',
  },
  roster: {},
  policy: {},
  channel: { person: 'messages went this way to that person: register another channel' },
  outage: {},
  duty: {},
  key: {
    person: 'what was done by this key was done by that person: make a new key',
    hash: 'a key keeps its secret: make a new key',
    role: 'a key keeps its role: make a new key',
    enterprise: 'a key keeps its enterprise: make a new key',
  },
};

/** What the entity refers to; each must exist, and cannot be retired meanwhile. */
export function referencesOf(entity: Entity): Reference[] {
  switch (entity.kind) {
    case 'enterprise':
    case 'factor':
    case 'officer':
      return [];
    case 'site':
      return [{ path: 'enterprise', kind: 'enterprise', id: entity.body.enterprise }];
    case 'source':
      return [
        { path: 'site', kind: 'site', id: entity.body.site },
        ...optional('operating.meter', 'meter', entity.body.operating?.meter),
      ];
    case 'meter':
      return [
        { path: 'site', kind: 'site', id: entity.body.site },
        ...optional('source', 'source', entity.body.source),
        ...optional('follows', 'meter', entity.body.follows),
        ...optional('parent', 'meter', entity.body.parent),
        ...Object.entries(entity.body.inputs ?? {}).map(([name, id]) => ({
          path: `inputs.${name}`,
          kind: 'meter' as const,
          id,
        })),
      ];
    case 'limit':
    case 'void':
      return [{ path: 'meter', kind: 'meter', id: entity.body.meter }];
    case 'baseline': {
      const { enterprise, site, meters, drivers } = entity.body;
      return [
        { path: 'enterprise', kind: 'enterprise', id: enterprise },
        ...optional('site', 'site', site),
        ...meters.map((id, i) => ({ path: `meters.${i}`, kind: 'meter' as const, id })),
        ...drivers.flatMap((id, i) =>
          id === productionDriver ? [] : [{ path: `drivers.${i}`, kind: 'meter' as const, id }],
        ),
      ];
    }
    case 'participation':
      return [
        { path: 'id', kind: 'enterprise', id: entity.body.id },
        ...entity.body.baselines.map((id, i) => ({ path: `baselines.${i}`, kind: 'baseline' as const, id })),
      ];
    case 'assessment':
      return [{ path: 'id', kind: 'enterprise', id: entity.body.id }];
    case 'mapping':
      return [
        { path: 'enterprise', kind: 'enterprise', id: entity.body.enterprise },
        ...optional('site', 'site', entity.body.site),
      ];
    case 'person':
    case 'roster':
    case 'policy':
    case 'channel':
    case 'outage':
    case 'duty':
      return deskReferences(entity);
    case 'key':
      return [
        ...optional('enterprise', 'enterprise', entity.body.enterprise),
        ...optional('person', 'person', entity.body.person),
        ...entity.body.sites.map((id, i) => ({ path: `sites.${i}`, kind: 'site' as const, id })),
      ];
  }
}

/**
 * Why the entity cannot be taken; empty when it can. Depends on nothing but what the log says up to here (`registered`,
 * `former` body under this id even if retired, `at` of the command), so every reader of the log decides alike.
 */
export function entityProblems(
  entity: Entity,
  former: Entity['body'] | undefined,
  registered: RegisteredFacts,
  at: number,
): Problem[] {
  return [
    ...missingReferences(entity, registered),
    ...(former === undefined ? [] : changedFrozenFields(entity, former)),
    ...ownProblems(entity, former, registered, at),
  ];
}

function missingReferences(entity: Entity, registered: RegisteredFacts): Problem[] {
  return referencesOf(entity)
    .filter(({ kind, id }) => registered.get(kind, id) === undefined)
    .map(({ path, kind, id }) => ({
      path,
      problem: `no ${kind} "${id}" is registered: register it first, or mend the id`,
    }));
}

function changedFrozenFields(entity: Entity, former: Entity['body']): Problem[] {
  const now: Readonly<Record<string, unknown>> = entity.body;
  const before: Readonly<Record<string, unknown>> = former;
  return (
    Object.entries<string>(FROZEN[entity.kind])
      .filter(([field]) => !isDeepStrictEqual(now[field], before[field]))
      // The first administrator is who the operator says: `ADMIN_TOKEN` may be replaced.
      .filter(
        ([field]) => !(entity.kind === 'key' && entity.body.id === firstAdministrator && field === 'hash'),
      )
      .map(([field, remedy]) => ({
        path: field,
        problem: `cannot change${before[field] === undefined ? '' : ` from ${JSON.stringify(before[field])}`}; ${remedy}`,
      }))
  );
}

function ownProblems(
  entity: Entity,
  former: Entity['body'] | undefined,
  registered: RegisteredFacts,
  at: number,
): Problem[] {
  switch (entity.kind) {
    case 'enterprise':
      return [
        ...allocationProblems(entity.body.allocation),
        ...sourceProblems(entity.body.allocation?.source, 'allocation.source'),
      ];
    case 'officer':
      return [];
    case 'site':
      return stationCollisions(entity, registered);
    case 'source':
      return [...operatingProblems(entity.body, registered), ...stationCollisions(entity, registered)];
    case 'meter':
      return [
        ...meterProblems(entity.body, former as EntityOf<'meter'> | undefined, registered),
        ...stationCollisions(entity, registered),
      ];
    case 'limit':
      return [...limitProblems(entity.body), ...sourceProblems(entity.body.source)];
    case 'void': {
      const { meter, from, to } = entity.body;
      if (registered.get('meter', meter)?.body.formula !== undefined) {
        const problem = `meter "${meter}" is derived and has no readings: declare those of its inputs void`;
        return [{ path: 'meter', problem }];
      }
      if (to > from) return [];
      return [{ path: 'to', problem: 'lies not after from: nothing would be void' }];
    }
    case 'baseline':
      return baselineProblems(entity.body, registered);
    case 'factor':
      return [...factorProblems(entity.body), ...sourceProblems(entity.body.source)];
    case 'participation':
      return participationProblems(entity.body, registered);
    case 'assessment':
      return assessmentProblems(entity.body);
    case 'mapping':
      return mappingProblems(entity.body, registered);
    case 'person':
    case 'roster':
    case 'policy':
    case 'channel':
    case 'outage':
    case 'duty':
      return deskProblems(entity, registered);
    case 'key':
      return [...keyProblems(entity.body, registered, at), ...keyPersonProblems(entity.body, registered)];
  }
}

function keyProblems(key: EntityOf<'key'>, registered: RegisteredFacts, at: number): Problem[] {
  const problems: Problem[] = [];
  if (key.role === 'plant' && key.enterprise === undefined) {
    problems.push({ path: 'enterprise', problem: 'a key of role plant must name its enterprise' });
  }
  for (const [i, id] of key.sites.entries()) {
    const site = registered.get('site', id)?.body;
    if (site !== undefined && site.enterprise !== key.enterprise) {
      problems.push({
        path: `sites.${i}`,
        problem: `site "${id}" belongs to enterprise "${site.enterprise}": name sites of the key's own enterprise`,
      });
    }
  }
  const isActive = ({ expiresAt }: EntityOf<'key'>): boolean => expiresAt === undefined || expiresAt > at;
  const others = registered.keysNamed(key.name, key.enterprise).filter(({ id }) => id !== key.id);
  const active = others.filter(isActive).map(({ id }) => `"${id}"`);
  if (isActive(key) && active.length >= ACTIVE_KEYS_MAX) {
    problems.push({
      path: 'name',
      problem: `keys ${active.join(' and ')} of this name are active already: retire one, or let it expire`,
    });
  }
  return problems;
}

export function optional(path: string, kind: EntityKind, id: string | undefined): Reference[] {
  return id === undefined ? [] : [{ path, kind, id }];
}
