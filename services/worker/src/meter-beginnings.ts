import { saysSomething, shardOf, type Meter, type Rollup } from '@songma/domain';
import { isInput } from '@songma/indicators';
import type { Registry } from '@songma/registry';
import { firstDays, type SeriesStore, type ShardedChange } from '@songma/series-store';
import type { PieceStore } from './piece-store.ts';

const hourMs = 3_600_000;
/** Times that a Date can have. */
const timeMax = 8.64e15;
/** Hours that are marked in one call. */
const marksMax = 20_000;

interface ChangedDay {
  readonly before: Rollup | undefined;
  readonly after: Rollup;
}

/** Whether the meter counts somewhere and its beginning is told by its readings alone. */
export function beginsByReadings(meter: Meter): boolean {
  return meter.from === undefined && isInput(meter);
}

/**
 * When meters that declare no beginning began: the first day of which something is stored. Nothing is expected of them
 * in windows that end before it. It follows from the readings alone, in whatever order they came, and moves when an
 * earlier reading comes, or when the first ones turn out to lie outside of the meter's life.
 *
 * What is remembered is a day in which a meter told something, the first or a later one, since another worker may have
 * seen an earlier one meanwhile. So it is sure that a meter has begun by then, and the store is asked about the rest.
 */
export class MeterBeginnings {
  readonly #seen = new Map<string, number>();

