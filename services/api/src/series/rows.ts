import { confidences, counterVerdicts, flag, flagsOfRange, type CounterJudgement } from '@songma/domain';
import type { SeriesChunk } from '@songma/series-store';
import { z } from 'zod';
import { isoInZone, isoInZoneUs } from '../iso-time.ts';
import { isoTimeSchema } from '../routes.ts';
import type { CellKind } from '../answers/cells.ts';
import type { MeterSpan } from './query.ts';
import type { WindowDraft } from './windows.ts';

/** A reading as it was read: the multiplier is not applied. */
export const rawRowSchema = z.object({
  meter: z.string(),
  time: isoTimeSchema,
  value: z
    .number()
    .nullable()
    .meta({ description: 'In `unit`, as the register showed it; null: a status without a value.' }),
  unit: z.string(),
  status: z.enum(['measured', 'calibrating', 'fault', 'voided', 'outside-life']).meta({
    description:
      '`voided`: declared wrong, see /v1/voids; `outside-life`: before the meter’s `from` or after its `to`. Both ' +
      'count for nothing.',
  }),
  flags: z.array(z.enum(['out-of-range', 'below-detection'])).meta({
    description:
      '`out-of-range`: outside of the meter’s valid range, which leaves it out unless its mode is `flag`; ' +
      '`below-detection`: less than `value`, the detection limit (null: it is not known); in CSV and Parquet joined by `;`.',
  }),
  knownAt: z
    .string()
    .meta({ description: 'When it became known, to the microsecond: an `asOf` of it includes it.' }),
  revision: z
    .int()
    .nonnegative()
    .meta({ description: 'Readings of this meter and time that it superseded.' }),
  since: isoTimeSchema
    .nullable()
    .meta({ description: 'Counters: the reading from which on `consumption` is counted, up to this one.' }),
  consumption: z.number().nullable().meta({
    description:
      'Counters: in `unit`, the multiplier applied; null where nothing is booked, which is not zero.',
  }),
  verdict: z
    .enum(counterVerdicts)
    .nullable()
    .meta({
      description:
        'Counters: what the step to this reading is found to be; `glitch`: the reading is left out. Later readings ' +
        'may reverse it. Null for readings without a valid value.',
    }),
  confidence: z.enum(confidences).nullable().meta({ description: 'Counters: how sure the verdict is.' }),
  spread: z
    .boolean()
    .nullable()
    .meta({ description: 'Counters: whether the consumption is spread over a gap or over glitches.' }),
});
export type RawRow = z.infer<typeof rawRowSchema>;

/**
 * How good a window's numbers are: `missing` nothing valid is there, `partial` less than the whole window is covered,
 * `flagged` covered but with readings out of the meter's valid range, `complete` otherwise.
 */
export const qualitySchema = z.enum(['complete', 'flagged', 'partial', 'missing']);

/** A meter in a window: the multiplier is applied. */
export const windowRowSchema = z.object({
  meter: z.string(),
  start: isoTimeSchema,
  end: isoTimeSchema,
  unit: z.string(),
  sum: z
    .number()
    .nullable()
    .meta({ description: 'Amount or consumption; null for levels and where nothing is known.' }),
  mean: z.number().nullable().meta({ description: 'Time-weighted; null for counters.' }),
  min: z.number().nullable(),
  max: z.number().nullable(),
  count: z.int().nonnegative(),
  expected: z.number().nonnegative(),
  coverage: z.number().min(0).max(1).meta({
    description:
      'Share of the window, as far as it lies in the meter’s life, that valid readings account for.',
  }),
  quality: qualitySchema,
  calibrating: z.int().nonnegative(),
  fault: z.int().nonnegative(),
  outOfRange: z.int().nonnegative().meta({ description: 'Readings outside of the meter’s valid range.' }),
  spreadMs: z
    .number()
    .nonnegative()
    .meta({
      description:
        'Part of the covered time whose consumption is spread over a gap or over readings that were left out; ' +
        'counters only.',
    }),
  irregular: z.int().nonnegative().meta({
    description:
      'Readings at a drop of the register, a swap, or a rise beyond the rating or out of proportion; counters only.',
  }),
  quarters: z
    .array(z.int().min(1).max(4))
    .nullable()
    .meta({
      description:
        'Quarters of the hour, from 1, that hold a valid reading; in CSV and Parquet joined by `;`. Null for windows ' +
        'longer than an hour.',
    }),
  validSpanMs: z
    .number()
    .nonnegative()
    .nullable()
    .meta({ description: 'From the first valid reading in the hour to the last; null for longer windows.' }),
  calibratingMs: z
    .number()
    .nonnegative()
    .meta({ description: 'Part of the window that calibrating readings speak for.' }),
  faultMs: z
    .number()
    .nonnegative()
    .meta({ description: 'Part of the window that readings at fault speak for.' }),
  outOfRangeMs: z.number().nonnegative().meta({
    description: 'Part of the window that readings out of range speak for, which do not count.',
  }),
  belowDetection: z
    .int()
    .nonnegative()
    .meta({ description: 'Readings below detection; how they count the meter says.' }),
  validMs: z
    .number()
    .nonnegative()
    .meta({
      description:
        'Part of the window that valid readings speak for, each for one interval and not for as long as it is held: ' +
        'by its share an hour is valid for limits and availability.',
    }),
  revision: z
    .int()
    .nullable()
    .meta({
      description:
        'Of the stored rollup; for months and years it rises whenever one of their days does; null where the window ' +
        'was computed for this answer (PT15M, and everything with asOf).',
    }),
});
export type WindowRow = z.infer<typeof windowRowSchema>;

