import { readFile } from 'node:fs/promises';
import { RefusedError, type SongmaClient } from '@songma/client';
import { parse } from 'yaml';
import { z } from 'zod';
import { UsageError } from './usage-error.ts';

/** Collections in the order in which they refer to each other. */
const collections = [
  'enterprises',
  'sites',
  'sources',
  'meters',
  'limits',
  'factors',
  'baselines',
  'officers',
] as const;
const entitySchema = z.looseObject({ id: z.string() });
const fileSchema = z.partialRecord(z.enum(collections), z.array(entitySchema));

export interface Applied {
  readonly collection: (typeof collections)[number];
  readonly id: string;
  readonly did: 'created' | 'replaced';
}

/**
 * Registers what a YAML file lists, collection by collection; what exists is replaced if nobody changed it meanwhile.
 * @throws UsageError for an unusable file; RefusedError with the server's reasons
 */
export async function applyFile(client: SongmaClient, path: string): Promise<Applied[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`);
  });
  const parsed = fileSchema.safeParse(parse(text));
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new UsageError(
      `${path} is not a registry file (${collections.join(', ')}):\n${problems.join('\n')}`,
    );
  }
  const applied: Applied[] = [];
  for (const collection of collections) {
    for (const entity of parsed.data[collection] ?? []) {
      const address = `/v1/${collection}/${entity.id}`;
      const version = await versionOf(client, address);
      await client.put(address, entity, version === undefined ? { ifNoneMatch: '*' } : { ifMatch: version });
      applied.push({ collection, id: entity.id, did: version === undefined ? 'created' : 'replaced' });
    }
  }
  return applied;
}

async function versionOf(client: SongmaClient, address: string): Promise<string | undefined> {
  try {
    return (await client.get(address)).etag;
  } catch (error) {
    if (error instanceof RefusedError && error.status === 404) return undefined;
    throw error;
  }
}
