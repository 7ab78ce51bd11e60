import { z } from 'zod';
import { sourceShape } from './assurance.ts';
import { positiveValueSchema } from './fields.ts';

/** What is made, in the enterprise's own words. Compared as text. */
export const productSchema = z
  .string()
  .min(1)
  .max(64)
  // Without Unicode classes, so that a reader of the description need not know them.
  // oxlint-disable-next-line no-control-regex
  .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'words, without control characters')
  .refine((text) => text.isWellFormed(), 'words, without halves of characters');

/**
 * How what serves several products is shared among them. What names its product on the meter is that product's whole.
 *
 * - `direct`: everything is metered for each product; what names none can be told of no product;
 * - `equivalent`: by production times a weight (the norm-weighted equivalent product);
 * - `mass`: by tonnes produced.
 */
export const allocationRules = ['direct', 'equivalent', 'mass'] as const;
export type AllocationRule = (typeof allocationRules)[number];

/** An allocation as the enterprise states it. Another one restates what was told before, so that years compare. */
export const allocationSchema = z.strictObject({
  rule: z.enum(allocationRules),
  /**
   * Of rule `equivalent`: what a tonne of each product counts, in any unit that is the same for all (MJ/t of a norm).
   */
  weights: z
    .array(z.strictObject({ product: productSchema, weight: positiveValueSchema }))
    .min(1)
    .max(100)
    .optional(),
  source: z.strictObject(sourceShape(300)),
});
export type Allocation = z.infer<typeof allocationSchema>;
