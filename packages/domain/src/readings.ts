import { z } from 'zod';
import { receiptSchema, type Receipt } from './topics.ts';

/** Bits of a reading's flags. No bit set: measured, nothing found. */
export const flag = {
  calibrating: 1,
  fault: 2,
  /** Outside of the meter's valid range, which leaves it out. Never stored: told where readings are read. */
  outOfRange: 4,
  /** Declared void: never stored, but told with a reading as long as what declares it is in force. */
  voided: 8,
  /** Below what the device detects: the value is the detection limit, NaN where none was sent. */
  belowDetection: 16,
  /** Outside of a valid range that only flags: it counts. Never stored. */
  outOfRangeCounted: 32,
  /** Outside of the meter's declared life: never stored, but told with a reading as long as that life is declared. */
  outsideLife: 128,
} as const;

/** Bits that follow from the meter as it is registered, and say nothing about what was sent. */
export const flagsOfRange = flag.outOfRange | flag.outOfRangeCounted;

/** A reading counts in an average or a sum only without these. */
export const flagsExcluded = flag.calibrating | flag.fault | flag.outOfRange | flag.voided | flag.outsideLife;

/**
 * Whether two readings say the same: equal values (NaN equals NaN) and equal flags. Builds until 2026-11 stored
 * `outOfRange` with a reading: what was sent is the same with it and without.
 */
export function sameReading(
  a: { readonly value: number; readonly flags: number },
  b: { readonly value: number; readonly flags: number },
): boolean {
  if (((a.flags ^ b.flags) & ~flagsOfRange) !== 0) return false;
  return a.value === b.value || (Number.isNaN(a.value) && Number.isNaN(b.value));
}

/**
 * Readings of one site out of one accepted push, in columns of equal length: the value of one record of the log's
 * `readings` topic, and what writer and series store work on.
 */
export interface ReadingBlock {
  readonly site: string;
  /** Batch id of the push, unique per API key. */
  readonly batch: string;
  /** Id of the API key that pushed. */
  readonly apiKey: string;
  /**
   * When the push was accepted, in microseconds since the epoch; strictly increasing within an ingest process.
   * Of two readings of one meter and time, the one with the later `knownUs` stands.
   */
  readonly knownUs: number;
  /** Which of how many blocks of the push this is, from 0. */
  readonly part: number;
  readonly parts: number;
  /** Distinct meter ids; `meterIndex` points into it. */
  readonly meters: readonly string[];
  readonly meterIndex: Uint32Array;
  /** Epoch milliseconds: for `interval` readings and closed averages the start of what they describe. */
  readonly times: Float64Array;
  /** In the meter's unit, multiplier not yet applied; NaN when the device sent a status but no value. */
  readonly values: Float64Array;
  readonly flags: Uint8Array;
  /** Row numbers in the push as the plant sent it, from 0. */
  readonly rows: Uint32Array;
}

/** What became of one reading in the store. */
export const outcomeNames = ['stored', 'duplicate', 'superseding', 'refused'] as const;
export type OutcomeName = (typeof outcomeNames)[number];
/** Codes used in outcome columns. */
export const outcome = { stored: 0, duplicate: 1, superseding: 2, refused: 3 } as const satisfies Record<
  OutcomeName,
  number
>;

const columnsSchema = z.object({
  v: z.literal(1),
  site: z.string(),
  batch: z.string(),
  key: z.string(),
  known: z.number(),
  part: z.number(),
  parts: z.number(),
  meters: z.array(z.string()),
  stamps: z.array(z.number()),
  m: z.array(z.number()),
  t: z.array(z.number()),
  x: z.array(z.number().nullable()),
  /** Sparse: row in the block, flags. */
  f: z.array(z.tuple([z.number(), z.number()])),
  /** Runs of row numbers: first, count. */
  rows: z.array(z.tuple([z.number(), z.number()])),
  receipt: receiptSchema.optional(),
});

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The block as JSON in columns: stamps and meter ids once each, flags and row numbers only where they say something.
 * @param receipt of its push, which goes with the first block
 */
