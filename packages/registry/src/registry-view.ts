import type {
  ApiKey,
  Enterprise,
  EntityKind,
  EntityOf,
  Limit,
  Meter,
  Site,
  Source,
  VoidedRange,
} from '@songma/domain';

/** One version of an entity, as the log has it. */
export interface Versioned<T> {
  readonly id: string;
  /** From 1, rising with every change, also over retirement: a version never names two bodies. */
  readonly version: number;
  readonly body: T;
  /** When the change was made, epoch milliseconds; never before the version that it replaced. */
  readonly at: number;
  /** Who made it: the id of an API key, or the name of a service. */
  readonly by: string;
  /** Offset of its command in the log's topic `registry`. */
  readonly position: number;
}

/** A meter with what it belongs to. The same object until one of its parts changes, so it can key a `WeakMap`. */
export interface MeterContext {
  readonly meter: Meter;
  readonly site: Site;
  readonly enterprise: Enterprise;
  /** Of the enterprise, by `shardOf`. */
  readonly shard: string;
}

/** What changed: `before` is undefined for a new entity, `after` for a retired one. */
export type RegistryChange = {
  [K in EntityKind]: {
    readonly kind: K;
    readonly id: string;
    /** Offset of its command in the log's topic `registry`. */
    readonly position: number;
    readonly before: Versioned<EntityOf<K>> | undefined;
    readonly after: Versioned<EntityOf<K>> | undefined;
  };
}[EntityKind];

/**
 * What is registered, in memory. Every answer is free (no I/O) and, but for the first call after a change of a
 * list, independent of how much is registered. Answers are not to be changed by the caller.
 */
export interface RegistryView {
  /** The entity as it stands; undefined when it never was or is retired. */
  get<K extends EntityKind>(kind: K, id: string): Versioned<EntityOf<K>> | undefined;

  /** The entity as it stood at `at` (epoch milliseconds, inclusive). Costs a search over its versions. */
  getAsOf<K extends EntityKind>(kind: K, id: string, at: number): Versioned<EntityOf<K>> | undefined;

  /** Whether it stood once and does not any more. */
  isRetired(kind: EntityKind, id: string): boolean;

  /** Everything of the kind, in ascending id. */
  list<K extends EntityKind>(kind: K): readonly Versioned<EntityOf<K>>[];

  /**
   * Everything of the kind as it stood at `at` (epoch milliseconds, inclusive). Costs a search of each that ever was.
   */
  listAsOf<K extends EntityKind>(kind: K, at: number): readonly Versioned<EntityOf<K>>[];

  meter(id: string): MeterContext | undefined;

  /** In ascending id; empty when there are none or the site is unknown. So also the next three. */
  metersOfSite(site: string): readonly Meter[];
  sourcesOfSite(site: string): readonly Source[];
  sitesOfEnterprise(enterprise: string): readonly Site[];
  limitsOfMeter(meter: string): readonly Limit[];

  /**
   * What declares readings of the meter void, in ascending id: as it stands, or as it stood at `asOf` (epoch
   * milliseconds, inclusive).
   */
  voidsOfMeter(meter: string, asOf?: number): readonly Versioned<VoidedRange>[];

  /**
   * The meters that a five-field file of `station` means by `symbol`: one, or those that lived there one after the other,
   * in that order. A meter at a source with a station of its own belongs to that one, any other to the station of its
   * site.
   */
  stationMeters(station: string, symbol: string): readonly MeterContext[];

  /** The site that sends its files, or those of one of its sources, under this name. */
  stationSite(station: string): Site | undefined;
}

/** What the rules look up beside that; not for other rooms. */
export interface RegisteredFacts extends RegistryView {
  /** The site or source that has this station. */
  stationUser(station: string): { readonly kind: 'site' | 'source'; readonly id: string } | undefined;

  /** Keys of one name within an enterprise (undefined: of none), expired ones too. */
  keysNamed(name: string, enterprise: string | undefined): readonly ApiKey[];
}
