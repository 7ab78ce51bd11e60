import { z } from 'zod';
import { idSchema, instantSchema, nameSchema } from './fields.ts';
import { roleSchema } from './roles.ts';

/** An API key as the registry knows it: never the secret, only its SHA-256. */
export const apiKeySchema = z.object({
  id: idSchema,
  name: nameSchema,
  role: roleSchema,
  /** Whose key it is; required for role `plant`. */
  enterprise: idSchema.optional(),
  /** Whose key it is, for what people do by it; required for new keys of role `officer`. */
  person: idSchema.optional(),
  /** Sites it may push for; empty means every site of its enterprise. */
  sites: z.array(idSchema).max(1000).default([]),
  /** SHA-256 of the secret, 64 hexadecimal digits. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: instantSchema,
  /** Epoch milliseconds, exclusive; absent means that it does not expire. */
  expiresAt: instantSchema.optional(),
});
export type ApiKey = z.infer<typeof apiKeySchema>;
