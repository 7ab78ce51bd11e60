import type { DuckDBConnection } from '@duckdb/node-api';
import type { History, Version } from '../judge.ts';
import { nextVector, numberRelation } from './columns.ts';

/** Keys that one query looks for: bounds the length of its text to a megabyte. */
const keysPerQuery = 40_000;

/** Readings of some series and times with what is held of each: undefined where nothing is. */
export class Held {
  readonly bySeries = new Map<number, Map<number, History | undefined>>();
  private readonly series: number[] = [];
  private readonly times: number[] = [];

  /** Asks for a key. */
  want(series: number, time: number): void {
    const times = this.timesOf(series);
    if (times.has(time)) return;
    times.set(time, undefined);
    this.series.push(series);
    this.times.push(time);
  }

  /** Tells what is held of a key, which then need not be fetched. */
  know(series: number, time: number, history: History | undefined): void {
    const times = this.timesOf(series);
    if (!times.has(time)) times.set(time, history);
  }

  /** Fetches every key that was asked for. */
  async load(connection: DuckDBConnection): Promise<void> {
    for (let from = 0; from < this.series.length; from += keysPerQuery) {
      const series = this.series.slice(from, from + keysPerQuery);
      const times = this.times.slice(from, from + keysPerQuery);
      await this.loadPart(connection, series, times);
    }
  }

  private timesOf(series: number): Map<number, History | undefined> {
    const found = this.bySeries.get(series);
    if (found !== undefined) return found;
    const times = new Map<number, History | undefined>();
    this.bySeries.set(series, times);
    return times;
  }

  private async loadPart(connection: DuckDBConnection, series: number[], times: number[]): Promise<void> {
    const wanted = numberRelation(
      { series: { type: 'INTEGER', values: series }, time: { type: 'BIGINT', values: times } },
      series.length,
    );
    const result = await connection.run(`
      WITH wanted AS ${wanted}
      SELECT w.rank, r.known::DOUBLE, r.value, r.flags, r.revision::INTEGER
      FROM readings r JOIN wanted w ON r.series = w.series AND r.time = w.time
      UNION ALL
      SELECT w.rank, c.known::DOUBLE, 0::DOUBLE, 0::UTINYINT, -1
      FROM confirmed c JOIN wanted w ON c.series = w.series AND c.time = w.time`);
    const versions = new Map<number, Version[]>();
    const confirmed = new Map<number, number[]>();
    for (;;) {
      const vector = await nextVector(result);
      if (vector === undefined) break;
      const ranks = vector.integers(0);
      const known = vector.doubles(1);
      const values = vector.doubles(2);
      const flags = vector.tinies(3);
      const revisions = vector.integers(4);
      for (let i = 0; i < vector.length; i++) {
        const rank = ranks[i]!;
        const knownUs = known[i]!;
        const revision = revisions[i]!;
        if (revision < 0) push(confirmed, rank, knownUs);
        else push(versions, rank, { knownUs, value: values[i]!, flags: flags[i]!, revision });
      }
    }
    for (const [rank, found] of versions) {
      const history: History = {
        versions: found.toSorted((a, b) => a.knownUs - b.knownUs),
        confirmedUs: (confirmed.get(rank) ?? []).toSorted((a, b) => a - b),
      };
      this.bySeries.get(series[rank]!)!.set(times[rank]!, history);
    }
  }
}

function push<T>(lists: Map<number, T[]>, key: number, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
