import {
  type ApiKey,
  type EntityKind,
  type EntityOf,
  type Limit,
  type Meter,
  type Site,
  type Source,
  type VoidedRange,
  shardOf,
} from '@songma/domain';
import { type Entity, referencesOf } from './entity-rules.ts';
import type { MeterContext, RegisteredFacts, RegistryChange, Versioned } from './registry-view.ts';
import { type StationMeters, stationMeters, symbolText } from './stations.ts';

type Body<K extends EntityKind> = EntityOf<K>;
/** The body of a version that retires its entity. */
type Retired = null;

const noIds: ReadonlySet<string> = new Set();

/**
 * The versions of every entity, and the indexes over those that stand. Takes what it is given: whether a version may
 * be put is decided before (`RegistryFold`). Ids hold no `/`, so paths of them are unambiguous.
 */
export class RegisteredEntities implements RegisteredFacts {
  readonly #versions = new Map<string, Versioned<Body<EntityKind> | Retired>[]>();
  /** Ids of what stands, by kind. */
  readonly #standing = new Map<EntityKind, Set<string>>();
  /** Ids of what ever stood, by kind. */
  readonly #ever = new Map<EntityKind, Set<string>>();
  /** By `kind/id/referring kind`: who refers to it. */
  readonly #referrers = new Map<string, Set<string>>();
  readonly #stationUsers = new Map<string, { readonly kind: 'site' | 'source'; readonly id: string }>();
  /** Made when asked for, dropped when something in them changes. */
  readonly #lists = new Map<EntityKind, readonly Versioned<Body<EntityKind>>[]>();
  readonly #referringBodies = new Map<string, readonly Body<EntityKind>[]>();
  readonly #contexts = new Map<string, MeterContext>();
  readonly #stationMeters = new Map<string, StationMeters>();
  /** Ids of what ever declared readings of a meter void. */
  readonly #everVoided = new Map<string, Set<string>>();

  get<K extends EntityKind>(kind: K, id: string): Versioned<EntityOf<K>> | undefined {
    return standing<K>(this.last(kind, id));
  }

