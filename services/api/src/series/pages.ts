import { windowAt } from '@songma/domain';
import type { SeriesStore } from '@songma/series-store';
import type { Placed } from '../answers/pages.ts';
import { parseIsoUs } from '../iso-time.ts';
import { placeWithin, type PageKey } from '../paging.ts';
import type { MeterSpan, SeriesQuery, SeriesWindow } from './query.ts';
import { rawBatches, rawBatchesLatestFirst } from './readings.ts';
import { windowRow, type RawRow, type WindowRow } from './rows.ts';
import { meterWindows, meterWindowsLatestFirst } from './windows.ts';

/** Where to go on: which of the meters asked for, and from which instant. */
export type Position = readonly [meter: number, from: number];

/**
 * The place that a cursor names: a meter that is asked for, and an instant of its span or of the last window in it.
 * @throws HttpProblem `cursor_invalid`
 */
export function placeInSpans(
  [index, from]: PageKey,
  window: SeriesWindow,
  spans: readonly MeterSpan[],
): Position {
  const meter = placeWithin(index, 0, spans.length - 1);
  const { context, ...span } = spans[meter]!;
  if (window === 'raw') return [meter, placeWithin(from, span.from, span.to)];
  // Windows are whole: the first may begin before the span, the last end behind it.
  const { timeZone } = context.site;
  const { start } = windowAt(window, span.from, timeZone);
  return [meter, placeWithin(from, start, windowAt(window, span.to - 1, timeZone).end)];
}

/**
 * Rows of the spans from a position on, by meter as asked for, then by time in the order of the query, in batches of
 * bounded size.
 */
export async function* rowBatches(
  store: SeriesStore,
  query: SeriesQuery,
  spans: readonly MeterSpan[],
  position: Position | undefined,
): AsyncGenerator<Placed<RawRow | WindowRow, Position>[]> {
  const asOfUs = query.asOf === undefined ? undefined : parseIsoUs(query.asOf);
  const isLatestFirst = query.order === 'desc';
  for (const [index, whole] of spans.entries()) {
    const [first, time] = position ?? [0, undefined];
    if (index < first) continue;
    const span = index > first || time === undefined ? whole : rest(whole, time, isLatestFirst);
    if (span.from >= span.to) continue;
    if (query.window === 'raw') {
      const rows = (isLatestFirst ? rawBatchesLatestFirst : rawBatches)(store, span, asOfUs, query.limit);
      for await (const batch of rows) {
        yield batch.map((read) => ({
          row: read.row,
          after: [index, isLatestFirst ? read.time : read.time + 1],
        }));
      }
    } else {
      const wanted = { span, kind: query.window, asOfUs, gaps: query.gaps === 'show' };
      const windows = (isLatestFirst ? meterWindowsLatestFirst : meterWindows)(store, wanted);
      for await (const batch of windows) {
        yield batch.map((draft) => ({
          row: windowRow(span, draft),
          after: [index, isLatestFirst ? draft.start : draft.end],
        }));
      }
    }
  }
}

/** What is left of a span behind a time, in the order in which it is read. */
function rest(span: MeterSpan, time: number, isLatestFirst: boolean): MeterSpan {
  return isLatestFirst ? { ...span, to: Math.min(span.to, time) } : { ...span, from: time };
}
