import { z } from 'zod';
import { sourceShape } from './assurance.ts';
import { idSchema, instantSchema, positiveValueSchema, quantityValueSchema } from './fields.ts';
import { gasStateSchema, referenceOxygenSchema } from './gas-state.ts';
import { parameterCodes } from './parameters.ts';

/** Averages that a limit may be compared with: of an hour, or of the valid hours of a day or a month. */
export const limitAveragings = ['PT1H', 'P1D', 'P1M'] as const;
export type LimitAveraging = (typeof limitAveragings)[number];

/**
 * When an hour is valid:
 *
 * - `share`: at least `min` of its time is covered by valid readings;
 * - `quadrants`: a valid reading lies in each of its quarters (in which the source operates); in an hour with
 *   calibration two valid readings at least fifteen minutes apart are enough.
 * @see 40 CFR 60.13(h)(2); EN 17255-1 (two thirds of the time: `share` with 0.667)
 */
export const hourValiditySchema = z.discriminatedUnion('rule', [
  z.strictObject({ rule: z.literal('share'), min: z.number().min(0).max(1) }),
  z.strictObject({ rule: z.literal('quadrants') }),
]);
export type HourValidity = z.infer<typeof hourValiditySchema>;

/** The meter that tells whether a source operates, and beyond which value it does: one of the two bounds. */
export const operatingSignalSchema = z.strictObject({
  meter: idSchema,
  /** It operates while the meter shows more than this: flow, load, temperature. In the meter's unit. */
  above: quantityValueSchema.optional(),
  /** It operates while the meter shows less than this: oxygen. */
  below: quantityValueSchema.optional(),
});
export type OperatingSignal = z.infer<typeof operatingSignalSchema>;

const limitFactorSchema = positiveValueSchema;

/**
 * A limit as a record: what is compared, over which average, with what, by which law.
 * The value in force is `value` times every factor that is given and applies (stack: Kp, Kv; effluent: Kq, Kf).
 */
export const limitSchema = z.object({
  id: idSchema,
  meter: idSchema,
  parameter: z.string().min(1).max(32),
  /** What the parameter is, where its name does not tell; looked up by the name unless told. */
  parameterCode: z.enum(parameterCodes).optional(),
  /**
   * UCUM unit of `value` and `range`; the meter's unless told. Another unit than the meter's must convert to it by a
   * factor and an offset.
   */
  unit: z.string().min(1).max(32).optional(),
  /** The state of the gas that its numbers are told for, as its rule states it. */
  gasState: gasStateSchema.optional(),
  /** Oxygen that its numbers are told for; absent where the rule has none. */
  referenceOxygen: referenceOxygenSchema.optional(),
  /** Averaging window of the comparison. */
  averaging: z.enum(limitAveragings),
  /** Upper bound in the limit's unit, before factors; this or `range`. */
  value: positiveValueSchema.optional(),
  /** Bounds in the limit's unit, at least one, each kept when met; no factors apply to them. For pH and its like. */
  range: z
    .strictObject({ min: quantityValueSchema.optional(), max: quantityValueSchema.optional() })
    .optional(),
  factors: z
    .strictObject({
      kp: limitFactorSchema,
      kv: limitFactorSchema,
      kq: limitFactorSchema,
      kf: limitFactorSchema,
    })
    .partial()
    .default({}),
  /** Which hours are valid; `share` with `validShareMin` unless told. */
  validity: hourValiditySchema.optional(),
  /** Least coverage of an hour for it to be valid, 0 to 1, where `validity` does not tell. */
  validShareMin: z.number().min(0).max(1).default(0.75),
  /** Least share of valid ones among the operating hours of a longer average for it to be judged; 0.75 unless told. */
  validHoursShareMin: z.number().min(0).max(1).optional(),
  source: z.strictObject(sourceShape(200)),
  /** Epoch milliseconds, inclusive. */
  validFrom: instantSchema,
  /** Epoch milliseconds, exclusive. */
  validTo: instantSchema.optional(),
});
export type Limit = z.infer<typeof limitSchema>;

/** How far beyond a limit, by the ratio that a band begins at. @see severityBands of packages/limits */
export const severities = ['warning', 'from-1.1', 'from-1.5', 'from-3', 'from-5', 'from-10'] as const;
export type Severity = (typeof severities)[number];
