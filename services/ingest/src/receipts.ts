import type { Parameters, Receipt } from '@songma/domain';
import type { Language } from '@songma/runtime';
import { z } from 'zod';
import type { RefusedRow } from './push-draft.ts';
import { reasonOf } from './refusals.ts';
import type { Work } from './work-turns.ts';

/**
 * What the reasons of one push may take in its receipt, in characters of JSON: it goes into one record with readings.
 * Beyond, rows are named with their codes, and their details are in quarantine.
 */
const detailsMax = 256 * 1024;
/** Rows of an answer that are made without asking whether the turn is over. */
const rowsInOneGo = 64;

/** The refused rows as a receipt names them. */
export function receiptRefusals(refused: readonly RefusedRow[]): Receipt['refused'] {
  let details = 0;
  return refused.map(({ row, refusal }): Receipt['refused'][number] => {
    const parameters: Parameters = { ...refusal.parameters };
    details += JSON.stringify(parameters).length;
    return [row, refusal.code, details > detailsMax ? {} : { ...parameters }];
  });
}

/** A receipt as the plant reads it. */
export const receiptAnswerSchema = z
  .object({
    batch: z.string(),
    receivedAt: z.iso.datetime(),
    rows: z.int(),
    accepted: z.int(),
    /** How numbers that came as text were read. */
    numbers: z
      .object({ decimal: z.enum(['dot', 'comma', 'mixed']), by: z.enum(['declared', 'seen', 'assumed']) })
      .optional(),
    refused: z.array(
      z.object({ row: z.int(), code: z.string(), reason: z.string() }).meta({ title: 'RefusedRow' }),
    ),
    notKept: z
      .int()
      .optional()
      .describe(
        'Refused rows, the last ones, that are not kept in quarantine: the share of the day is used up',
      ),
    links: z.object({ batch: z.string(), quarantine: z.string().optional() }),
  })
  .meta({ title: 'Receipt' });
export type ReceiptAnswer = z.infer<typeof receiptAnswerSchema>;

/** The receipt in words. */
export async function receiptAnswer(
  receipt: Receipt,
  language: Language,
  work: Work,
): Promise<ReceiptAnswer> {
  const refused: ReceiptAnswer['refused'] = [];
  for (const [row, code, parameters] of receipt.refused) {
    if (refused.length % rowsInOneGo === 0 && work.isTurnOver()) await work.next();
    refused.push({ row, code, reason: reasonOf(code, parameters, language) });
  }
  const id = encodeURIComponent(receipt.batch);
  return {
    batch: receipt.batch,
    receivedAt: new Date(receipt.receivedAt).toISOString(),
    rows: receipt.rows,
    accepted: receipt.accepted,
    ...(receipt.numbers === undefined ? {} : { numbers: receipt.numbers }),
    refused,
    ...(receipt.notKept === undefined ? {} : { notKept: receipt.notKept }),
    links: {
      batch: `/v1/batches/${id}`,
      ...(receipt.refused.length > 0 ? { quarantine: `/v1/quarantine?batch=${id}` } : {}),
    },
  };
}
