import {
  counterHoldBackMs,
  irregularReadings,
  windowAt,
  type Rollup,
  type Window,
  type WindowKind,
} from '@songma/domain';
import type { Held } from './held-readings.ts';
import type { PieceStore } from './piece-store.ts';

/*
 * A counter's change touches the steps next to it and no others, unless a step within the hold-back of these is
 * irregular, or was before the change: then what follows may be judged otherwise, up to the counter's reach. Reading
 * those surroundings of every counter each time would cost more than all else, so the stored rollups are asked, which
 * count the irregular steps.
 *
 * They may be behind what is stored, because other changes are pending. That is sound:
 *
 * - A step that became irregular by a change that is pending is in the readings, not in the rollups. It may be
 *   overlooked here, but that change, when its turn comes, finds the step among its own nearest readings and computes
 *   everything in reach of it.
 * - A step that ceased to be irregular by a change that is pending still counts in its rollup, so that change finds
 *   it there. Unless somebody else has computed that hour meanwhile: so whoever changes what an hour counts computes
 *   everything in reach of that hour, as if its readings had changed (`seedsBeyond`). Nothing is left for the other.
 *
 * Changes of one piece overlook each other in the same way; there the hours that both touch are left to the one that
 * has found the step (`eachHourOnce`).
 *
 * So the last piece that is settled near a step has computed all that stands on it. test/counters.test.ts holds it.
 */

/** The touched ones whose surroundings need to be judged, told so. */
export async function irregularOnes(store: PieceStore, counters: readonly Held[]): Promise<Held[]> {
  const touched = counters.filter(({ hours }) => hours.length > 0);
  const [suspects, calm] = [[] as Held[], [] as Held[]];
  for (const one of touched) {
    (irregularReadings(one.meter, one.span.scope.site.timeZone, one.readings).includes(1)
      ? suspects
      : calm
    ).push(one);
  }
  const stored = await storedOf(store, calm, 'P1D', ({ meter, span, hours }) => ({
    start: windowAt('P1D', hours[0]!.start - counterHoldBackMs(meter), span.scope.site.timeZone).start,
    end: hours.at(-1)!.end + counterHoldBackMs(meter),
  }));
  for (const one of calm) if (stored.get(one)!.some(({ irregular }) => irregular > 0)) suspects.push(one);
  for (const one of suspects) one.isIrregular = true;
  return suspects;
}

/** Those of which an hour counts other irregular readings than are stored, and that as a further change of it. */
export async function seedsBeyond(store: PieceStore, counters: readonly Held[]): Promise<Held[]> {
  const stored = await storedOf(store, counters, 'PT1H', ({ hours }) => ({
    start: hours[0]!.start,
    end: hours.at(-1)!.end,
  }));
  return counters.filter((one) => {
    const before = new Map(stored.get(one)!.map(({ start, irregular }) => [start, irregular]));
    const seeds = irregularHours(one).filter(
      ([hour, count]) =>
        count !== (before.get(hour.start) ?? 0) &&
        !one.changed.some(({ start, end }) => start <= hour.start && hour.end <= end),
    );
    if (seeds.length === 0) return false;
    one.changed = [...one.changed, ...seeds.map(([hour]) => hour)].toSorted((a, b) => a.start - b.start);
    return true;
  });
}

function irregularHours({ meter, span, readings, hours }: Held): [Window, number][] {
  const marks = irregularReadings(meter, span.scope.site.timeZone, readings);
  let at = 0;
  return hours.map((hour) => {
    while (at < marks.length && readings.times[at]! < hour.start) at++;
    let count = 0;
    for (; at < marks.length && readings.times[at]! < hour.end; at++) count += marks[at]!;
    return [hour, count];
  });
}

/** Stored rollups that start in a span of each; those that share site and span are asked for together. */
async function storedOf(
  store: PieceStore,
  counters: readonly Held[],
  window: WindowKind,
  spanOf: (one: Held) => Window,
): Promise<Map<Held, Rollup[]>> {
  const found = new Map(counters.map((one) => [one, [] as Rollup[]]));
  if (counters.length === 0) return found;
  const groups = [
    ...Map.groupBy(counters, (one) => {
      const { start, end } = spanOf(one);
      return `${one.meter.site} ${start} ${end}`;
    }).values(),
  ];
  const ranges = groups.map((of) => {
    const { start, end } = spanOf(of[0]!);
    return { site: of[0]!.meter.site, meters: of.map(({ meter }) => meter.id), from: start, to: end };
  });
  const ofMeter = Map.groupBy(await store.rollups({ ranges, window }), ({ meter }) => meter);
  for (const one of counters) {
    const { start, end } = spanOf(one);
    const near = ofMeter.get(one.meter.id) ?? [];
    found.set(
      one,
      near.filter((rollup) => rollup.start >= start && rollup.start < end),
    );
  }
  return found;
}
