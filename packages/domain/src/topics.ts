import { z } from 'zod';
import { assuranceSchema } from './assurance.ts';
import { allocationRules } from './allocation.ts';
import { entitySchemas, type EntityKind } from './entities.ts';
import { gwpSets } from './factor.ts';
import { decimalMarks } from './number-texts.ts';

const dayMs = 86_400_000;

/**
 * The log's topics: what a record is keyed by (order is kept per key), over how many partitions a broker may spread
 * it, and how long it is kept (null: for ever).
 */
export const topics = {
  readings: { name: 'readings', keyedBy: 'site', partitions: 6, retentionMs: 14 * dayMs },
  outcomes: { name: 'outcomes', keyedBy: 'site', partitions: 6, retentionMs: 14 * dayMs },
  quarantine: { name: 'quarantine', keyedBy: 'site', partitions: 6, retentionMs: 90 * dayMs },
  registry: { name: 'registry', keyedBy: 'entity', partitions: 1, retentionMs: null },
  indicators: { name: 'indicators', keyedBy: 'enterprise', partitions: 6, retentionMs: null },
  alerts: { name: 'alerts', keyedBy: 'alert', partitions: 6, retentionMs: null },
  credentials: { name: 'credentials', keyedBy: 'person', partitions: 1, retentionMs: null },
  cases: { name: 'cases', keyedBy: 'case', partitions: 6, retentionMs: null },
  notices: { name: 'notices', keyedBy: 'notice', partitions: 6, retentionMs: null },
} as const;
export type TopicName = keyof typeof topics;

/**
 * What a receipt said, carried with the first block of its push, so that the same batch id gets the same receipt.
 * `refused` holds `[row, code, parameters]`; the reason in words is made from them in the reader's language.
 */
export const receiptSchema = z.object({
  batch: z.string(),
  /** Id of the API key that pushed. */
  apiKey: z.string(),
  /** SHA-256 of the body as the door read it (unpacked), hexadecimal. */
  contentHash: z.string(),
  receivedAt: z.int(),
  rows: z.int().nonnegative(),
  accepted: z.int().nonnegative(),
  refused: z.array(
    z.tuple([z.int().nonnegative(), z.string(), z.record(z.string(), z.union([z.string(), z.number()]))]),
  ),
  /** Refused rows, the last ones, that are not kept in quarantine: the key's share of the day is used up. */
  notKept: z.int().positive().optional(),
  /** How numbers that came as text were read; absent where none had decimals, and in earlier receipts. */
  numbers: z
    .object({
      decimal: z.enum([...decimalMarks, 'mixed']),
      by: z.enum(['declared', 'seen', 'assumed']),
    })
    .optional(),
});
export type Receipt = z.infer<typeof receiptSchema>;

const runsSchema = z.array(z.tuple([z.int().nonnegative(), z.int().positive()]));

/** What became of one block's rows: appended by the writer, folded by ingest for `GET /v1/batches/{id}`. */
export const blockOutcomeSchema = z.object({
  batch: z.string(),
  apiKey: z.string(),
  site: z.string(),
  knownUs: z.number(),
  part: z.int().nonnegative(),
  parts: z.int().positive(),
  stored: z.int().nonnegative(),
  /** Runs of row numbers of the push, for the rarer fates. */
  duplicate: runsSchema,
  superseding: runsSchema,
  refused: z.array(z.tuple([z.int().nonnegative(), z.string()])),
  receipt: receiptSchema.optional(),
});
export type BlockOutcome = z.infer<typeof blockOutcomeSchema>;

/** The value of a record of topic `outcomes`: the outcomes of the blocks that the writer stored together. */
export const outcomesRecordSchema = z.array(blockOutcomeSchema);

/** Header of such a record: JSON of how many readings it tells of, by enterprise, for who wants no more than that. */
export const outcomeReadingsHeader = 'readings';
export const outcomeReadingsSchema = z.record(z.string(), z.int().nonnegative());

const kinds = Object.keys(entitySchemas) as [EntityKind, ...EntityKind[]];

/** A command on one entity of the registry, as logged; the fold decides whether it takes effect. */
export const registryCommandSchema = z.object({
  /** Unique per command: the sender recognises its own by it. */
  id: z.string(),
  kind: z.enum(kinds),
  entity: z.string(),
  /** Version that the sender saw; 0 when it saw none. The fold accepts only if this is still so. */
  expectedVersion: z.int().nonnegative(),
  /** The whole entity, or null to retire it. */
  body: z.unknown(),
  by: z.string(),
  at: z.int(),
});
export type RegistryCommand = z.infer<typeof registryCommandSchema>;

export const windowKinds = ['PT1H', 'P1D', 'P1M', 'P1Y'] as const;

/** Windows of indicators: the day, month and year, and twelve months together, which end with each month. */
export const indicatorWindows = ['P1D', 'P1M', 'P1Y', 'R12M'] as const;
export type IndicatorWindow = (typeof indicatorWindows)[number];

