import { markOutsideLife, qualifiedReadings, type Meter } from '@songma/domain';
import type { SeriesStore } from './port.ts';
import { readThrough } from './read-through.ts';

/** What of a meter says what its readings are worth. */
export type SeenMeter = Pick<Meter, 'kind' | 'from' | 'to' | 'validRange' | 'belowDetection'>;

/** A meter as it is registered now, or was at a time (epoch milliseconds). */
export type MeterOf = (meter: string, asOf?: number) => SeenMeter | undefined;

/**
 * The store whose readings are flagged by their meter's life and valid range, and have its detection limit, now or as of
 * the query's time: so that a range that changes is as if it had always been known.
 */
export function seeingMeters(store: SeriesStore, meterOf: MeterOf): SeriesStore {
  return readThrough(store, (chunk, { asOfUs }) => {
    const asOf = asOfUs === undefined ? undefined : Math.floor(asOfUs / 1000);
    const meter = meterOf(chunk.meter, asOf);
    if (meter === undefined) return qualifiedReadings({}, chunk);
    return markOutsideLife(meter, qualifiedReadings(meter, chunk));
  });
}
