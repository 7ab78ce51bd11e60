import type { Receipt } from '@songma/domain';
import type { Language } from '@songma/runtime';
import { z } from 'zod';
import { reasonOf } from './refusals.ts';

/** A receipt as the plant reads it. */
export const receiptAnswerSchema = z.object({
  batch: z.string(),
  receivedAt: z.iso.datetime(),
  rows: z.int(),
  accepted: z.int(),
  /** How numbers that came as text were read. */
  numbers: z
    .object({ decimal: z.enum(['dot', 'comma', 'mixed']), by: z.enum(['declared', 'seen', 'assumed']) })
    .optional(),
  refused: z.array(z.object({ row: z.int(), code: z.string(), reason: z.string() })),
  links: z.object({ batch: z.string(), quarantine: z.string().optional() }),
});
export type ReceiptAnswer = z.infer<typeof receiptAnswerSchema>;

export function receiptAnswer(receipt: Receipt, language: Language): ReceiptAnswer {
  const id = encodeURIComponent(receipt.batch);
  return {
    batch: receipt.batch,
    receivedAt: new Date(receipt.receivedAt).toISOString(),
    rows: receipt.rows,
    accepted: receipt.accepted,
    ...(receipt.numbers === undefined ? {} : { numbers: receipt.numbers }),
    refused: receipt.refused.map(([row, code, parameters]) => ({
      row,
      code,
      reason: reasonOf(code, parameters, language),
    })),
    links: {
      batch: `/v1/batches/${id}`,
      ...(receipt.refused.length > 0 ? { quarantine: `/v1/quarantine?batch=${id}` } : {}),
    },
  };
}
