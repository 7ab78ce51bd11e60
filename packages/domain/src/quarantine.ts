import { z } from 'zod';
import { decimalMarks } from './number-texts.ts';

const parametersSchema = z.record(z.string(), z.union([z.string(), z.number()]));

/** What the refused rows of one push have in common. */
const refusedPushShape = {
  batch: z.string(),
  apiKey: z.string(),
  enterprise: z.string().optional(),
  site: z.string().optional(),
  receivedAt: z.int(),
  /** Name of the format that they came in. */
  format: z.string(),
  /** Without what a row cannot be read again: the header it stood under, the name of its file. */
  context: z.string().optional(),
  /** What is before decimals in the push that a row came in, where that was declared or seen. */
  decimal: z.enum(decimalMarks).optional(),
};
const refusedPushSchema = z.object(refusedPushShape);
export type RefusedPush = z.infer<typeof refusedPushSchema>;

/** A refused row as it came, so that the plant can mend and replay it. */
export const quarantinedRowSchema = refusedPushSchema.extend({
  /** `batch`, API key and row give the id: the same refusal twice is one entry. */
  id: z.string(),
  row: z.int().nonnegative(),
  code: z.string(),
  parameters: parametersSchema,
  /** The row as text in its format. */
  raw: z.string(),
});
export type QuarantinedRow = z.infer<typeof quarantinedRowSchema>;

/** Number in the push, code, parameters of the reason, and the row as it came. */
const refusedRowSchema = z.tuple([z.int().nonnegative(), z.string(), parametersSchema, z.string()]);
export type RefusedRowRecord = z.infer<typeof refusedRowSchema>;

/**
 * The value of a record of topic `quarantine`: rows of one push and site that were refused, with what they have in
 * common said once; or that a row leaves quarantine by being replayed, and in which batch. `quarantined` is one row as
 * earlier builds logged it.
 */
export const quarantineEventSchema = z.discriminatedUnion('event', [
  refusedPushSchema.extend({ event: z.literal('refused'), rows: z.array(refusedRowSchema) }),
  z.object({ event: z.literal('quarantined'), row: quarantinedRowSchema }),
  z.object({
    event: z.literal('replayed'),
    id: z.string(),
    at: z.int(),
    batch: z.string(),
    apiKey: z.string(),
  }),
]);
export type QuarantineEvent = z.infer<typeof quarantineEventSchema>;

/** Text of the rows in one record, in characters, beside that of a single longer row. */
const portionTextMax = 256 * 1024;

/** The rows as records of bounded size, in order, each made only when it is asked for. */
export function* refusedPortions(
  push: RefusedPush,
  rows: Iterable<RefusedRowRecord>,
): Generator<{ readonly first: number; readonly text: string }> {
  const head = JSON.stringify({ event: 'refused', ...push }).slice(0, -1);
  let texts: string[] = [];
  let first = 0;
  let length = 0;
  const portion = () => ({ first, text: `${head},"rows":[${texts.join(',')}]}` });
  for (const row of rows) {
    const text = JSON.stringify(row);
    if (texts.length > 0 && length + text.length > portionTextMax) {
      yield portion();
      texts = [];
      length = 0;
    }
    if (texts.length === 0) first = row[0];
    texts.push(text);
    length += text.length;
  }
  if (texts.length > 0) yield portion();
}
