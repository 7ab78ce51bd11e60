import {
  expectedOf,
  mergeRollups,
  rollupSpans,
  saysSomething,
  windowAt,
  windowsBetween,
  type CutKind,
  type RollupDraft,
  type Window,
  type WindowKind,
} from '@songma/domain';
import type { SeriesStore } from '@songma/series-store';
import type { Span } from '../answers/spans.ts';
import type { MeterSpan } from './query.ts';
import { intervalTogether, toldIn } from './told.ts';

/** A window's numbers; `revision` is null where they were computed for this answer. */
export type WindowDraft = RollupDraft<CutKind> & {
  readonly revision: number | null;
};

export interface WindowQuery {
  readonly span: MeterSpan;
  readonly kind: CutKind;
  /** Answer from what was known then, microseconds. */
  readonly asOfUs: number | undefined;
  readonly gaps: boolean;
}

/** Days of stored rollups that are fetched at a time. */
const storedDaysPerSlice = { PT1H: 31, P1D: 366, P1M: 36_600, P1Y: 36_600 } as const;

/** From what a window is merged where it is not stored: as the worker merges those that are. */
const partsOf = { P1D: 'PT1H', P1M: 'P1D', P1Y: 'P1M' } as const;

/**
 * The windows of one meter that overlap its span, ascending, in batches of bounded size.
 *
 * They come from the stored rollups; quarter hours, and with `asOfUs` everything, are computed from the readings by the
 * same functions that made the stored ones. Windows in which
 * nothing is known are left out unless `gaps` asks for them.
 */
export async function* meterWindows(store: SeriesStore, query: WindowQuery): AsyncGenerator<WindowDraft[]> {
  const { span, kind } = query;
  const { timeZone } = span.context.site;
  const whole = {
    ...span,
    from: windowAt(kind, span.from, timeZone).start,
    to: windowAt(kind, span.to - 1, timeZone).end,
  };
  const held = draftsOf(store, { ...query, span: whole });
  if (!query.gaps) {
    for await (const batch of held) {
      const known = batch.filter(saysSomething);
      if (known.length > 0) yield known;
    }
    return;
  }
  yield* withGaps(held, whole, kind);
}

/** Whole windows that are read at a time when the latest come first. */
const sliceKinds = { PT15M: 'P1M', PT1H: 'P1M', P1D: 'P1Y', P1M: undefined, P1Y: undefined } as const;

/** The same, the latest first: read in slices of whole windows, each turned round. */
export async function* meterWindowsLatestFirst(
  store: SeriesStore,
  query: WindowQuery,
): AsyncGenerator<WindowDraft[]> {
  const { span, kind } = query;
  const { timeZone } = span.context.site;
  const sliceKind = sliceKinds[kind];
  for (let to = span.to; to > span.from;) {
    const start = sliceKind === undefined ? span.from : windowAt(sliceKind, to - 1, timeZone).start;
    const from = Math.max(span.from, start);
    const slice = await Array.fromAsync(meterWindows(store, { ...query, span: { ...span, from, to } }));
    yield slice.flat().toReversed();
    to = from;
  }
}

function draftsOf(store: SeriesStore, query: WindowQuery): AsyncGenerator<WindowDraft[]> {
  const { span, kind, asOfUs } = query;
  if (kind === 'PT15M' || (kind === 'PT1H' && asOfUs !== undefined))
    return computed(store, span, kind, asOfUs);
  if (kind === 'PT1H' || asOfUs === undefined) return stored(store, span, kind);
  return merged(draftsOf(store, { ...query, kind: partsOf[kind] }), span, kind);
}

async function* stored(store: SeriesStore, span: MeterSpan, kind: WindowKind): AsyncGenerator<WindowDraft[]> {
  const { meter, site } = span.context;
  for (const { from, to } of daySlices(span, storedDaysPerSlice[kind])) {
    const ranges = [{ site: site.id, meters: [meter.id], from, to }];
    const rollups = await store.rollups({ ranges, window: kind });
    if (rollups.length > 0) yield rollups;
  }
}

/** Readings that a slice is expected to hold at most: what is in memory at a time for one request. */
const readingsPerSlice = 100_000;
const windowsPerSlice = 3_000;

