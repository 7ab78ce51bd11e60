import { apiKeySchema, idSchema } from '@songma/domain';
import { z } from 'zod';
import { boundedTimeSchema, isoTimeSchema } from '../routes.ts';

const { hash: _secret, ...publicKeyShape } = apiKeySchema.shape;
/** A key as it is answered. */
export const keyShape = {
  ...publicKeyShape,
  createdAt: isoTimeSchema,
  expiresAt: boundedTimeSchema.optional().meta({ description: 'Exclusive; absent: it does not expire.' }),
};

/** What a key is made from: the server adds id (unless given), secret and time. */
export const newKeySchema = z
  .strictObject({
    id: idSchema.optional().meta({ description: 'Made up from the name unless given.' }),
    name: keyShape.name,
    role: keyShape.role,
    enterprise: keyShape.enterprise,
    person: keyShape.person,
    sites: keyShape.sites,
    expiresAt: keyShape.expiresAt,
  })
  .meta({ examples: [{ name: 'Lam Sơn gateway', role: 'plant', enterprise: 'lam-son' }] });

/** What may be changed of a key: everything else means another key. */
export const changedKeySchema = z
  .strictObject({ name: keyShape.name, sites: keyShape.sites, expiresAt: keyShape.expiresAt })
  .meta({ examples: [{ name: 'Lam Sơn gateway', sites: [], expiresAt: '2027-01-01T00:00:00+07:00' }] });
