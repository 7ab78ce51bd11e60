import { windowAt, type Limit, type OperatingSignal, type Rollup } from '@songma/domain';
import { judgeHours, operationOf, type Verdict } from '@songma/limits';
import type { MeterContext, Registry } from '@songma/registry';
import type { SeriesRange } from '@songma/series-store';
import type { PieceStore } from './piece-store.ts';

/** Times that a Date can have. */
const timeMax = 8.64e15;

/** A limit with what its verdicts rest on. */
export interface JudgedLimit {
  readonly limit: Limit;
  readonly version: number;
  readonly context: MeterContext;
  /** How it is told that the meter's source operates; undefined: always. */
  readonly signal: OperatingSignal | undefined;
}

/** A limit in a time of whole averaging windows, `to` exclusive. */
export interface LimitSpan {
  readonly of: JudgedLimit;
  readonly from: number;
  readonly to: number;
}

/** Hours by meter, then start. */
export type HoursByMeter = ReadonlyMap<string, ReadonlyMap<number, Rollup>>;

/** The limits of a meter, as they are registered; none when it is not. */
export function judgedLimits(registry: Registry, meter: string): JudgedLimit[] {
  const context = registry.meter(meter);
  if (context === undefined) return [];
  const { source } = context.meter;
  const signal = source === undefined ? undefined : registry.get('source', source)?.body.operating;
  return registry.limitsOfMeter(meter).map((limit) => {
    const version = registry.get('limit', limit.id)!.version;
    return { limit, version, context, signal };
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
export async function storedHours(store: PieceStore, spans: readonly LimitSpan[]): Promise<HoursByMeter> {
  if (spans.length === 0) return new Map();
  const ranges = spans.map(({ of: { limit, context, signal }, from, to }): SeriesRange => {
    const meters = new Set([limit.meter, ...(signal === undefined ? [] : [signal.meter])]);
    return { site: context.site.id, meters: [...meters], from, to };
  });
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
  const inside = [...hours.values()]
    .filter(({ start }) => start >= from && start < to)
    .toSorted((a, b) => a.start - b.start);
  const signalAt = (start: number) =>
    signal && (changed?.get(signal.meter)?.get(start) ?? held.get(signal.meter)?.get(start));
  return judgeHours(limit, inside, context.site.timeZone, ({ start }) =>
    operationOf(signal, signalAt(start)),
  );
}
