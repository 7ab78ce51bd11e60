import {
  intervalOf,
  longestIntervalMs,
  meterSchema,
  meterSwapSchema,
  parseInterval,
  printInterval,
  type Meter,
} from '@songma/domain';
import { z } from 'zod';
import { houseZone, isoInZone } from '../iso-time.ts';
import { boundedTimeSchema } from '../routes.ts';

/** A meter on the wire: times as text, and the interval as ISO 8601 writes it. */
export const meterShape = {
  ...meterSchema.shape,
  intervalMs: meterSchema.shape.intervalMs.optional().meta({
    description: 'Expected time between readings, unless `interval` tells; the longest of a calendar one.',
  }),
  interval: z
    .string()
    .refine(
      (text) => parseInterval(text) !== undefined,
      'an interval such as PT15M, P1D, P1W, P1M, P3M or P1Y',
    )
    .optional()
    .meta({
      description:
        'Expected time between readings as ISO 8601 writes it. P1M, P2M, P3M, P6M and P1Y go by the calendar of the ' +
        "site's zone: a bill of January is of January. Either this or `intervalMs` is enough.",
      examples: ['P1M'],
    }),
  from: boundedTimeSchema.optional().meta({
    description:
      'Since when the meter is there, inclusive: before it nothing is expected of it and nothing counts. Absent: ' +
      'nothing is expected of it in windows that end before its first reading.',
    examples: ['2026-07-01T00:00:00+07:00'],
  }),
  to: boundedTimeSchema
    .optional()
    .meta({ description: 'Until when it is there, exclusive. Absent: it is there still.' }),
  follows: meterSchema.shape.follows.meta({
    description:
      'The meter that this one replaced. Both measure one flow, and what lies between the `to` of that one and the ' +
      '`from` of this one is missing of it.',
  }),
  swaps: z
    .array(
      z.strictObject({
        ...meterSwapSchema.shape,
        at: boundedTimeSchema.meta({ description: 'Readings from then on are of the new meter.' }),
      }),
    )
    .max(100)
    .optional()
    .meta({
      description:
        'Times at which another meter was put in, ascending, with the registers as they were shown; counters only.',
    }),
};
/** The interval is told, and told alike where it is told twice. */
export function checkInterval({
  value,
  issues,
}: z.core.ParsePayload<{ intervalMs?: unknown; interval?: unknown }>): void {
  const { intervalMs, interval: text } = value;
  const interval = typeof text === 'string' ? parseInterval(text) : undefined;
  if (intervalMs === undefined && text === undefined) {
    const message = 'tell the time between readings, such as PT15M or P1M';
    issues.push({ code: 'custom', path: ['interval'], message, input: value });
  }
  if (interval === undefined || intervalMs === undefined || longestIntervalMs(interval) === intervalMs)
    return;
  const message = `says ${JSON.stringify(text)}, and intervalMs ${JSON.stringify(intervalMs)}: leave out the one that is not meant`;
  issues.push({ code: 'custom', path: ['interval'], message, input: value });
}

/** The meter as it goes on the wire; `wire` has its other fields already. */
export function meterToWire(wire: Record<string, unknown>, meter: Meter): Record<string, unknown> {
  withSwaps(wire, ({ at }) => isoInZone(at as number, houseZone));
  return { ...wire, interval: printInterval(intervalOf(meter)) };
}

/** Puts the fields of a parsed PUT body into the form in which the registry keeps them. */
export function meterFromWire(entity: Record<string, unknown>): void {
  withSwaps(entity, ({ at }) => Date.parse(at as string));
  const text = entity['interval'];
  const interval = typeof text === 'string' ? parseInterval(text) : undefined;
  if (interval !== undefined) entity['intervalMs'] = longestIntervalMs(interval);
  if (typeof interval === 'string') entity['interval'] = interval;
  else delete entity['interval'];
}

/** Puts another form of their time into a meter's swaps. */
function withSwaps(meter: Record<string, unknown>, at: (swap: { at: unknown }) => unknown): void {
  const swaps = meter['swaps'] as readonly { at: unknown }[] | undefined;
  if (swaps !== undefined) meter['swaps'] = swaps.map((swap) => ({ ...swap, at: at(swap) }));
}
