import { judgeCounter } from '@songma/domain';
import type { SeriesStore } from '@songma/series-store';
import type { Span } from '../answers/spans.ts';
import type { MeterSpan } from './query.ts';
import { rawRow, type Found, type RawRow } from './rows.ts';
import { readSlice } from './slices.ts';
import { daySlices } from './windows.ts';

/** Readings that are judged at a time: a meter that is no counter but registered as one takes 20 µs each. */
const judgedReadingsMax = 20_000;

interface TimedRow {
  readonly row: RawRow;
  readonly time: number;
}

/**
 * The readings of one meter in its span, ascending, in batches of bounded size. A counter's carry what is found of
 * them: it is judged slice by slice, each with what its judgement stands on.
 */
export async function* rawBatches(
  store: SeriesStore,
  span: MeterSpan,
  asOfUs: number | undefined,
  rowsWanted = Number.POSITIVE_INFINITY,
): AsyncGenerator<TimedRow[]> {
  const { meter, site } = span.context;
  const isCounter = meter.kind === 'counter';
  const days = Math.floor((Math.min(judgedReadingsMax, rowsWanted) * meter.intervalMs) / 86_400_000);
  for (const { from, to } of isCounter ? daySlices(span, Math.max(1, days)) : [span]) {
    const ranges = [{ site: site.id, meters: [meter.id], from, to }];
    let found: ((time: number) => Found | undefined) | undefined;
    for await (const chunk of store.read({ ranges, ...(asOfUs === undefined ? {} : { asOfUs }) })) {
      if (isCounter) found ??= await judgeSlice(store, span, { from, to }, asOfUs);
      yield Array.from(chunk.times, (time, i) => ({ row: rawRow(span, chunk, i, found?.(time)), time }));
    }
  }
}

/** What is found of the readings of a slice, to be asked in ascending time. */
async function judgeSlice(
  store: SeriesStore,
  { context }: MeterSpan,
  slice: Span,
  asOfUs: number | undefined,
): Promise<(time: number) => Found | undefined> {
  const readings = await readSlice(store, context, slice, asOfUs);
  const { times } = readings;
  const judgement = judgeCounter(context.meter, readings);
  let at = 0;
  return (time) => {
    while (at < times.length && times[at]! < time) at++;
    // A reading that was stored meanwhile is not judged yet.
    return times[at] === time ? { judgement, times, at } : undefined;
  };
}
