import { joinedChunks, type ChunkColumns } from '../joined-chunks.ts';
import type { ReadQuery, SeriesChunk, SeriesRange } from '../port.ts';
import { chunkReadingsMax } from '../port.ts';
import { numberRelation, type ResultVector } from './columns.ts';
import type { Series, SeriesIndex } from './series-index.ts';

const timeMax = 8.64e15;

/** One series of one range of a query. Its place in the list is its rank in the answer. */
export interface Wanted {
  readonly series: Series;
  readonly from: number;
  readonly to: number;
}

/** The series that ranges name, in the order of the answer; what the store does not know is left out. */
export function wantedSeries(index: SeriesIndex, ranges: readonly SeriesRange[]): Wanted[] {
  return ranges.flatMap(({ site, meters, from, to }) => {
    const series =
      meters === undefined
        ? index.ofSite(site)
        : meters.map((meter) => index.find(site, meter)).filter((found) => found !== undefined);
    return series.map((one) => ({ series: one, from: wholeTime(from), to: wholeTime(to) }));
  });
}

/** Times go into SQL as they are printed, so an open end becomes the last time that a Date can have. */
export function wholeTime(time: number): number {
  return Math.ceil(Math.min(Math.max(time, -timeMax), timeMax));
}

/** SQL relation of wanted series: rank, series, lo, hi. */
export function wantedRelation(wanted: readonly Wanted[]): string {
  return numberRelation(
    {
      series: { type: 'INTEGER', values: wanted.map(({ series }) => series.id) },
      lo: { type: 'BIGINT', values: wanted.map(({ from }) => from) },
      hi: { type: 'BIGINT', values: wanted.map(({ to }) => to) },
    },
    wanted.length,
  );
}

/** Least and greatest of what is wanted: lets DuckDB skip whole row groups by their minimum and maximum. */
export function wantedBounds(wanted: readonly Wanted[]) {
  const bounds = { seriesMin: Infinity, seriesMax: -Infinity, from: Infinity, to: -Infinity };
  for (const { series, from, to } of wanted) {
    bounds.seriesMin = Math.min(bounds.seriesMin, series.id);
    bounds.seriesMax = Math.max(bounds.seriesMax, series.id);
    bounds.from = Math.min(bounds.from, from);
    bounds.to = Math.max(bounds.to, to);
  }
  return bounds;
}

/** Query whose rows are rank, time, value, flags, known, revision, in ascending rank and time. */
export function readingsSql(wanted: readonly Wanted[], query: ReadQuery): string {
  const within = query.neighboursWithinMs ?? 0;
  const { seriesMin, seriesMax, from, to } = wantedBounds(wanted);
  // `to` is exclusive, but a neighbour may lie `within` after it, inclusive.
  const after = within > 0 ? within + 1 : 0;
  const span = (table: 'r' | 's') =>
    `${table}.series BETWEEN ${seriesMin} AND ${seriesMax}
      AND ${table}.time >= ${from - within} AND ${table}.time < ${to + after}`;
  const asOf =
    query.asOfUs === undefined
      ? { known: '', until: '' }
      : {
          known: `AND r.known <= ${Math.floor(query.asOfUs)}`,
          until: `AND s.until <= ${Math.floor(query.asOfUs)}`,
        };
  // An explicit ANTI JOIN: for NOT EXISTS DuckDB first groups every row that it is asked of.
  const held = `
    SELECT w.rank, w.lo, w.hi, r.time, r.value, r.flags, r.known, r.revision
    FROM readings r
      ANTI JOIN (SELECT series, time, known FROM superseded s WHERE ${span('s')} ${asOf.until}) s
        ON r.series = s.series AND r.time = s.time AND r.known = s.known
      JOIN wanted w ON r.series = w.series AND r.time >= w.lo - ${within} AND r.time < w.hi + ${after}
    WHERE ${span('r')} ${asOf.known}`;
  const columns =
    'rank, time::DOUBLE AS time, value, flags, known::DOUBLE AS known, revision::INTEGER AS revision';
  if (within === 0) {
    return `
    WITH wanted AS ${wantedRelation(wanted)}, held AS (${held})
    SELECT ${columns} FROM held ORDER BY rank, time`;
  }
  return `
    WITH wanted AS ${wantedRelation(wanted)}, held AS MATERIALIZED (${held}), answer AS (
      SELECT rank, time, value, flags, known, revision FROM held WHERE time >= lo AND time < hi
      UNION ALL ${nearest('arg_max', 'time < lo')}
      UNION ALL ${nearest('arg_min', 'time >= hi')}
    )
    SELECT ${columns} FROM answer ORDER BY rank, time`;
}

/** The row of each rank with the greatest or least time among those held before or after its range. */
function nearest(pick: 'arg_max' | 'arg_min', where: string): string {
  return `
    SELECT rank, ${pick === 'arg_max' ? 'max' : 'min'}(time) AS time, ${pick}(value, time) AS value,
      ${pick}(flags, time) AS flags, ${pick}(known, time) AS known, ${pick}(revision, time) AS revision
    FROM held WHERE ${where} GROUP BY rank`;
}

/** Cuts the rows of {@link readingsSql} into chunks of one meter and of bounded size. */
export class ChunkCutter {
  private readonly wanted: readonly Wanted[];
  private rank = -1;
  private length = 0;
  private parts: ChunkColumns[] = [];

  constructor(wanted: readonly Wanted[]) {
    this.wanted = wanted;
  }

  /** Takes the next vector of rows, gives the chunks that are complete by it. */
  *take(vector: ResultVector): Generator<SeriesChunk> {
    const ranks = vector.integers(0);
    const times = vector.doubles(1);
    const values = vector.doubles(2);
    const flags = vector.tinies(3);
    const knownUs = vector.doubles(4);
    const revisions = vector.integers(5);
    for (let from = 0; from < vector.length;) {
      const rank = ranks[from]!;
      if (rank !== this.rank || this.length === chunkReadingsMax) yield* this.end();
      this.rank = rank;
      const end = Math.min(vector.length, from + chunkReadingsMax - this.length);
      let to = from + 1;
      while (to < end && ranks[to] === rank) to++;
      this.parts.push({
        times: times.slice(from, to),
        values: values.slice(from, to),
        flags: flags.slice(from, to),
        knownUs: knownUs.slice(from, to),
        revisions: Uint16Array.from(revisions.subarray(from, to)),
      });
      this.length += to - from;
      from = to;
    }
  }

  /** Gives what is left. */
  *end(): Generator<SeriesChunk> {
    if (this.length === 0) return;
    const { site, meter } = this.wanted[this.rank]!.series;
    const { parts } = this;
    this.parts = [];
    this.length = 0;
    yield { site, meter, ...joinedChunks(parts) };
  }
}
