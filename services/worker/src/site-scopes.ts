import type { Meter, Site } from '@songma/domain';
import type { Registry } from '@songma/registry';
import { UnavailableError, type Logger } from '@songma/runtime';
import { MeterBeginnings } from './meter-beginnings.ts';

/** A site as the computation needs it. */
export interface SiteScope {
  readonly site: Site;
  readonly meters: ReadonlyMap<string, Meter>;
}

/**
 * Sites and meters by id. What is not registered either is so new that this process has not read of it, or has been
 * retired: the first is waited for, and after a grace the second is taken for true.
 */
export class SiteScopes {
  /** Since when the meters of these sites tell something. */
  readonly beginnings = new MeterBeginnings();
  readonly #registry: Registry;
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #graceMs: number;
  readonly #scopes = new Map<string, SiteScope>();
  /** When an unknown one was first asked for, epoch milliseconds; -Infinity once it is taken for retired. */
  readonly #missing = new Map<string, number>();
  readonly #stop: () => void;

  constructor(deps: { registry: Registry; logger: Logger; now: () => number }, graceMs: number) {
    this.#registry = deps.registry;
    this.#logger = deps.logger;
    this.#now = deps.now;
    this.#graceMs = graceMs;
    this.#stop = deps.registry.onChange(({ kind, id, before, after }) => {
      if (after !== undefined) this.#missing.delete(`${kind} ${id}`);
      if (kind === 'site') this.#scopes.delete(id);
      if (kind !== 'meter') return;
      this.beginnings.forget(id);
      for (const version of [before, after])
        if (version !== undefined) this.#scopes.delete(version.body.site);
    });
  }

  /** Undefined when the site is retired. @throws UnavailableError while it may be new */
  get(id: string): SiteScope | undefined {
    const known = this.#scopes.get(id);
    if (known !== undefined) return known;
    const site = this.#registry.get('site', id)?.body;
    if (site === undefined) {
      this.#wait('site', id);
      return undefined;
    }
    const meters = new Map(this.#registry.metersOfSite(id).map((meter) => [meter.id, meter]));
    const scope = { site, meters };
    this.#scopes.set(id, scope);
    return scope;
  }

  /** Undefined when the meter is retired. @throws UnavailableError while it may be new */
  meter(scope: SiteScope, id: string): Meter | undefined {
    const meter = scope.meters.get(id);
    if (meter === undefined) this.#wait('meter', id);
    return meter;
  }

  close(): void {
    this.#stop();
  }

  #wait(kind: 'site' | 'meter', id: string): void {
    const key = `${kind} ${id}`;
    const since = this.#missing.get(key) ?? this.#now();
    if (since === Number.NEGATIVE_INFINITY) return;
    this.#missing.set(key, since);
    if (this.#now() - since < this.#graceMs) {
      throw new UnavailableError(
        'registry_behind',
        `${kind} ${id} has readings and is not in the registry yet`,
      );
    }
    this.#missing.set(key, Number.NEGATIVE_INFINITY);
    this.#logger.warn(
      { [kind]: id },
      'has readings and is not registered: taken for retired, nothing is computed',
    );
  }
}
