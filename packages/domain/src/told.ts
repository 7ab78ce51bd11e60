import type { Meter } from './entities.ts';
import type { MeterReadings } from './meter-readings.ts';
import { spansOf, type Spans } from './spans.ts';

/** What a meter tells: by its readings, or by a formula over what others tell. */
export interface Told {
  readonly meter: Meter;
  readonly readings: MeterReadings;
  readonly spans: Spans;
  /** The time between two of its readings, at a time; of a derived one that of its input that is read most rarely. */
  readonly readEveryMs: (time: number) => number;
}

/** What is told by readings. */
export function toldByReadings(meter: Meter, zone: string, readings: MeterReadings): Told {
  return { meter, readings, spans: spansOf(meter, zone, readings), readEveryMs: () => meter.intervalMs };
}
