import { z } from 'zod';
import { positiveValueSchema, quantityValueSchema } from './fields.ts';

/**
 * What a device can have measured, in the meter's unit, multiplier not applied: of a counter what its register can
 * show, of an interval the amount of one. Both bounds are inside.
 */
export const validRangeSchema = z.strictObject({
  min: quantityValueSchema.optional(),
  max: quantityValueSchema.optional(),
  mode: z
    .enum(['exclude', 'flag'])
    .optional()
    .meta({
      description:
        '`exclude` (unless told): what lies outside is kept and shown, and does not count, like a fault; `flag`: it ' +
        'counts, and is flagged.',
    }),
});
export type ValidRange = z.infer<typeof validRangeSchema>;

/** How readings below what the device detects (`<0.5`, `ND`) count. */
export const belowDetectionSchema = z.strictObject({
  counts: z.enum(['zero', 'half', 'whole']).meta({
    description:
      'Readings below detection count as nothing, as half of their limit, or as the limit itself, which is what they ' +
      'do where a meter states nothing.',
  }),
  limit: positiveValueSchema.optional().meta({
    description:
      'Detection limit of readings that do not tell theirs, in the meter’s unit. Without one they count only as `zero`.',
  }),
});
export type BelowDetection = z.infer<typeof belowDetectionSchema>;
