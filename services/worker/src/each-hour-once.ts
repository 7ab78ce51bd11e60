import type { Window } from '@songma/domain';
import type { TouchedMeter } from './held-readings.ts';

/**
 * The touched meters with each hour of a meter left to one of those that touch it. Changes that lie apart may touch
 * the same hour of a counter, and only one of them may see that a step near by is irregular: the hour is left to it.
 * Otherwise they come out the same.
 */
export function eachHourOnce(touched: readonly TouchedMeter[]): TouchedMeter[] {
  const seen = touched.filter(({ seesSurroundings }) => seesSurroundings);
  const others = touched.filter(({ seesSurroundings }) => !seesSurroundings);
  const taken = new Map<string, Set<number>>();
  return [...seen, ...others].flatMap((one) => {
    const starts = taken.get(one.meter.id);
    if (starts === undefined) {
      taken.set(one.meter.id, new Set(one.hours.map(({ start }) => start)));
      return [one];
    }
    const hours = one.hours.filter(({ start }: Window) => !starts.has(start));
    for (const { start } of hours) starts.add(start);
    return hours.length === 0 ? [] : [{ ...one, hours }];
  });
}
