import { z } from 'zod';
import { apiKeySchema } from './api-key.ts';
import { allocationSchema, productSchema } from './allocation.ts';
import { baselineSchema } from './baseline.ts';
import {
  channelSchema,
  dutySchema,
  officerSchema,
  outageSchema,
  personSchema,
  policySchema,
  rosterSchema,
} from './desk-entities.ts';
import { factorSchema, gwpSets } from './factor.ts';
import {
  durationMsSchema,
  idSchema,
  instantSchema,
  nameSchema,
  positiveValueSchema,
  quantityValueSchema,
} from './fields.ts';
import { gasStateSchema, referenceOxygenSchema } from './gas-state.ts';
import { calendarIntervalSchema } from './intervals.ts';
import { limitSchema, operatingSignalSchema } from './limit.ts';
import { belowDetectionSchema, validRangeSchema } from './measuring-range.ts';
import { assessmentSchema, participationSchema } from './participation.ts';
import { sourceMappingSchema } from './source-mapping.ts';

/**
 * How the stamps of a feed are to be read.
 *
 * - `zone`: the IANA zone or fixed offset (`+07:00`) of stamps that carry none;
 * - `stamp`: whether a stamp opens the interval that it describes or closes it;
 * - `midnight`: whether `00:00` begins the day it is printed with, or ends it (hour 24).
 */
export const timeConventionSchema = z.strictObject({
  zone: z.string().min(1).max(64).default('Asia/Ho_Chi_Minh'),
  stamp: z.enum(['opens', 'closes']).default('opens'),
  midnight: z.enum(['begins-day', 'ends-day']).default('begins-day'),
});
export type TimeConvention = z.infer<typeof timeConventionSchema>;

/** The company that indicators are for. */
export const enterpriseSchema = z.object({
  id: idSchema,
  name: nameSchema,
  nameEn: nameSchema.optional(),
  /** VSIC code of its main activity, for example `2394` for cement. */
  sector: z.string().regex(/^[A-Z]?\d{2,5}$/, 'a VSIC code such as 2394'),
  size: z.enum(['micro', 'small', 'medium', 'large']).optional(),
  /** Global warming potentials of its greenhouse gas accounts, the same in every period; AR5 unless told. */
  gwpSet: z.enum(gwpSets).optional(),
  /** How its products share what serves several of them. Stated, it makes indicators of each product. */
  allocation: allocationSchema.optional(),
});
export type Enterprise = z.infer<typeof enterpriseSchema>;

/** A plant of an enterprise, at a place. */
export const siteSchema = z.object({
  id: idSchema,
  enterprise: idSchema,
  name: nameSchema,
  province: nameSchema.default('Thanh Hóa'),
  /** Industrial park or economic zone. */
  zone: nameSchema.optional(),
  ward: nameSchema.optional(),
  /** IANA zone in which the site's hours, days and months are cut. */
  timeZone: z.string().min(1).max(64).default('Asia/Ho_Chi_Minh'),
  latitude: z.number().min(-90).max(90).optional(),
  longitude: z.number().min(-180).max(180).optional(),
  /** Prefix of the five-field files that this site sends (`TH_BSON_KHILO2`), unique among sites and sources. */
  station: z.string().min(1).max(64).optional(),
});
export type Site = z.infer<typeof siteSchema>;

/** A stack or an outfall of a site. */
export const sourceSchema = z.object({
  id: idSchema,
  site: idSchema,
  name: nameSchema,
  kind: z.enum(['stack', 'outfall']),
  station: z.string().min(1).max(64).optional(),
  /** How it is told that it operates; without one it is taken to operate always. */
  operating: operatingSignalSchema.optional(),
});
export type Source = z.infer<typeof sourceSchema>;

export const quantitySchema = z.enum([
  'electricity',
  'fuel',
  'heat',
  'water',
  'waste-water',
  'material',
  'refrigerant',
  'pollutant',
  'production',
  'concentration',
  'flow',
  'temperature',
  'pressure',
  'oxygen',
  'ph',
  'other',
]);
export type Quantity = z.infer<typeof quantitySchema>;

