import { dateIn, sameDateWindow, windowsBetween, type Window, type WindowKind } from '@songma/domain';
import {
  matchedWindow,
  matchingStep,
  matchPeriod,
  matchWholePeriod,
  mergeMatched,
  metersToMatch,
  type Matched,
  type MatchedPeriod,
  type MatchedRollup,
  type PeriodInput,
} from '@songma/indicators';
import type { SeriesStore } from '@songma/series-store';
import { instantOf } from '../answers/spans.ts';
import type { MeterSpan } from '../series/query.ts';
import { meterWindows, type WindowDraft } from '../series/windows.ts';
import type { PeriodLives } from './period-lives.ts';
import { HeldWindows, type BaselineScope, type DateSpan } from './baseline-scope.ts';

/** Hours of meters that are in memory at a time for one answer, about. */
const hoursAtOnce = 50_000;
const hourMs = 3_600_000;

export interface MatchQuery {
  readonly store: SeriesStore;
  readonly scope: BaselineScope;
  /** Every meter of the scope, as it was registered. */
  readonly spans: readonly MeterSpan[];
  readonly asOfUs: number | undefined;
  readonly lives: PeriodLives;
}

/** A period of which something is missing, by its date, and the meters whose time in common counts. */
interface Partly extends Window {
  readonly date: string;
  readonly inputs: readonly PeriodInput[];
}

/** A day of a period, by the scope's clock. */
interface Day extends DateSpan {
  readonly window: Window;
}

/** By `meter/date` of its site, then by which hour of that day. */
type Hours = ReadonlyMap<string, ReadonlyMap<number, MatchedRollup>>;

/**
 * What the meters of a baseline told in the time in which all of them are known, for each period of which something is
 * missing, by its date: by the hour, as indicators are matched. Hours are read of days only that lack some.
 */
export async function matchPeriods(
  query: MatchQuery,
  windows: readonly Window[],
  held: HeldWindows,
): Promise<ReadonlyMap<string, MatchedPeriod>> {
  const { baseline, zone } = query.scope;
  const matched = new Map<string, MatchedPeriod>();
  for (const batch of batchesOf(partlyKnown(query, windows, held))) {
    const days = baseline.period === 'P1D' ? held : await daysOf(query, batch);
    const lacking = batch.flatMap((period) =>
      daysIn(period, zone).filter((day) => wholeDay(query, period, day, days) === undefined),
    );
    const hours = await hoursOf(query, batch, lacking);
    for (const period of batch) matched.set(period.date, matchOf(query, period, days, hours));
  }
  return matched;
}

function partlyKnown({ scope, lives }: MatchQuery, windows: readonly Window[], held: HeldWindows): Partly[] {
  const { baseline, meters, zone } = scope;
  return windows.flatMap((window): Partly[] => {
    const date = dateIn(zone, window.start);
    const found = metersToMatch(meters, (meter) => held.get(meter, date), {
      coverageMin: baseline.coverageMin,
      windowOf: lives.windowOf(scope, baseline.period, window),
    });
    return found.length === 0 ? [] : [{ ...window, date, inputs: found }];
  });
}

function matchedPeriod(matched: Matched, period: Partly): MatchedPeriod {
  return {
    share: matchedWindow([{ ...matched, date: period.date }], period).share,
    sums: new Map(period.inputs.map(({ meter }, i) => [meter.id, matched.sums[i]!])),
  };
}

/** In order, as many periods together as their hours fit into memory; at least one. */
function* batchesOf(periods: readonly Partly[]): Generator<readonly Partly[]> {
  let batch: Partly[] = [];
  let hours = 0;
  for (const period of periods) {
    const more = ((period.end - period.start) / hourMs) * period.inputs.length;
    if (batch.length > 0 && hours + more > hoursAtOnce) {
      yield batch;
      [batch, hours] = [[], 0];
    }
    batch.push(period);
    hours += more;
  }
  if (batch.length > 0) yield batch;
}

function daysIn({ start, end }: Window, zone: string): Day[] {
  return windowsBetween('P1D', start, end, zone).map((day) => ({
    from: dateIn(zone, day.start),
    to: dateIn(zone, day.end),
    window: day,
  }));
}

function wholeDay(
  { scope, lives }: MatchQuery,
  { inputs }: Partly,
  { from, window }: Day,
  days: HeldWindows,
): Matched | undefined {
  const rollups = inputs.map(({ meter }) => days.get(meter.id, from));
  return matchWholePeriod(inputs, lives.windowOf(scope, 'P1D', window), rollups);
}

