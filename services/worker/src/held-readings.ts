import {
  counterGapMaxMs,
  influenceOf,
  joinedReadings,
  looksAfter,
  looksBefore,
  nearAfter,
  nearBefore,
  validAfter,
  validBefore,
  windowsBetween,
  type Meter,
  type MeterReadings,
  type Spans,
  type Window,
} from '@songma/domain';
import type { SeriesChunk, SeriesRange } from '@songma/series-store';
import { irregularOnes, seedsBeyond } from './irregular-counters.ts';
import type { PieceStore } from './piece-store.ts';
import type { ReadingSpan } from './reading-plan.ts';
import type { SiteScopes } from './site-scopes.ts';

/** A meter, the hours that its changed readings touch, and every reading that these hours need. */
export interface TouchedMeter {
  readonly meter: Meter;
  readonly zone: string;
  /** Ascending; at least one. */
  readonly hours: readonly Window[];
  readonly readings: MeterReadings;
  /** What a derived meter tells; undefined where the readings do. */
  readonly spans?: Spans;
  /** Of a derived meter: those of its site, by id. */
  readonly inputs?: ReadonlyMap<string, Meter>;
  /** Whether they reach as far as the judgement of an irregular counter does, since one of its steps near by is. */
  readonly seesSurroundings: boolean;
}

/** A meter's readings as far as they are read: all of `[from, to)`. */
export interface Held {
  readonly span: ReadingSpan;
  readonly meter: Meter;
  from: number;
  to: number;
  readings: MeterReadings;
  hours: readonly Window[];
  /** Where its readings changed; those of the span, and what follows from them. */
  changed: readonly Window[];
  /** Whether a step of this counter near by is irregular, so that its changes speak for more than their neighbours. */
  isIrregular: boolean;
}

/** How far back a silence is looked into at first; then farther, up to the longest that is bridged. */
const silenceStepMs = 6 * 3_600_000;

/**
 * Reads what the spans name in one question to the store. Where a counter was silent beyond that (or may have more to
 * come, at the head of its readings), it is asked again, for all of them together; and again for the surroundings of
 * those that are irregular.
 * @returns per meter and span that changed readings touch; how many readings were read
 */
export async function readTouched(
  store: PieceStore,
  scopes: SiteScopes,
  spans: readonly ReadingSpan[],
): Promise<{ readonly touched: readonly TouchedMeter[]; readonly readings: number }> {
  const held: Held[] = [];
  // Ranges without a list bring every meter of their site; apart from the others, a reading's range is never in doubt.
  const [listed, whole] = [spans.filter(isListed), spans.filter((span) => !isListed(span))];
  const counts = await Promise.all([listed, whole].map((some) => readSpans(store, scopes, some, held)));
  let count = counts.reduce((sum, one) => sum + one, 0);
  const counters = held.filter(({ meter }) => meter.kind === 'counter');
  count += await complete(store, counters);
  let open = await irregularOnes(store, counters);
  while (open.length > 0) {
    for (const one of open) one.hours = touchedHours(one);
    count += await complete(store, open);
    open = await seedsBeyond(store, open);
  }
  return {
    touched: held.flatMap(({ span, meter, readings, hours, isIrregular }) => {
      if (hours.length === 0) return [];
      const zone = span.scope.site.timeZone;
      return [{ meter, zone, hours, readings, seesSurroundings: isIrregular }];
    }),
    readings: count,
  };
}

/** Reads on until nothing is missing of these counters. */
async function complete(store: PieceStore, counters: readonly Held[]): Promise<number> {
  let count = 0;
  let open = counters;
  while (open.length > 0) {
    const asked = open.flatMap((one) => {
      const range = missing(one);
      return range === undefined ? [] : [{ one, range }];
    });
    count += await extend(store, asked);
    open = asked.map(({ one }) => one);
  }
  return count;
}

function isListed({ range }: ReadingSpan): boolean {
  return range.meters !== undefined;
}

async function readSpans(
  store: PieceStore,
  scopes: SiteScopes,
  spans: readonly ReadingSpan[],
  held: Held[],
): Promise<number> {
  if (spans.length === 0) return 0;
  const ofSite = Map.groupBy(spans, ({ range }) => range.site);
  let count = 0;
  let run: { readonly span: ReadingSpan; readonly meter: Meter; readonly parts: SeriesChunk[] } | undefined;
  const close = (): void => {
    if (run === undefined) return;
    const { span, meter, parts } = run;
    held.push(heldOf(span, meter, parts));
    run = undefined;
  };
  // Chunks come by range, then meter, and the ranges of one meter are apart: the first stamp tells which it is.
  for await (const chunk of store.read({ ranges: spans.map(({ range }) => range) })) {
    count += chunk.times.length;
    const at = chunk.times[0]!;
    const inside = ofSite.get(chunk.site)!;
    const span = inside.find(
      ({ meters, range }) => meters.has(chunk.meter) && at >= range.from && at < range.to,
    );
    if (run !== undefined && (run.span !== span || run.meter.id !== chunk.meter)) close();
    if (span === undefined) {
      // One of another group, or one that is not registered.
      scopes.meter(inside[0]!.scope, chunk.meter);
    } else if (run === undefined) {
      run = { span, meter: span.meters.get(chunk.meter)!, parts: [chunk] };
    } else {
      run.parts.push(chunk);
    }
  }
  close();
  held.push(...withoutReadings(spans, held));
  return count;
}

/** Meters whose hours are computed from anew and have no reading within reach. */
function withoutReadings(spans: readonly ReadingSpan[], held: readonly Held[]): Held[] {
  const forced = spans.filter(({ isForced }) => isForced);
  if (forced.length === 0) return [];
  const found = new Set(held.map(({ span, meter }) => `${meter.id} ${span.range.from}`));
  return forced.flatMap((span) =>
    [...span.meters.values()]
      .filter(({ id }) => !found.has(`${id} ${span.range.from}`))
      .map((meter) => heldOf(span, meter, [])),
  );
}

