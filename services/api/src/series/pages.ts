import { windowAt } from '@songma/domain';
import type { SeriesStore } from '@songma/series-store';
import { parseIsoUs } from '../iso-time.ts';
import { placeWithin, type PageKey } from '../paging.ts';
import { inTurns, pageWorkMsMax, streamWorkMsMax } from '../work-turns.ts';
import type { MeterSpan, SeriesQuery, SeriesWindow } from './query.ts';
import { rawBatches } from './readings.ts';
import { windowRow, type RawRow, type WindowRow } from './rows.ts';
import { meterWindows } from './windows.ts';

/** Where to go on: which of the meters asked for, and from which instant. */
export type Position = readonly [meter: number, from: number];

/** A row and the position after it. */
export interface Placed<R, P> {
  readonly row: R;
  readonly after: P;
}

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

/** A page under way: how many rows it takes, and where the next begins once it is known that there is one. */
export interface Page<P> {
  readonly limit: number;
  next: P | undefined;
}

/** The rows of one page; sets `page.next` when there are more. */
export async function* pageRows<R, P>(
  batches: AsyncIterable<readonly Placed<R, P>[]>,
  page: Page<P>,
): AsyncGenerator<R[]> {
  let left = page.limit;
  let last: P | undefined;
  const workMsMax = page.limit === Number.POSITIVE_INFINITY ? streamWorkMsMax : pageWorkMsMax;
  for await (const batch of inTurns(batches, workMsMax)) {
    const taken = batch.length > left ? batch.slice(0, left) : batch;
    last = taken.at(-1)?.after ?? last;
    left -= taken.length;
    yield taken.map(({ row }) => row);
    if (taken.length < batch.length) {
      page.next = last;
      return;
    }
  }
}
