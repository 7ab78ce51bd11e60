import {
  intervalOf,
  lifeOf,
  meterKindSchema,
  meterSlots,
  OwedScan,
  owedReachMs,
  owedUntil,
  printedStamp,
  SlotGrid,
  type MeterKind,
  type OwedSpan,
} from '@songma/domain';
import type { MeterContext } from '@songma/registry';
import type { SeriesStore } from '@songma/series-store';
import { z } from 'zod';
import { isoInZone } from '../iso-time.ts';
import { isoTimeSchema } from '../routes.ts';
import type { CellKind } from '../answers/cells.ts';
import type { MeterSpan } from '../series/query.ts';
import { inTurns, pageWorkMsMax, streamWorkMsMax } from '../work-turns.ts';
import { expectedSince } from './expected-since.ts';
import { meterChunks } from './meter-chunks.ts';

const effects = {
  interval: 'amount-missing',
  counter: 'amount-conserved',
  level: 'state-unknown',
} as const satisfies Record<MeterKind, string>;

export const owedRowSchema = z.object({
  meter: z.string(),
  kind: meterKindSchema,
  from: isoTimeSchema.meta({ description: 'Start of the first owed slot.' }),
  to: isoTimeSchema.meta({ description: 'End of the last owed slot, exclusive.' }),
  missing: z.int().positive().meta({ description: 'Readings owed in the span.' }),
  expected: z
    .int()
    .positive()
    .meta({ description: 'Slots in the span; more than `missing` only where `join` ran over held ones.' }),
  intervalMs: z.int().positive(),
  firstStamp: z.string().meta({
    description:
      'Of the first owed reading, as the logger’s own clock prints it: no offset, and opening or closing its ' +
      'interval, as the meter’s time convention says.',
    examples: ['2026-01-31T13:45:00'],
  }),
  lastStamp: z.string().meta({ description: 'Of the last owed reading, likewise; both are to be sent.' }),
  effect: z.enum([effects.interval, effects.counter, effects.level]).meta({
    description:
      '`amount-missing`: the amounts are lost until they are sent (interval meters); `amount-conserved`: a later ' +
      'reading of the register still tells the amount, not when it was used (counters); `state-unknown`: nothing ' +
      'held any more (levels).',
  }),
});
export type OwedRow = z.infer<typeof owedRowSchema>;
export const owedColumns = {
  meter: 'text',
  kind: 'text',
  from: 'time',
  to: 'time',
  missing: 'integer',
  expected: 'integer',
  intervalMs: 'long',
  firstStamp: 'text',
  lastStamp: 'text',
  effect: 'text',
} as const satisfies Record<keyof OwedRow, CellKind>;

/** Where to go on: the meter, from which instant, and the phase of its slots. */
export type OwedPosition = readonly [meter: string, from: number, phaseMs: number];

/** A row, or (undefined) the end of a meter; the position behind it, and the readings looked through since the last. */
export interface OwedPiece {
  readonly row: OwedRow | undefined;
  readonly after: OwedPosition;
  readonly readings: number;
}

export interface OwedQuery {
  readonly joinSlots: number;
  /** Epoch milliseconds; what may still come by then is not owed. */
  readonly now: number;
  readonly position: OwedPosition | undefined;
}

/** What each meter owes in its span, as given, then ascending; read from the store only as it is taken. */
export async function* owedRows(
  store: SeriesStore,
  spans: readonly MeterSpan[],
  { joinSlots, now, position }: OwedQuery,
): AsyncGenerator<OwedPiece> {
  const owing = spans.map((span) => {
    const { meter } = span.context;
    const life = lifeOf(meter);
    return {
      ...span,
      from: Math.max(meter.id === position?.[0] ? position[1] : span.from, life.from),
      to: Math.min(span.to, owedUntil(meter, now), life.to),
    };
  });
  const rangeOf = new Map(owing.map((span) => [span.context.meter.id, span]));
  const reaching = owing.map((span) => {
    const reach = owedReachMs(span.context.meter);
    return { ...span, from: span.from - reach, to: Math.max(span.from, span.to) + reach };
  });
  let scan: { readonly owed: OwedScan; readonly phaseMs: number } | undefined;
  let readings = 0;
  for await (const { context, chunk } of meterChunks(store, reaching)) {
    const { meter } = context;
    const span = rangeOf.get(meter.id)!;
    readings += chunk?.times.length ?? 0;
    if (scan === undefined) {
      const grid =
        meter.id === position?.[0]
          ? new SlotGrid(meter.time.zone, intervalOf(meter), position[2])
          : meterSlots(meter, chunk?.times ?? []);
      const from = await expectedSince(store, span, chunk?.times[0]);
      scan = { owed: new OwedScan(meter, grid, { ...span, from, joinSlots }), phaseMs: grid.phaseMs };
    }
    const { owed, phaseMs } = scan;
    for (const found of chunk === undefined ? owed.end() : owed.take(chunk.times)) {
      yield { row: owedRow(context, found), after: [meter.id, found.to, phaseMs], readings };
      readings = 0;
    }
    if (chunk !== undefined) continue;
    yield { row: undefined, after: [meter.id, Math.max(span.from, span.to), phaseMs], readings };
    readings = 0;
    scan = undefined;
  }
}

/** All items, one after the other. */
export async function* owedBatches(pieces: AsyncIterable<OwedPiece>): AsyncGenerator<readonly OwedRow[]> {
  for await (const { row } of inTurns(pieces, streamWorkMsMax)) if (row !== undefined) yield [row];
}

/** The items of one page; `next` when there may be more behind them, also where it was ended by its readings. */
export async function owedPage(
  pieces: AsyncIterable<OwedPiece>,
  { itemsMax, readingsMax }: { readonly itemsMax: number; readonly readingsMax: number },
): Promise<{ readonly items: OwedRow[]; readonly next: OwedPosition | undefined }> {
  const items: OwedRow[] = [];
  let last: OwedPosition | undefined;
  let read = 0;
  for await (const { row, after, readings } of inTurns(pieces, pageWorkMsMax)) {
    // Looked at only now, so that the last page knows that it is the last.
    if (read >= readingsMax || (row !== undefined && items.length === itemsMax)) return { items, next: last };
    if (row !== undefined) items.push(row);
    last = after;
    read += readings;
  }
  return { items, next: undefined };
}

function owedRow({ meter, site }: MeterContext, span: OwedSpan): OwedRow {
  const stampOf = (time: number) => printedStamp(meter.time, intervalOf(meter), meter.kind, time);
  return {
    meter: meter.id,
    kind: meter.kind,
    from: isoInZone(span.from, site.timeZone),
    to: isoInZone(span.to, site.timeZone),
    missing: span.missing,
    expected: span.expected,
    intervalMs: meter.intervalMs,
    firstStamp: stampOf(span.from),
    lastStamp: stampOf(span.last),
    effect: effects[meter.kind],
  };
}
