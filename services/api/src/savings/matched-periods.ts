import { dateIn, windowsBetween, type Meter, type Window, type WindowKind } from '@songma/domain';
import {
  matchedWindow,
  matchingStep,
  matchWhole,
  matchWindow,
  mergeMatched,
  metersToMatch,
  type Matched,
  type MatchedPeriod,
  type MatchedRollup,
} from '@songma/indicators';
import type { SeriesStore } from '@songma/series-store';
import { instantOf } from '../answers/spans.ts';
import type { MeterSpan } from '../series/query.ts';
import { meterWindows, type WindowDraft } from '../series/windows.ts';
import { HeldWindows, type BaselineScope, type DateSpan } from './savings-inputs.ts';

/** Hours of meters that are in memory at a time for one answer, about. */
const hoursAtOnce = 50_000;
const hourMs = 3_600_000;

export interface MatchQuery {
  readonly store: SeriesStore;
  readonly scope: BaselineScope;
  /** Every meter of the scope, as it was registered. */
  readonly spans: readonly MeterSpan[];
  readonly asOfUs: number | undefined;
}

/** A period of which something is missing, by its date, and the meters whose time in common counts. */
interface Partly extends Window {
  readonly date: string;
  readonly meters: readonly Meter[];
}

/** A day of a period. */
interface Day extends DateSpan {
  readonly windowMs: number;
}

/** By `meter/date` of its site, then by how long after the beginning of that day. */
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
  for (const batch of batchesOf(partlyKnown(query.scope, windows, held))) {
    const days = baseline.period === 'P1D' ? held : await daysOf(query, batch);
    const lacking = batch.flatMap((period) =>
      daysIn(period, zone).filter(({ from }) => wholeDay(period, from, days) === undefined),
    );
    const hours = await hoursOf(query, batch, lacking);
    for (const period of batch) matched.set(period.date, matchOf(query.scope, period, days, hours));
  }
  return matched;
}

/** The same without a closer look: what is known of each period as a whole. */
export function matchPeriodsWhole(
  scope: BaselineScope,
  windows: readonly Window[],
  held: HeldWindows,
): ReadonlyMap<string, MatchedPeriod> {
  return new Map(
    partlyKnown(scope, windows, held).map((period) => {
      const { meters, date } = period;
      const rollups = meters.map(({ id }) => held.get(id, date));
      return [date, matchedPeriod(matchWindow(rollups, scope.baseline.coverageMin), period)];
    }),
  );
}

function partlyKnown(
  { baseline, meters, zone }: BaselineScope,
  windows: readonly Window[],
  held: HeldWindows,
): Partly[] {
  return windows.flatMap((window): Partly[] => {
    const date = dateIn(zone, window.start);
    const found = metersToMatch(meters, (meter) => held.get(meter, date), baseline.coverageMin);
    return found.length === 0 ? [] : [{ ...window, date, meters: found }];
  });
}

function matchedPeriod(matched: Matched, period: Partly): MatchedPeriod {
  return {
    share: matchedWindow([{ ...matched, date: period.date }], period).share,
    sums: new Map(period.meters.map(({ id }, i) => [id, matched.sums[i]!])),
  };
}

/** In order, as many periods together as their hours fit into memory; at least one. */
function* batchesOf(periods: readonly Partly[]): Generator<readonly Partly[]> {
  let batch: Partly[] = [];
  let hours = 0;
  for (const period of periods) {
    const more = ((period.end - period.start) / hourMs) * period.meters.length;
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
    windowMs: day.end - day.start,
  }));
}

function wholeDay({ meters }: Partly, date: string, days: HeldWindows): Matched | undefined {
  return matchWhole(meters.map(({ id }) => days.get(id, date)));
}

function matchOf(
  { baseline: { period: kind, coverageMin: shareMin }, zone }: BaselineScope,
  period: Partly,
  days: HeldWindows,
  hours: Hours,
): MatchedPeriod {
  const { meters } = period;
  const matchDay = (day: string): Matched => {
    const ofMeters = meters.map(({ id }) => hours.get(`${id}/${day}`) ?? new Map<number, MatchedRollup>());
    const parts = [...ofMeters[0]!.entries()].map(([offset, { start, end }]) => {
      const rollups = ofMeters.map((ofMeter) => ofMeter.get(offset));
      return { ...matchWindow(rollups, shareMin), windowMs: end - start };
    });
    return mergeMatched(parts, meters.length, { isStep: false, shareMin });
  };
  const parts = daysIn(period, zone).map(({ from, windowMs }) => ({
    ...(wholeDay(period, from, days) ?? matchDay(from)),
    windowMs,
  }));
  const isStep = kind === 'P1M' && matchingStep(meters) === 'P1D';
  return matchedPeriod(mergeMatched(parts, meters.length, { isStep, shareMin }), period);
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
      ofDay.set(hour.start - instantOf(date, timeZone), hour);
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
  const wanted = new Set(periods.flatMap(({ meters }) => meters.map(({ id }) => id)));
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
