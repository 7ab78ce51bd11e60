import { z } from 'zod';
import { idSchema } from './fields.ts';

/**
 * The value of a record of topic `credentials`: the password of a person from then on, as a salted hash, or null when
 * there is none any more. It has a topic of its own, so that whoever reads the registry reads no hashes.
 */
export const credentialRecordSchema = z.object({
  person: idSchema,
  /** `scrypt$N$r$p$salt$hash`, the last two in base64url. */
  hash: z.string().max(1000).nullable(),
  /** Who set it: the id of a key. */
  by: z.string(),
  /** Epoch milliseconds. */
  at: z.int(),
});
export type CredentialRecord = z.infer<typeof credentialRecordSchema>;
