import type { Meter } from './entities.ts';
import { expectedReadings, type IntervalFields } from './intervals.ts';
import { flag } from './readings.ts';
import type { Window } from './windows.ts';

/** When a meter is there: epoch milliseconds, `to` exclusive; infinite where it is not declared. */
export interface Life {
  readonly from: number;
  readonly to: number;
}

/** What of a meter states its life. */
export type LifeFields = Pick<Meter, 'from' | 'to'>;

/** The declared life of a meter. One that declares none is taken to be there always. */
export function lifeOf({ from = -Infinity, to = Infinity }: LifeFields): Life {
  return { from, to };
}

/** Milliseconds of a window that lie in the life: only there is anything expected of the meter. */
export function lifeMsIn(meter: LifeFields, { start, end }: Window): number {
  const { from, to } = lifeOf(meter);
  return Math.max(0, Math.min(end, to) - Math.max(start, from));
}

/** The window as far as it lies in the life; of no length where nothing of it does. */
export function windowInLife(meter: LifeFields, { start, end }: Window): Window {
  const { from, to } = lifeOf(meter);
  const first = Math.min(Math.max(start, from), end);
  return { start: first, end: Math.max(first, Math.min(end, to)) };
}

/** Readings that are expected in a window, as far as it lies in the life. */
export function expectedInLife(meter: LifeFields & IntervalFields, zone: string, window: Window): number {
  const { start, end } = windowInLife(meter, window);
  return expectedReadings(meter, zone, start, end);
}

/** Whether the window touches the declared life. */
export function livesIn(meter: LifeFields, window: Window): boolean {
  return lifeMsIn(meter, window) > 0;
}

/**
 * Whether a reading of that time belongs to the life. An amount belongs to the life in which its interval begins; the
 * register that is read when a counter is taken out belongs to it too.
 */
export function belongsToLife(meter: LifeFields & Pick<Meter, 'kind'>, time: number): boolean {
  const { from, to } = lifeOf(meter);
  return time >= from && (meter.kind === 'counter' ? time <= to : time < to);
}

/**
 * The readings with {@link flag.outsideLife} where they do not belong to the meter's life: they are kept and shown, and
 * count for nothing. The same object when all of them belong to it.
 * @param readings ascending in time
 */
export function markOutsideLife<R extends { readonly times: Float64Array; readonly flags: Uint8Array }>(
  meter: LifeFields & Pick<Meter, 'kind'>,
  readings: R,
): R {
  const { times } = readings;
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || (belongsToLife(meter, first) && belongsToLife(meter, last!))) return readings;
  const flags = readings.flags.map((bits, i) =>
    belongsToLife(meter, times[i]!) ? bits : bits | flag.outsideLife,
  );
  return { ...readings, flags };
}
