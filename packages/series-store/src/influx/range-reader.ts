import type { ReadQuery, SeriesChunk, SeriesRange } from '../port.ts';
import { chunkReadingsMax } from '../port.ts';
import type { InfluxConnection, Table } from './connection.ts';
import { quoted } from './influxql.ts';
import { queryAll, readPages, type Page } from './line-pages.ts';
import { lineKnownField, measurement, readField } from './names.ts';
import { readingsAfter, readingsBefore, takeNearest, type Neighbour } from './neighbours.ts';
import { chunksOf, ReadingColumns, versionAt } from './reading-columns.ts';

const minuteMs = 60_000;
/** Ranges that are read in one request. */
const rangesPerRequest = 25;
/** Lines of a range that are read at once; a longer range is read meter by meter. */
const linesPerRequest = 1500;
/** Readings of a longer range that are read at once. */
const readingsPerRequest = 200_000;
/** So much around each range is read along, which shows most neighbours at once. */
const marginMs = 15 * minuteMs;

/** A range with its neighbours as they are found. */
interface RangeState {
  readonly range: SeriesRange;
  readonly page: Page;
  readonly isLong: boolean;
  /** Meters to be given, in their order. */
  readonly meters: readonly string[];
  readonly before: Map<string, Neighbour>;
  readonly after: Map<string, Neighbour>;
}

/** @see SeriesStore.read */
export async function* readRanges(
  connection: InfluxConnection,
  query: ReadQuery,
): AsyncGenerator<SeriesChunk> {
  for (let at = 0; at < query.ranges.length; at += rangesPerRequest) {
    for (const state of await openRanges(connection, query.ranges.slice(at, at + rangesPerRequest), query)) {
      if (state.isLong) yield* longRange(connection, state, query.asOfUs ?? Infinity);
      else yield* shortRange(state);
    }
  }
}

/** Reads the ranges' first lines and their neighbours. */
async function openRanges(
  connection: InfluxConnection,
  ranges: readonly SeriesRange[],
  { asOfUs = Infinity, neighboursWithinMs: within = 0, isLikelyEmpty = false }: ReadQuery,
): Promise<RangeState[]> {
  const margin = Math.min(within, marginMs);
  const requests = ranges.map(({ site, meters, from, to }) => ({
    site,
    meters,
    since: from - margin,
    until: to + (within > 0 ? margin + 1 : 0),
    limit: linesPerRequest + 1,
  }));
  const pages = await readPages(connection, requests, { asOfUs, isLikelyEmpty });
  const siteMeters = within > marginMs ? await metersOf(connection, ranges) : new Map<string, string[]>();
  return Promise.all(
    ranges.map(async (range, index) => {
      const page = pages[index]!;
      const isLong = page.lines.rows.length > linesPerRequest;
      const meters =
        range.meters ??
        [...new Set([...page.lines.meters, ...(siteMeters.get(range.site) ?? [])])].toSorted();
      const state = { range, page, isLong, meters, before: new Map(), after: new Map() };
      if (within > 0) await findNeighbours(connection, state, isLong ? 0 : margin, within, asOfUs);
      return state;
    }),
  );
}

/** Every meter that the sites have ever had, for ranges that do not name theirs. */
async function metersOf(
  connection: InfluxConnection,
  ranges: readonly SeriesRange[],
): Promise<Map<string, string[]>> {
  const sites = [...new Set(ranges.filter(({ meters }) => meters === undefined).map(({ site }) => site))];
  const tables = await queryAll(
    connection,
    sites.map((site) => `SHOW FIELD KEYS FROM ${quoted(measurement.readings(site))}`),
  );
  return new Map(sites.map((site, index) => [site, [...new Set(idsOf(tables[index]))]]));
}

function idsOf(fieldKeys: Table | undefined): string[] {
  return (fieldKeys?.rows ?? []).flatMap(([field]) => readField(String(field))?.id ?? []);
}

