import { flag } from '@songma/domain';
import type { Language } from '@songma/runtime';
import { z } from 'zod';
import type { CheckedPush } from './door.ts';
import type { MetersAtDoor } from './meters.ts';
import { receiptAnswerSchema } from './receipts.ts';
import { reasonOf } from './refusals.ts';

/** Readings that a preview shows, the first rows of each site's. */
const readingsShownMax = 20;
/** Refused rows that a preview tells. */
const refusedShownMax = 200;

/** What would become of a push; nothing of it is kept. */
export const pushPreviewSchema = receiptAnswerSchema
  .pick({ rows: true, accepted: true, numbers: true, refused: true })
  .extend({
    first: z
      .array(
        z.object({
          row: z.int(),
          meter: z.string(),
          time: z.iso.datetime(),
          value: z.number().nullable(),
          unit: z.string(),
          status: z.enum(['measured', 'below-detection', 'calibrating', 'fault']),
        }),
      )
      .describe(`The first ${readingsShownMax} rows as they would be stored, in the units of their meters`),
  })
  .meta({ title: 'PushPreview' });
export type PushPreview = z.infer<typeof pushPreviewSchema>;

/** A checked push as whoever sends it looks at it before. */
export function pushPreview(
  { draft, numbers }: CheckedPush,
  meters: Pick<MetersAtDoor, 'get'>,
  language: Language,
): PushPreview {
  const readings = draft.blocks.flatMap((block) =>
    Array.from({ length: Math.min(block.length, readingsShownMax) }, (_reading, index) => {
      const meter = block.meterAt(index);
      const value = block.valueAt(index);
      return {
        row: block.rowAt(index),
        meter,
        time: new Date(block.timeAt(index)).toISOString(),
        value: Number.isNaN(value) ? null : value,
        unit: meters.get(meter)?.unit ?? '',
        status: statusOf(block.flagsAt(index)),
      };
    }),
  );
  return {
    rows: draft.rows,
    accepted: draft.rows - draft.refused.length,
    ...(numbers === undefined ? {} : { numbers }),
    refused: draft.refused.slice(0, refusedShownMax).map(({ row, refusal: { code, parameters } }) => ({
      row,
      code,
      reason: reasonOf(code, parameters, language),
    })),
    first: readings.toSorted((a, b) => a.row - b.row).slice(0, readingsShownMax),
  };
}

function statusOf(flags: number): PushPreview['first'][number]['status'] {
  if ((flags & flag.fault) !== 0) return 'fault';
  if ((flags & flag.calibrating) !== 0) return 'calibrating';
  return (flags & flag.belowDetection) !== 0 ? 'below-detection' : 'measured';
}
