import { qualifiedReadings, type Qualifying } from '@songma/domain';
import type { SeriesStore } from './port.ts';
import { readThrough } from './read-through.ts';

/** A meter as it is registered now, or was at a time (epoch milliseconds). */
export type MeterOf = (meter: string, asOf?: number) => Qualifying | undefined;

const unregistered: Qualifying = {};

/**
 * The store whose readings are flagged by their meter's valid range, and have its detection limit, now or as of the
 * query's time: so that a range that changes is as if it had always been known.
 */
export function seeingMeters(store: SeriesStore, meterOf: MeterOf): SeriesStore {
  return readThrough(store, (chunk, { asOfUs }) => {
    const asOf = asOfUs === undefined ? undefined : Math.floor(asOfUs / 1000);
    return qualifiedReadings(meterOf(chunk.meter, asOf) ?? unregistered, chunk);
  });
}