/**
 * Why an indicator has no value:
 *
 * - `unfinished`: nothing has been reported yet from after the end of its month, year or twelve months;
 * - `no-…-reported`: no meter of that side has reported anything;
 * - `production-mixed`: what is made is metered in units that do not add up, such as tonnes and megawatt hours;
 * - `factor-missing`: there is no factor for a carrier, its unit or the date; `allocation-missing`: something serves
 *   several products, and it is not stated how they share it; `coverage`: all inputs together are known for less of
 *   the window than its rule asks for;
 * - `zero-production`, `zero-resource`: what it is divided by (production on either side) was reported to be nothing;
 * - `withdrawn`: there is nothing any more that it could be made of: its meters are retired, its product or the
 *   allocation is no longer stated.
 */
export const withheldReasons = [
  'unfinished',
  'no-energy-reported',
  'no-water-reported',
  'no-waste-water-reported',
  'no-material-reported',
  'no-pollutant-reported',
  'no-production-reported',
  'production-mixed',
  'factor-missing',
  'allocation-missing',
  'coverage',
  'zero-production',
  'zero-resource',
  'withdrawn',
] as const;
export type WithheldReason = (typeof withheldReasons)[number];

/** A version of a factor that a number was made with. */
export const usedFactorSchema = z.object({
  id: z.string(),
  version: z.int().positive(),
  /** Whether somebody has compared the value with its document. */
  verified: z.boolean(),
  /** How sure the value is; absent in what builds until 2026-11 published. */
  assurance: assuranceSchema.optional(),
  /** That of an earlier year, because that of the window's year is not published yet. */
  provisional: z.boolean(),
});
export type UsedFactor = z.infer<typeof usedFactorSchema>;

/** One published or restated indicator. */
export const indicatorSchema = z.object({
  /**
   * `enterprise/name/window/start`, of a site `enterprise/site/name/window/start`, of a product with
   * `product={product}`, percent-encoded, before the name; with `revision` it names this publication for ever.
   */
  id: z.string(),
  enterprise: z.string(),
  /** Absent when it is of the whole enterprise. */
  site: z.string().optional(),
  /** Absent when it is of all that is made together. */
  product: z.string().optional(),
  /** `electricity-intensity` … */
  name: z.string(),
  window: z.enum(indicatorWindows),
  /** Epoch milliseconds, start inclusive, end exclusive. */
  start: z.int(),
  end: z.int(),
  /** Null when withheld. */
  value: z.number().nullable(),
  unit: z.string(),
  /**
   * Share of what was expected that is there, 0 to 1: the least of its inputs. In whole percent while it is withheld, 0
   * while unfinished.
   */
  coverage: z.number(),
  withheld: z.enum(withheldReasons).nullable(),
  /**
   * The two whole sums: all that is known of each side in the window, where it is told; null while withheld for
   * `coverage` or as `unfinished`. The value is not their ratio but that of the next two.
   */
  numerator: z.number().nullable(),
  denominator: z.number().nullable(),
  /**
   * The two sums over the time in which all inputs are known, whose ratio is the value, and the share of the window
   * which that time is, 0 to 1. Absent while the sums are not told, and in what was published before they were.
   */
  matchedNumerator: z.number().optional(),
  matchedDenominator: z.number().optional(),
  matchedShare: z.number().min(0).max(1).optional(),
  /**
   * Share of the covered time whose amounts are spread over gaps or over glitches of a counter, 0 to 1: the greatest of
   * its inputs. They are sure as a whole, not in their course, so that it bounds what is estimated. Absent while the
   * sums are not told, and in what was published before it was told.
   */
  estimatedShare: z.number().min(0).max(1).optional(),
  /** kg of CO2 from biomass in the window, which is in no total; absent where nothing was burnt that could tell. */
  biogenicCo2: z.number().optional(),
  /** Factors that it was made with, by id; absent when it needed none. */
  factors: z.array(usedFactorSchema).optional(),
  /** Set of global warming potentials; absent when none was needed. */
  gwpSet: z.enum(gwpSets).optional(),
  /** By which rule the product's part was told, and the version of the enterprise that states it; of products only. */
  allocation: z.object({ rule: z.enum(allocationRules), version: z.int().positive() }).optional(),
  /** Rises by one with every publication of the same id, from 1. */
  revision: z.int().positive(),
  /**
   * Meters it was made from, with the revision of the rollup used. `matched` is what the meter told in the time of
   * `matchedShare`, in its own unit; absent where that is all that it told, also
   * where that is nothing.
   */
  inputs: z.array(z.object({ meter: z.string(), revision: z.int(), matched: z.number().optional() })),
  /** Version of the rules that it was made by; absent in what builds without one have published. */
  rules: z.int().nonnegative().optional(),
  /** Epoch milliseconds of publication. */
  publishedAt: z.int(),
});
export type Indicator = z.infer<typeof indicatorSchema>;

/** The value of a record of topic `indicators`. `before` is null the first time. */
export const indicatorEventSchema = z.object({
  id: z.string(),
  before: indicatorSchema.nullable(),
  after: indicatorSchema,
  /** What moved it. */
  cause: z.enum(['readings', 'registry', 'rules']),
  /** Whether `before` had been published as finished. Absent in what was published before it was told. */
  restates: z.boolean().optional(),
});
export type IndicatorEvent = z.infer<typeof indicatorEventSchema>;
