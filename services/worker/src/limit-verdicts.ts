import {
  gasBasisOf,
  isDerived,
  windowAt,
  type Limit,
  type OperatingSignal,
  type Rollup,
  type Window,
} from '@songma/domain';
import { judgedLimitOnMeter, judgeHours, operationOf, type LimitedHour, type Verdict } from '@songma/limits';
import type { MeterContext, Registry } from '@songma/registry';
import type { SeriesRange } from '@songma/series-store';
import type { PieceStore } from './piece-store.ts';

/** Times that a Date can have. */
const timeMax = 8.64e15;

/** A limit with what its verdicts rest on. */
export interface JudgedLimit {
  /** Its numbers in the meter's unit. */
  readonly limit: Limit;
  readonly version: number;
  readonly context: MeterContext;
  /** How it is told that the meter's source operates; undefined: always. */
  readonly signal: OperatingSignal | undefined;
  /** What its verdicts rest on: the limit's meter, and that of the signal. */
  readonly meters: readonly string[];
  /** Whether the readings of these meters can be counted: those of derived ones cannot. */
  readonly isCounted: boolean;
}

/** A limit in a time of whole averaging windows, `to` exclusive. */
export interface LimitSpan {
  readonly of: JudgedLimit;
  readonly from: number;
  readonly to: number;
}

/** Hours by meter, then start. */
export type HoursByMeter = ReadonlyMap<string, ReadonlyMap<number, Rollup>>;

/** The limits of a meter, as they are registered; none when it is not, and none that has no number in its unit. */
export function judgedLimits(registry: Registry, meter: string): JudgedLimit[] {
  const context = registry.meter(meter);
  if (context === undefined) return [];
  const { source } = context.meter;
  const signal = source === undefined ? undefined : registry.get('source', source)?.body.operating;
  const limits = registry.limitsOfMeter(meter);
  if (limits.length === 0) return [];
  const basis = gasBasisOf(context.meter, (id) => registry.get('meter', id)?.body);
  // What is at no one basis is refused at the door; of before that its numbers are compared as they are.
  const measured = { ...('problem' in basis ? {} : basis), unit: context.meter.unit };
  return limits.flatMap((registered) => {
    const limit = judgedLimitOnMeter(registered, measured);
    if ('refusal' in limit) return [];
    const { version } = registry.get('limit', limit.id)!;
    const meters = [...new Set([meter, ...(signal === undefined ? [] : [signal.meter])])];
    const isCounted = meters.every((id) => {
      const known = registry.meter(id)?.meter;
      return known !== undefined && !isDerived(known);
    });
    return { limit, version, context, signal, meters, isCounted };
  });
}

/** The time of the limit's windows that lie within `reachMs` of `[from, to)`. */
export function wholeWindows(of: JudgedLimit, from: number, to: number, reachMs = 0): LimitSpan {
  if (reachMs === Number.POSITIVE_INFINITY) return { of, from: -timeMax, to: timeMax };
  const zone = of.context.site.timeZone;
  return {
    of,
    from: windowAt(of.limit.averaging, from - reachMs, zone).start,
    to: windowAt(of.limit.averaging, to - 1 + reachMs, zone).end,
  };
}

/** The stored hours that the verdicts of the spans rest on, in one question. */
export async function storedHours(
  store: Pick<PieceStore, 'rollups'>,
  spans: readonly LimitSpan[],
): Promise<HoursByMeter> {
  if (spans.length === 0) return new Map();
  const ranges = spans.map(({ of: { context, meters }, from, to }): SeriesRange => ({
    site: context.site.id,
    meters,
    from,
    to,
  }));
  return byMeter(await store.rollups({ ranges, window: 'PT1H' }));
}

export function byMeter(hours: readonly Rollup[]): Map<string, Map<number, Rollup>> {
  const meters = new Map<string, Map<number, Rollup>>();
  for (const hour of hours) {
    const of = meters.get(hour.meter);
    if (of === undefined) meters.set(hour.meter, new Map([[hour.start, hour]]));
    else of.set(hour.start, hour);
  }
  return meters;
}

/** The verdicts of a span, ascending: on the hours of `held`, and over them those of `changed`. */
export function verdictsOf(
  { of: { limit, context, signal }, from, to }: LimitSpan,
  held: HoursByMeter,
  changed?: HoursByMeter,
): Verdict[] {
  const hours = new Map([...(held.get(limit.meter) ?? []), ...(changed?.get(limit.meter) ?? [])]);
  const inside: LimitedHour[] = [...hours.values()].filter(({ start }) => start >= from && start < to);
  const signalAt = (start: number) =>
    signal && (changed?.get(signal.meter)?.get(start) ?? held.get(signal.meter)?.get(start));
  // An hour of which the signal alone tells something: the source was off.
  if (signal !== undefined && limit.averaging === 'PT1H') {
    const told = [
      ...(held.get(signal.meter)?.values() ?? []),
      ...(changed?.get(signal.meter)?.values() ?? []),
    ];
    const silent = told.filter(
      ({ start }) =>
        start >= from && start < to && !hours.has(start) && operationOf(signal, signalAt(start)) === 'off',
    );
    const seen = new Set<number>();
    for (const { start, end } of silent) {
      if (!seen.has(start)) inside.push(silentHour(start, end));
      seen.add(start);
    }
  }
  return judgeHours(
    limit,
    inside.toSorted((a, b) => a.start - b.start),
    context.site.timeZone,
    ({ start }) => operationOf(signal, signalAt(start)),
  );
}

function silentHour(start: number, end: number): LimitedHour {
  const nothing = { quarters: 0, validSpanMs: 0, validMs: 0, calibrating: 0, calibratingMs: 0 };
  return { start, end, mean: null, coverage: 0, ...nothing };
}

/**
 * Whether every reading that may be expected of the last hour of a window is there, of each meter that its verdict rests
 * on: nothing can fill it up any more.
 */
export function isComplete(
  { of: { context, meters, isCounted } }: LimitSpan,
  window: Window,
  held: HoursByMeter,
  changed?: HoursByMeter,
): boolean {
  if (!isCounted) return false;
  const { start } = windowAt('PT1H', window.end - 1, context.site.timeZone);
  return meters.every((meter) => {
    const hour = changed?.get(meter)?.get(start) ?? held.get(meter)?.get(start);
    return hour !== undefined && hasAllReadings(hour);
  });
}

/** Whether an hour has as many readings as its meter's interval lets expect. */
export function hasAllReadings({ count, expected }: Pick<Rollup, 'count' | 'expected'>): boolean {
  return count >= expected;
}