export const rawColumns = {
  meter: 'text',
  time: 'time',
  value: 'number',
  unit: 'text',
  status: 'text',
  flags: 'text',
  knownAt: 'timeUs',
  revision: 'integer',
  since: 'time',
  consumption: 'number',
  verdict: 'text',
  confidence: 'text',
  spread: 'boolean',
} as const satisfies Record<keyof RawRow, CellKind>;

export const windowColumns = {
  meter: 'text',
  start: 'time',
  end: 'time',
  unit: 'text',
  sum: 'number',
  mean: 'number',
  min: 'number',
  max: 'number',
  count: 'integer',
  expected: 'number',
  coverage: 'number',
  quality: 'text',
  calibrating: 'integer',
  fault: 'integer',
  outOfRange: 'integer',
  spreadMs: 'number',
  irregular: 'integer',
  quarters: 'text',
  validSpanMs: 'number',
  calibratingMs: 'number',
  faultMs: 'number',
  outOfRangeMs: 'number',
  belowDetection: 'integer',
  validMs: 'number',
  revision: 'integer',
} as const satisfies Record<keyof WindowRow, CellKind>;

/** What is found of a reading, as the place of it in a judgement. */
export interface Found {
  readonly judgement: CounterJudgement;
  readonly times: Float64Array;
  readonly at: number;
}

/** The chunk's reading at `index` on the wire. */
export function rawRow(
  { context: { meter, site } }: MeterSpan,
  chunk: SeriesChunk,
  index: number,
  found?: Found,
): RawRow {
  const value = chunk.values[index]!;
  const flags = chunk.flags[index]!;
  return {
    meter: meter.id,
    time: isoInZone(chunk.times[index]!, site.timeZone),
    value: Number.isNaN(value) || isLimitUnknown(value, flags) ? null : value,
    unit: meter.unit,
    status: statusOf(flags),
    flags: flagsOf(flags),
    knownAt: isoInZoneUs(chunk.knownUs[index]!, site.timeZone),
    revision: chunk.revisions[index]!,
    ...verdictOf(found, site.timeZone),
  };
}

function verdictOf(
  found: Found | undefined,
  zone: string,
): Pick<RawRow, 'since' | 'consumption' | 'verdict' | 'confidence' | 'spread'> {
  const verdict = found?.judgement.verdicts[found.at];
  if (found === undefined || verdict === undefined) {
    return { since: null, consumption: null, verdict: null, confidence: null, spread: null };
  }
  const { judgement, times, at } = found;
  const [begin, amount] = [judgement.begins[at]!, judgement.amounts[at]!];
  return {
    since: begin < 0 ? null : isoInZone(times[begin]!, zone),
    consumption: Number.isNaN(amount) ? null : amount,
    verdict,
    confidence: judgement.confidences[at]!,
    spread: judgement.spread[at] === 1,
  };
}

/** Below detection, by a limit that nobody tells and need not, since it counts as nothing. */
function isLimitUnknown(value: number, flags: number): boolean {
  return value === 0 && (flags & flag.belowDetection) !== 0;
}

function flagsOf(flags: number): RawRow['flags'] {
  if (flags === 0) return [];
  return [
    ...((flags & flagsOfRange) === 0 ? [] : (['out-of-range'] as const)),
    ...((flags & flag.belowDetection) === 0 ? [] : (['below-detection'] as const)),
  ];
}

function statusOf(flags: number): RawRow['status'] {
  if ((flags & flag.voided) !== 0) return 'voided';
  if ((flags & flag.outsideLife) !== 0) return 'outside-life';
  if ((flags & flag.fault) !== 0) return 'fault';
  return (flags & flag.calibrating) !== 0 ? 'calibrating' : 'measured';
}

export function windowRow({ context: { meter, site } }: MeterSpan, draft: WindowDraft): WindowRow {
  return {
    meter: meter.id,
    start: isoInZone(draft.start, site.timeZone),
    end: isoInZone(draft.end, site.timeZone),
    unit: meter.unit,
    sum: draft.sum,
    mean: draft.mean,
    min: draft.min,
    max: draft.max,
    count: draft.count,
    expected: draft.expected,
    coverage: draft.coverage,
    quality: qualityOf(draft),
    calibrating: draft.calibrating,
    fault: draft.fault,
    outOfRange: draft.outOfRange,
    spreadMs: draft.spreadMs,
    irregular: draft.irregular,
    quarters: quartersOf(draft),
    validSpanMs: draft.validSpanMs,
    calibratingMs: draft.calibratingMs,
    faultMs: draft.faultMs,
    outOfRangeMs: draft.outOfRangeMs,
    belowDetection: draft.belowDetection,
    validMs: draft.validMs,
    revision: draft.revision,
  };
}

function quartersOf({ quarters }: WindowDraft): WindowRow['quarters'] {
  return quarters === null ? null : [1, 2, 3, 4].filter((quarter) => (quarters & (1 << (quarter - 1))) !== 0);
}

function qualityOf({ coveredMs, coverage, outOfRange }: WindowDraft): WindowRow['quality'] {
  if (coveredMs === 0) return 'missing';
  if (coverage < 1) return 'partial';
  return outOfRange > 0 ? 'flagged' : 'complete';
}