  getAsOf<K extends EntityKind>(kind: K, id: string, at: number): Versioned<EntityOf<K>> | undefined {
    return standing<K>(this.#versions.get(`${kind}/${id}`)?.findLast((version) => version.at <= at));
  }

  isRetired(kind: EntityKind, id: string): boolean {
    return this.last(kind, id)?.body === null;
  }

  list<K extends EntityKind>(kind: K): readonly Versioned<EntityOf<K>>[] {
    const made = this.#lists.get(kind);
    const list =
      made ?? [...(this.#standing.get(kind) ?? noIds)].toSorted().map((id) => this.#mustGet(kind, id));
    if (made === undefined) this.#lists.set(kind, list);
    return list as readonly Versioned<EntityOf<K>>[];
  }

  listAsOf<K extends EntityKind>(kind: K, at: number): readonly Versioned<EntityOf<K>>[] {
    const ids = [...(this.#ever.get(kind) ?? noIds)].toSorted();
    return ids.flatMap((id) => this.getAsOf(kind, id, at) ?? []);
  }

  meter(id: string): MeterContext | undefined {
    const made = this.#contexts.get(id);
    if (made !== undefined) return made;
    const meter = this.get('meter', id)?.body;
    if (meter === undefined) return undefined;
    const site = this.#mustGet('site', meter.site).body;
    const enterprise = this.#mustGet('enterprise', site.enterprise).body;
    const context = { meter, site, enterprise, shard: shardOf(enterprise.id) };
    this.#contexts.set(id, context);
    return context;
  }

  metersOfSite(site: string): readonly Meter[] {
    return this.#bodiesReferringTo('site', site, 'meter');
  }

  sourcesOfSite(site: string): readonly Source[] {
    return this.#bodiesReferringTo('site', site, 'source');
  }

  sitesOfEnterprise(enterprise: string): readonly Site[] {
    return this.#bodiesReferringTo('enterprise', enterprise, 'site');
  }

  limitsOfMeter(meter: string): readonly Limit[] {
    return this.#bodiesReferringTo('meter', meter, 'limit');
  }

  voidsOfMeter(meter: string, asOf?: number): readonly Versioned<VoidedRange>[] {
    if (asOf === undefined) return this.#idsAt(`meter/${meter}/void`).map((id) => this.#mustGet('void', id));
    const ids = [...(this.#everVoided.get(meter) ?? noIds)].toSorted();
    return ids.flatMap((id) => this.getAsOf('void', id, asOf) ?? []);
  }

  /** Every change from that offset on, in their order. Costs a look at every entity. */
  changesSince(position: number): RegistryChange[] {
    const changes: RegistryChange[] = [];
    for (const [path, versions] of this.#versions) {
      for (let at = versions.length - 1; at >= 0 && versions[at]!.position >= position; at--) {
        const [before, after] = [standing(versions[at - 1]), standing(versions[at])];
        const [kind] = path.split('/');
        // A version that was passed over changes nothing.
        if (before?.body === after?.body) continue;
        const { id, position: of } = versions[at]!;
        changes.push({ kind, id, position: of, before, after } as RegistryChange);
      }
    }
    return changes.toSorted((a, b) => a.position - b.position);
  }

  stationMeters(station: string, symbol: string): readonly MeterContext[] {
    const site = this.stationSite(station);
    if (site === undefined) return [];
    const meters = this.#stationMetersOf(site.id).get(station)?.get(symbolText(symbol)) ?? [];
    return meters.flatMap(({ id }) => this.meter(id) ?? []);
  }

  stationSite(station: string): Site | undefined {
    const user = this.stationUser(station);
    if (user === undefined) return undefined;
    const site = user.kind === 'site' ? user.id : this.#mustGet('source', user.id).body.site;
    return this.#mustGet('site', site).body;
  }

  stationUser(station: string): { readonly kind: 'site' | 'source'; readonly id: string } | undefined {
    return this.#stationUsers.get(station);
  }

  keysNamed(name: string, enterprise: string | undefined): readonly ApiKey[] {
    return this.#idsAt(keyNamePath(name, enterprise)).map((id) => this.#mustGet('key', id).body);
  }

  /** The newest version of the entity, whether it stands or is retired. */
  last(kind: EntityKind, id: string): Versioned<Body<EntityKind> | Retired> | undefined {
    return this.#versions.get(`${kind}/${id}`)?.at(-1);
  }

  /** The newest body of the entity, also when it is retired since. */
  lastBody(kind: EntityKind, id: string): Body<EntityKind> | undefined {
    return this.#versions.get(`${kind}/${id}`)?.findLast(({ body }) => body !== null)?.body ?? undefined;
  }

  /** Who refers to the entity, as `kind "id"`, in ascending kind and id. */
  referrersOf(kind: EntityKind, id: string): string[] {
    const referring: EntityKind[] = [
      'assessment',
      'baseline',
      'channel',
      'key',
      'limit',
      'mapping',
      'meter',
      'outage',
      'participation',
      'person',
      'policy',
      'roster',
      'site',
      'source',
      'void',
    ];
    return referring.flatMap((by) => this.#idsAt(`${kind}/${id}/${by}`).map((other) => `${by} "${other}"`));
  }

  /** Puts the next version of an entity; body null retires it. */
  put(kind: EntityKind, version: Versioned<Body<EntityKind> | Retired>): void {
    const path = `${kind}/${version.id}`;
    const before = this.get(kind, version.id)?.body;
    if (before !== undefined) this.#unindex({ kind, body: before } as Entity);
    const versions = this.#versions.get(path);
    if (versions === undefined) this.#versions.set(path, [version]);
    else versions.push(version);
    if (version.body !== null) this.#index({ kind, body: version.body } as Entity);
    this.#lists.delete(kind);
  }

  #index(entity: Entity): void {
    this.#forget(entity);
    const { kind, body } = entity;
    addTo(this.#standing, kind, body.id);
    addTo(this.#ever, kind, body.id);
    for (const path of indexPaths(entity)) addTo(this.#referrers, path, body.id);
    if (kind === 'void') addTo(this.#everVoided, body.meter, body.id);
    if ((kind === 'site' || kind === 'source') && body.station !== undefined) {
      this.#stationUsers.set(body.station, { kind, id: body.id });
    }
  }

  #unindex(entity: Entity): void {
    this.#forget(entity);
    const { kind, body } = entity;
    this.#standing.get(kind)?.delete(body.id);
    for (const path of indexPaths(entity)) this.#referrers.get(path)?.delete(body.id);
    if ((kind === 'site' || kind === 'source') && body.station !== undefined) {
      this.#stationUsers.delete(body.station);
    }
  }

  /** Drops everything made that holds the entity. */
  #forget(entity: Entity): void {
    for (const path of indexPaths(entity)) this.#referringBodies.delete(path);
    const { kind, body } = entity;
    if (kind === 'enterprise') {
      for (const site of this.#idsAt(`enterprise/${body.id}/site`)) this.#forgetContextsOf(site);
    }
    if (kind === 'site') this.#forgetContextsOf(body.id);
    if (kind === 'meter') this.#contexts.delete(body.id);
    if (kind === 'site') this.#stationMeters.delete(body.id);
    if (kind === 'source' || kind === 'meter') this.#stationMeters.delete(body.site);
  }

  #forgetContextsOf(site: string): void {
    for (const meter of this.#idsAt(`site/${site}/meter`)) this.#contexts.delete(meter);
  }

  #stationMetersOf(siteId: string): StationMeters {
    const made = this.#stationMeters.get(siteId);
    if (made !== undefined) return made;
    const site = this.#mustGet('site', siteId).body;
    const sources = new Map(this.sourcesOfSite(siteId).map((source) => [source.id, source]));
    const stations = stationMeters(site, sources, this.metersOfSite(siteId));
    this.#stationMeters.set(siteId, stations);
    return stations;
  }

  #bodiesReferringTo<K extends EntityKind>(kind: EntityKind, id: string, by: K): readonly EntityOf<K>[] {
    const path = `${kind}/${id}/${by}`;
    const made = this.#referringBodies.get(path);
    const bodies = made ?? this.#idsAt(path).map((other) => this.#mustGet(by, other).body);
    if (made === undefined) this.#referringBodies.set(path, bodies);
    return bodies as readonly EntityOf<K>[];
  }

  #idsAt(path: string): string[] {
    return [...(this.#referrers.get(path) ?? noIds)].toSorted();
  }

  /** For ids out of an index, which hold only what stands. */
  #mustGet<K extends EntityKind>(kind: K, id: string): Versioned<EntityOf<K>> {
    const found = this.get(kind, id);
    if (found === undefined)
      throw new Error(`the registry's index names ${kind} "${id}", which does not stand`);
    return found;
  }
}

/** Where the entity's id is kept in the index: under what it refers to, and a key under its name. */
function indexPaths(entity: Entity): string[] {
  const paths = referencesOf(entity).map(({ kind, id }) => `${kind}/${id}/${entity.kind}`);
  if (entity.kind === 'key') paths.push(keyNamePath(entity.body.name, entity.body.enterprise));
  return paths;
}

function keyNamePath(name: string, enterprise = ''): string {
  return `key name/${enterprise}/${name}`;
}

function addTo<K>(index: Map<K, Set<string>>, key: K, id: string): void {
  const ids = index.get(key);
  if (ids === undefined) index.set(key, new Set([id]));
  else ids.add(id);
}

function standing<K extends EntityKind>(
  version: Versioned<Body<EntityKind> | Retired> | undefined,
): Versioned<EntityOf<K>> | undefined {
  return version === undefined || version.body === null ? undefined : (version as Versioned<EntityOf<K>>);
}
