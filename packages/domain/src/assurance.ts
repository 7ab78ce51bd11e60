import { z } from 'zod';

/**
 * How sure a legal or published value is, the surest first:
 *
 * - `text`: somebody compared it with the legal text itself;
 * - `copy`: found in a copy or a transcription of the text that others made;
 * - `press`: found where the text is told of: a page of the press, a handbook, a guide;
 * - `memory`: known of the text, and not looked up.
 */
export const assurances = ['text', 'copy', 'press', 'memory'] as const;
export const assuranceSchema = z.enum(assurances);
export type Assurance = z.infer<typeof assuranceSchema>;

/** Where a value comes from, as it is registered. */
export interface Sourced {
  readonly verified: boolean;
  readonly assurance?: Assurance | undefined;
}

/** The fields that say where a registered value comes from; `documentMax` characters name the document. */
export function sourceShape(documentMax: number) {
  return {
    /** `QCVN 23:2009/BTNMT, table 1, column B2`. */
    document: z.string().min(1).max(documentMax),
    /** True only where somebody has compared the value with the legal text itself; shown wherever a result is shown. */
    verified: z.boolean(),
    /** How sure it is; absent: `text` where it is verified, else the least. */
    assurance: assuranceSchema.optional(),
  };
}

/** How sure a registered value is. What was registered before it was asked is taken by whether it was verified. */
export function assuranceOf({ verified, assurance = verified ? 'text' : 'memory' }: Sourced): Assurance {
  return assurance;
}

/** How sure something is that rests on all of these; undefined for none. */
export function leastAssured(all: Iterable<Assurance>): Assurance | undefined {
  let least = -1;
  for (const one of all) least = Math.max(least, assurances.indexOf(one));
  return assurances[least];
}

/** Why `verified` and `assurance` cannot both be so; undefined when they can. */
export function assuranceProblem(source: Sourced): string | undefined {
  if (source.verified === (assuranceOf(source) === 'text')) return undefined;
  return source.verified
    ? `says "${source.assurance}", and verified means compared with the legal text itself: leave one of them out`
    : 'says "text": then it is verified';
}
