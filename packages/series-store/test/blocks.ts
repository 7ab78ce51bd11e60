import type { ReadingBlock } from '@songma/domain';
import type { ReadQuery, SeriesStore, ShardedBlock } from '../src/index.ts';

/** One row of a test: flags default to none. */
export interface Row {
  readonly meter: string;
  readonly time: number;
  readonly value: number;
  readonly flags?: number;
}

/** A reading as `read` gave it. */
export interface ReadRow {
  readonly site: string;
  readonly meter: string;
  readonly time: number;
  readonly value: number;
  readonly flags: number;
  readonly knownUs: number;
  readonly revision: number;
}

/** A block of one site, for shard `S00` unless told. */
export function shardedBlock(
  site: string,
  knownUs: number,
  rows: readonly Row[],
  shard = 'S00',
): ShardedBlock {
  const meters = [...new Set(rows.map((row) => row.meter))];
  const block: ReadingBlock = {
    site,
    batch: `batch-${knownUs}`,
    apiKey: 'key',
    knownUs,
    part: 0,
    parts: 1,
    meters,
    meterIndex: Uint32Array.from(rows, (row) => meters.indexOf(row.meter)),
    times: Float64Array.from(rows, (row) => row.time),
    values: Float64Array.from(rows, (row) => row.value),
    flags: Uint8Array.from(rows, (row) => row.flags ?? 0),
    rows: Uint32Array.from(rows, (_, index) => index),
  };
  return { shard, block };
}

/** Writes one block and gives its outcome codes. */
export async function writeRows(
  store: SeriesStore,
  site: string,
  knownUs: number,
  rows: readonly Row[],
  shard?: string,
): Promise<number[]> {
  const [result] = await store.write([shardedBlock(site, knownUs, rows, shard)]);
  return [...result!.outcomes];
}

/** Everything that a query gives, row by row in the order given. */
export async function readRows(store: SeriesStore, query: ReadQuery): Promise<ReadRow[]> {
  const rows: ReadRow[] = [];
  for await (const chunk of store.read(query)) {
    for (let i = 0; i < chunk.times.length; i++) {
      rows.push({
        site: chunk.site,
        meter: chunk.meter,
        time: chunk.times[i]!,
        value: chunk.values[i]!,
        flags: chunk.flags[i]!,
        knownUs: chunk.knownUs[i]!,
        revision: chunk.revisions[i]!,
      });
    }
  }
  return rows;
}

/** All that is held of a site, as known now or as of then. */
export function readSite(store: SeriesStore, site: string, asOfUs?: number): Promise<ReadRow[]> {
  const ranges = [{ site, from: 0, to: 4e12 }];
  return readRows(store, asOfUs === undefined ? { ranges } : { ranges, asOfUs });
}

/** `[meter, time, value, flags]` of each row: what must not depend on the order of writing. */
export function facts(rows: readonly ReadRow[]): [string, number, number, number][] {
  return rows.map((row) => [row.meter, row.time, row.value, row.flags]);
}
