import { z } from 'zod';
import { positiveValueSchema, quantityValueSchema } from './fields.ts';

/**
 * What a device can have measured, in the meter's unit, multiplier not applied: of a counter what its register can
 * show, of an interval the amount of one. Both bounds are inside.
 */
export const validRangeSchema = z.object({
  min: quantityValueSchema.optional(),
  max: quantityValueSchema.optional(),
  /** `exclude`: what lies outside does not count, like a fault. `flag`: it counts, and is flagged. */
  mode: z.enum(['exclude', 'flag']).optional(),
});
export type ValidRange = z.infer<typeof validRangeSchema>;

/** How readings below what the device detects (`<0.5`, `ND`) count. */
export const belowDetectionSchema = z.strictObject({
  /** As nothing, as half of the limit, or as the limit itself; the limit where a meter states nothing. */
  counts: z.enum(['zero', 'half', 'whole']),
  /** Detection limit of readings that do not tell it, in the meter's unit. Without one they count only as `zero`. */
  limit: positiveValueSchema.optional(),
});
export type BelowDetection = z.infer<typeof belowDetectionSchema>;
