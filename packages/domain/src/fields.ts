import { z } from 'zod';

/** An identifier that people choose once and never change: lower-case letters, digits, `-` and `_`, at most 64. */
export const idSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,63}$/,
    'lower-case letters, digits, "-" and "_", at most 64, not starting with "-"',
  );

/** What people call it, in words. */
export const nameSchema = z.string().trim().min(1).max(200);

/** Times that are taken anywhere, epoch milliseconds: from the beginning of 1970 to the end of 2199, exclusive, in UTC. */
export const timeMsMin = 0;
export const timeMsEnd = Date.UTC(2200, 0, 1);

/** An instant, epoch milliseconds: one that every zone, store and format can tell. */
export const instantSchema = z
  .int()
  .min(timeMsMin, 'must lie between 1970 and 2199')
  .lt(timeMsEnd, 'must lie between 1970 and 2199');

/** A calendar date of the same centuries, such as `2026-01-31`. */
export const dateSchema = z.iso
  .date()
  .refine((date) => date >= '1970-01-01' && date < '2200-01-01', 'must lie between 1970 and 2199');

/** A span that meters are expected to read or hold in, milliseconds: from a second to a leap year. */
export const durationMsSchema = z
  .int()
  .min(1_000, 'must be a second at least')
  .max(366 * 86_400_000, 'must be 366 days at most');

const magnitudeMax = 1e15;

/** A value as meters show it, limits bound it and people state it: sums and products of such stay finite. */
export const quantityValueSchema = z.number().min(-magnitudeMax).max(magnitudeMax);

/** A positive one, far enough from zero that dividing by it stays finite. */
export const positiveValueSchema = z.number().min(1e-12).max(magnitudeMax);
