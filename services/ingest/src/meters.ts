import {
  belongsToLife,
  createStampReader,
  intervalOf,
  isDerived,
  shortestIntervalMs,
  storedTime,
  unitConversion,
  type StampReader,
  type UnitConversion,
  type UnitProblem,
} from '@songma/domain';
import type { MeterContext, Registry } from '@songma/registry';

/** A meter as the door checks readings of it, with what is computed once and used for every row. */
export interface MeterAtDoor {
  readonly id: string;
  readonly site: string;
  readonly enterprise: string;
  readonly unit: string;
  /** It is computed from others, and takes no readings. */
  readonly isDerived: boolean;
  /** It has a register, which is never below detection. */
  readonly isCounter: boolean;
  readonly readTime: StampReader;
  /** The stored time of an instant that was printed, epoch milliseconds. */
  readonly storedTimeOf: (printed: number) => number;
  /** What a stamp lies after the stored time at least: one interval where stamps close what they describe. */
  readonly stampShiftMs: number;
  /** Conversions to this unit asked for so far, by the unit that came; shared by all meters of the unit. */
  readonly conversions: Map<string, UnitConversion | UnitProblem>;
  /**
   * Scratch of the push being checked: its mark, the latest time in it so far, the mark of the block, the column in it.
   */
  push: number;
  latest: number;
  block: number;
  column: number;
}

/** Units remembered per unit of a meter; they come from outside. */
const conversionsMax = 256;

/** The meters that have been pushed for, forgotten whenever the registry changes. */
export function createMetersAtDoor(registry: Pick<Registry, 'meter' | 'stationMeters' | 'onChange'>) {
  let byId = new Map<string, MeterAtDoor>();
  // Shared, since what they keep grows with the stamps and units that come, not with the meters.
  const stampReaders = new Map<string, StampReader>();
  const conversionsByUnit = new Map<string, Map<string, UnitConversion | UnitProblem>>();
  let marks = 0;
  const stop = registry.onChange((change) => {
    // Keys, limits and officers change no meter.
    if (change.kind === 'meter' || change.kind === 'site' || change.kind === 'source') byId = new Map();
  });

  const livingAt = (line: readonly MeterContext[], time: string): MeterContext => {
    // The first that has not ended by then: what lies between two lives is of the one that came, and counts for neither.
    const found = line.find((context) => {
      const read = known(context)!.readTime(time);
      const start = typeof read === 'object' ? read.first : read;
      return start === undefined || belongsToLife({ ...context.meter, from: undefined }, start);
    });
    return found ?? line.at(-1)!;
  };
  const known = (context: MeterContext | undefined): MeterAtDoor | undefined => {
    if (context === undefined) return undefined;
    let meter = byId.get(context.meter.id);
    if (meter === undefined) {
      const { time, kind, unit } = context.meter;
      const interval = intervalOf(context.meter);
      const convention = `${time.zone} ${time.stamp} ${time.midnight} ${interval} ${kind}`;
      meter = meterAtDoor(
        context,
        made(stampReaders, convention, () => createStampReader(time, interval, kind)),
        made(conversionsByUnit, unit, () => new Map()),
      );
      byId.set(meter.id, meter);
    }
    return meter;
  };

  return {
    get: (id: string): MeterAtDoor | undefined => byId.get(id) ?? known(registry.meter(id)),
    /** Of those that lived there one after the other the one that was there at the time, as its own clock prints it. */
    ofStation: (station: string, symbol: string, time: string): MeterAtDoor | undefined => {
      const line = registry.stationMeters(station, symbol);
      return known(line.length < 2 ? line[0] : livingAt(line, time));
    },
    /** A number that was not given before: marks what the scratch of meters belongs to, without keeping it alive. */
    nextMark: () => marks++,
    close: stop,
  };
}
export type MetersAtDoor = ReturnType<typeof createMetersAtDoor>;

/** @returns undefined when it is not known yet and asking is not wanted */
export function conversionTo(
  meter: MeterAtDoor,
  unit: string,
  ask: boolean,
): UnitConversion | UnitProblem | undefined {
  let conversion = meter.conversions.get(unit);
  if (conversion === undefined && ask) {
    conversion = unitConversion(unit, meter.unit);
    if (meter.conversions.size >= conversionsMax) meter.conversions.clear();
    meter.conversions.set(unit, conversion);
  }
  return conversion;
}

function meterAtDoor(
  { meter, site }: MeterContext,
  readTime: StampReader,
  conversions: MeterAtDoor['conversions'],
): MeterAtDoor {
  return {
    id: meter.id,
    site: site.id,
    enterprise: site.enterprise,
    unit: meter.unit,
    isDerived: isDerived(meter),
    isCounter: meter.kind === 'counter',
    readTime,
    storedTimeOf: (printed) => storedTime(meter.time, intervalOf(meter), meter.kind, printed),
    stampShiftMs:
      meter.time.stamp === 'closes' && meter.kind !== 'counter' ? shortestIntervalMs(intervalOf(meter)) : 0,
    conversions,
    push: -1,
    latest: -Infinity,
    block: -1,
    column: -1,
  };
}

function made<T>(known: Map<string, T>, key: string, make: () => T): T {
  let value = known.get(key);
  if (value === undefined) {
    value = make();
    known.set(key, value);
  }
  return value;
}
