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
