import { z } from 'zod';

/** What a key or a person may do. */
export const roleSchema = z.enum(['plant', 'analyst', 'officer', 'admin']);
export type Role = z.infer<typeof roleSchema>;
