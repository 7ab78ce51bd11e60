import { z } from 'zod';
import { dateSchema, idSchema, nameSchema, quantityValueSchema } from './fields.ts';

/** What a baseline is about: a quantity that is used up, or `energy`, all of electricity, fuel and heat together. */
export const resourceSchema = z.enum([
  'electricity',
  'fuel',
  'heat',
  'energy',
  'water',
  'waste-water',
  'material',
]);
export type Resource = z.infer<typeof resourceSchema>;

const unitSchema = z.string().min(1).max(32);

/**
 * A change that has nothing to do with saving (a line shut, a roof added), on record so that it is not counted as one.
 */
export const baselineAdjustmentSchema = z
  .strictObject({
    /** Dates at the site, the last exclusive; the amount spreads evenly over them. */
    from: dateSchema,
    to: dateSchema,
    /** Added to what would be expected without it, over the whole span; negative takes away. */
    amount: quantityValueSchema,
    unit: unitSchema,
    reason: z.string().trim().min(1).max(500),
    /** Who decided it. */
    by: nameSchema,
  })
  .meta({ title: 'BaselineAdjustment' });
export type BaselineAdjustment = z.infer<typeof baselineAdjustmentSchema>;

/** Stands for all that is made among the drivers of a baseline. */
export const productionDriver = 'production';

/**
 * What savings are measured against: use over a span, as a ratio to production or as a line through drivers. What it
 * is fitted on stands for good; another span, boundary or model is another baseline.
 * @see ISO 50006:2014, 4.4 and 4.5
 */
export const baselineSchema = z.object({
  id: idSchema,
  name: nameSchema,
  enterprise: idSchema,
  /** The whole enterprise unless told. */
  site: idSchema.optional(),
  resource: resourceSchema,
  /** UCUM; that of the resource unless told: kWh, MJ (energy, heat), m3 (water) or t. */
  unit: unitSchema.optional(),
  /** UCUM, in which production is added up. */
  productionUnit: unitSchema.default('t'),
  /** The boundary: meters of resource and production that count; every one of the scope when empty. */
  meters: z.array(idSchema).max(100).default([]),
  period: z.enum(['P1D', 'P1M']),
  /** Dates at the site, the last exclusive; firsts of months for monthly periods. */
  from: dateSchema,
  to: dateSchema,
  model: z.enum(['ratio', 'regression']),
  /** Of a regression: ids of meters, or `production`. */
  drivers: z.array(idSchema).max(6).default([]),
  /** A period of which less is known is left out, 0 to 1. */
  coverageMin: z.number().min(0).max(1).default(0.9),
  /** What a regression must reach to be believed. The floors are those beyond which practice does not go. */
  acceptance: z
    .strictObject({
      r2Min: z.number().min(0.5).max(1).default(0.75),
      cvRmseMax: z.number().positive().max(0.25).default(0.2),
      driverPMax: z.number().positive().max(0.2).default(0.1),
    })
    .prefault({}),
  /** Norm of specific energy consumption that the plant is held to; for resource `energy`. */
  norm: idSchema.optional(),
  adjustments: z.array(baselineAdjustmentSchema).max(100).default([]),
  /** Why this span and model. */
  reason: z.string().trim().min(1).max(500),
});
export type Baseline = z.infer<typeof baselineSchema>;