/** A pollutant by its usual symbol. */
export const substanceSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,31}$/, 'a symbol such as dust, SO2, NOx or PM2.5');

/**
 * - `counter`: a register that climbs; consumption is the difference of two readings;
 * - `interval`: an amount per interval;
 * - `level`: a state that holds until the next reading (concentration, flow, temperature).
 */
export const meterKindSchema = z.enum(['counter', 'interval', 'level']);
export type MeterKind = z.infer<typeof meterKindSchema>;

/**
 * A meter that was taken out and another put in, the readings going on under one name. Registers as they were shown,
 * multiplier not applied; what is not known stays open, and what was consumed on that side is then not counted.
 */
export const meterSwapSchema = z.strictObject({
  /** Epoch milliseconds: readings from then on are of the new meter. */
  at: instantSchema,
  /** Register of the old meter when it was taken out. */
  finalOld: quantityValueSchema.optional(),
  /** Register of the new meter when it was put in. */
  initialNew: quantityValueSchema.optional(),
});
export type MeterSwap = z.infer<typeof meterSwapSchema>;

/** Meters of one formula at most. */
export const formulaInputsMax = 50;
/** A meter by this name in a formula. */
const inputNameSchema = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,31}$/, 'a name such as o2 or kiln_1');

/** One measured quantity at a site or source, or one that is derived from others by a formula. */
export const meterSchema = z.object({
  id: idSchema,
  site: idSchema,
  source: idSchema.optional(),
  name: nameSchema,
  quantity: quantitySchema,
  kind: meterKindSchema,
  /** UCUM unit in which readings are stored, with `Nm3` and `kgCO2e` as accepted spellings. */
  unit: z.string().min(1).max(32),
  /** Expected time between readings; coverage is measured against it. Of one by the calendar the longest. */
  intervalMs: durationMsSchema,
  /** An interval by the calendar, in the site's zone: bills of months. */
  interval: calendarIntervalSchema.optional(),
  /**
   * Since when the meter is there, epoch milliseconds, inclusive. Before it nothing is expected of it, and readings of
   * before are kept and do not count. Absent: nothing is expected in windows that end before its first reading.
   */
  from: instantSchema.optional(),
  /** Until when it is there, epoch milliseconds, exclusive; from then on likewise. Absent: it is there still. */
  to: instantSchema.optional(),
  /**
   * The meter that this one replaced: both measure the same flow, the one until its `to`, the other since its `from`,
   * and what lies between the two is missing of the flow.
   */
  follows: idSchema.optional(),
  /** The meter that measures the whole of which this one measures a part, at the same site. */
  parent: idSchema.optional(),
  /** What a stored register unit is worth (current-transformer ratio); applies to counters and intervals. */
  multiplier: positiveValueSchema.default(1),
  /** First value that the register cannot show (`1e6` for six digits); counters only. */
  registerWidth: positiveValueSchema.optional(),
  /**
   * Most that can be consumed in an hour by the meter's rating, in its unit, multiplier applied; counters only. What
   * rises faster is not consumption, whatever follows. Without it a rise is held against what the meter does around:
   * next to a drop and from exactly 0 against ten times its usual rate, elsewhere as {@link judgeCounter} says.
   */
  ratePerHourMax: positiveValueSchema.optional(),
  /**
   * `down`: the register shows what is left, and its fall is the consumption. `both`: it runs backwards when energy is
   * fed back, so that a fall is a negative amount and a sum may be below zero. `up` unless told; counters only.
   */
  direction: z.enum(['up', 'down', 'both']).optional(),
  /**
   * The register begins again at zero with each day or month by the clock of the site; counters that climb only. What
   * it shows then was consumed since. Without it a reset is told by the register alone.
   */
  resets: z.enum(['daily', 'monthly']).optional(),
  /** Swaps of the meter behind these readings; counters only. */
  swaps: z.array(meterSwapSchema).max(100).optional(),
  /** What a device can have measured; what lies outside is kept and shown. */
  validRange: validRangeSchema.optional(),
  /**
   * The state of the gas that its readings are told in. Once stated it stands for good, as readings mean it; absent: it
   * is not known, and nothing that states one is compared with it.
   */
  gasState: gasStateSchema.optional(),
  /** Oxygen that its readings are corrected to; of a derived meter as its formula corrects, unless told. */
  referenceOxygen: referenceOxygenSchema.optional(),
  /** How readings below the detection limit count; no counter has any. */
  belowDetection: belowDetectionSchema.optional(),
  /** How long a level holds without a new reading; two intervals unless told. */
  holdMaxMs: durationMsSchema.optional(),
  time: timeConventionSchema.default({ zone: 'Asia/Ho_Chi_Minh', stamp: 'opens', midnight: 'begins-day' }),
  /** Symbol in five-field files (`PM`, `SO2`, `NO`, `PM2,5`). */
  symbol: z.string().min(1).max(16).optional(),
  /**
   * What is made, for meters of quantity `production`: `cement`, `crude steel`. For others the product that they serve
   * alone.
   */
  product: productSchema.optional(),
  /**
   * What is burnt, bought or topped up; factors are looked up by it. Of `fuel`: `anthracite`, `diesel`. Of
   * `refrigerant`: `r-134a`. Of `heat`: `steam` or another name for what is bought, none for that of a boiler of one's
   * own, whose fuel is metered. Of `electricity`: what does not come from the `grid`.
   */
  carrier: idSchema.optional(),
  /**
   * Of fuel that is metered as energy: whether by its gross or its net calorific value. Of gas the two are some 11 %
   * apart, and a gas whose meter does not say which counts in no energy and no emission; any other fuel is then net.
   */
  calorific: z.enum(['gross', 'net']).optional(),
  /**
   * What a derived meter is made of its `inputs`; it has no readings of its own. Kind `interval` for an amount, `level`
   * for a state. @see deriveMeter
   */
  formula: z.string().trim().min(1).max(1000).optional(),
  /** The meters that the formula names, all of the same site. */
  inputs: z
    .record(inputNameSchema, idSchema)
    .refine((inputs) => Object.keys(inputs).length <= formulaInputsMax, `at most ${formulaInputsMax} inputs`)
    .optional(),
  /**
   * `part`: what it measures is in another meter's total already (the child of a derived sum, a submeter behind the
   * main one), so that indicators leave it out; `total` unless told.
   */
  countsAs: z.enum(['total', 'part']).optional(),
  /** Of meters of quantity `pollutant`, whose mass they tell: `dust`, `SO2`, `NOx`, `COD`. */
  substance: substanceSchema.optional(),
});
export type Meter = z.infer<typeof meterSchema>;

