import { idSchema } from '@songma/domain';
import type { PushRow } from '@songma/client';
import { DateTime } from 'luxon';
import { z } from 'zod';

/**
 * How a file with one row per stamp and one column per meter is read.
 *
 * `time.format` is a Luxon pattern (`d/M/yyyy H:mm` takes `1/1/2018 0:15` and `13/01/2018 00:15`); `stamp` tells
 * whether the printed stamp opens or closes its interval; `midnight: ends-day` reads `0:00` as hour 24 of the date that
 * it is printed with.
 */
export const mappingSchema = z.strictObject({
  delimiter: z.string().length(1).default(','),
  time: z.strictObject({
    column: z.string().min(1),
    format: z.string().min(1).default('ISO'),
    zone: z.string().min(1),
    stamp: z.enum(['opens', 'closes']).default('opens'),
    midnight: z.enum(['begins-day', 'ends-day']).default('begins-day'),
  }),
  columns: z.record(
    z.string().min(1),
    z.strictObject({
      meter: idSchema,
      unit: z.string().min(1).optional(),
      decimalComma: z.boolean().default(false),
    }),
  ),
});
export type Mapping = z.infer<typeof mappingSchema>;

/** How a meter reads the stamps that it is sent. */
export interface MeterTime {
  readonly stamp: 'opens' | 'closes';
  readonly kind: 'counter' | 'interval' | 'level';
  readonly intervalMs: number;
}

/** A cell that cannot be read, with its line in the file (the header is line 1). */
export class UnreadableCellError extends Error {
  override readonly name = 'UnreadableCellError';
  constructor(line: number, column: string, text: string, expected: string) {
    super(`line ${line}, column "${column}": "${text}" is not ${expected}`);
  }
}

/**
 * Makes the reader of a file's rows: each gives one push row per mapped column that has a value (an empty cell is no
 * reading). Stamps leave as ISO 8601 with offset, in the convention that the meter is registered with.
 * @throws UnreadableCellError from the reader
 */
export function createRowReader(
  mapping: Mapping,
  meterTimes: ReadonlyMap<string, MeterTime>,
): (record: Readonly<Record<string, string>>, line: number) => PushRow[] {
  const columns = Object.entries(mapping.columns);
  return (record, line) => {
    const { column: timeColumn, stamp } = mapping.time;
    const printed = record[timeColumn] ?? '';
    const instant = readStamp(printed, mapping.time);
    if (instant === undefined) {
      throw new UnreadableCellError(line, timeColumn, printed, `a time like ${mapping.time.format}`);
    }
    const rows: PushRow[] = [];
    for (const [column, target] of columns) {
      const text = (record[column] ?? '').trim();
      if (text === '') continue;
      const value = Number(target.decimalComma ? text.replace(',', '.') : text);
      if (!Number.isFinite(value)) throw new UnreadableCellError(line, column, text, 'a number');
      rows.push({
        meter: target.meter,
        time: inConventionOf(meterTimes.get(target.meter), instant, stamp).toISO({
          suppressMilliseconds: true,
        })!,
        value,
        ...(target.unit === undefined ? {} : { unit: target.unit }),
      });
    }
    return rows;
  };
}

function readStamp(printed: string, time: Mapping['time']): DateTime | undefined {
  const options = { zone: time.zone };
  const read =
    time.format === 'ISO'
      ? DateTime.fromISO(printed, options)
      : DateTime.fromFormat(printed, time.format, options);
  if (!read.isValid) return undefined;
  const isMidnight = read.hour === 0 && read.minute === 0 && read.second === 0 && read.millisecond === 0;
  return time.midnight === 'ends-day' && isMidnight ? read.plus({ days: 1 }) : read;
}

/** Counters are read at an instant; for the others the file's convention is turned into the meter's. */
function inConventionOf(
  meter: MeterTime | undefined,
  stamp: DateTime,
  printed: 'opens' | 'closes',
): DateTime {
  if (meter === undefined || meter.kind === 'counter' || meter.stamp === printed) return stamp;
  return stamp.plus({ milliseconds: printed === 'closes' ? -meter.intervalMs : meter.intervalMs });
}