async function* computed(
  store: SeriesStore,
  span: MeterSpan,
  kind: 'PT15M' | 'PT1H',
  asOfUs: number | undefined,
): AsyncGenerator<WindowDraft[]> {
  const { meter, site } = span.context;
  const dayMs = 86_400_000;
  const daysByReadings = Math.floor((readingsPerSlice * intervalTogether(span)) / dayMs);
  const daysByWindows = Math.floor(windowsPerSlice / (kind === 'PT15M' ? 96 : 24));
  for (const slice of daySlices(span, Math.max(1, Math.min(daysByReadings, daysByWindows)))) {
    const told = await toldIn(store, span, slice, asOfUs);
    if (told.readings.times.length === 0) continue;
    const windows = windowsBetween(kind, slice.from, slice.to, site.timeZone);
    const drafts = rollupSpans(meter, told.readings, told.spans, windows, kind);
    yield drafts.map((draft) => ({ ...draft, revision: null }));
  }
}

/** Parts of finer windows gathered into whole windows of `kind`; those without a part are not given. */
async function* merged(
  parts: AsyncGenerator<WindowDraft[]>,
  span: MeterSpan,
  kind: Exclude<WindowKind, 'PT1H'>,
): AsyncGenerator<WindowDraft[]> {
  const { timeZone } = span.context.site;
  let window: Window | undefined;
  let gathered: WindowDraft[] = [];
  for await (const batch of parts) {
    const complete: WindowDraft[] = [];
    for (const part of batch) {
      if (window === undefined || part.start >= window.end) {
        if (window !== undefined) complete.push(mergeOf(span, kind, window, gathered));
        window = windowAt(kind, part.start, timeZone);
        gathered = [];
      }
      gathered.push(part);
    }
    if (complete.length > 0) yield complete;
  }
  if (window !== undefined) yield [mergeOf(span, kind, window, gathered)];
}

function mergeOf(
  { context: { meter, site }, inputs }: MeterSpan,
  kind: Exclude<WindowKind, 'PT1H'>,
  window: Window,
  parts: readonly WindowDraft[],
): WindowDraft {
  const isByLength = meter.interval === undefined && inputs === undefined;
  const expected = isByLength ? undefined : expectedOf(meter, site.timeZone, window, inputs);
  const draft = mergeRollups(kind, window, parts, expected, meter);
  const revision = parts.reduce<number | null>(
    (sum, part) => (sum === null || part.revision === null ? null : sum + part.revision),
    0,
  );
  return { ...draft, revision };
}

/** The windows that are held, and an empty one in each place where none is. */
async function* withGaps(
  held: AsyncGenerator<WindowDraft[]>,
  span: MeterSpan,
  kind: CutKind,
): AsyncGenerator<WindowDraft[]> {
  let at = span.from;
  for await (const batch of held) {
    for (const draft of batch) {
      yield* emptyWindows(span, kind, at, draft.start);
      yield [draft];
      at = draft.end;
    }
  }
  yield* emptyWindows(span, kind, at, span.to);
}

function* emptyWindows(span: MeterSpan, kind: CutKind, from: number, to: number): Generator<WindowDraft[]> {
  for (let at = from; at < to;) {
    const window = windowAt(kind, at, span.context.site.timeZone);
    yield [emptyWindow(span, kind, window)];
    at = window.end;
  }
}

function emptyWindow(span: MeterSpan, kind: CutKind, window: Window): WindowDraft {
  const { meter, site } = span.context;
  return {
    site: site.id,
    meter: meter.id,
    window: kind,
    start: window.start,
    end: window.end,
    count: 0,
    expected: expectedOf(meter, site.timeZone, window, span.inputs),
    coveredMs: 0,
    coverage: 0,
    sum: null,
    mean: null,
    min: null,
    max: null,
    calibrating: 0,
    fault: 0,
    outOfRange: 0,
    spreadMs: 0,
    irregular: 0,
    quarters: kind === 'PT15M' || kind === 'PT1H' ? 0 : null,
    validSpanMs: kind === 'PT15M' || kind === 'PT1H' ? 0 : null,
    calibratingMs: 0,
    faultMs: 0,
    outOfRangeMs: 0,
    belowDetection: 0,
    validMs: 0,
    revision: null,
  };
}

/** Consecutive spans of about `days` days, cut at midnights of the site. */
export function* daySlices(span: MeterSpan, days: number): Generator<Span> {
  const { timeZone } = span.context.site;
  for (let from = span.from; from < span.to;) {
    const to = Math.min(span.to, windowAt('P1D', from + days * 86_400_000, timeZone).start);
    const end = to > from ? to : windowAt('P1D', from, timeZone).end;
    yield { from, to: end };
    from = end;
  }
}