/** A meter that is computed from others. */
export type DerivedMeter = Meter & { readonly formula: string };

export function isDerived(meter: Meter): meter is DerivedMeter {
  return meter.formula !== undefined;
}

/**
 * Readings of a meter that are declared wrong: what stood in `[from, to)` when this was registered. They are kept and
 * shown, and count for nothing, however often they are sent again; another value that is pushed afterwards counts.
 */
export const voidedRangeSchema = z.object({
  id: idSchema,
  meter: idSchema,
  /** Epoch milliseconds, inclusive. */
  from: instantSchema,
  /** Epoch milliseconds, exclusive. */
  to: instantSchema,
  reason: z.string().trim().min(1).max(500),
});
export type VoidedRange = z.infer<typeof voidedRangeSchema>;

/** Every kind of registry entity with its schema: the one table that registry, api and docs derive from. */
export const entitySchemas = {
  enterprise: enterpriseSchema,
  site: siteSchema,
  source: sourceSchema,
  meter: meterSchema,
  limit: limitSchema,
  baseline: baselineSchema,
  factor: factorSchema,
  officer: officerSchema,
  void: voidedRangeSchema,
  participation: participationSchema,
  assessment: assessmentSchema,
  mapping: sourceMappingSchema,
  person: personSchema,
  roster: rosterSchema,
  policy: policySchema,
  channel: channelSchema,
  outage: outageSchema,
  duty: dutySchema,
  key: apiKeySchema,
} as const;
export type EntityKind = keyof typeof entitySchemas;
export type EntityOf<K extends EntityKind> = z.infer<(typeof entitySchemas)[K]>;
