import type { DuckDBConnection } from '@duckdb/node-api';
import { nextVector } from './columns.ts';

export interface Series {
  readonly id: number;
  readonly site: string;
  readonly meter: string;
}

/**
 * Every series of the store by site and meter, and the time of its latest reading.
 *
 * Finding those times takes a scan of all readings (a second per 100 million), so a store that is opened does not wait
 * for it: until {@link learn} has been told, the latest time of a series counts as unknown.
 */
export class SeriesIndex {
  private readonly all: Series[] = [];
  private readonly bySite = new Map<string, Map<string, Series>>();
  /** By id: -Infinity where there is no reading, Infinity where it is unknown. */
  private latest = new Float64Array(1024).fill(-Infinity);
  /** Latest time advanced to while it was unknown what there had been before; empty once that is known. */
  private readonly advancedTo = new Map<number, number>();

  static async load(connection: DuckDBConnection): Promise<SeriesIndex> {
    const index = new SeriesIndex();
    const known = await connection.runAndReadAll('SELECT site, meter FROM series ORDER BY id');
    for (const [site, meter] of known.getRows()) {
      const { id } = index.add(site as string, meter as string);
      index.latest[id] = Infinity;
    }
    return index;
  }

  /** Takes the latest times that were committed when the index was loaded, or later; absent ids have no reading. */
  learn(latest: ReadonlyMap<number, number>): void {
    for (const { id } of this.all) {
      if (this.latest[id] !== Infinity) continue;
      this.latest[id] = Math.max(latest.get(id) ?? -Infinity, this.advancedTo.get(id) ?? -Infinity);
    }
    this.advancedTo.clear();
  }

  get size(): number {
    return this.all.length;
  }

  /** Series from the id `from` on, in ascending id. */
  since(from: number): readonly Series[] {
    return this.all.slice(from);
  }

  byId(id: number): Series {
    return this.all[id]!;
  }

  find(site: string, meter: string): Series | undefined {
    return this.bySite.get(site)?.get(meter);
  }

  /** All series of a site, in ascending meter id. */
  ofSite(site: string): Series[] {
    const meters = [...(this.bySite.get(site)?.values() ?? [])];
    return meters.toSorted((a, b) => (a.meter < b.meter ? -1 : 1));
  }

  /** The series, new with the next id when there was none. */
  add(site: string, meter: string): Series {
    const found = this.find(site, meter);
    if (found !== undefined) return found;
    const series = { id: this.all.length, site, meter };
    this.all.push(series);
    const meters = this.bySite.get(site) ?? new Map<string, Series>();
    this.bySite.set(site, meters);
    meters.set(meter, series);
    if (series.id >= this.latest.length) {
      const larger = new Float64Array(this.latest.length * 2).fill(-Infinity);
      larger.set(this.latest);
      this.latest = larger;
    }
    return series;
  }

  /**
   * Takes note of a reading. True when it is later than every one before, so that nothing can be held at its time;
   * false when something may be.
   */
  advance(id: number, time: number): boolean {
    const latest = this.latest[id]!;
    if (time > latest) {
      this.latest[id] = time;
      return true;
    }
    if (latest === Infinity && !(time <= this.advancedTo.get(id)!)) this.advancedTo.set(id, time);
    return false;
  }
}

/** Time of the latest reading of each series that has one: what {@link SeriesIndex.learn} takes. */
export async function readLatestTimes(connection: DuckDBConnection): Promise<Map<number, number>> {
  const latest = new Map<number, number>();
  const result = await connection.run('SELECT series, max(time)::DOUBLE FROM readings GROUP BY series');
  for (;;) {
    const vector = await nextVector(result);
    if (vector === undefined) return latest;
    const ids = vector.integers(0);
    const times = vector.doubles(1);
    for (let i = 0; i < vector.length; i++) latest.set(ids[i]!, times[i]!);
  }
}
