import { windowAt } from '@songma/domain';
import type { SeriesStore } from '@songma/series-store';
import type { Placed } from '../answers/pages.ts';
import { parseIsoUs } from '../iso-time.ts';
import { placeWithin, type PageKey } from '../paging.ts';
import type { MeterSpan, SeriesQuery, SeriesWindow } from './query.ts';
import { rawBatches } from './readings.ts';
import { windowRow, type RawRow, type WindowRow } from './rows.ts';
import { meterWindows } from './windows.ts';

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
  const { context, to, ...span } = spans[meter]!;
  const end = window === 'raw' ? to : windowAt(window, to - 1, context.site.timeZone).end;
  return [meter, placeWithin(from, span.from, end)];
}

/** Rows of the spans from a position on, by meter as asked for, then by time, in batches of bounded size. */
export async function* rowBatches(
  store: SeriesStore,
  query: SeriesQuery,
  spans: readonly MeterSpan[],
  position: Readonly<ArrayLike<string | number>>,
): AsyncGenerator<Placed<RawRow | WindowRow, Position>[]> {
  const asOfUs = query.asOf === undefined ? undefined : parseIsoUs(query.asOf);
  const first = Number(position[0]);
  for (const [index, whole] of spans.entries()) {
    if (index < first) continue;
    const span = index === first ? { ...whole, from: Number(position[1]) } : whole;
    if (span.from >= span.to) continue;
    if (query.window === 'raw') {
      for await (const rows of rawBatches(store, span, asOfUs, query.limit)) {
        yield rows.map(({ row, time }) => ({ row, after: [index, time + 1] }));
      }
    } else {
      const windows = meterWindows(store, { span, kind: query.window, asOfUs, gaps: query.gaps === 'show' });
      for await (const batch of windows) {
        yield batch.map((draft) => ({ row: windowRow(span, draft), after: [index, draft.end] }));
      }
    }
  }
}
