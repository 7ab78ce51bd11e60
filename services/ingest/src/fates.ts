import { toRuns, type Receipt } from '@songma/domain';
import { z } from 'zod';

/** Runs of row numbers: first, count. */
const runsSchema = z.array(z.tuple([z.int(), z.int()]));
type Runs = z.infer<typeof runsSchema>;

/** What the writer reported of one block of a push. */
export const partFateSchema = z.object({
  parts: z.int(),
  duplicate: runsSchema,
  superseding: runsSchema,
  refused: z.array(z.tuple([z.int(), z.string()])),
});
export type PartFate = z.infer<typeof partFateSchema>;

/** Rows by what became of them. Every row of the push is in exactly one of them. */
export const fatesSchema = z.object({
  stored: runsSchema,
  duplicate: runsSchema,
  superseding: runsSchema,
  quarantined: runsSchema,
  pending: runsSchema,
});
export type Fates = z.infer<typeof fatesSchema>;

const kinds = ['pending', 'stored', 'duplicate', 'superseding', 'quarantined'] as const;
const code = { pending: 0, stored: 1, duplicate: 2, superseding: 3, quarantined: 4 } as const;

/**
 * @param parts the blocks reported so far, by their number. Reports name only the rarer fates; so the rows of a push
 * in several blocks count as stored only when all have reported.
 */
export function fatesOf(
  receipt: Pick<Receipt, 'rows' | 'refused'>,
  parts: Readonly<Record<string, PartFate>>,
): Fates {
  const reported = Object.values(parts);
  const isComplete = reported.length > 0 && reported.length >= reported[0]!.parts;
  const codes = new Uint8Array(receipt.rows).fill(isComplete ? code.stored : code.pending);
  for (const part of reported) {
    for (const [first, count] of part.duplicate) codes.fill(code.duplicate, first, first + count);
    for (const [first, count] of part.superseding) codes.fill(code.superseding, first, first + count);
    for (const [row] of part.refused) codes[row] = code.quarantined;
  }
  for (const [row] of receipt.refused) codes[row] = code.quarantined;
  const runs = (wanted: number): Runs => {
    const rows: number[] = [];
    for (const [row, found] of codes.entries()) if (found === wanted) rows.push(row);
    return toRuns(rows);
  };
  return Object.fromEntries(kinds.map((kind) => [kind, runs(code[kind])])) as Fates;
}