function matchOf(query: MatchQuery, period: Partly, days: HeldWindows, hours: Hours): MatchedPeriod {
  const { scope } = query;
  const { period: kind, coverageMin: shareMin } = scope.baseline;
  const { inputs } = period;
  const parts = daysIn(period, scope.zone).map((day) => ({
    ...(wholeDay(query, period, day, days) ?? matchDay(query, period, day, { days, hours })),
    windowMs: day.window.end - day.window.start,
  }));
  const isStep = kind === 'P1M' && matchingStep(inputs.map(({ meter }) => meter)) === 'P1D';
  return matchedPeriod(mergeMatched(parts, inputs.length, { isStep, shareMin }), period);
}

/** By the hour; of sites in several zones hours count from the beginning of each one's day. */
function matchDay(
  { scope, lives }: MatchQuery,
  { inputs }: Partly,
  { from, window: day }: Day,
  { days, hours }: { readonly days: HeldWindows; readonly hours: Hours },
): Matched {
  const shareMin = scope.baseline.coverageMin;
  const hoursOfZone = new Map<string, readonly Window[]>();
  for (const zone of new Set(inputs.map(({ meter }) => scope.zoneOf(meter)))) {
    const { start, end } = sameDateWindow('P1D', day.start, scope.zone, zone);
    hoursOfZone.set(zone, windowsBetween('PT1H', start, end, zone));
  }
  const lengths = Array.from(hoursOfZone.values(), ({ length }) => length);
  const count = Math.min(...lengths);
  // A day of 25 hours here and of 24 there has no hours in common: each is known for its share.
  if (Math.max(...lengths) !== count) {
    const rollups = inputs.map(({ meter }) => days.get(meter.id, from));
    return matchPeriod(inputs, lives.windowOf(scope, 'P1D', day), rollups, shareMin);
  }
  const { hasBegun } = lives;
  const parts = Array.from({ length: count }, (_, i) => {
    const rollups = inputs.map(({ meter }) => hours.get(`${meter.id}/${from}`)?.get(i));
    const windowOf = ({ meter }: PeriodInput) => hoursOfZone.get(scope.zoneOf(meter))![i]!;
    const { start, end } = windowOf(inputs[0]!);
    return {
      ...matchPeriod(
        inputs,
        (meter) => {
          const window = windowOf({ meter, isMade: false });
          return { window, hasBegun: hasBegun(meter, window.end) };
        },
        rollups,
        shareMin,
      ),
      windowMs: end - start,
    };
  });
  return mergeMatched(parts, inputs.length, { isStep: false, shareMin });
}

async function daysOf(query: MatchQuery, periods: readonly Partly[]): Promise<HeldWindows> {
  const { zone } = query.scope;
  const dates = periods.map(({ start, end }) => ({ from: dateIn(zone, start), to: dateIn(zone, end) }));
  const days = new HeldWindows();
  for await (const [span, batch] of windowsOf(query, 'P1D', periods, dates)) days.add(span.context, batch);
  return days;
}

async function hoursOf(query: MatchQuery, periods: readonly Partly[], days: readonly Day[]): Promise<Hours> {
  const hours = new Map<string, Map<number, MatchedRollup>>();
  for await (const [{ context }, batch] of windowsOf(query, 'PT1H', periods, days)) {
    const { timeZone } = context.site;
    for (const hour of batch) {
      const date = dateIn(timeZone, hour.start);
      const key = `${context.meter.id}/${date}`;
      let ofDay = hours.get(key);
      if (ofDay === undefined) hours.set(key, (ofDay = new Map()));
      ofDay.set(Math.floor((hour.start - instantOf(date, timeZone)) / hourMs), hour);
    }
  }
  return hours;
}

/** The windows of the periods' meters on some dates, by the clock of each one's site. */
async function* windowsOf(
  { spans, store, asOfUs }: MatchQuery,
  kind: WindowKind,
  periods: readonly Partly[],
  dates: readonly DateSpan[],
): AsyncGenerator<[MeterSpan, readonly WindowDraft[]]> {
  const wanted = new Set(periods.flatMap(({ inputs }) => inputs.map(({ meter }) => meter.id)));
  const joined: { from: string; to: string }[] = [];
  for (const { from, to } of dates) {
    const last = joined.at(-1);
    if (last?.to === from) last.to = to;
    else joined.push({ from, to });
  }
  for (const span of spans) {
    const { meter, site } = span.context;
    // Of several spans of one meter any tells how it was registered.
    if (!wanted.delete(meter.id)) continue;
    for (const { from, to } of joined) {
      const asked = { from: instantOf(from, site.timeZone), to: instantOf(to, site.timeZone) };
      const query = { span: { ...span, ...asked }, kind, asOfUs, gaps: false };
      for await (const batch of meterWindows(store, query)) yield [span, batch];
    }
  }
}