function heldOf(span: ReadingSpan, meter: Meter, parts: readonly MeterReadings[]): Held {
  const { from, to } = span.range;
  const readings = joinedReadings(parts);
  const one = { span, meter, from, to, readings, hours: [], changed: span.changed, isIrregular: false };
  return { ...one, hours: touchedHours(one) };
}

function touchedHours({ span, meter, readings, changed, isIrregular }: Held): Window[] {
  const zone = span.scope.site.timeZone;
  const hours: Window[] = [];
  for (const one of changed) {
    const ofReadings = influenceOf(meter, zone, readings, one.start, one.end, isIrregular);
    const influence = span.isForced ? hull(one, ofReadings ?? one) : ofReadings;
    if (influence === undefined) continue;
    for (const hour of windowsBetween('PT1H', influence.start, influence.end, zone)) {
      const last = hours.at(-1);
      if (last === undefined || hour.start > last.start) hours.push(hour);
    }
  }
  return hours;
}

function hull(a: Window, b: Window): Window {
  return { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}

/**
 * What a counter's touched hours need and is not read yet: these hours themselves, when its neighbours lie far off,
 * and some valid readings on either side of them, as far as a silence is bridged: these tell whether it is irregular.
 * Where it is, the judgement of the steps up to these needs their surroundings in turn.
 */
function missing(one: Held): SeriesRange | undefined {
  const { span, meter, from, to, readings, hours, isIrregular } = one;
  const [first] = hours;
  const last = hours.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const range = { site: meter.site, meters: [meter.id] };
  if (first.start < from) return { ...range, from: first.start - span.reachMs, to: from };
  if (last.end > to) return { ...range, from: to, to: last.end + span.reachMs };
  for (const look of nearBefore(meter, readings, first.start)) {
    const beyond = missingBefore(one, look);
    if (beyond !== undefined) return beyond;
  }
  for (const look of nearAfter(meter, readings, last.end - 1)) {
    const beyond = missingAfter(one, look);
    if (beyond !== undefined) return beyond;
  }
  if (!isIrregular) return undefined;
  const before = validBefore(meter, readings, first.start) ?? first.start;
  for (const look of looksBefore(meter, readings, before)) {
    const beyond = missingBefore(one, look);
    if (beyond !== undefined) return beyond;
  }
  const after = validAfter(meter, readings, last.end - 1) ?? last.end;
  for (const look of looksAfter(meter, readings, after)) {
    const beyond = missingAfter(one, look);
    if (beyond !== undefined) return beyond;
  }
  return undefined;
}

/** What may hold the last valid reading before a time, and is not read yet. */
function missingBefore({ meter, from, readings }: Held, time: number): SeriesRange | undefined {
  const earliest = time - counterGapMaxMs(meter);
  if (from <= earliest || validBefore(meter, readings, time) !== undefined) return undefined;
  const farther = Math.min(time, from) - Math.max(silenceStepMs, 4 * (time - from));
  return { site: meter.site, meters: [meter.id], from: Math.max(earliest, farther), to: from };
}

/**
 * What may hold the first valid reading after a time. Where nothing follows the touched hours one looks beyond the head,
 * and there is nothing, however far that is.
 */
function missingAfter({ meter, hours, to, readings }: Held, time: number): SeriesRange | undefined {
  const latest = time + counterGapMaxMs(meter) + 1;
  if (to >= latest || validAfter(meter, readings, time) !== undefined) return undefined;
  const isBeyondHead = time < hours.at(-1)!.end;
  const farther = Math.max(time, to) + Math.max(silenceStepMs, 4 * (to - time));
  return {
    site: meter.site,
    meters: [meter.id],
    from: to,
    to: isBeyondHead ? latest : Math.min(latest, farther),
  };
}

/** The ranges with those of one site and span as one. */
function together(ranges: readonly SeriesRange[]): SeriesRange[] {
  const alike = Map.groupBy(ranges, ({ site, from, to }) => `${site} ${from} ${to}`);
  return [...alike.values()].map((of) => ({ ...of[0]!, meters: of.flatMap(({ meters = [] }) => meters) }));
}

/**
 * Reads one range of each, next to what it holds. Some may be of one meter: those are asked for one after the other.
 */
async function extend(
  store: PieceStore,
  asked: readonly { readonly one: Held; readonly range: SeriesRange }[],
): Promise<number> {
  let count = 0;
  let rest = asked;
  while (rest.length > 0) {
    const now = new Map<string, { one: Held; range: SeriesRange; parts: SeriesChunk[] }>();
    const later: (typeof rest)[number][] = [];
    for (const { one, range } of rest) {
      if (now.has(one.meter.id)) later.push({ one, range });
      else now.set(one.meter.id, { one, range, parts: [] });
    }
    // Mostly this looks beyond the head of the readings.
    const ranges = together([...now.values()].map(({ range }) => range));
    for await (const chunk of store.read({ ranges, isLikelyEmpty: true })) {
      count += chunk.times.length;
      now.get(chunk.meter)!.parts.push(chunk);
    }
    for (const { one, range, parts } of now.values()) {
      const isBefore = range.from < one.from;
      if (parts.length > 0) {
        one.readings = joinedReadings(isBefore ? [...parts, one.readings] : [one.readings, ...parts]);
        one.hours = touchedHours(one);
      }
      if (isBefore) one.from = range.from;
      else one.to = range.to;
    }
    rest = later;
  }
  return count;
}