export function encodeReadingBlock(block: ReadingBlock, receipt?: Receipt): Uint8Array {
  const length = block.times.length;
  const stamps: number[] = [];
  const stampIndex = new Map<number, number>();
  const t: number[] = [];
  const x: (number | null)[] = [];
  const f: [number, number][] = [];
  let lastTime = Number.NaN;
  let lastStamp = -1;
  for (let i = 0; i < length; i++) {
    const time = block.times[i]!;
    if (time !== lastTime) {
      lastTime = time;
      lastStamp = stampIndex.get(time) ?? -1;
      if (lastStamp < 0) {
        lastStamp = stamps.push(time) - 1;
        stampIndex.set(time, lastStamp);
      }
    }
    t.push(lastStamp);
    const value = block.values[i]!;
    x.push(Number.isNaN(value) ? null : value);
    const flags = block.flags[i]!;
    if (flags !== 0) f.push([i, flags]);
  }
  return encoder.encode(
    JSON.stringify({
      v: 1,
      site: block.site,
      batch: block.batch,
      key: block.apiKey,
      known: block.knownUs,
      part: block.part,
      parts: block.parts,
      meters: block.meters,
      stamps,
      m: Array.from(block.meterIndex),
      t,
      x,
      f,
      rows: toRuns(block.rows),
      ...(receipt === undefined ? {} : { receipt }),
    }),
  );
}

/**
 * Reads what {@link encodeReadingBlock} wrote.
 * @throws Error when the bytes are not such a block: the log is written by us alone, so that is a bug or corruption.
 */
export function decodeReadingBlock(bytes: Uint8Array): ReadingBlock {
  return decodePushedBlock(bytes).block;
}

/** The same with the receipt that was written with it. */
export function decodePushedBlock(bytes: Uint8Array): {
  readonly block: ReadingBlock;
  readonly receipt: Receipt | undefined;
} {
  const columns = columnsSchema.parse(JSON.parse(decoder.decode(bytes)));
  const length = columns.m.length;
  const rows = fromRuns(columns.rows);
  if (columns.t.length !== length || columns.x.length !== length || rows.length !== length) {
    throw new Error(`reading block ${columns.batch}: columns differ in length`);
  }
  const times = new Float64Array(length);
  const values = new Float64Array(length);
  const flags = new Uint8Array(length);
  const meterIndex = new Uint32Array(length);
  for (let i = 0; i < length; i++) {
    const time = columns.stamps[columns.t[i]!];
    const index = columns.m[i]!;
    if (time === undefined || columns.meters[index] === undefined) {
      throw new Error(`reading block ${columns.batch}: row ${i} points outside of its stamps or meters`);
    }
    times[i] = time;
    meterIndex[i] = index;
    values[i] = columns.x[i] ?? Number.NaN;
  }
  for (const [i, bits] of columns.f) {
    if (i >= length) throw new Error(`reading block ${columns.batch}: flags of row ${i} of ${length}`);
    flags[i] = bits;
  }
  const block: ReadingBlock = {
    site: columns.site,
    batch: columns.batch,
    apiKey: columns.key,
    knownUs: columns.known,
    part: columns.part,
    parts: columns.parts,
    meters: columns.meters,
    meterIndex,
    times,
    values,
    flags,
    rows,
  };
  return { block, receipt: columns.receipt };
}

/** Ascending or arbitrary row numbers as runs of consecutive ones: `[first, count]`. */
export function toRuns(rows: ArrayLike<number>): [number, number][] {
  const runs: [number, number][] = [];
  for (let i = 0; i < rows.length;) {
    const first = rows[i]!;
    let count = 1;
    while (i + count < rows.length && rows[i + count] === first + count) count++;
    runs.push([first, count]);
    i += count;
  }
  return runs;
}

/** The row numbers of {@link toRuns}, in its order. */
export function fromRuns(runs: readonly (readonly [number, number])[]): Uint32Array {
  const rows = new Uint32Array(runs.reduce((sum, [, count]) => sum + count, 0));
  let at = 0;
  for (const [first, count] of runs) for (let i = 0; i < count; i++) rows[at++] = first + i;
  return rows;
}
