import type { Rollup, Window } from '@songma/domain';
import type { Registry } from '@songma/registry';
import type { PieceStore } from './piece-store.ts';
import type { ChangedRollup } from './rollup-computation.ts';

/** Later than any reading. */
const timeMax = 8.64e15;

/**
 * Which windows of limits are over, and therefore judged. No window is before its end. After it one is over as soon as
 * nothing can fill it up (`isComplete`), something newer of its site has come, or a grace has passed: the first of the
 * three decides how soon it is judged, and the last that all of them are.
 */
export class WindowEndings {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Windows that end by then are over, whatever has come. */
  readonly overByClock: number;
  readonly #registry: Registry;
  readonly #store: Pick<PieceStore, 'rollups'>;
  readonly #newest = new Map<string, number>();
  readonly #asked = new Map<string, Promise<number>>();

  /** @param hours those that have just changed and are not stored yet */
  constructor(
    deps: { readonly registry: Registry; readonly seriesStore: Pick<PieceStore, 'rollups'> },
    hours: readonly ChangedRollup[],
    { now, graceMs }: { readonly now: number; readonly graceMs: number },
  ) {
    this.#registry = deps.registry;
    this.#store = deps.seriesStore;
    this.now = now;
    this.overByClock = now - graceMs;
    for (const { after } of hours) {
      if (hasReadings(after)) this.#newest.set(after.site, Math.max(this.#known(after.site), after.start));
    }
  }

  /** Whether a window can be over: the rest needs to be looked at. */
  mayBeOver({ end }: Window): boolean {
    return end <= this.now;
  }

  isOver({ end }: Window, isComplete: boolean, newest: number): boolean {
    return end <= this.overByClock || (end <= this.now && (isComplete || end <= newest));
  }

  /** Windows of the site that end by then are over, whether anything is known of them or not. */
  async overUntil(site: string): Promise<number> {
    return Math.max(this.overByClock, Math.min(this.now, await this.newestOf(site)));
  }

  /** Start of the newest hour in which the site has a reading, as far as the grace has not passed. */
  newestOf(site: string): Promise<number> {
    let asked = this.#asked.get(site);
    if (asked === undefined) this.#asked.set(site, (asked = this.#ask(site)));
    return asked;
  }

  async #ask(site: string): Promise<number> {
    // What is known is enough where every window that has ended is over by it.
    const known = this.#known(site);
    if (known >= this.now) return known;
    const meters = this.#registry.metersOfSite(site).map(({ id }) => id);
    if (meters.length === 0) return known;
    const ranges = [{ site, meters, from: Math.max(known, this.overByClock), to: timeMax }];
    const hours = await this.#store.rollups({ ranges, window: 'PT1H' });
    return hours.filter(hasReadings).reduce((newest, { start }) => Math.max(newest, start), known);
  }

  #known(site: string): number {
    return this.#newest.get(site) ?? -Infinity;
  }
}

/** Whether a reading lies in the hour: an amount may reach far into hours that are still to come. */
export function hasReadings({ count }: Pick<Rollup, 'count'>): boolean {
  return count > 0;
}