  /** Takes days that are settled. */
  remember(days: readonly Rollup[]): void {
    for (const day of days) if (!saysSomething(day)) this.#seen.delete(day.meter);
    for (const day of days) {
      if (saysSomething(day) && day.start < (this.#seen.get(day.meter) ?? Infinity)) {
        this.#seen.set(day.meter, day.start);
      }
    }
  }

  /** To be called when the meter is registered anew: what lay in its life may not lie there any more. */
  forget(meter: string): void {
    this.#seen.delete(meter);
  }

  /** What is known with the changed days of a piece, which are not settled yet. */
  async inPiece(
    store: PieceStore,
    registry: Pick<Registry, 'get'>,
    days: readonly ChangedDay[],
  ): Promise<PieceBeginnings> {
    const [emptied, first] = [new Map<string, Meter>(), new Map<string, number>()];
    for (const { before, after } of days) {
      if (saysSomething(after)) {
        first.set(after.meter, Math.min(after.start, first.get(after.meter) ?? Infinity));
      } else if (saysSomething(before)) {
        const meter = registry.get('meter', after.meter)?.body;
        if (meter !== undefined && beginsByReadings(meter)) emptied.set(meter.id, meter);
      }
    }
    const exact = await firstDaysAfter(store, [...emptied.values()], days);
    return new PieceBeginnings({ seen: this.#seen, store, first, exact });
  }
}

/** Since when meters tell something, in the course of one piece. */
export class PieceBeginnings {
  readonly #seen: Map<string, number>;
  readonly #store: PieceStore;
  readonly #first: ReadonlyMap<string, number>;
  readonly #exact: ReadonlyMap<string, number>;

  constructor(known: {
    /** Days in which meters told something, as they are stored. */
    readonly seen: Map<string, number>;
    readonly store: PieceStore;
    /** The first of the changed days in which each meter tells something. */
    readonly first: ReadonlyMap<string, number>;
    /** Of meters of which days have become empty: the first that is left, Infinity for none. */
    readonly exact: ReadonlyMap<string, number>;
  }) {
    this.#seen = known.seen;
    this.#store = known.store;
    this.#first = known.first;
    this.#exact = known.exact;
  }

  /** Whether the meter is known to have told something before a time; false may mean that it is not known yet. */
  hasBegun(meter: string, time: number): boolean {
    const exact = this.#exact.get(meter);
    if (exact !== undefined) return exact < time;
    return (this.#first.get(meter) ?? Infinity) < time || (this.#seen.get(meter) ?? Infinity) < time;
  }

  /** Asks the store about these meters; afterwards what is told of them is sure. */
  async ask(meters: readonly Meter[]): Promise<void> {
    const open = meters.filter(({ id }) => !this.#exact.has(id));
    if (open.length === 0) return;
    for (const [meter, start] of await firstDays(this.#store, open)) this.#seen.set(meter, start);
  }

  /**
   * The meters whose beginning this piece moves, as long as it is not settled, and the time between the former
   * beginning and the new one; up to Infinity where there was none, or is none any more.
   */
  async moved(
    registry: Pick<Registry, 'get'>,
  ): Promise<{ readonly meter: Meter; readonly from: number; readonly to: number }[]> {
    const candidates = new Map<string, Meter>();
    for (const [id, start] of [...this.#first, ...this.#exact]) {
      if (!this.#exact.has(id) && (this.#seen.get(id) ?? Infinity) <= start) continue;
      const meter = registry.get('meter', id)?.body;
      if (meter !== undefined && beginsByReadings(meter)) candidates.set(id, meter);
    }
    if (candidates.size === 0) return [];
    const before = await firstDays(this.#store, [...candidates.values()]);
    return [...candidates.values()].flatMap((meter) => {
      const former = before.get(meter.id) ?? Infinity;
      const now = this.#exact.get(meter.id) ?? Math.min(former, this.#first.get(meter.id) ?? Infinity);
      return former === now ? [] : [{ meter, from: Math.min(former, now), to: Math.max(former, now) }];
    });
  }
}

/** The first day that is left of each of the meters, as this piece will have it; Infinity: none. */
async function firstDaysAfter(
  store: PieceStore,
  meters: readonly Meter[],
  days: readonly ChangedDay[],
): Promise<Map<string, number>> {
  const first = new Map(meters.map(({ id }) => [id, Infinity]));
  if (meters.length === 0) return first;
  const ranges = [...Map.groupBy(meters, ({ site }) => site)].map(([site, of]) => ({
    ...{ site, meters: of.map(({ id }) => id) },
    ...{ from: -timeMax, to: timeMax },
  }));
  const changed = new Map(days.map(({ after }) => [`${after.meter} ${after.start}`, after]));
  const stored = await store.rollups({ ranges, window: 'P1D' });
  const current = [
    ...stored.filter(({ meter, start }) => !changed.has(`${meter} ${start}`)),
    ...days.map(({ after }) => after),
  ];
  for (const day of current) {
    const known = first.get(day.meter);
    if (known !== undefined && day.start < known && saysSomething(day)) first.set(day.meter, day.start);
  }
  return first;
}

interface MarkDeps {
  readonly registry: Registry;
  readonly seriesStore: SeriesStore;
  readonly beginnings: PieceBeginnings;
}

/**
 * Makes due what stands on days in which more or less is expected now, because a meter has begun to tell something, or
 * is known to have begun earlier or later than was thought. What is computed in this piece anyway may be made due once
 * more. To be called before the piece is settled, so that it is done again where the piece is broken off.
 */
export async function markMovedBeginnings(deps: MarkDeps): Promise<void> {
  const { registry, seriesStore, beginnings } = deps;
  const moved = await beginnings.moved(registry);
  for (const of of Map.groupBy(moved, ({ meter }) => meter.site).values()) {
    const from = Math.min(...of.map((one) => one.from));
    const to = Math.max(...of.map((one) => one.to));
    const marks = await daysBetween(deps, of[0]!.meter.id, from, to);
    if (marks.length === 0) continue;
    const position = (await seriesStore.markedTo()) ?? 0;
    for (let at = 0; at < marks.length; at += marksMax) {
      await seriesStore.mark(marks.slice(at, at + marksMax), position);
    }
  }
}

/** One hour of each day of the enterprise in the span of which something is stored, named for one of its meters. */
async function daysBetween(
  { registry, seriesStore }: MarkDeps,
  id: string,
  from: number,
  to: number,
): Promise<ShardedChange[]> {
  const { site, enterprise } = registry.meter(id)!;
  const hours = new Set<number>();
  const ranges = registry.sitesOfEnterprise(enterprise.id).flatMap((one) => {
    const meters = registry.metersOfSite(one.id).filter(isInput);
    const ids = meters.map((meter) => meter.id);
    return ids.length === 0 ? [] : [{ site: one.id, meters: ids, from, to: Math.min(to, timeMax) }];
  });
  for (const day of await seriesStore.rollups({ ranges, window: 'P1D' })) {
    if (saysSomething(day)) hours.add(Math.floor(day.start / hourMs) * hourMs);
  }
  const shard = shardOf(enterprise.id);
  return [...hours].toSorted((a, b) => a - b).map((hour) => ({ shard, site: site.id, meter: id, hour }));
}
