import { z } from 'zod';

/** One reading as the door takes it in JSON. */
export interface PushRow {
  readonly meter: string;
  /** ISO 8601 with offset, or local in the meter's time convention. */
  readonly time: string;
  /**
   * In `unit`, or in the meter's own unit; `<0.5` and `ND` below detection. Absent only with status `fault` or
   * `calibrating`.
   */
  readonly value?: number | string;
  readonly unit?: string;
  readonly status?: 'measured' | 'calibrating' | 'fault';
}

/** The door's answer to a push: what it accepted, and each refused row with its reason. */
export const pushReceiptSchema = z.looseObject({
  batch: z.string(),
  rows: z.int(),
  accepted: z.int(),
  refused: z.array(z.looseObject({ row: z.int(), code: z.string(), reason: z.string() })),
});
export type PushReceipt = z.infer<typeof pushReceiptSchema>;

const runsSchema = z.array(z.tuple([z.int(), z.int()]));

/** What became of a batch's rows: runs of row numbers `[first, count]` per fate. */
export const batchFateSchema = z.looseObject({
  batch: z.string(),
  rows: z.int(),
  fates: z.looseObject({
    stored: runsSchema,
    duplicate: runsSchema,
    superseding: runsSchema,
    quarantined: runsSchema,
    pending: runsSchema,
  }),
});
export type BatchFate = z.infer<typeof batchFateSchema>;
