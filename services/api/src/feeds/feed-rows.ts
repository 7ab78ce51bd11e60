import {
  isDerived,
  diagnoseShift,
  feedStatistics,
  feedTrace,
  meterKindSchema,
  reachMs,
  registerDoubts,
  type ArrivedReadings,
  type FeedTrace,
} from '@songma/domain';
import type { MeterContext, Registry } from '@songma/registry';
import { joinedChunks, type SeriesChunk, type SeriesStore } from '@songma/series-store';
import { z } from 'zod';
import { isoInZone } from '../iso-time.ts';
import { isoTimeSchema } from '../routes.ts';
import type { MeterSpan } from '../series/query.ts';
import { inTurns, pageWorkMsMax, streamWorkMsMax } from '../work-turns.ts';
import { meterChunks } from './meter-chunks.ts';
import { registerSchema, registerWire } from './register-wire.ts';
import { shiftSchema, shiftWire } from './shift-wire.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** The span that a feed is judged by. */
export const feedDays = 30;
/** Other meters of the site that one is compared with: the first of those whose interval divides an hour. */
const peersMax = 8;

const share = (description: string) => z.number().min(0).max(1).meta({ description });

export const feedRowSchema = z.object({
  meter: z.string(),
  site: z.string(),
  enterprise: z.string(),
  kind: meterKindSchema,
  intervalMs: z.int().positive(),
  lastReading: isoTimeSchema
    .nullable()
    .meta({ description: `Time of the latest reading; null: none in ${feedDays} days.` }),
  lastArrival: isoTimeSchema
    .nullable()
    .meta({ description: 'When the newest of what is held became known.' }),
  silentIntervals: z
    .int()
    .nonnegative()
    .nullable()
    .meta({ description: 'Whole intervals without the reading that was due.' }),
  coverage: z.object({
    day: share(
      'Of the last 24 hours, as far as the meter was there, less the interval that may still be on its way; null: it ' +
        'was not there.',
    ).nullable(),
    month: share(`Likewise of ${feedDays} days.`).nullable(),
  }),
  arrivals: z
    .object({
      count: z.int().nonnegative(),
      corrected: z
        .int()
        .nonnegative()
        .meta({ description: 'Left out: what stands does not tell when the first came.' }),
      early: share('Came before what they describe was over.'),
      lateByInterval: share('Came later than that by more than an interval.'),
      lateByHour: share('By more than an hour.'),
      lateByDay: share('By more than a day.'),
      medianMs: z.number().nullable(),
      p95Ms: z.number().nullable(),
    })
    .meta({
      description: `How late the readings of ${feedDays} days came, reckoned from when what they describe was over.`,
    }),
  register: registerSchema.nullable(),
  shift: shiftSchema.optional().meta({ description: 'With `diagnose=shift`.' }),
});
export type FeedRow = z.infer<typeof feedRowSchema>;

export interface FeedQuery {
  /** Epoch milliseconds: the span ends here. */
  readonly now: number;
  readonly withShift: boolean;
}

/** Each meter's row, and how many readings were looked through for it. */
export async function* feedRows(
  deps: { readonly seriesStore: SeriesStore; readonly registry: Registry },
  meters: readonly MeterContext[],
  { now, withShift }: FeedQuery,
): AsyncGenerator<{ readonly row: FeedRow; readonly readings: number }> {
  const span = { from: now - feedDays * dayMs, to: now };
  const traces = new Map<string, FeedTrace>();
  let readings = 0;

  const keepTrace = ({ meter, site }: MeterContext, read: ArrivedReadings): FeedTrace => {
    const trace = feedTrace(meter, site.timeZone, read, span);
    traces.set(meter.id, trace);
    return trace;
  };
  const shiftOf = async (context: MeterContext, read: ArrivedReadings) => {
    const peers = peersOf(context, deps.registry);
    const unknown = peers.filter(({ meter }) => !traces.has(meter.id));
    for await (const peer of feedReadings(deps.seriesStore, unknown, span)) {
      keepTrace(peer.context, peer.read);
      readings += peer.read.times.length;
    }
    const trace = traces.get(context.meter.id) ?? keepTrace(context, read);
    const others = peers.map(({ meter }) => traces.get(meter.id)!);
    return shiftWire(diagnoseShift(trace, others, context.site.timeZone), context.site.timeZone);
  };

  for await (const { context, read } of feedReadings(deps.seriesStore, meters, span)) {
    readings += read.times.length;
    const row = feedRow(context, read, now);
    yield { row: withShift ? { ...row, shift: await shiftOf(context, read) } : row, readings };
    readings = 0;
  }
}

/** All rows, one after the other. */
export async function* feedBatches(
  rows: AsyncIterable<{ readonly row: FeedRow }>,
): AsyncGenerator<readonly FeedRow[]> {
  for await (const { row } of inTurns(rows, streamWorkMsMax)) yield [row];
}

/** The rows of one page, which ends early with the meter by which that many readings were looked through. */
export async function feedPage(
  rows: AsyncIterable<{ readonly row: FeedRow; readonly readings: number }>,
  readingsMax: number,
): Promise<FeedRow[]> {
  const items: FeedRow[] = [];
  let read = 0;
  for await (const { row, readings } of inTurns(rows, pageWorkMsMax)) {
    items.push(row);
    read += readings;
    if (read >= readingsMax) break;
  }
  return items;
}

function feedRow({ meter, site, enterprise }: MeterContext, read: ArrivedReadings, now: number): FeedRow {
  const found = feedStatistics(meter, site.timeZone, read, { from: now - feedDays * dayMs, now });
  const iso = (time: number | null) => (time === null ? null : isoInZone(time, site.timeZone));
  return {
    meter: meter.id,
    site: site.id,
    enterprise: enterprise.id,
    kind: meter.kind,
    intervalMs: meter.intervalMs,
    lastReading: iso(found.lastTime),
    lastArrival: iso(found.lastArrival),
    silentIntervals: found.silentIntervals,
    coverage: { day: found.coverageDay, month: found.coverage },
    arrivals: found.arrivals,
    register: registerWire(registerDoubts(meter, site.timeZone, read)),
  };
}

function peersOf({ meter, site }: MeterContext, registry: Registry): MeterContext[] {
  return registry
    .metersOfSite(site.id)
    .filter((other) => other.id !== meter.id && !isDerived(other) && hourMs % other.intervalMs === 0)
    .slice(0, peersMax)
    .map((other) => registry.meter(other.id)!);
}

/**
 * All readings of each meter in the span, with those before that reach into it and up to a day of such as claim to be
 * of the future. One meter is in memory at a time.
 */
async function* feedReadings(
  store: SeriesStore,
  meters: readonly MeterContext[],
  { from, to }: { readonly from: number; readonly to: number },
): AsyncGenerator<{ readonly context: MeterContext; readonly read: ArrivedReadings }> {
  const spans = meters.map((context): MeterSpan => ({
    context,
    from: from - reachMs(context.meter) - context.meter.intervalMs,
    to: to + dayMs,
  }));
  let parts: SeriesChunk[] = [];
  for await (const { context, chunk } of meterChunks(store, spans)) {
    if (chunk !== undefined) {
      parts.push(chunk);
      continue;
    }
    yield { context, read: joinedChunks(parts) };
    parts = [];
  }
}
