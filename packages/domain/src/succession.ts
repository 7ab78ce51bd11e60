import type { Meter } from './entities.ts';
import { expectedInLife, windowInLife } from './life.ts';
import { roundTo15Digits } from './sums.ts';
import { unitConversion, type UnitConversion } from './units.ts';
import type { Window } from './windows.ts';

/** The meter that took over as an input from the one of this id; undefined where none did. */
export type Succession = (id: string) => Meter | undefined;

export const noSuccession: Succession = () => undefined;

const kept = new WeakMap<ReadonlyMap<string, Meter>, Succession>();

/** Who takes over from whom among the meters of a site. Made once for a map, which is not to change afterwards. */
export function successionOf(meters: ReadonlyMap<string, Meter>): Succession {
  let succession = kept.get(meters);
  if (succession === undefined) {
    const followers = new Map<string, Meter>();
    for (const meter of meters.values()) {
      const former = meter.follows === undefined ? undefined : meters.get(meter.follows);
      if (former !== undefined && takesOver(former, meter)) followers.set(former.id, meter);
    }
    kept.set(meters, (succession = (id) => followers.get(id)));
  }
  return succession;
}

/**
 * Whether a meter that follows another is read in its place by formulas: it must tell the same kind of number, and
 * count as the other did, since an amount that is a total by itself would count twice.
 */
export function takesOver(former: Meter, next: Meter): boolean {
  return (
    next.follows === former.id &&
    next.site === former.site &&
    (former.kind === 'level') === (next.kind === 'level') &&
    (former.kind === 'level' || (former.countsAs ?? 'total') === (next.countsAs ?? 'total')) &&
    conversionBetween(next, former) !== undefined
  );
}

/** How a number of one meter is a number of the other; undefined where it is not. */
export function conversionBetween(from: Meter, to: Meter): UnitConversion | undefined {
  const conversion = unitConversion(from.unit, to.unit);
  if ('problem' in conversion) return undefined;
  return from.kind === 'level' || conversion.offset === 0 ? conversion : undefined;
}

/** A meter and those that took over from it, in order of time. */
export function successorsOf(first: Meter, succession: Succession): Meter[] {
  const line = [first];
  // Lives ascend, so that there is no circle; what stands in the log must not hang us.
  for (
    let next = succession(first.id);
    next !== undefined && !line.includes(next);
    next = succession(next.id)
  ) {
    line.push(next);
  }
  return line;
}

/** The one of a line of successors that is there at a time: the last that has begun. */
export function standingAt<T>(line: readonly T[], meterOf: (one: T) => Meter, time: number): T {
  return line.findLast((one, i) => i === 0 || meterOf(one).from! <= time)!;
}

/**
 * Readings that are expected of a meter in a window. A derived one has no readings: it is known as often as the one of
 * its inputs that is read most rarely.
 */
export function expectedOf(
  meter: Meter,
  zone: string,
  window: Window,
  meters: ReadonlyMap<string, Meter> | undefined,
): number {
  if (meter.formula === undefined || meters === undefined) return expectedInLife(meter, zone, window);
  const succession = successionOf(meters);
  const { start, end } = windowInLife(meter, window);
  const cuts = new Set([start]);
  const rarest: Meter[] = [];
  for (const from of changesUnder(meter, meters, succession)) if (from > start && from < end) cuts.add(from);
  let expected = 0;
  const ascending = [...cuts].toSorted((a, b) => a - b);
  for (const [i, from] of ascending.entries()) {
    const read = rarestInputAt(meter, meters, from) ?? meter;
    rarest.push(read);
    const to = ascending[i + 1] ?? end;
    // Its own life does not matter: what is missing of it is missing of what is derived.
    expected += expectedInLife({ ...read, from: undefined, to: undefined }, zone, { start: from, end: to });
  }
  return rarest.length === 1 ? expected : roundTo15Digits(expected);
}

/** The meter with readings, of those that this one is made of at a time, that is read most rarely; the first of equals. */
export function rarestInputAt(
  meter: Meter,
  meters: ReadonlyMap<string, Meter>,
  time: number,
): Meter | undefined {
  if (meter.formula === undefined) return meter;
  const succession = successionOf(meters);
  let rarest: Meter | undefined;
  for (const id of Object.values(meter.inputs ?? {})) {
    const input = meters.get(id);
    if (input === undefined) continue;
    const standing = standingAt(successorsOf(input, succession), (one) => one, time);
    const read = rarestInputAt(standing, meters, time);
    if (read !== undefined && (rarest === undefined || read.intervalMs > rarest.intervalMs)) rarest = read;
  }
  return rarest;
}

/** Times at which another meter takes over under a derived one. */
function* changesUnder(
  meter: Meter,
  meters: ReadonlyMap<string, Meter>,
  succession: Succession,
): Generator<number> {
  for (const id of Object.values(meter.inputs ?? {})) {
    const input = meters.get(id);
    if (input === undefined) continue;
    for (const [i, one] of successorsOf(input, succession).entries()) {
      if (i > 0) yield one.from!;
      yield* changesUnder(one, meters, succession);
    }
  }
}
