import { z } from 'zod';
import { sourceShape } from './assurance.ts';
import { dateSchema, idSchema, nameSchema } from './fields.ts';

/** Sets of global warming potentials over a hundred years, by the IPCC report that gave them. */
export const gwpSets = ['AR4', 'AR5', 'AR6'] as const;
export type GwpSet = (typeof gwpSets)[number];

/**
 * What a factor tells of a carrier (`toe`, `ncv`, `gcv`, `net-of-gross`, `emission`, `density`,
 * `supply`), a gas or a refrigerant (`gwp`) or
 * the grid (`grid`):
 *
 * - `toe`: tonnes of oil equivalent; `ncv`: net calorific value, of steam its heat; `density`: mass of a volume;
 * - `gcv`: gross calorific value, which counts only with `net-of-gross`: the net energy of a gross one (MJ for a MJ);
 * - `emission`: mass of one gas for the energy burnt; `gwp`: CO2 equivalents of one gas in one set;
 * - `grid`: CO2 of electricity from the national grid, in the calendar year for which it is valid;
 * - `supply`: CO2 or its equivalents of steam, heat or electricity that a supplier other than the grid delivers, as he
 *   shows it.
 */
export const factorKindSchema = z.enum([
  'toe',
  'ncv',
  'gcv',
  'net-of-gross',
  'emission',
  'gwp',
  'grid',
  'density',
  'supply',
]);
export type FactorKind = z.infer<typeof factorKindSchema>;

export const gasSchema = z.enum(['CO2', 'CH4', 'N2O']);
export type Gas = z.infer<typeof gasSchema>;

/** A number that turns what was metered into energy or emissions, with its source and the dates it is for. */
export const factorSchema = z.object({
  id: idSchema,
  name: nameSchema,
  kind: factorKindSchema,
  carrier: idSchema.optional(),
  gas: gasSchema.optional(),
  gwpSet: z.enum(gwpSets).optional(),
  /** CO2 of plants that grew lately: told apart, and in no total. */
  biogenic: z.boolean().optional(),
  /** So many `unit` for each `per`. */
  value: z.number().min(0).max(1e15),
  unit: z.string().min(1).max(32),
  per: z.string().min(1).max(32),
  source: z.strictObject(sourceShape(300)),
  /** First date, at the meter's site, on which it is in force; absent: as far back as there are readings. */
  validFrom: dateSchema.optional(),
  /** First date on which it is not any more. */
  validTo: dateSchema.optional(),
  /** Pack that it was delivered with: a later version of the pack replaces it, unless a person has changed it. */
  pack: z.strictObject({ id: idSchema, version: z.int().positive() }).optional(),
});
export type Factor = z.infer<typeof factorSchema>;