/** Finds the neighbours: first within `margin` in the page that is read already, then in the store. */
async function findNeighbours(
  connection: InfluxConnection,
  { range, page, meters, before, after }: RangeState,
  margin: number,
  within: number,
  asOfUs: number,
): Promise<void> {
  const { site, from, to } = range;
  const missing = { before: new Set(meters), after: new Set(meters) };
  if (margin > 0) {
    const { lines, asKnown } = page;
    const rows = { before: lines.rows.filter((row) => (row[0] as number) < from).toReversed() };
    takeNearest({ lines: { ...lines, rows: rows.before }, asKnown }, missing.before, before);
    const later = lines.rows.filter((row) => (row[0] as number) >= to);
    takeNearest({ lines: { ...lines, rows: later }, asKnown }, missing.after, after);
  }
  const pastSpan = { site, since: from - within, before: from - margin };
  const futureSpan = { site, after: to + (margin > 0 ? margin + 1 : 0), until: to + within + 1 };
  const [further, later] = await Promise.all([
    readingsBefore(connection, pastSpan, missing.before, asOfUs),
    readingsAfter(connection, futureSpan, missing.after, asOfUs),
  ]);
  for (const [meter, neighbour] of further) before.set(meter, neighbour);
  for (const [meter, neighbour] of later) after.set(meter, neighbour);
}

function* shortRange({ range, page, meters, before, after }: RangeState): Generator<SeriesChunk> {
  const { from, to, site } = range;
  const rows = page.lines.rows.filter(([time]) => (time as number) >= from && (time as number) < to);
  const readings = collect({ ...page, lines: { ...page.lines, rows } });
  for (const meter of meters) {
    const columns = withNeighbour(before.get(meter));
    const inside = readings.get(meter);
    if (inside !== undefined) columns.append(inside);
    push(columns, after.get(meter));
    yield* chunksOf(site, meter, columns);
  }
}

/** Meter by meter, or some at a time, so that no more is in memory than one request gives. */
async function* longRange(
  connection: InfluxConnection,
  { range, meters, before, after }: RangeState,
  asOfUs: number,
): AsyncGenerator<SeriesChunk> {
  const { site, from, to } = range;
  const lines = await countLines(connection, range);
  const metersPerRequest = Math.max(1, Math.floor(readingsPerRequest / lines));
  for (let at = 0; at < meters.length; at += metersPerRequest) {
    const some = meters.slice(at, at + metersPerRequest);
    const pending = new Map(some.map((meter) => [meter, withNeighbour(before.get(meter))]));
    // More than one meter is read only where all their lines fit into one page.
    const limit = some.length > 1 ? Infinity : chunkReadingsMax;
    for (let since = from; ;) {
      const request = { site, meters: some, since, until: to };
      const [page] = await readPages(connection, [limit === Infinity ? request : { ...request, limit }], {
        asOfUs,
      });
      const { rows } = page!.lines;
      const read = collect(page!);
      for (const [meter, columns] of pending) {
        const found = read.get(meter);
        if (found !== undefined) columns.append(found);
      }
      if (rows.length < limit) break;
      since = (rows.at(-1)![0] as number) + 1;
      for (const [meter, columns] of pending) {
        if (columns.times.length < chunkReadingsMax) continue;
        yield* chunksOf(site, meter, columns);
        pending.set(meter, new ReadingColumns());
      }
    }
    for (const [meter, columns] of pending) {
      push(columns, after.get(meter));
      yield* chunksOf(site, meter, columns);
    }
  }
}

async function countLines(connection: InfluxConnection, { site, from, to }: SeriesRange): Promise<number> {
  const statement = `SELECT COUNT(${quoted(lineKnownField)}) FROM ${quoted(measurement.readings(site))}`;
  const [table] = await connection.query([`${statement} WHERE time >= ${from}ms AND time < ${to}ms`]);
  return Math.max(1, (table?.rows[0]?.[1] as number | undefined) ?? 1);
}

/** The readings of a page by meter, in the page's order. */
function collect({ lines, asKnown }: Page): Map<string, ReadingColumns> {
  const readings = new Map<string, ReadingColumns>();
  for (const columns of lines.columns) {
    const found = new ReadingColumns();
    for (const row of lines.rows) {
      const version = versionAt(lines, columns, row, asKnown);
      if (version !== undefined) found.push(row[0] as number, version);
    }
    readings.set(columns.meter, found);
  }
  return readings;
}

function withNeighbour(neighbour: Neighbour | undefined): ReadingColumns {
  const columns = new ReadingColumns();
  push(columns, neighbour);
  return columns;
}

function push(columns: ReadingColumns, neighbour: Neighbour | undefined): void {
  if (neighbour !== undefined) columns.push(neighbour.time, neighbour.version);
}
