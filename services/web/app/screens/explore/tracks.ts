import { addressOf, get, getAll } from '../../api/client.ts';
import type { Meter, Series } from '../../api/types.ts';
import { unit } from '../../parts/format.ts';
import { pointsOf } from '../../parts/series.ts';
import { indicatorWindow, type Selection } from './selection.ts';

/** One picked series: a meter's windows or an indicator's publications. */
export interface Track {
  readonly id: string;
  readonly unit: string;
  readonly shape: 'level' | 'amount';
  readonly points: readonly TrackPoint[];
}

export interface TrackPoint {
  /** Seconds since 1970. */
  readonly start: number;
  readonly end: number;
  readonly value: number | null;
  readonly coverage: number;
}

export interface Tracks {
  readonly timeZone: string;
  readonly tracks: readonly Track[];
}

/** The question for the meters' windows, as the page and the reader's own programs ask it. */
export function seriesQuery(selection: Selection, asOf: string | undefined) {
  const { meters, from, to, window } = selection;
  return {
    meter: [...meters],
    from,
    to,
    window: window as 'PT1H',
    asOf,
    gaps: 'show' as const,
  };
}

/** Fetches what is picked. */
export async function fetchTracks(
  selection: Selection,
  meters: readonly Meter[],
  asOf: string | undefined,
  signal: AbortSignal,
): Promise<Tracks> {
  const known = selection.meters.filter((id) => meters.some((meter) => meter.id === id));
  const [series, published] = await Promise.all([
    known.length === 0
      ? undefined
      : get('/v1/series', seriesQuery({ ...selection, meters: known }, asOf), { signal }),
    Promise.all(selection.indicators.map((id) => fetchIndicator(id, selection, asOf, signal))),
  ]);
  const ofMeters = series === undefined ? [] : known.map((id) => meterTrack(id, series, meters));
  return {
    timeZone: series?.meters[0]?.timeZone ?? 'Asia/Ho_Chi_Minh',
    tracks: [...ofMeters, ...published],
  };
}

function meterTrack(id: string, series: Series, meters: readonly Meter[]): Track {
  const meter = meters.find((candidate) => candidate.id === id)!;
  return {
    id,
    unit: unit(meter.unit),
    shape: meter.kind === 'level' ? 'level' : 'amount',
    points: pointsOf(series, id, meter.kind),
  };
}

async function fetchIndicator(
  id: string,
  selection: Selection,
  asOf: string | undefined,
  signal: AbortSignal,
): Promise<Track> {
  const [enterprise, name = ''] = id.split('~');
  const { from, to } = selection;
  const window = indicatorWindow(selection.window);
  const asked = { enterprise, name, window, from, to, asOf };
  const items = await getAll('/v1/indicators', asked, { signal });
  return {
    id,
    unit: unit(items[0]?.unit),
    shape: 'level',
    points: items.map(({ start, end, value, coverage }) => ({
      start: Date.parse(start) / 1000,
      end: Date.parse(end) / 1000,
      value,
      coverage,
    })),
  };
}

/** Every beginning of a window in any track, ascending, and each track's values at them. */
export function aligned(tracks: readonly Track[]): {
  readonly times: readonly number[];
  readonly columns: readonly (readonly (TrackPoint | undefined)[])[];
} {
  const times = [...new Set(tracks.flatMap(({ points }) => points.map(({ start }) => start)))].toSorted(
    (a, b) => a - b,
  );
  const columns = tracks.map(({ points }) => {
    const byStart = new Map(points.map((point) => [point.start, point]));
    return times.map((time) => byStart.get(time));
  });
  return { times, columns };
}

/** The same question in other words: for a terminal, a notebook, a database, a statistician. */
export function requestsFor(selection: Selection, asOf: string | undefined, origin: string) {
  const { gaps: _gaps, ...query } = seriesQuery(selection, asOf);
  const url = (format: string) => `${origin}${addressOf('/v1/series', { ...query, format })}`;
  return {
    curl: `curl -sS -H "X-Api-Key: $SONGMA_KEY" -o series.csv \\\n  '${url('csv')}'`,
    Python:
      'import io, os, requests, pandas\n\n' +
      `answer = requests.get("${url('parquet')}",\n` +
      '    headers={"X-Api-Key": os.environ["SONGMA_KEY"]})\n' +
      'answer.raise_for_status()\n' +
      'series = pandas.read_parquet(io.BytesIO(answer.content))',
    DuckDB:
      'INSTALL httpfs; LOAD httpfs;\n' +
      "CREATE SECRET (TYPE http, EXTRA_HTTP_HEADERS MAP {'X-Api-Key': getenv('SONGMA_KEY')});\n" +
      `SELECT * FROM read_parquet('${url('parquet')}');`,
    R:
      'library(httr2)\n\n' +
      `answer <- request("${url('csv')}") |>\n` +
      '  req_headers("X-Api-Key" = Sys.getenv("SONGMA_KEY")) |> req_perform()\n' +
      'series <- read.csv(text = resp_body_string(answer))',
  };
}
