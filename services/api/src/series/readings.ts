import { judgeCounter } from '@songma/domain';
import type { SeriesChunk, SeriesStore } from '@songma/series-store';
import type { Span } from '../answers/spans.ts';
import type { MeterSpan } from './query.ts';
import { latestReadings } from './latest-readings.ts';
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

/** The least time that is read at once, latest first. */
const sliceMsMin = 3_600_000;

/**
 * The same, the latest first. Each slice ends with a reading that is there, so that silence costs nothing, and holds a
 * bounded number of readings however dense they are.
 */
export async function* rawBatchesLatestFirst(
  store: SeriesStore,
  span: MeterSpan,
  asOfUs: number | undefined,
  rowsWanted = Number.POSITIVE_INFINITY,
): AsyncGenerator<TimedRow[]> {
  const { context } = span;
  const { meter, site } = context;
  const readingsMax = Math.min(judgedReadingsMax, rowsWanted + 1);
  const sliceMs = Math.max(sliceMsMin, readingsMax * meter.intervalMs);
  for (let before = span.to; before > span.from;) {
    const looked = latestReadings(store, [context], { since: span.from, before, asOfUs });
    const last = (await looked.next()).value?.[0]?.reading;
    if (last === undefined) return;
    const to = last.times[0]! + 1;
    const from = Math.max(span.from, to - sliceMs);
    const ranges = [{ site: site.id, meters: [meter.id], from, to }];
    const asOf = asOfUs === undefined ? {} : { asOfUs };
    const { chunks, areAll } = await lastChunks(store.read({ ranges, ...asOf }), readingsMax);
    const first = chunks[0]!.times[0]!;
    const found =
      meter.kind === 'counter' ? await judgeSlice(store, span, { from: first, to }, asOfUs) : undefined;
    const rows = chunks.flatMap((chunk) =>
      Array.from(chunk.times, (time, i) => ({ row: rawRow(span, chunk, i, found?.(time)), time })),
    );
    yield rows.toReversed();
    before = areAll ? from : first;
  }
}

/** The last chunks of those that come, as few as hold so many readings. */
async function lastChunks(
  read: AsyncIterable<SeriesChunk>,
  readingsMax: number,
): Promise<{ readonly chunks: readonly SeriesChunk[]; readonly areAll: boolean }> {
  const chunks: SeriesChunk[] = [];
  let readings = 0;
  let areAll = true;
  for await (const chunk of read) {
    chunks.push(chunk);
    readings += chunk.times.length;
    while (readings - chunks[0]!.times.length >= readingsMax) {
      readings -= chunks.shift()!.times.length;
      areAll = false;
    }
  }
  return { chunks, areAll };
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
  const judgement = judgeCounter(context.meter, context.site.timeZone, readings);
  let at = 0;
  return (time) => {
    while (at < times.length && times[at]! < time) at++;
    // A reading that was stored meanwhile is not judged yet.
    return times[at] === time ? { judgement, times, at } : undefined;
  };
}
